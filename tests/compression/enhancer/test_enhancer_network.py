"""The enhancer in NumPy: shape, alignment, arithmetic, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.enhancer.network import GruMaskModel, model_of, weight_shapes
from jndlab.errors import CompressionError

SMALL = {"frame": 64, "hop": 32, "hidden": 6, "layers": 2}
FULL = {"frame": 512, "hop": 256, "hidden": 128, "layers": 2}


def make_model(options: dict[str, int] = SMALL, seed: int = 1) -> GruMaskModel:
    rng = np.random.default_rng(seed)
    shapes = weight_shapes(options["frame"] // 2 + 1, options["hidden"], options["layers"])
    weights = {
        name: np.asarray(0.3 * rng.standard_normal(shape), dtype=np.float32)
        for name, shape in shapes.items()
    }
    return model_of(
        Checkpoint(
            architecture="gru-mask", options=options, weights=weights, training={"seed": seed}
        )
    )


def noise(n_samples: int, seed: int = 0) -> NDArray[np.float64]:
    return 0.1 * np.random.default_rng(seed).standard_normal(n_samples)


def with_open_mask(model: GruMaskModel) -> GruMaskModel:
    """The mask 1 everywhere, whatever comes in."""
    weights = dict(model.weights)
    weights["decoder.weight"] = np.zeros_like(weights["decoder.weight"])
    weights["decoder.bias"] = np.full_like(weights["decoder.bias"], 40.0)
    return model.with_weights(weights)


def test_the_published_width_has_264_321_parameters() -> None:
    parameters = make_model(FULL).parameters
    assert parameters.count == 264_321
    assert parameters.rule == "all weights and biases"


def test_operations_are_those_of_the_products_frame_by_frame() -> None:
    calls: list[int] = []

    def counting(x: NDArray[np.float32], w: NDArray[np.float32]) -> NDArray[np.float32]:
        calls.append(x.shape[0] * w.shape[0] * w.shape[1])
        return np.asarray(x @ w)

    model = make_model()
    model.with_product(counting).enhance(noise(1000))
    counted = model.operations(1000)
    assert counted.macs == sum(calls)
    assert counted.seconds == 1000 / 16000
    assert "without STFT" in counted.rule


@pytest.mark.parametrize("n_samples", [1, 31, 32, 33, 500, 1601])
def test_with_an_open_mask_nothing_changes(n_samples: int) -> None:
    sound = noise(n_samples)
    np.testing.assert_allclose(with_open_mask(make_model()).enhance(sound), sound, atol=1e-7)


def test_one_step_of_a_gru_by_hand() -> None:
    """Cho et al. 2014 as torch has it: n = tanh(Wx + b + r · (Uh + c)), h' = (1 − z)n + zh."""
    options = {"frame": 4, "hop": 2, "hidden": 1, "layers": 1}
    weights = {
        name: np.zeros(shape, dtype=np.float32) for name, shape in weight_shapes(3, 1, 1).items()
    }
    weights["encoder.bias"] += 1.0  # the input of the recurrent layer is 1 in every frame
    weights["gru.weight_ih_l0"][:] = [[0.5], [-0.4], [0.8]]
    weights["gru.weight_hh_l0"][:] = [[0.3], [0.2], [-0.7]]
    weights["gru.bias_hh_l0"][:] = [0.1, 0.2, 0.3]
    weights["decoder.weight"] += 1.0
    model = model_of(Checkpoint(architecture="gru-mask", options=options, weights=weights))

    def logistic(x: float) -> float:
        return float(1 / (1 + np.exp(-x)))

    state, expected = 0.0, []
    for _ in range(3):
        reset = logistic(0.5 + 0.3 * state + 0.1)
        update = logistic(-0.4 + 0.2 * state + 0.2)
        new = np.tanh(0.8 + reset * (-0.7 * state + 0.3))
        state = (1 - update) * new + update * state
        expected.append([logistic(state)] * 3)
    mask = model.mask(np.ones((3, 3), dtype=np.float32))
    np.testing.assert_allclose(mask, expected, atol=1e-6)


@pytest.mark.parametrize("n_samples", [0, 1, 7, 100])
def test_short_and_silent_sounds_keep_their_length(n_samples: int) -> None:
    model = make_model()
    assert model.enhance(noise(n_samples)).shape == (n_samples,)
    silent = model.enhance(np.zeros(n_samples))
    np.testing.assert_array_equal(silent, np.zeros(n_samples))


def test_the_future_changes_nothing_before_it() -> None:
    model, sound = make_model(), noise(2000)
    later = sound.copy()
    later[1200:] = 0
    before, after = model.enhance(sound), model.enhance(later)
    np.testing.assert_array_equal(before[: 1200 - 64], after[: 1200 - 64])
    assert np.max(np.abs(before[1200:] - after[1200:])) > 0.01


def test_the_same_sound_gives_the_same_samples() -> None:
    sound = noise(900)
    first, second = make_model().enhance(sound), make_model().enhance(sound)
    np.testing.assert_array_equal(first, second)
    assert first.dtype == np.float64


def test_weights_can_be_exchanged_and_show_in_the_digest() -> None:
    model = make_model()
    other = make_model(seed=2)
    exchanged = model.with_weights(other.weights)
    assert exchanged.digest == other.digest != model.digest
    np.testing.assert_array_equal(exchanged.enhance(noise(300)), other.enhance(noise(300)))


def test_another_product_is_kept_and_is_no_part_of_the_digest() -> None:
    def doubled(x: NDArray[np.float32], w: NDArray[np.float32]) -> NDArray[np.float32]:
        assert x.dtype == w.dtype == np.float32
        return np.asarray(2 * (x @ w), dtype=np.float32)

    model = make_model()
    other = model.with_product(doubled)
    assert other.digest == model.digest
    twice = {k: 2 * v if v.ndim == 2 else v for k, v in model.weights.items()}
    expected = model.with_weights(twice).enhance(noise(700))
    given = other.with_weights(model.weights).enhance(noise(700))
    np.testing.assert_allclose(given, expected, atol=1e-7)


def test_sounds_that_are_no_numbers_are_refused() -> None:
    sound = noise(100)
    sound[3] = np.nan
    with pytest.raises(CompressionError, match="not finite"):
        make_model().enhance(sound)
    with pytest.raises(CompressionError, match="mono"):
        make_model().enhance(np.zeros((100, 2)))


def test_an_arithmetic_that_overflows_is_told() -> None:
    def broken(x: NDArray[np.float32], w: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.full((x.shape[0], w.shape[1]), np.nan, dtype=np.float32)

    with pytest.raises(CompressionError, match="less compressed"):
        make_model().with_product(broken).enhance(noise(100))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({**SMALL, "hidden": 0}, "option 'hidden'"),
        ({**SMALL, "layers": True}, "option 'layers'"),
        ({**SMALL, "hidden": 7}, "encoder.weight"),
        ({**SMALL, "hop": 16}, "hop has to be half"),
        ({"frame": 64}, "option 'hop'"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, int], message: str) -> None:
    weights = make_model().weights
    checkpoint = Checkpoint(architecture="gru-mask", options=SMALL, weights=weights)
    with pytest.raises(CompressionError) as caught:
        model_of(replace(checkpoint, options=options))
    assert message in str(caught.value)


def test_weights_of_another_network_are_refused() -> None:
    model = make_model()
    with pytest.raises(CompressionError, match=r"decoder\.bias"):
        model.with_weights({k: v for k, v in model.weights.items() if k != "decoder.bias"})
