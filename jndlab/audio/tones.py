"""Sounds for the checks before the first trial, synthesised on the server."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BEEP_SECONDS = 0.18
PERIOD_SECONDS = 0.55
RAMP_SECONDS = 0.01
FREQUENCY_HZ = 660.0
LEVEL_DB = -20.0
MIN_BEEPS, MAX_BEEPS = 2, 5


def beeps(n_beeps: int, rate_hz: int) -> NDArray[np.float64]:
    """``n_beeps`` short tones, shape (n_frames, 1), full scale 1.0.

    The length is that of the greatest count, whatever the count: neither the size of the
    file nor its duration answers the question.
    """
    n_frames = round(MAX_BEEPS * PERIOD_SECONDS * rate_hz)
    time = np.arange(round(BEEP_SECONDS * rate_hz)) / rate_hz
    rise = np.clip(np.minimum(time, time[::-1]) / RAMP_SECONDS, 0, 1)
    envelope = 0.5 - 0.5 * np.cos(np.pi * rise)
    beep = 10 ** (LEVEL_DB / 20) * envelope * np.sin(2 * np.pi * FREQUENCY_HZ * time)
    sound = np.zeros((n_frames, 1))
    for number in range(n_beeps):
        start = round((number * PERIOD_SECONDS + 0.1) * rate_hz)
        sound[start : start + beep.size, 0] = beep
    return sound
