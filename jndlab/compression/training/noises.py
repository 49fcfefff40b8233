"""Noises made from random numbers, or of many talkers at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

KINDS = ("white", "pink", "brown", "babble", "hum", "gated")
BABBLERS = 7
_RATE_HZ = 16000
_SLOPES = {"white": 0.0, "pink": 0.5, "brown": 1.0}


def coloured(n_samples: int, exponent: float, rng: np.random.Generator) -> Sound:
    """Gaussian noise whose amplitude spectrum falls as frequency to the power of -exponent.

    0 white, 0.5 pink, 1 brown; flat below 50 Hz. Unit RMS, shape (n_samples,).
    """
    spectrum = np.fft.rfft(rng.standard_normal(n_samples))
    hz = np.fft.rfftfreq(n_samples, 1 / _RATE_HZ)
    return _unit(np.fft.irfft(spectrum / np.maximum(hz, 50.0) ** exponent, n_samples))


def babble(n_samples: int, voices: Sequence[Sound], rng: np.random.Generator) -> Sound:
    """Seven voices at once, each repeated from a random place on. Unit RMS."""
    total = np.zeros(n_samples)
    for index in rng.choice(len(voices), size=BABBLERS, replace=len(voices) < BABBLERS):
        voice = _unit(voices[index])
        total += np.resize(np.roll(voice, int(rng.integers(voice.size))), n_samples)
    return _unit(total)


def hum(n_samples: int, rng: np.random.Generator) -> Sound:
    """A machine: harmonics of 50 to 120 Hz with falling levels, and pink noise. Unit RMS."""
    base_hz = rng.uniform(50, 120)
    seconds = np.arange(n_samples) / _RATE_HZ
    total = 0.7 * coloured(n_samples, 0.5, rng).astype(np.float64)
    for harmonic in range(1, 21):
        phase = rng.uniform(0, 2 * np.pi)
        total += np.sin(2 * np.pi * base_hz * harmonic * seconds + phase) / harmonic**0.7
    return _unit(total)


def gated(n_samples: int, rng: np.random.Generator) -> Sound:
    """Pink noise that comes and goes, for 0.1 to 0.6 s each, by 15 dB. Unit RMS."""
    gain = np.empty(n_samples)
    start, is_on = 0, bool(rng.integers(2))
    while start < n_samples:
        end = start + int(rng.uniform(0.1, 0.6) * _RATE_HZ)
        gain[start:end] = 1.0 if is_on else 10 ** (-15 / 20)
        start, is_on = end, not is_on
    ramp = np.hanning(322)[1:-1]
    smooth = np.convolve(gain, ramp / ramp.sum(), mode="same")
    return _unit(coloured(n_samples, 0.5, rng) * smooth)


def noise(kind: str, n_samples: int, voices: Sequence[Sound], rng: np.random.Generator) -> Sound:
    """One of :data:`KINDS`, unit RMS, shape (n_samples,); ``voices`` are for the babble."""
    if kind == "babble":
        return babble(n_samples, voices, rng)
    if kind == "hum":
        return hum(n_samples, rng)
    if kind == "gated":
        return gated(n_samples, rng)
    return coloured(n_samples, _SLOPES[kind], rng)


def _unit(sound: NDArray[np.floating]) -> Sound:
    wide = np.asarray(sound, dtype=np.float64)
    return np.asarray(wide / np.sqrt(np.mean(wide**2) + 1e-20), dtype=np.float32)
