"""Levels of a pair by octave: of the baseline, and of the difference between the two.

Octave bands around 1 kHz as in IEC 61260-1, by powers of the spectra of segments. The highest band
ends at half the sample rate at the latest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from jndlab.audio.reading import Samples

LOWEST_HZ = 125.0
SEGMENT_SECONDS = 0.064
FRAMES_AT_ONCE = 64
FLOOR_DB = -200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OctaveLevel:
    """One band. Levels are root mean squares in dB re full scale."""

    centre_hz: float
    baseline_db: float
    difference_db: float

    @property
    def relative_db(self) -> float:
        """Level of the difference re the baseline's in this band."""
        return self.difference_db - self.baseline_db


def octave_levels(baseline: Samples, compressed: Samples, rate_hz: int) -> tuple[OctaveLevel, ...]:
    """Both of shape (n_frames, n_channels), equal. Empty if they are shorter than a segment."""
    segment = int(2 ** round(np.log2(SEGMENT_SECONDS * rate_hz)))
    centres = LOWEST_HZ * 2.0 ** np.arange(8)
    centres = centres[centres <= rate_hz / 2]
    if len(baseline) < segment or not centres.size:
        return ()
    edges = np.append(centres / np.sqrt(2), centres[-1] * np.sqrt(2))
    one, other = (
        _band_levels(samples, rate_hz, segment, edges)
        for samples in (baseline, compressed - baseline)
    )
    return tuple(
        OctaveLevel(centre_hz=float(centre), baseline_db=float(a), difference_db=float(b))
        for centre, a, b in zip(centres, one, other, strict=True)
    )


def _band_levels(
    samples: Samples, rate_hz: int, segment: int, edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    from scipy.fft import rfft

    window = np.hanning(segment)
    frames = sliding_window_view(samples.T, segment, axis=1)[:, :: segment // 2]
    power = np.zeros(segment // 2 + 1)
    for start in range(0, frames.shape[1], FRAMES_AT_ONCE):
        spectrum = rfft(window * frames[:, start : start + FRAMES_AT_ONCE])
        power += (spectrum.real**2 + spectrum.imag**2).sum(axis=(0, 1))
    power[1:-1] *= 2  # the negative frequencies
    power /= segment * float(np.sum(window**2)) * frames.shape[0] * frames.shape[1]
    bins = np.searchsorted(edges, np.fft.rfftfreq(segment, 1 / rate_hz), side="right") - 1
    bands = np.array([power[bins == band].sum() for band in range(edges.size - 1)])
    return np.asarray(np.maximum(10 * np.log10(np.maximum(bands, 1e-30)), FLOOR_DB))
