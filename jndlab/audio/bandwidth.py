"""Up to which frequency two sounds have anything to hear, and whether they agree in that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from jndlab.audio.reading import Samples

SEGMENT_SECONDS = 0.064
FRAMES_AT_ONCE = 64
BANDS_PER_OCTAVE = 6
LOWEST_HZ = 500.0
FLOOR_DB = -80.0
"""Below the loudest band: the lowest level that is compared; the rounding of 16 bits is there."""
HEARD_DB = -55.0
"""Below the loudest band: what lies lower does not belong to the bandwidth."""
ABOVE_DB = 10.0
"""A compressed sound that reaches higher must differ this much more above the baseline's edge
than below it: else it is noise from compression, which has no edge there."""

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidths:
    """Upper edges of two sounds; equal unless one ends far below the other."""

    baseline_hz: float
    compressed_hz: float


def compare_bandwidths(
    baseline: Samples, compressed: Samples, rate_hz: int, *, drop_db: float
) -> Bandwidths | None:
    """Both of shape (n_frames, n_channels), equal. None if they are too short to tell.

    One sound is narrower if it lies ``drop_db`` below the other in every band from its edge up
    to the other's.
    """
    edges = _edges(rate_hz)
    if len(baseline) < _segment(rate_hz) or edges.size < 3:
        return None
    one, other = (_relative(_band_powers(s, rate_hz, edges)) for s in (baseline, compressed))
    top = max(_top(one), _top(other))
    one_top, other_top = _end(other, one, top, drop_db), _end(one, other, top, drop_db)
    if one_top < top and not _is_edge(compressed - baseline, rate_hz, edges, one_top, top):
        one_top = top
    return Bandwidths(baseline_hz=float(edges[one_top]), compressed_hz=float(edges[other_top]))


def _segment(rate_hz: int) -> int:
    return int(2 ** round(np.log2(SEGMENT_SECONDS * rate_hz)))


def _edges(rate_hz: int) -> Levels:
    n_bands = int(np.log2(max(rate_hz / 2 / LOWEST_HZ, 1)) * BANDS_PER_OCTAVE)
    return np.asarray(LOWEST_HZ * 2 ** (np.arange(n_bands + 1) / BANDS_PER_OCTAVE))


def _band_powers(samples: Samples, rate_hz: int, edges: Levels) -> Levels:
    """Power per hertz in each band between two edges."""
    from scipy.fft import rfft

    segment = _segment(rate_hz)
    window = np.hanning(segment).astype(np.float32)
    power = np.zeros(segment // 2 + 1)
    channels = np.ascontiguousarray(samples.T, dtype=np.float32)
    frames = sliding_window_view(channels, segment, axis=1)[:, :: segment // 2]
    for start in range(0, frames.shape[1], FRAMES_AT_ONCE):
        spectrum = rfft(window * frames[:, start : start + FRAMES_AT_ONCE])
        power += (spectrum.real**2 + spectrum.imag**2).sum(axis=(0, 1))
    frequencies = np.fft.rfftfreq(segment, 1 / rate_hz)
    bands = np.searchsorted(edges, frequencies, side="right") - 1
    return np.array([power[bands == band].mean() for band in range(edges.size - 1)])


def _relative(powers: Levels) -> Levels:
    """In dB re the loudest band, floored."""
    decibels = 10 * np.log10(np.maximum(powers, 1e-30))
    return np.asarray(np.maximum(decibels - decibels.max(), FLOOR_DB))


def _top(levels: Levels) -> int:
    """Number of bands up to the highest one with anything to hear."""
    heard = np.flatnonzero(levels >= HEARD_DB)
    return int(heard[-1]) + 1


def _end(wide: Levels, narrow: Levels, top: int, drop_db: float) -> int:
    """Number of bands of ``narrow`` before it falls away for good."""
    end = top
    while end > 0 and wide[end - 1] - narrow[end - 1] >= drop_db:
        end -= 1
    return end


def _is_edge(difference: Samples, rate_hz: int, edges: Levels, end: int, top: int) -> bool:
    levels = 10 * np.log10(np.maximum(_band_powers(difference, rate_hz, edges), 1e-30))
    below = levels[max(end - BANDS_PER_OCTAVE, 0) : end]
    return not below.size or bool(levels[end:top].max() - np.median(below) >= ABOVE_DB)
