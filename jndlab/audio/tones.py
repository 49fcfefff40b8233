"""Tones, silence and ramps: what the sounds of the checks are built from. Full scale is 1.0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
"""Shape (n_frames,), or (n_frames, n_channels)."""

BEEP_SECONDS = 0.18
PERIOD_SECONDS = 0.55
RAMP_SECONDS = 0.01
FREQUENCY_HZ = 660.0
LEVEL_DB = -20.0
MIN_BEEPS, MAX_BEEPS = 2, 5


def amplitude(level_db: float) -> float:
    """The factor that a level in dB stands for."""
    return float(10 ** (level_db / 20))


def envelope(n_frames: int, ramp_frames: int) -> Samples:
    """Raised-cosine rise and fall, shape (n_frames,)."""
    steps = np.minimum(np.arange(n_frames), np.arange(n_frames)[::-1])
    rise = np.clip(steps / max(1, ramp_frames), 0, 1)
    return 0.5 - 0.5 * np.cos(np.pi * rise)


def tone(
    frequency_hz: float, seconds: float, rate_hz: int, *, peak_db: float, ramp_seconds: float
) -> Samples:
    """A sine with raised-cosine ramps, shape (n_frames,)."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    shape = envelope(time.size, round(ramp_seconds * rate_hz))
    sound: Samples = amplitude(peak_db) * shape * np.sin(2 * np.pi * frequency_hz * time)
    return sound


def stereo(left: Samples, right: Samples) -> Samples:
    """Two channels, shape (n_frames, 2)."""
    return np.stack([left, right], axis=1)


def with_gaps(sounds: Sequence[Samples], gap_seconds: float, rate_hz: int) -> Samples:
    """The sounds one after the other, silence between and after them."""
    gap = np.zeros((round(gap_seconds * rate_hz), *sounds[0].shape[1:]))
    return np.concatenate([part for sound in sounds for part in (sound, gap)])


def beeps(n_beeps: int, rate_hz: int) -> Samples:
    """``n_beeps`` short tones, shape (n_frames, 1).

    The length is that of the greatest count, whatever the count: neither the size of the
    file nor its duration answers the question.
    """
    n_frames = round(MAX_BEEPS * PERIOD_SECONDS * rate_hz)
    beep = tone(FREQUENCY_HZ, BEEP_SECONDS, rate_hz, peak_db=LEVEL_DB, ramp_seconds=RAMP_SECONDS)
    sound = np.zeros((n_frames, 1))
    for number in range(n_beeps):
        start = round((number * PERIOD_SECONDS + 0.1) * rate_hz)
        sound[start : start + beep.size, 0] = beep
    return sound
