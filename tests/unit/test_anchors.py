"""The low-pass filter of anchors, against what ITU-R BS.1534-3 asks of it."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_noise
from scipy.signal import freqz

from jndlab.audio.anchors import anchor_filter, low_passed, require_anchors
from jndlab.audio.reading import Clip
from jndlab.errors import AudioError

RATES = [44_100, 48_000, 96_000]


def gains_db(taps: np.ndarray, rate_hz: int, low_hz: float, high_hz: float) -> np.ndarray:
    _, response = freqz(taps, worN=np.linspace(low_hz, high_hz, 4001), fs=rate_hz)
    return 20 * np.log10(np.abs(response) + 1e-12)


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_low_anchor_is_within_the_limits_of_bs_1534(rate_hz: int) -> None:
    taps = anchor_filter(3500.0, rate_hz)
    assert np.abs(gains_db(taps, rate_hz, 0.0, 3500.0)).max() < 0.1
    assert gains_db(taps, rate_hz, 4000.0, rate_hz / 2).max() < -25.0
    assert gains_db(taps, rate_hz, 4500.0, rate_hz / 2).max() < -50.0


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("cutoff_hz", [500.0, 7000.0, 20_000.0])
def test_other_anchors_are_as_flat_and_as_steep(cutoff_hz: float, rate_hz: int) -> None:
    taps = anchor_filter(cutoff_hz, rate_hz)
    assert np.abs(gains_db(taps, rate_hz, 0.0, cutoff_hz)).max() < 0.02
    assert gains_db(taps, rate_hz, cutoff_hz + 500.0, rate_hz / 2).max() < -58.0
    assert len(taps) % 2 == 1
    np.testing.assert_allclose(taps, taps[::-1])


@pytest.mark.parametrize("n_frames", [10, 480, 48_001])
def test_an_anchor_is_as_long_as_its_baseline_and_not_delayed(n_frames: int) -> None:
    samples = make_noise(seed=3, seconds=n_frames / 48_000, rate_hz=48_000, n_channels=2)
    filtered = low_passed(samples, 48_000, 3500.0)
    assert filtered.shape == samples.shape
    taps = anchor_filter(3500.0, 48_000)
    expected = [np.convolve(channel, taps)[len(taps) // 2 :][:n_frames] for channel in samples.T]
    np.testing.assert_allclose(filtered.T, expected, atol=1e-12)


def test_what_lies_below_the_cut_off_stays_as_it_is_and_what_lies_above_is_gone() -> None:
    time = np.arange(48_000) / 48_000
    low, high = (np.sin(2 * np.pi * hz * time)[:, None] for hz in (1000.0, 6000.0))
    middle = slice(1000, -1000)
    filtered = low_passed(low + high, 48_000, 3500.0)
    np.testing.assert_allclose(filtered[middle], low[middle], atol=2e-3)


def test_an_anchor_that_takes_nothing_away_is_refused() -> None:
    clip = Clip(samples=np.zeros((10, 1)), rate_hz=16_000, source_digest="")
    require_anchors((3500.0, 7000.0), clip, item="one")
    with pytest.raises(AudioError, match=r"of one has .* 16000 Hz: an anchor at 8000 Hz"):
        require_anchors((3500.0, 8000.0), clip, item="one")
