"""Delay, gain and polarity of a compressed sound against its baseline.

The delay is found in two steps: to a sample from the cross-correlation, to a fraction of one
from the slope of the phase of the cross-spectrum, each frequency weighted by how certain its
phase is (coherence / (1 - coherence): the maximum-likelihood weights of Knapp and Carter 1976,
IEEE Trans. ASSP 24, 320-327). Compression adds a difference of its own, so that no figure is
exact; its standard error comes from leaving out one part of the sound after the other (jackknife).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.audio.gain import Cells, Gain, band_edges, common_gain
from jndlab.audio.reading import Samples

SEGMENT_SECONDS = 0.064
MIN_SEGMENT = 64
MAX_PARTS = 16
"""Parts of the sound that the jackknife leaves out in turn."""
MIN_PARTS = 6
MAX_COHERENCE = 0.9999
FIRST_BIN = 2
"""Below it lies what a constant offset leaks into."""

Spectra = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How one sound lies over the other. Errors are standard errors."""

    delay_samples: float
    """Positive: the compressed sound comes later."""
    delay_error: float
    correlation: float
    """At that delay to the sample, between -1 and 1; negative if the polarity is inverted."""
    gain_db: float
    """The factor that brings the baseline nearest to the compressed sound (least squares)."""
    gain_error_db: float
    gain_share: float
    """Share of the difference's power that goes away when the gain is matched, 0 to 1."""
    common_gain: Gain | None
    """The factor that all bands share, which shows through more compression."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """Cross-spectrum and powers, summed over segments, by frequency."""

    cross: Spectra
    baseline: Spectra
    compressed: Spectra


@dataclass(frozen=True, slots=True)
class _Parts:
    """The same for each part of the sound; rows are parts, columns frequencies."""

    cross: Spectra
    baseline: Spectra
    compressed: Spectra
    cells: Cells
    """The powers by segment and band."""

    def left_out(self) -> Iterator[_Sums]:
        """The sums over all parts but one, each in turn."""
        whole = self.whole()
        for part in range(len(self.cross)):
            yield _Sums(
                whole.cross - self.cross[part],
                whole.baseline - self.baseline[part],
                whole.compressed - self.compressed[part],
            )

    def whole(self) -> _Sums:
        """The sums over all parts."""
        return _Sums(self.cross.sum(axis=0), self.baseline.sum(axis=0), self.compressed.sum(axis=0))


def align(baseline: Samples, compressed: Samples, rate_hz: int) -> Alignment | None:
    """Both of shape (n_frames, n_channels), equal; channels count together.

    None where nothing can be measured: too short, or one of the two is constant.
    """
    x, y = baseline - baseline.mean(axis=0), compressed - compressed.mean(axis=0)
    segment = _segment(len(x), rate_hz)
    energy = float(np.sqrt(np.sum(x**2) * np.sum(y**2)))
    if segment < MIN_SEGMENT or energy == 0.0:
        return None
    lag, correlation = _peak(x, y, energy)
    parts = _parts(x, _shifted(y, lag), segment)
    fraction = _phase_slope(parts.whole())
    if abs(fraction) > 0.5:  # the peak of the correlation was one sample off
        lag += round(fraction)
        parts = _parts(x, _shifted(y, lag), segment)
        fraction = _phase_slope(parts.whole())
    rest = list(parts.left_out())
    gain, share = _gain(parts.whole(), fraction)
    return Alignment(
        delay_samples=lag + fraction,
        delay_error=jackknife_error([_phase_slope(one) for one in rest]),
        correlation=correlation,
        gain_db=gain,
        gain_error_db=jackknife_error([_gain(one, fraction)[0] for one in rest]),
        gain_share=share,
        common_gain=common_gain(parts.cells, fraction, parts.cross.shape[1]),
    )


def jackknife_error(left_out: list[float]) -> float:
    """Standard error of an estimate from its values with each part left out in turn."""
    values = np.asarray(left_out)
    return float(np.sqrt((len(values) - 1) / len(values) * np.sum((values - values.mean()) ** 2)))


def _segment(n_frames: int, rate_hz: int) -> int:
    """A power of two near 64 ms, and short enough for seven overlapping segments."""
    wanted = 2 ** round(np.log2(SEGMENT_SECONDS * rate_hz))
    room = 2 ** int(np.log2(max(n_frames / 4, 1)))
    return int(min(wanted, room))


def _peak(x: Samples, y: Samples, energy: float) -> tuple[int, float]:
    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(2 * len(x), real=True)
    # Single precision does for a peak that is known to a sample, in half the time.
    a, b = (rfft(np.ascontiguousarray(one.T, dtype=np.float32), size) for one in (x, y))
    correlation = irfft((a.conj() * b).sum(axis=0), size)
    place = int(np.argmax(np.abs(correlation)))
    lag = place - size if place > size // 2 else place
    return lag, float(correlation[place]) / energy


def _shifted(y: Samples, lag: int) -> Samples:
    """``y`` brought forward by ``lag`` samples, silence where nothing is left."""
    moved = np.zeros_like(y)
    if lag >= 0:
        moved[: len(y) - lag] = y[lag:]
    else:
        moved[-lag:] = y[:lag]
    return moved


def _parts(x: Samples, y: Samples, segment: int) -> _Parts:
    window = np.hanning(segment)
    starts = np.arange(0, len(x) - segment + 1, segment // 2)
    edges = band_edges(segment // 2 + 1)
    sums: list[list[Spectra]] = []
    cells: list[list[Spectra]] = []
    for some in _equal_parts(x, starts, segment):
        places = some[:, None] + np.arange(segment)
        a, b = (np.fft.rfft(window[:, None] * signal[places], axis=1) for signal in (x, y))
        products = [
            one.sum(axis=2) for one in (a.conj() * b, a.real**2 + a.imag**2, b.real**2 + b.imag**2)
        ]
        sums.append([one.sum(axis=0) for one in products])
        cells.append([np.add.reduceat(one[:, : edges[-1]], edges[:-1], axis=1) for one in products])
    cross, powers, other = (np.array(one) for one in zip(*sums, strict=True))
    banded = Cells(*(np.concatenate(one) for one in zip(*cells, strict=True)))
    return _Parts(cross, powers, other, banded)


def _equal_parts(x: Samples, starts: NDArray[np.int_], segment: int) -> list[NDArray[np.int_]]:
    """The segments in their order, in parts of about equal energy.

    Parts of equal length would not do: in a file with one short word, one part would be all.
    """
    power = np.concatenate([[0.0], np.cumsum(np.sum(x**2, axis=1))])
    energy = np.cumsum(power[starts + segment] - power[starts])
    shares = (energy - energy[0]) / max(float(energy[-1] - energy[0]), 1e-300)
    places = np.minimum((shares * MAX_PARTS).astype(int), MAX_PARTS - 1)
    parts = np.split(starts, np.flatnonzero(np.diff(places)) + 1)
    if len(parts) >= MIN_PARTS:
        return list(parts)
    return np.array_split(starts, min(MAX_PARTS, len(starts)))


def _phase_slope(sums: _Sums) -> float:
    """The rest of the delay in samples, from the phases of all frequencies."""
    cross = sums.cross[FIRST_BIN:]
    powers = (sums.baseline * sums.compressed)[FIRST_BIN:]
    coherence = np.abs(cross) ** 2 / np.maximum(powers, 1e-300)
    coherence = np.minimum(coherence, MAX_COHERENCE)
    weights = coherence / (1 - coherence)
    turns = _radians(sums)[FIRST_BIN:]
    upright = cross * (1 if cross.real @ weights >= 0 else -1)  # an inverted sound turns by half
    scale = float(np.sum(weights * turns**2))
    return float(-np.sum(weights * turns * np.angle(upright)) / scale) if scale else 0.0


def _gain(sums: _Sums, delay: float) -> tuple[float, float]:
    """Gain in dB, and the share of the difference that it explains."""
    turned = sums.cross * np.exp(1j * _radians(sums) * delay)
    common = abs(float(turned.real[FIRST_BIN:].sum()))
    one = float(sums.baseline[FIRST_BIN:].sum())
    other = float(sums.compressed[FIRST_BIN:].sum())
    difference = one + other - 2 * common
    rest = other - common**2 / max(one, 1e-300)
    share = 1 - rest / difference if difference > 1e-12 * one else 0.0
    return 20 * float(np.log10(max(common / max(one, 1e-300), 1e-10))), float(np.clip(share, 0, 1))


def _radians(sums: _Sums) -> Spectra:
    """Phase of each frequency per sample of delay."""
    n_bins = len(sums.cross)
    radians: Spectra = np.pi * np.arange(n_bins) / (n_bins - 1)
    return radians
