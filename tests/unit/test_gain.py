"""A factor that all bands share shows through compression; a change of single bands is none."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_noise
from numpy.typing import NDArray
from speech import ITEMS, read_pair, shifted

from jndlab.audio.alignment import Alignment, align
from jndlab.audio.gain import FIRST_BIN, MIN_BINS, Gain, band_edges

RATE_HZ = 16_000


def shared(baseline: NDArray[np.float64], compressed: NDArray[np.float64]) -> Gain:
    found = align(baseline, compressed, RATE_HZ)
    assert isinstance(found, Alignment)
    assert found.common_gain is not None
    return found.common_gain


def modulated(sound: NDArray[np.float64], db: float, seed: int) -> NDArray[np.float64]:
    """The sound and white noise that follows its envelope, so far below it."""
    rng = np.random.default_rng(seed)
    envelope = np.convolve(np.abs(sound[:, 0]), np.ones(161) / 161, "same")[:, None]
    noise = envelope * rng.standard_normal(sound.shape)
    return sound + noise * np.sqrt(np.sum(sound**2) / np.sum(noise**2)) * 10 ** (db / 20)


@pytest.mark.parametrize("gain_db", [-0.5, -0.2, 0.2, 1.0])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("delay", [0.0, 7.3])
def test_a_factor_is_measured_whatever_polarity_and_delay(
    gain_db: float, sign: int, delay: float
) -> None:
    baseline, compressed = read_pair("train", "4")
    found = shared(baseline, sign * shifted(compressed, delay) * 10 ** (gain_db / 20))
    assert found.db == pytest.approx(gain_db, abs=0.03)
    assert found.error_db < 0.02


@pytest.mark.parametrize("item", ITEMS)
def test_it_shows_through_a_difference_that_hides_least_squares(item: str) -> None:
    baseline, _ = read_pair(item, "7")
    changed = 10 ** (0.2 / 20) * modulated(baseline, -17, seed=len(item))
    whole = align(baseline, changed, RATE_HZ)
    assert whole is not None
    assert whole.common_gain is not None
    assert whole.common_gain.db == pytest.approx(0.2, abs=4 * whole.common_gain.error_db)
    assert 4 * whole.common_gain.error_db < 0.2


def test_errors_cover_what_is_no_gain() -> None:
    baseline = np.vstack([read_pair(item, "7")[0] for item in ITEMS])
    ratios = [
        abs(found.db) / found.error_db
        for seed in range(12)
        for found in [shared(baseline, modulated(baseline, -14, seed))]
    ]
    assert max(ratios) < 4
    assert np.sqrt(np.mean(np.square(ratios))) < 1.6


def test_a_tilt_is_uncertain_and_no_factor() -> None:
    baseline, _ = read_pair("harbour", "7")
    spectrum = np.fft.rfft(baseline, axis=0)
    place = np.log(np.maximum(np.arange(len(spectrum)), 1) / len(spectrum) * 500)
    tilt = np.clip(place - np.log(70), -2, 2)[:, None]  # dB, rising with the octave
    found = shared(baseline, np.fft.irfft(spectrum * 10 ** (tilt / 20), len(baseline), axis=0))
    assert abs(found.db) < 4 * found.error_db
    assert found.error_db > 0.2


@pytest.mark.parametrize("n_bins", [33, 65, 257, 513, 1025])
def test_bands_cover_the_spectrum_without_gaps(n_bins: int) -> None:
    edges = band_edges(n_bins)
    assert edges[0] == FIRST_BIN
    assert edges[-1] == n_bins
    assert np.diff(edges).min() >= min(MIN_BINS, n_bins - FIRST_BIN)


def test_too_few_bands_give_no_figure() -> None:
    noise = make_noise(seed=1)[:300]
    found = align(noise, 0.5 * noise, RATE_HZ)
    assert found is not None
    assert found.common_gain is None
