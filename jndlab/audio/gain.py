"""The factor between two sounds, seen through the difference that compression makes.

Two estimates. Least squares over the whole sound is the factor that matters to the ear, but loud
vowels decide it, and with them what compression does to a few harmonics. The other weighs every
band at every time by how near the two sounds are there, then takes bands together as samples of one
gain that vary by more than chance (random effects: DerSimonian & Laird 1986, Controlled Clinical
Trials 7, 177-188). A forgotten factor is the same in all bands, so this sees it through five times
the difference; what compression does to single bands counts as uncertainty. Errors are standard
errors, from leaving out parts of the sound and bands in turn (jackknife): rather too large than too
small, for neighbouring bands are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_BANDS = 24
MIN_BINS = 8
FIRST_BIN = 2
"""Below it lies what a constant offset leaks into."""
SMOOTHED = 5
"""Segments over which the difference's power in a band is averaged."""
N_PARTS = 16
MIN_PARTS = 6
MIN_BANDS = 6
ROUNDS = 4
NEAREST = 1e-4
"""Least power of the difference re the sound's own that is believed: -40 dB."""
FAINT = 1e-5
"""Bands below this, re the loudest, are left out: rounding decides them."""

Numbers = NDArray[np.float64]
Spectra = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cross-spectrum and powers by segment (rows) and band (columns)."""

    cross: Spectra
    baseline: Numbers
    compressed: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """A factor in dB with its standard error."""

    db: float
    error_db: float


def band_edges(n_bins: int) -> NDArray[np.int_]:
    """First bins of bands of even ratio, each at least eight bins wide, and the end of the last."""
    wanted = np.geomspace(FIRST_BIN + MIN_BINS, n_bins, MAX_BANDS)
    edges = [FIRST_BIN]
    for edge in np.rint(wanted).astype(int):
        if edge - edges[-1] >= MIN_BINS:
            edges.append(int(edge))
    edges[-1] = n_bins
    return np.array(edges)


def common_gain(cells: Cells, delay: float, n_bins: int) -> Gain | None:
    """The factor that all bands share. None if too little of the sound is left to tell.

    ``delay`` in samples is the rest of the delay that the phases of ``cross`` still hold.
    """
    edges = band_edges(n_bins)
    radians = np.pi * (edges[:-1] + edges[1:] - 1) / 2 / (n_bins - 1)
    cross = (cells.cross * np.exp(1j * radians * delay)).real
    heard = cells.baseline.sum(axis=0) / np.diff(edges)
    kept = heard > FAINT * heard.max(initial=0.0)
    if kept.sum() < MIN_BANDS:
        return None
    sums = _weighted(cross[:, kept], cells.baseline[:, kept], cells.compressed[:, kept])
    return None if sums is None else _random_effects(*sums)


def _weighted(cross: Numbers, one: Numbers, other: Numbers) -> tuple[Numbers, Numbers] | None:
    """Sums of cross-spectrum and power over the difference's power, by part and band."""
    floor = NEAREST * _averaged(one) + 1e-12 * one.max()
    gain = float(cross.sum() / one.sum())
    for _ in range(ROUNDS):
        noise = np.maximum(_averaged(other - 2 * gain * cross + gain**2 * one), 0) + floor
        gain = float((cross / noise).sum() / (one / noise).sum())
    information = np.cumsum((one / noise).sum(axis=1))
    places = np.minimum(N_PARTS * information / information[-1], N_PARTS - 1).astype(int)
    starts = np.flatnonzero(np.diff(places, prepend=-1))
    if len(starts) < MIN_PARTS:
        return None
    return np.add.reduceat(cross / noise, starts), np.add.reduceat(one / noise, starts)


def _averaged(power: Numbers) -> Numbers:
    """Running mean over some segments, the ends repeated."""
    half = SMOOTHED // 2
    padded = np.pad(power, ((half, half), (0, 0)), mode="edge")
    windows = [padded[at : at + len(power)] for at in range(SMOOTHED)]
    return np.asarray(np.mean(windows, axis=0))


def _random_effects(cross: Numbers, power: Numbers) -> Gain | None:
    by_band = cross.sum(axis=0) / power.sum(axis=0)
    rest = (cross.sum(axis=0) - cross) / np.maximum(power.sum(axis=0) - power, 1e-300)
    variances = np.maximum(_jackknife_variance(rest), 1e-20)
    weights = 1 / variances
    mean = (weights @ by_band) / weights.sum()
    excess = weights @ (by_band - mean) ** 2 - (len(by_band) - 1)
    between = max(0.0, excess / (weights.sum() - (weights @ weights) / weights.sum()))
    weights = 1 / (variances + between)
    weights /= weights.sum()
    gain = float(weights @ by_band)
    if gain == 0.0:
        return None
    over_bands = (gain - weights * by_band) / (1 - weights)
    variance = float(_jackknife_variance(rest @ weights) + _jackknife_variance(over_bands))
    decibels = 20 / np.log(10)
    return Gain(
        db=float(decibels * np.log(abs(gain))),
        error_db=float(decibels * np.sqrt(variance)) / abs(gain),
    )


def _jackknife_variance(left_out: Numbers) -> Numbers:
    """Of an estimate, from its values with each part left out in turn, along the first axis."""
    n_parts = len(left_out)
    spread = np.sum((left_out - left_out.mean(axis=0)) ** 2, axis=0)
    return np.asarray((n_parts - 1) / n_parts * spread)
