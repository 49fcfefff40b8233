"""What of a pair is drawn: the course of its waveforms, and spectrograms on one scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.audio.png import palette_png
from jndlab.audio.reading import Samples

COLUMNS = 560
ROWS = 128
RANGE_DB = 80.0
"""From the darkest to the brightest colour of a spectrogram."""
WINDOW_SECONDS = 0.02
ENLARGEMENTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)

_ANCHORS = (
    (0, 0, 4),
    (28, 16, 68),
    (79, 18, 123),
    (129, 37, 129),
    (181, 54, 122),
    (229, 80, 100),
    (251, 135, 97),
    (254, 194, 135),
    (252, 253, 191),
)
"""Of a palette whose lightness rises evenly ("magma", by N. Smith and S. van der Walt, CC0)."""

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waveform:
    """Lowest and highest sample in each of equally long stretches."""

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    enlarged: int = 1
    """The factor that they have been multiplied with, to be seen."""


def waveform(samples: Samples, *, n_columns: int = COLUMNS, enlarged: int = 1) -> Waveform:
    """``samples`` of shape (n_frames, n_channels), finite; all channels together."""
    if not len(samples):
        return Waveform(lows=(), highs=(), enlarged=enlarged)
    starts = np.unique(np.linspace(0, len(samples), n_columns, endpoint=False).astype(int))
    lows = np.minimum.reduceat(samples.min(axis=1), starts) * enlarged
    highs = np.maximum.reduceat(samples.max(axis=1), starts) * enlarged
    return Waveform(
        lows=tuple(np.round(lows, 4).tolist()),
        highs=tuple(np.round(highs, 4).tolist()),
        enlarged=enlarged,
    )


def enlargement(difference: Samples, beside: Samples) -> int:
    """A round factor that makes a difference about as large as the sound beside it."""
    small, large = (float(np.abs(one).max(initial=0.0)) for one in (difference, beside))
    if small == 0.0:
        return 1
    return max((factor for factor in ENLARGEMENTS if factor * small <= large), default=1)


def spectrogram(samples: Samples, rate_hz: int) -> Levels:
    """Levels in dB re a full-scale sine, shape (at most ROWS, at most COLUMNS); low first."""
    size = int(2 ** round(np.log2(WINDOW_SECONDS * rate_hz)))
    padded = np.pad(samples, ((size // 2, size), (0, 0)))
    n_columns = max(1, min(COLUMNS, len(samples) // (size // 4)))
    window = np.hanning(size)[:, None]
    starts = np.linspace(0, len(samples), n_columns, endpoint=False).astype(int)
    powers = np.stack(
        [
            (np.abs(np.fft.rfft(window * padded[start : start + size], axis=0)) ** 2).mean(axis=1)
            for start in starts
        ],
        axis=1,
    )
    bins = np.array_split(np.arange(1, size // 2 + 1), min(ROWS, size // 2))
    rows = np.stack([powers[some].max(axis=0) for some in bins])
    return np.asarray(10 * np.log10(np.maximum(rows / (window.sum() / 2) ** 2, 1e-20)))


def picture(levels: Levels, *, top_db: float) -> bytes:
    """A spectrogram as a PNG file, the highest frequency at the top."""
    shades = np.clip((levels - top_db + RANGE_DB) / RANGE_DB, 0, 1) * (len(_PALETTE) - 1)
    return palette_png(np.rint(shades[::-1]).astype(np.uint8), _PALETTE)


def _palette(n_colours: int = 64) -> list[tuple[int, int, int]]:
    places = np.linspace(0, len(_ANCHORS) - 1, n_colours)
    channels = [
        np.interp(places, range(len(_ANCHORS)), [anchor[channel] for anchor in _ANCHORS])
        for channel in range(3)
    ]
    return [(round(r), round(g), round(b)) for r, g, b in zip(*channels, strict=True)]


_PALETTE = _palette()
PALETTE = tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in _PALETTE)
"""The colours from soft to loud, for a legend."""
