"""Delay, gain and polarity are measured through the difference that compression makes."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_noise
from numpy.typing import NDArray
from speech import read_pair, shifted

from jndlab.audio.alignment import align, jackknife_error

RATE_HZ = 16_000


@pytest.mark.parametrize("delay", [-1600, -48, -1, -0.5, -0.1, 0.0, 0.1, 0.37, 0.5, 1, 2.6, 512])
@pytest.mark.parametrize("level", ["7", "0"])
def test_a_delay_is_measured_to_a_fraction_of_a_sample(delay: float, level: str) -> None:
    baseline, compressed = read_pair("harbour", level)
    found = align(baseline, shifted(compressed, delay), RATE_HZ)
    assert found is not None
    assert found.delay_samples == pytest.approx(delay, abs=0.03)
    assert abs(found.delay_samples - delay) <= 4 * found.delay_error + 1e-3


@pytest.mark.parametrize("gain_db", [-3, -0.2, 0, 0.2, 1.5])
@pytest.mark.parametrize("sign", [1, -1])
def test_gain_and_polarity_are_measured_whatever_the_delay(gain_db: float, sign: int) -> None:
    baseline, compressed = read_pair("train", "3")
    changed = sign * shifted(compressed, 3.3) * 10 ** (gain_db / 20)
    found = align(baseline, changed, RATE_HZ)
    assert found is not None
    assert found.gain_db == pytest.approx(gain_db, abs=0.02)
    assert np.sign(found.correlation) == sign
    assert found.delay_samples == pytest.approx(3.3, abs=0.02)


def test_the_share_tells_a_forgotten_factor_from_compression() -> None:
    baseline, slightly = read_pair("train", "5")
    _, strongly = read_pair("train", "0")
    forgotten = align(baseline, 1.2 * slightly, RATE_HZ)
    along = align(baseline, 1.02 * strongly, RATE_HZ)
    assert forgotten is not None
    assert along is not None
    assert forgotten.gain_share > 0.9
    assert along.gain_share < 0.1


def test_each_channel_counts() -> None:
    left, left_compressed = read_pair("window", "4")
    silence = np.zeros_like(left)
    baseline = np.hstack([silence, left])
    compressed = np.hstack([silence, shifted(left_compressed, 7)])
    found = align(baseline, compressed, RATE_HZ)
    assert found is not None
    assert found.delay_samples == pytest.approx(7, abs=0.02)


def test_a_short_word_in_a_long_silence_has_a_certain_delay() -> None:
    word, compressed = read_pair("harbour", "4")
    silence = np.zeros((10 * RATE_HZ, 1))
    found = align(
        np.vstack([silence, word, silence]),
        np.vstack([silence, shifted(compressed, 1), silence]),
        RATE_HZ,
    )
    assert found is not None
    assert found.delay_samples == pytest.approx(1, abs=0.02)
    assert found.delay_error < 0.02


@pytest.mark.parametrize(
    "samples", [np.zeros((4800, 1)), np.full((4800, 1), 0.5), make_noise(seed=1)[:200]]
)
def test_nothing_is_measured_where_there_is_nothing(samples: NDArray[np.float64]) -> None:
    assert align(samples, samples, RATE_HZ) is None
    assert align(make_noise(seed=2)[: len(samples)], samples, RATE_HZ) is None


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(1).normal(size=40)
    left_out = [float(np.delete(values, place).mean()) for place in range(40)]
    assert jackknife_error(left_out) == pytest.approx(values.std(ddof=1) / np.sqrt(40))
