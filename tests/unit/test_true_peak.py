"""True peak: the cases of EBU Tech 3341, and the bound that BS.1770-4 states."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from jndlab.audio.true_peak import OVERSAMPLING, true_peak_db


def tone(
    amplitude: float, period: float, degrees: float, *, n_frames: int = 4800
) -> NDArray[np.float64]:
    """A tone of that many samples to a turn, faded in and out so that its edges do not ring."""
    phase = 2 * np.pi * np.arange(n_frames) / period + np.deg2rad(degrees)
    fade = np.clip(np.minimum(np.arange(n_frames), np.arange(n_frames)[::-1]) / 480, 0, 1)
    return (amplitude * fade * np.sin(phase))[:, None]


@pytest.mark.parametrize(
    ("amplitude", "period", "degrees", "expected"),
    [
        (0.50, 4, 0.0, -6.0),
        (0.50, 4, 45.0, -6.0),
        (0.50, 6, 60.0, -6.0),
        (0.50, 8, 67.5, -6.0),
        (1.41, 4, 45.0, 3.0),
    ],
)
def test_tones_read_their_peak(
    amplitude: float, period: float, degrees: float, expected: float
) -> None:
    """EBU Tech 3341, cases 15 to 19: tolerance +0.2, -0.4 dB."""
    peak = true_peak_db(tone(amplitude, period, degrees))
    assert -0.4 <= peak - expected <= 0.2


@pytest.mark.parametrize("frequency", [0.05, 0.21, 0.33, 0.45])
def test_the_under_read_is_within_the_bound_of_the_standard(frequency: float) -> None:
    """BS.1770-4, annex 2, attachment 1: 20 log cos(pi f / n), 0.554 dB at f = 0.45 and n = 4."""
    bound = -20 * np.log10(np.cos(np.pi * frequency / OVERSAMPLING))
    read = [true_peak_db(tone(0.5, 1 / frequency, degrees)) for degrees in range(0, 180, 20)]
    assert min(read) >= 20 * np.log10(0.5) - bound - 0.02
    assert max(read) <= 20 * np.log10(0.5) + 0.05


def test_it_is_never_below_the_samples_and_each_channel_counts() -> None:
    noise = np.random.default_rng(3).uniform(-0.7, 0.7, (999, 1))
    assert true_peak_db(noise) >= 20 * np.log10(np.abs(noise).max())
    stereo = np.hstack([np.zeros_like(noise), noise])
    assert true_peak_db(stereo) == pytest.approx(true_peak_db(noise), abs=1e-9)
    assert true_peak_db(np.zeros((5, 1))) == pytest.approx(-200)
    assert true_peak_db(np.ones((1, 1))) == pytest.approx(0.0, abs=0.1)
