"""Stereo sounds that tell left from right, and headphones from loudspeakers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jndlab.audio.tones import Samples, amplitude, envelope, stereo, tone, with_gaps

INTERVALS = 3
INTERVAL_SECONDS = 1.0
GAP_SECONDS = 0.5

# Woods et al. 2017, Attention, Perception, & Psychophysics 79, 2064-2072.
ANTIPHASE_HZ = 200.0
ANTIPHASE_RAMP_SECONDS = 0.1
SOFTER_DB = -6.0

# Milne et al. 2020, Behavior Research Methods 53, 1551-1562.
HUGGINS_HZ = 600.0
HUGGINS_HALF_WIDTH = 0.06
HUGGINS_RAMP_SECONDS = 0.03

TONE_DB = -17.0
"""Peak of the antiphase tones: -20 dB RMS, about as loud as ordinary speech recordings."""
NOISE_RMS_DB = -26.0
"""White noise is louder than speech of its level and full of treble."""

SIDE_SECONDS = 0.35
SIDE_HZ = 500.0


def left_right(side: str, rate_hz: int) -> Samples:
    """Three tones in one ear, silence in the other, shape (n_frames, 2)."""
    one = tone(SIDE_HZ, SIDE_SECONDS, rate_hz, peak_db=TONE_DB, ramp_seconds=0.02)
    sound = with_gaps([one] * 3, 0.15, rate_hz)
    silence = np.zeros_like(sound)
    return stereo(sound, silence) if side == "left" else stereo(silence, sound)


def antiphase(softest: int, seed: int, rate_hz: int) -> Samples:
    """Three tones, number ``softest`` (from 1) 6 dB softer, another one in antiphase.

    Loudspeakers cancel the tone in antiphase, which then seems the softest; headphones do not.
    Shape (n_frames, 2).
    """
    others = [number for number in range(1, INTERVALS + 1) if number != softest]
    in_antiphase = int(np.random.default_rng(seed).choice(others))
    parts = []
    for number in range(1, INTERVALS + 1):
        left = tone(
            ANTIPHASE_HZ,
            INTERVAL_SECONDS,
            rate_hz,
            peak_db=TONE_DB + (SOFTER_DB if number == softest else 0.0),
            ramp_seconds=ANTIPHASE_RAMP_SECONDS,
        )
        parts.append(stereo(left, -left if number == in_antiphase else left))
    return with_gaps(parts, GAP_SECONDS, rate_hz)


def huggins(pitched: int, seed: int, rate_hz: int) -> Samples:
    """Three white noises, number ``pitched`` (from 1) with a Huggins pitch at 600 Hz.

    The right ear gets the left one's noise, shifted by 180 degrees in a narrow band: a faint
    tone for a listener with one channel per ear, plain noise otherwise. Shape (n_frames, 2).
    """
    rng = np.random.default_rng(seed)
    n_frames = round(INTERVAL_SECONDS * rate_hz)
    frequencies = np.fft.rfftfreq(n_frames, 1 / rate_hz)
    shifted = np.abs(frequencies / HUGGINS_HZ - 1) <= HUGGINS_HALF_WIDTH
    shape = envelope(n_frames, round(HUGGINS_RAMP_SECONDS * rate_hz))
    parts = []
    for number in range(1, INTERVALS + 1):
        spectrum = np.fft.rfft(rng.standard_normal(n_frames))
        left = np.fft.irfft(spectrum, n_frames)
        if number == pitched:
            spectrum = np.where(shifted, -spectrum, spectrum)
        right = np.fft.irfft(spectrum, n_frames)
        level = amplitude(NOISE_RMS_DB)
        parts.append(level * stereo(shape * left, shape * right))
    return with_gaps(parts, GAP_SECONDS, rate_hz)


def interval_times() -> Iterator[tuple[float, float]]:
    """Start and end of each interval in seconds, for the page to show what is playing."""
    for number in range(INTERVALS):
        start = number * (INTERVAL_SECONDS + GAP_SECONDS)
        yield start, start + INTERVAL_SECONDS
