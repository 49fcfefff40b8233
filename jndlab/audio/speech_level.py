"""Active speech level after Recommendation ITU-T P.56 (12/2011), method B.

The level of speech while somebody speaks: pauses do not count, and structural gaps of up to the
hangover do. An envelope, smoothed twice, is held against thresholds that halve from one to the
next; the level is that at which the speech lies 15.9 dB above the threshold (P.56, clause 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.audio.reading import Samples

TIME_CONSTANT_SECONDS = 0.03
HANGOVER_SECONDS = 0.2
MARGIN_DB = 15.9
N_THRESHOLDS = 15
"""Halves of full scale: the lowest is the last of 16 bits."""
DIED_AWAY = 40
"""Time constants after which the envelope's impulse response is below the rounding of floats."""

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechLevel:
    """Of one sound."""

    active_db: float
    """Level of the active parts, dB re full scale."""
    activity: float
    """Share of the time that is active, 0 to 1."""


def speech_level(samples: Samples, rate_hz: int) -> SpeechLevel | None:
    """None if the sound never lies far enough above a threshold, as near silence.

    ``samples`` of shape (n_frames, n_channels), finite; channels count by their mean power.
    """
    power = np.mean(samples**2, axis=1)
    total = float(power.sum())
    if not total:
        return None
    envelope = _envelope(np.sqrt(power), rate_hz)
    held = _running_maximum(envelope, round(HANGOVER_SECONDS * rate_hz) + 1)
    thresholds = 2.0 ** -np.arange(N_THRESHOLDS, 0, -1)
    counts = len(held) - np.searchsorted(np.sort(held), thresholds)
    reached = counts > 0
    if not reached.any():
        return None
    active_db = 10 * np.log10(total / counts[reached])
    level = _crossing(active_db, 20 * np.log10(thresholds[reached]))
    if level is None:
        return None
    return SpeechLevel(active_db=level, activity=total / len(power) / 10 ** (level / 10))


def _envelope(magnitudes: Levels, rate_hz: int) -> Levels:
    """Twice p[n] = g p[n-1] + (1 - g) x[n], which is one impulse response (1 - g)² (n + 1) gⁿ."""
    from scipy.fft import irfft, next_fast_len, rfft

    g = np.exp(-1 / (rate_hz * TIME_CONSTANT_SECONDS))
    length = round(DIED_AWAY * TIME_CONSTANT_SECONDS * rate_hz)
    n = np.arange(min(length, len(magnitudes)))
    response = (1 - g) ** 2 * (n + 1) * g**n
    size = next_fast_len(len(magnitudes) + len(response), real=True)
    smoothed = irfft(rfft(magnitudes, size) * rfft(response, size), size)
    return np.asarray(smoothed[: len(magnitudes)])


def _running_maximum(values: Levels, width: int) -> Levels:
    """Largest of each value and those before it, ``width`` in all.

    Maxima from the left and from the right within blocks of that width (van Herk 1992).
    """
    n_values = len(values)
    padded = np.full(-(-(n_values + width - 1) // width) * width, -np.inf)
    padded[width - 1 : width - 1 + n_values] = values
    blocks = padded.reshape(-1, width)
    ahead = np.maximum.accumulate(blocks, axis=1).ravel()
    behind = np.maximum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    return np.asarray(np.maximum(behind[:n_values], ahead[width - 1 : width - 1 + n_values]))


def _crossing(active_db: Levels, threshold_db: Levels) -> float | None:
    """Where active level less threshold is the margin, between two thresholds on a line."""
    above = active_db - threshold_db - MARGIN_DB  # falls as the threshold rises
    last = np.flatnonzero(above >= 0)
    if not last.size:
        return None
    at = int(last[-1])
    if at + 1 == len(above):
        return None  # single clicks: no threshold lies near enough below them
    share = above[at] / (above[at] - above[at + 1])
    return float(active_db[at] + share * (active_db[at + 1] - active_db[at]))
