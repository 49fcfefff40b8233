"""A soft or a high tone in one of three intervals: does the participant hear it at all?

Its level is stated against the study's own speech, at the volume that the participant uses for
it: nobody knows the level at the ear, but everybody knows what is heard beside the speech.
"""

from __future__ import annotations

import numpy as np

from jndlab.audio.channel_sounds import GAP_SECONDS, INTERVAL_SECONDS, INTERVALS
from jndlab.audio.tones import Samples, amplitude, envelope, tone

PULSES = 3
PULSE_SECONDS = 0.2
PULSE_RAMP_SECONDS = 0.03
FIRST_PULSE_SECONDS = 0.25
"""From the start of an interval: the tick that announces it has faded from the ear by then."""
PULSE_PERIOD_SECONDS = 0.25
TICK_HZ = 440.0
TICK_SECONDS = 0.05
TICK_DB = -20.0
"""Of the tick, against the speech."""

FRAME_SECONDS = 0.05
ACTIVE_DB = -30.0
"""Frames this far below the loudest one are pauses."""
DEFAULT_SPEECH_DB = -26.0
MAX_PEAK = 0.99


def speech_level(samples: Samples, rate_hz: int) -> float:
    """RMS level in dB re full scale of the parts of a recording that are no pauses.

    Of several channels the mean power counts. Digital silence has the level of ordinary
    speech, so that a check on it still makes a sound.
    """
    mono = np.sqrt(np.mean(np.asarray(samples, dtype=np.float64) ** 2, axis=1))
    size = max(1, round(FRAME_SECONDS * rate_hz))
    n_frames = max(1, mono.size // size)
    powers = np.array([np.mean(part**2) for part in np.array_split(mono, n_frames)])
    loudest = float(powers.max())
    if loudest == 0.0:
        return DEFAULT_SPEECH_DB
    active = powers[powers >= loudest * 10 ** (ACTIVE_DB / 10)]
    return float(10 * np.log10(active.mean()))


def tone_interval(
    target: int, rate_hz: int, *, frequency_hz: float, tone_db: float, speech_db: float
) -> Samples:
    """Three intervals, each announced by a tick; pulses of a tone in number ``target`` (from 1).

    ``tone_db`` is the tone's RMS level while it is on, against ``speech_db``.
    Shape (n_frames, 1).
    """
    peak_db = speech_db + tone_db + 20 * np.log10(np.sqrt(2))
    pulse = tone(
        frequency_hz,
        PULSE_SECONDS,
        rate_hz,
        peak_db=min(peak_db, 20 * np.log10(MAX_PEAK)),
        ramp_seconds=PULSE_RAMP_SECONDS,
    )
    tick = _tick(rate_hz, speech_db + TICK_DB)
    interval = round((INTERVAL_SECONDS + GAP_SECONDS) * rate_hz)
    sound = np.zeros((INTERVALS * interval, 1))
    for number in range(INTERVALS):
        start = number * interval
        sound[start : start + tick.size, 0] += tick
        if number + 1 == target:
            for place in range(PULSES):
                later = FIRST_PULSE_SECONDS + place * PULSE_PERIOD_SECONDS
                first = start + round(later * rate_hz)
                sound[first : first + pulse.size, 0] += pulse
    return sound


def _tick(rate_hz: int, level_db: float) -> Samples:
    time = np.arange(round(TICK_SECONDS * rate_hz)) / rate_hz
    shape = envelope(time.size, round(0.01 * rate_hz))
    tick: Samples = amplitude(level_db) * shape * np.sin(2 * np.pi * TICK_HZ * time)
    return tick
