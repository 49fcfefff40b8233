"""Rounding to 24 bits with triangular dither."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.audio.dither import dithered, seed_of
from jndlab.audio.pcm import FULL_SCALE, quantise


def test_what_lies_on_the_steps_of_24_bits_is_not_touched() -> None:
    integers = np.random.default_rng(1).integers(-FULL_SCALE, FULL_SCALE, size=(500, 2))
    assert np.array_equal(dithered(integers / FULL_SCALE, seed=1), integers)


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.9])
def test_the_error_has_no_mean_and_the_same_power_wherever_a_sample_lies(fraction: float) -> None:
    n_samples = 200_000
    sound = np.full((n_samples, 1), (1000 + fraction) / FULL_SCALE)
    error = dithered(sound, seed=2)[:, 0] - (1000 + fraction)
    # Without dither the mean would be up to half a unit. Triangular dither: power 1/12 + 2/12.
    assert abs(error.mean()) < 4 * 0.5 / np.sqrt(n_samples)
    assert np.mean(error**2) == pytest.approx(0.25, rel=0.02)


def test_the_noise_is_fixed_by_the_seed_and_differs_between_seeds() -> None:
    sound = np.random.default_rng(3).normal(size=(1000, 1)) / 10
    one, other = seed_of("a"), seed_of("b")
    assert np.array_equal(dithered(sound, one), dithered(sound, one))
    assert not np.array_equal(dithered(sound, one), dithered(sound, other))
    assert np.abs(dithered(sound, one) - quantise(sound)).max() <= 2


def test_full_scale_is_not_exceeded() -> None:
    sound = np.full((1000, 1), 1.0 - 2.0**-24)
    assert dithered(sound, seed=4).max() == FULL_SCALE - 1
