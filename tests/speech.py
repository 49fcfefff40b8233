"""Real-like speech for tests of sounds: sentences, whole and compressed (tests/sounds)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from jndlab.audio.reading import Clip

MATERIAL = Path(__file__).parent / "sounds"
ITEMS = ("harbour", "letters", "train", "window")
LEVELS = ("7", "5", "4", "3", "2", "0")
"""Least to most compressed: 62 to 19 dB from the baseline."""


def read_pair(item: str, level: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Baseline and compressed version of shape (n_frames, 1), at 16 kHz."""
    paths = (MATERIAL / "baseline", MATERIAL / "seofp" / level)
    one, other = (sf.read(path / f"{item}.flac", always_2d=True)[0] for path in paths)
    return np.asarray(one), np.asarray(other)


def shifted(samples: NDArray[np.float64], delay: float) -> NDArray[np.float64]:
    """The same sound ``delay`` samples later, by the phases of its spectrum; silence comes in."""
    padding = int(np.ceil(abs(delay))) + 64
    padded = np.pad(samples, ((padding, padding), (0, 0)))
    turns = np.exp(-2j * np.pi * np.fft.rfftfreq(len(padded)) * delay)
    moved = np.fft.irfft(np.fft.rfft(padded, axis=0) * turns[:, None], len(padded), axis=0)
    return np.asarray(moved[padding:-padding])


def low_passed(
    samples: NDArray[np.float64], edge_hz: float, rate_hz: int = 16_000
) -> NDArray[np.float64]:
    """What resampling to twice the edge and back would leave."""
    spectrum = np.fft.rfft(samples, axis=0)
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate_hz) > edge_hz] = 0
    return np.asarray(np.fft.irfft(spectrum, len(samples), axis=0))


def as_clip(samples: NDArray[np.float64], rate_hz: int = 16_000, digest: str = "0" * 64) -> Clip:
    """Samples as if read from a file."""
    return Clip(samples=samples, rate_hz=rate_hz, source_digest=digest)
