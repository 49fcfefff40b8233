"""ONNX files as models: whole clips, frames with states, two chained parts."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from jndlab.compression.models.onnx_layout import OnnxOptions
from jndlab.compression.models.onnx_model import OnnxModel, load_onnx_model
from jndlab.errors import CompressionError
from tests.compression.models import small_graphs as graphs

EPSILON = 1e-6


@pytest.fixture
def noisy():
    return np.random.default_rng(5).normal(0, 0.1, 103)


def of(*models, **options) -> OnnxModel:
    names = [f"part_{number}.onnx" for number, _ in enumerate(models, start=1)]
    return OnnxModel(models, names=names, options=OnnxOptions(**options))


@pytest.mark.parametrize("shape", [(1, "n"), ("batch", "n"), (1, 1, "n"), ("n",), (1, "n", 1)])
def test_a_whole_clip_goes_in_by_its_open_axis(shape, noisy) -> None:
    model = of(graphs.smoother(*shape))
    assert str(model.layout) == "whole clips"
    np.testing.assert_allclose(model.enhance(noisy), graphs.smoothed(noisy), atol=EPSILON)


def test_a_late_whole_clip_is_brought_forward(noisy) -> None:
    enhanced = of(graphs.smoother(), delay=2).enhance(noisy)
    np.testing.assert_allclose(enhanced[:-2], graphs.smoothed(noisy)[2:], atol=EPSILON)
    assert not enhanced[-2:].any()


def test_states_are_fed_back_from_frame_to_frame(noisy) -> None:
    model = of(graphs.leaky(frame=4))
    assert str(model.layout) == "frames of 4 samples every 4, states fed back: 1"
    np.testing.assert_allclose(model.enhance(noisy), graphs.leaked(noisy), atol=EPSILON)


def test_a_second_clip_starts_from_empty_states(noisy) -> None:
    model = of(graphs.leaky())
    first = model.enhance(noisy)
    np.testing.assert_array_equal(model.enhance(noisy), first)


def test_an_open_frame_must_be_told(noisy) -> None:
    graph = graphs.leaky(frame=4, size="n")
    with pytest.raises(CompressionError, match="does not say how many samples") as caught:
        of(graph)
    assert "frame" in caught.value.remedy
    np.testing.assert_allclose(
        of(graph, frame=4).enhance(noisy), graphs.leaked(noisy), atol=EPSILON
    )


def test_states_are_paired_by_name_by_shape_or_as_told(noisy) -> None:
    by_shape = of(graphs.leaky(state_out="quite_another"))
    told = of(graphs.leaky(state_out="quite_another"), states={"mean_in": "quite_another"})
    np.testing.assert_array_equal(by_shape.enhance(noisy), told.enhance(noisy))
    with pytest.raises(CompressionError, match="neither the sound nor a state"):
        of(graphs.leaky(), states={"mean_in": "enhanced_too"})


def test_a_state_before_the_sound_is_known_by_its_name(noisy) -> None:
    model = of(graphs.gated())
    assert model.layout.wirings[0].sound_input.name == "frames"
    assert [state.name for state, _ in model.layout.wirings[0].states] == ["h_in"]
    enhanced = model.enhance(noisy)
    assert np.all(np.abs(enhanced) <= np.abs(noisy) + EPSILON)  # a mask between 0 and 1
    assert enhanced.size == noisy.size


def test_overlapping_frames_are_added_and_aligned(noisy) -> None:
    """Frames of 4 every 2, each only doubled: every sample is in two frames."""
    from onnx import helper

    graph = graphs.model(
        [helper.make_node("Mul", ["noisy", "two"], ["enhanced"])],
        [graphs.port("noisy", 1, 4)],
        [graphs.port("enhanced", 1, 4)],
        {"two": np.array([2.0, 2.0, 2.0, 2.0], np.float32)},
    )
    model = of(graph, kind="streaming", hop=2)
    np.testing.assert_allclose(model.enhance(noisy), 4 * noisy, atol=EPSILON)


def test_a_model_that_gives_the_newest_hop_is_put_in_its_place(noisy) -> None:
    from onnx import helper

    graph = graphs.model(
        [helper.make_node("Slice", ["noisy", "start", "end", "axis"], ["enhanced"])],
        [graphs.port("noisy", 1, 6)],
        [graphs.port("enhanced", 1, 2)],
        {
            name: np.array([value], np.int64)
            for name, value in {"start": 4, "end": 6, "axis": 1}.items()
        },
    )
    newest = of(graph, kind="streaming")
    assert (newest.layout.frame, newest.layout.hop) == (6, 2)
    np.testing.assert_allclose(newest.enhance(noisy), noisy, atol=EPSILON)
    np.testing.assert_allclose(  # told that the output is three samples late: one too many ahead
        of(graph, kind="streaming", delay=3).enhance(noisy)[:-3], noisy[3:], atol=EPSILON
    )


def test_two_parts_are_chained_by_mask_and_block(noisy) -> None:
    """Mask 1 in the first block and 1/8 more in each; then a quarter: four blocks overlap."""
    model = of(graphs.mask_part(5, 1.0), graphs.block_part(8))
    assert str(model.layout) == "two chained parts, blocks of 8 samples every 2, states fed back: 2"
    sample = np.arange(noisy.size)
    blocks = sample[:, None] // 2 + np.arange(4)  # the four blocks that a sample is in
    expected = noisy * (0.25 * (1 + blocks / 8)).sum(axis=1)
    np.testing.assert_allclose(model.enhance(noisy), expected, atol=1e-5)


def test_weights_of_chained_parts_carry_the_name_of_their_file() -> None:
    model = of(graphs.mask_part(5, 1.0), graphs.block_part(8))
    assert list(model.weights) == ["part_1/factor", "part_2/quarter"]
    parts = [graphs.mask_part(5, 1.0), graphs.block_part(8)]
    same = OnnxModel(parts, names=["a/x.onnx", "b/x.onnx"])
    assert list(same.weights) == ["1/factor", "2/quarter"]


def test_exchanged_weights_change_the_copy_only(noisy) -> None:
    model = of(graphs.smoother())
    before = model.enhance(noisy)
    louder = model.with_weights({name: 2 * tensor for name, tensor in model.weights.items()})
    np.testing.assert_allclose(louder.enhance(noisy), 4 * graphs.smoothed(noisy), atol=EPSILON)
    np.testing.assert_array_equal(model.enhance(noisy), before)
    assert louder.digest != model.digest
    assert model.with_weights(model.weights).digest == model.digest
    with pytest.raises(CompressionError, match="only one of the two"):
        model.with_weights({"kernel": graphs.KERNEL})


def test_it_can_be_sent_to_another_process(noisy) -> None:
    model = of(graphs.leaky())
    expected = model.enhance(noisy)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.enhance(noisy), expected)


def test_a_file_is_loaded_under_its_name(tmp_path: Path) -> None:
    path = graphs.save(graphs.smoother(), tmp_path / "smooth.onnx")
    model = load_onnx_model([path], options=OnnxOptions(rate_hz=8_000))
    assert (model.name, model.rate_hz) == ("smooth.onnx", 8_000)
    assert model.parameters.count == 3 + 2
