"""What cannot be run is said with the operator, the tensor or the shape, and what to do."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from jndlab.compression.models.onnx_layout import OnnxOptions
from jndlab.compression.models.onnx_model import OnnxModel, load_onnx_model
from jndlab.errors import CompressionError, MissingExtra
from tests.compression.models import small_graphs as graphs

NOISY = np.linspace(-0.1, 0.1, 40)


def of(*models, **options) -> OnnxModel:
    names = [f"part_{number}.onnx" for number, _ in enumerate(models, start=1)]
    return OnnxModel(models, names=names, options=OnnxOptions(**options))


def one_node(operator: str, domain: str = "", **attributes):
    made = graphs.model(
        [helper.make_node(operator, ["noisy"], ["enhanced"], domain=domain, **attributes)],
        [graphs.port("noisy", 1, "n")],
        [graphs.port("enhanced", 1, "n")],
    )
    if domain:
        made.opset_import.append(helper.make_opsetid(domain, 1))
    return made


@pytest.mark.parametrize(
    ("made", "operator"),
    [
        (one_node("Frobnicate"), "Frobnicate"),
        (one_node("Warp", domain="my.own"), "my.own:Warp"),
    ],
)
def test_an_unknown_operator_is_named(made, operator, tmp_path: Path) -> None:
    path = graphs.save(made, tmp_path / "odd.onnx")
    with pytest.raises(CompressionError, match=f"odd.onnx uses the operator {operator}") as caught:
        load_onnx_model([path])
    assert "standard ONNX operators" in caught.value.remedy


def test_an_operator_without_a_kernel_is_named(tmp_path: Path) -> None:
    made = graphs.model(
        [
            helper.make_node("Cast", ["noisy"], ["short"], to=TensorProto.INT16),
            helper.make_node("Relu", ["short"], ["clipped"]),
            helper.make_node("Cast", ["clipped"], ["enhanced"], to=TensorProto.FLOAT),
        ],
        [graphs.port("noisy", 1, "n")],
        [graphs.port("enhanced", 1, "n")],
    )
    with pytest.raises(CompressionError, match="the operator Relu"):
        load_onnx_model([graphs.save(made, tmp_path / "short.onnx")])


def test_a_model_from_the_future_says_so(tmp_path: Path) -> None:
    made = graphs.smoother()
    made.ir_version = 99
    with pytest.raises(CompressionError, match="newer than the installed onnxruntime"):
        load_onnx_model([graphs.save(made, tmp_path / "new.onnx")])


def test_a_broken_graph_is_refused(tmp_path: Path) -> None:
    made = graphs.smoother()
    made.graph.node[0].input[0] = "nowhere"
    with pytest.raises(CompressionError, match="cannot be run"):
        load_onnx_model([graphs.save(made, tmp_path / "broken.onnx")])


@pytest.mark.parametrize("content", [b"", b"RIFF, not ONNX", b"\x08\x07"])
def test_a_file_that_is_no_onnx(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(CompressionError, match="is no ONNX model"):
        load_onnx_model([path])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CompressionError, match="cannot be read: No such file"):
        load_onnx_model([tmp_path / "none.onnx"])


def test_external_data_that_is_missing(tmp_path: Path) -> None:
    onnx.save(
        graphs.smoother(),
        str(tmp_path / "large.onnx"),
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    loaded = load_onnx_model([tmp_path / "large.onnx"])
    np.testing.assert_allclose(loaded.enhance(NOISY), graphs.smoothed(NOISY), atol=1e-6)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(CompressionError, match=r"weights\.bin") as caught:
        load_onnx_model([tmp_path / "large.onnx"])
    assert "beside the model" in caught.value.remedy


def test_weights_of_8_bits_can_be_rendered_but_not_compressed() -> None:
    made = graphs.model(
        [
            helper.make_node("DequantizeLinear", ["stored", "scale"], ["kernel"]),
            helper.make_node("Mul", ["noisy", "kernel"], ["enhanced"]),
        ],
        [graphs.port("noisy", 1, 4)],
        [graphs.port("enhanced", 1, 4)],
        {"stored": np.array([1, 2, 3, 4], np.int8), "scale": np.array(0.5, np.float32)},
    )
    model = of(made, kind="streaming")
    np.testing.assert_allclose(model.enhance(np.ones(8)), [0.5, 1, 1.5, 2] * 2)
    assert model.parameters.count == 4
    assert "any precision" in model.parameters.rule
    with pytest.raises(CompressionError, match="'stored' are int8"):
        model.weights  # noqa: B018 (asking for it is the test)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            graphs.model(
                [helper.make_node("Identity", ["noisy"], ["enhanced"])],
                [graphs.port("noisy", 1, 257, 2)],
                [graphs.port("enhanced", 1, 257, 2)],
            ),
            "no input for sound",
        ),
        (
            graphs.model(
                [helper.make_node("Identity", ["noisy"], ["enhanced"])],
                [graphs.port("noisy", 1, "n", kind=TensorProto.DOUBLE)],
                [graphs.port("enhanced", 1, "n", kind=TensorProto.DOUBLE)],
            ),
            "no input for sound in single precision; it has: noisy .float64 1, ?.",
        ),
        (
            graphs.model(
                [helper.make_node("Identity", ["noisy"], ["enhanced"])],
                [graphs.port("noisy", 1, "n"), graphs.port("sr", kind=TensorProto.INT64)],
                [graphs.port("enhanced", 1, "n")],
            ),
            "the input sr .int64 .*neither the sound nor a state",
        ),
    ],
)
def test_ports_that_are_neither_sound_nor_state_are_listed(made, message) -> None:
    with pytest.raises(CompressionError, match=message):
        of(made)


def test_a_state_of_open_size_is_refused() -> None:
    made = graphs.leaky()
    made.graph.input[1].type.tensor_type.shape.dim[1].dim_param = "width"
    with pytest.raises(CompressionError, match="has no fixed shape"):
        of(made)


def test_a_clip_of_another_length_than_the_only_one() -> None:
    with pytest.raises(CompressionError, match="clips of 50 samples only; this one has 40") as no:
        of(graphs.smoother(1, 50)).enhance(NOISY)
    assert "dynamic axis" in no.value.remedy


def shorter():
    return graphs.model(
        [helper.make_node("Slice", ["noisy", "start", "end", "axis"], ["enhanced"])],
        [graphs.port("noisy", 1, "n")],
        [graphs.port("enhanced", 1, "m")],
        {
            name: np.array([value], np.int64)
            for name, value in {"start": 0, "end": -1, "axis": 1}.items()
        },
    )


def test_output_of_another_length() -> None:
    with pytest.raises(CompressionError, match=r"part_1\.onnx gives 39 samples for 40") as caught:
        of(shorter()).enhance(NOISY)
    assert "Pad or trim" in caught.value.remedy


def test_frames_of_another_length() -> None:
    with pytest.raises(CompressionError, match="gives 7 samples for a frame of 8 every 8"):
        of(shorter(), kind="streaming", frame=8).enhance(NOISY)


def test_numbers_that_are_not_finite() -> None:
    made = graphs.smoother()
    made.graph.initializer[0].CopyFrom(
        numpy_helper.from_array(graphs.KERNEL * np.float32(np.inf), "kernel")
    )
    with pytest.raises(CompressionError, match="not finite"):
        of(made).enhance(NOISY)


def test_shapes_that_the_graph_does_not_take() -> None:
    made = graphs.model(
        [helper.make_node("Reshape", ["noisy", "shape"], ["enhanced"])],
        [graphs.port("noisy", 1, "n")],
        [graphs.port("enhanced", 1, "n")],
        {"shape": np.array([1, 7], np.int64)},
    )
    with pytest.raises(CompressionError, match=r"does not run on noisy \(1, 40\)") as caught:
        of(made).enhance(NOISY)
    assert "/onnxruntime_src" not in caught.value.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hop": 0}, "hop is 0"),
        ({"frame": -4}, "frame is -4"),
        ({"delay": -1}, "delay is -1"),
        ({"frame": 4, "hop": 8}, "longer than the frame"),
    ],
)
def test_options_that_cannot_be(options, message) -> None:
    with pytest.raises(CompressionError, match=message):
        OnnxOptions(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hop": 8}, "hop of 8 samples is longer than the frame of 4"),
        ({"frame": 6}, "takes frames of 4 samples, not 6"),
        ({"sound_input": "x"}, "has no input 'x'"),
        ({"sound_output": "x"}, "has no output 'x'"),
        ({"kind": "chained"}, "does not consist of 1 files"),
    ],
)
def test_options_that_do_not_fit_the_graph(options, message) -> None:
    with pytest.raises(CompressionError, match=message):
        of(graphs.leaky(frame=4), **options)


def test_parts_that_do_not_belong_together() -> None:
    with pytest.raises(CompressionError, match="5 magnitudes, and blocks of 16 samples"):
        of(graphs.mask_part(5, 1.0), graphs.block_part(16))
    with pytest.raises(CompressionError, match="does not consist of 3 files"):
        of(*[graphs.block_part(8)] * 3)


@pytest.mark.parametrize("missing", ["onnx", "onnxruntime"])
def test_a_missing_extra_is_named(missing: str, tmp_path: Path, monkeypatch) -> None:
    import sys

    path = graphs.save(graphs.smoother(), tmp_path / "smooth.onnx")
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtra, match=missing) as caught:
        load_onnx_model([path])
    assert 'pip install "jndlab[onnx]"' in caught.value.remedy


@pytest.mark.parametrize("noisy", [np.zeros(0), np.zeros((2, 8)), np.array([0.0, np.nan])])
def test_input_that_is_no_sound(noisy) -> None:
    with pytest.raises(CompressionError):
        of(graphs.smoother()).enhance(noisy)
