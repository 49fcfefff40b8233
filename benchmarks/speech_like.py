"""Speech-like sounds and compression-like differences for benchmarks, made of numbers alone.

Syllables of a buzz through formants, hissing consonants, stops and pauses, in a floor of soft
noise: not to be understood, but with the level, spectrum and rhythm of speech.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import ShortTimeFFT, butter, lfilter, sosfilt

Signal = NDArray[np.float64]
"""Shape (n_frames,)."""

RATE_HZ = 16_000
FORMANTS_HZ = (
    (730, 1090, 2440, 3500),
    (270, 2290, 3010, 3700),
    (300, 870, 2240, 3400),
    (530, 1840, 2480, 3600),
    (570, 840, 2410, 3500),
    (490, 1350, 1690, 3300),
)
"""Of six vowels; the first three after Peterson & Barney 1952, table II (men)."""
BANDWIDTHS_HZ = (80, 100, 140, 250)
KINDS = ("noise", "mask", "rounding")


def utterance(rng: np.random.Generator, seconds: float) -> Signal:
    """About a sentence, with an active part around -26 dB re full scale."""
    n_frames = round(seconds * RATE_HZ)
    sound = np.zeros(n_frames)
    pitch_hz = rng.uniform(85, 230)
    at = round(rng.uniform(0.0, 0.08) * RATE_HZ)
    while at < n_frames:
        if rng.random() < 0.12:
            at += round(rng.uniform(0.1, 0.3) * RATE_HZ)
            continue
        for part in (_consonant(rng), _vowel(rng, pitch_hz)):
            fits = part[: max(n_frames - at, 0)]
            sound[at : at + len(fits)] += fits
            at += round(0.9 * len(part))
    sound *= 10 ** (rng.uniform(-28, -24) / 20) / np.sqrt(np.mean(sound**2))
    sound *= min(1.0, 0.7 / np.abs(sound).max())
    return sound + 10 ** (rng.uniform(-72, -58) / 20) * _floor(rng, n_frames)


def difference(kind: str, sound: Signal, distance_db: float, rng: np.random.Generator) -> Signal:
    """What a compressed model might add, ``distance_db`` below the sound, of no gain on average.

    noise: with the sound's own spectrum at each time; mask: gains that wander over time and
    frequency; rounding: spectrum rounded to powers of two of its magnitude.
    """
    transform = ShortTimeFFT(np.hanning(514)[1:-1], 128, RATE_HZ)
    spectrum = transform.stft(sound)
    match kind:
        case "noise":
            noise = transform.stft(rng.standard_normal(len(sound)))
            changed = noise * np.sqrt(_smooth(_smooth(np.abs(spectrum) ** 2, 5, 0), 3, 1))
        case "mask":
            wandering = _smooth(_smooth(rng.standard_normal(spectrum.shape), 9, 0), 5, 1)
            changed = spectrum * wandering
        case _:
            magnitudes = np.maximum(np.abs(spectrum), 1e-12)
            step = rng.uniform(0.3, 1.0)
            logarithm = np.log2(magnitudes) / step
            mean = (2 ** (step / 2) - 2 ** (-step / 2)) / (step * np.log(2))
            changed = spectrum * (2 ** (step * np.rint(logarithm)) / magnitudes / mean - 1)
    added = transform.istft(changed, k1=len(sound))
    scale = np.sqrt((sound @ sound) / (added @ added))
    return np.asarray(added * scale * 10 ** (-distance_db / 20))


def sixteen_bits(sound: Signal) -> Signal:
    """As a file of 16 bits holds it, clipped at full scale."""
    return np.asarray(np.clip(np.rint(sound * 32768), -32768, 32767) / 32768)


def _vowel(rng: np.random.Generator, pitch_hz: float) -> Signal:
    n_frames = round(rng.uniform(0.09, 0.26) * RATE_HZ)
    glide = np.linspace(rng.uniform(0.9, 1.15), rng.uniform(0.85, 1.05), n_frames)
    phase = np.cumsum(pitch_hz * glide * (1 + 0.01 * rng.standard_normal(n_frames))) / RATE_HZ
    pulses = np.diff(np.floor(phase), prepend=0.0)
    buzz = lfilter([1.0], [1.0, -0.95], pulses) + 0.01 * rng.standard_normal(n_frames)
    for centre, width in zip(FORMANTS_HZ[rng.integers(6)], BANDWIDTHS_HZ, strict=True):
        radius = np.exp(-np.pi * width / RATE_HZ)
        turn = 2 * np.pi * centre * rng.uniform(0.93, 1.07) / RATE_HZ
        bottom = [1.0, -2 * radius * np.cos(turn), radius**2]
        buzz = lfilter([sum(bottom)], bottom, buzz)
    return _shaped(np.diff(buzz, prepend=0.0), rng.uniform(0.5, 1.0))


def _consonant(rng: np.random.Generator) -> Signal:
    n_frames = round(rng.uniform(0.03, 0.12) * RATE_HZ)
    hiss = rng.standard_normal(n_frames)
    if rng.random() < 0.4:  # a stop: silence, then a burst
        hiss *= np.exp(-np.arange(n_frames)[::-1] / (0.006 * RATE_HZ))
    edge_hz = rng.uniform(1200, 3500)
    hiss = sosfilt(butter(2, edge_hz, "highpass", fs=RATE_HZ, output="sos"), hiss)
    return _shaped(hiss, rng.uniform(0.08, 0.3))


def _shaped(sound: Signal, level: float) -> Signal:
    """At a root mean square, faded in and out."""
    fade = min(len(sound) // 3, round(0.015 * RATE_HZ))
    sound = level * sound / np.sqrt(np.mean(sound**2) + 1e-20)
    slope = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
    sound[:fade] *= slope
    sound[-fade:] *= slope[::-1]
    return np.asarray(sound)


def _floor(rng: np.random.Generator, n_frames: int) -> Signal:
    noise = lfilter([1.0], [1.0, -0.8], rng.standard_normal(n_frames))
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def _smooth(values: NDArray[np.float64], width: int, axis: int) -> NDArray[np.float64]:
    """Running mean over an odd number of neighbours along one axis."""
    half = width // 2
    rows = np.moveaxis(values, axis, 0)
    padded = np.pad(rows, ((half, half), (0, 0)), mode="edge")
    mean = np.mean([padded[at : at + len(rows)] for at in range(width)], axis=0)
    return np.asarray(np.moveaxis(mean, 0, axis))
