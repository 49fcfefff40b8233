"""The grouped enhancer: published sizes, NumPy against torch, checkpoints that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.compression.checkpoints import Checkpoint, model_of
from jndlab.compression.grouped.design import ARCHITECTURE, Design, design_of
from jndlab.errors import CompressionError

FAMILY = {2: 215_750, 4: 54_822, 8: 14_294, 16: 4_014, 32: 1_370}
SMALL = Design(groups=4, width=16, frame=64, hop=32)


def _checkpoint(design: Design, seed: int = 3) -> Checkpoint:
    rng = np.random.default_rng(seed)
    weights = {
        name: rng.standard_normal(shape).astype(np.float32) * np.float32(0.3)
        for name, shape in design.shapes().items()
    }
    return Checkpoint(
        architecture=ARCHITECTURE, options=design.options, weights=weights, training={"seed": seed}
    )


@pytest.mark.parametrize(("groups", "parameters"), FAMILY.items())
def test_sizes_of_the_family(groups: int, parameters: int) -> None:
    design = Design(groups=groups)
    n = 128 // groups
    assert design.n_parameters == parameters == 52 * n**2 + 37 * n + 390
    assert sum(int(np.prod(shape)) for shape in design.shapes().values()) == parameters


def test_one_group_has_nobody_to_talk_to() -> None:
    design = Design(groups=1)
    assert not any(name.startswith("communications") for name in design.shapes())
    assert design.n_parameters == 264_960


def test_operations_are_those_of_the_weights_for_every_frame() -> None:
    design = Design(groups=1)
    matrices = sum(
        shape[0] * shape[1]
        for name, shape in design.shapes().items()
        if name.split(".")[-1].startswith("weight") and len(shape) == 2
    )
    assert design.operations(64_000).macs == matrices * design.framing.n_frames(64_000)
    ratio = Design(groups=4).operations(64_000).macs / Design(groups=16).operations(64_000).macs
    assert 4 < ratio < 5


@pytest.mark.parametrize("groups", [3, 64, 0])
def test_groups_must_come_out_even(groups: int) -> None:
    with pytest.raises(CompressionError):
        Design(groups=groups, width=96)


def test_a_model_is_made_of_its_checkpoint() -> None:
    model = model_of(_checkpoint(SMALL))
    assert model.name == "groupcomm-gru (4 groups, width 16, seed 3)"
    assert model.parameters.count == SMALL.n_parameters
    assert model.rate_hz == 16_000
    noisy = np.random.default_rng(1).standard_normal(1001) * 0.1
    enhanced = model.enhance(noisy)
    assert enhanced.shape == noisy.shape
    assert np.array_equal(enhanced, model.enhance(noisy))
    other = model.with_weights(_checkpoint(SMALL, seed=4).weights)
    assert other.digest != model.digest
    assert not np.allclose(other.enhance(noisy), enhanced)


def test_an_open_mask_gives_the_noisy_sound_back() -> None:
    """Alignment to the sample, ends included: a mask of one must change nothing."""
    checkpoint = _checkpoint(SMALL)
    weights = {**checkpoint.weights, "bin_bias": np.full((4, 8), 1e3, dtype=np.float32)}
    noisy = np.random.default_rng(2).standard_normal(777)
    enhanced = model_of(checkpoint).with_weights(weights).enhance(noisy)
    assert np.allclose(enhanced, noisy, atol=1e-6)


def test_the_lowest_bin_takes_the_mask_of_its_neighbour() -> None:
    from jndlab.compression.grouped.network import mask_of

    magnitudes = np.abs(np.random.default_rng(3).standard_normal((9, 33))).astype(np.float32)
    mask = mask_of(magnitudes, _checkpoint(SMALL).weights, SMALL)
    assert mask.shape == magnitudes.shape
    assert np.array_equal(mask[:, 0], mask[:, 1])
    assert 0 <= mask.min() < mask.max() <= 1


@pytest.mark.parametrize("change", ["missing", "shape", "option", "unknown"])
def test_checkpoints_that_do_not_fit_are_refused(change: str) -> None:
    whole = _checkpoint(SMALL)
    weights, options = dict(whole.weights), dict(whole.options)
    if change == "missing":
        del weights["bin_bias"]
    elif change == "shape":
        weights["encoder.bias"] = np.zeros(5, dtype=np.float32)
    elif change == "option":
        options["groups"] = "four"
    else:
        options["heads"] = 4
    with pytest.raises(CompressionError):
        model_of(
            Checkpoint(architecture=ARCHITECTURE, options=options, weights=weights, training={})
        )


def test_silence_stays_finite_and_numbers_that_are_none_are_refused() -> None:
    model = model_of(_checkpoint(SMALL))
    assert np.allclose(model.enhance(np.zeros(500)), 0)
    with pytest.raises(CompressionError):
        model.enhance(np.full(500, np.nan))


@pytest.mark.parametrize("groups", [1, 2, 8])
def test_numpy_computes_what_torch_computes(groups: int) -> None:
    torch = pytest.importorskip("torch")
    from jndlab.compression.grouped.enhancer import GroupedEnhancer
    from jndlab.compression.training.saving import put_weights

    design = Design(groups=groups, width=32)
    module = GroupedEnhancer(design).eval()
    checkpoint = _checkpoint(design)
    assert [name for name, _ in module.named_parameters()] == list(design.shapes())
    put_weights(module, checkpoint.weights)
    noisy = np.random.default_rng(4).standard_normal(5000) * 0.1
    with torch.no_grad():
        expected = module(torch.from_numpy(noisy.astype(np.float32))[None])[0].numpy()
    assert np.abs(model_of(checkpoint).enhance(noisy) - expected).max() < 2e-6


@pytest.mark.parametrize("groups", FAMILY)
def test_the_torch_module_has_the_size_on_paper(groups: int) -> None:
    pytest.importorskip("torch")
    from jndlab.compression.grouped.enhancer import GroupedEnhancer

    module = GroupedEnhancer(design_of(Design(groups=groups).options))
    assert sum(parameter.numel() for parameter in module.parameters()) == FAMILY[groups]
