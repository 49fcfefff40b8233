"""The posterior of one fit on a grid of cells, and the intervals taken from it.

The grid covers the part of the parameter space that holds all but a negligible share of the
mass. Density is taken at the middle of each cell; quantiles are read from the cumulative mass
at the **edges** of the cells, so that they are not shifted by half a cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from jndlab.analysis.fits.design import Design
from jndlab.analysis.fits.engine import Modes
from jndlab.analysis.fits.priors import LARGEST_LAPSE_RATE, THRESHOLD_SUPPORT, WIDEST

Floats = NDArray[np.float64]

_CUT = 17.0
"""Fall of the log density from its mode beyond which the grid need not reach."""
_SEARCH_CELLS = (20, 20, 14)
_CELLS = (64, 64, 36)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The cells of one parameter, on the inner scale: edges ascending, one more than cells."""

    edges: Floats

    @property
    def middles(self) -> Floats:
        return np.asarray((self.edges[1:] + self.edges[:-1]) / 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Posterior mass over cells of (threshold, width, lapse rate); sums to 1."""

    threshold: Axis
    width: Axis
    lapse_rate: Axis
    mass: Floats
    """Shape (threshold cells, width cells, lapse cells)."""

    def marginal(self, parameter: int) -> Floats:
        """Mass per cell of parameter 0 (threshold), 1 (width) or 2 (lapse rate)."""
        others = tuple(i for i in range(3) if i != parameter)
        return np.asarray(self.mass.sum(axis=others))

    def axis(self, parameter: int) -> Axis:
        return (self.threshold, self.width, self.lapse_rate)[parameter]

    def mean(self, parameter: int) -> float:
        return float(self.marginal(parameter) @ self.axis(parameter).middles)

    def quantiles(self, parameter: int, shares: ArrayLike) -> Floats:
        """Marginal quantiles from the cumulative mass at the cell edges."""
        cumulative = np.concatenate([[0.0], np.cumsum(self.marginal(parameter))])
        return np.asarray(
            np.interp(np.asarray(shares, dtype=float), cumulative, self.axis(parameter).edges)
        )

    def equal_tailed(self, parameter: int, coverage: float) -> tuple[float, float]:
        """Ends that leave equal mass on both sides."""
        tail = (1.0 - coverage) / 2.0
        low, high = self.quantiles(parameter, [tail, 1.0 - tail])
        return float(low), float(high)

    def shortest(self, parameter: int, coverage: float) -> tuple[float, float]:
        """Ends of the shortest interval with that mass: it can reach a parameter's bound."""
        starts = np.linspace(0.0, 1.0 - coverage, 401)
        lows, highs = (
            self.quantiles(parameter, starts),
            self.quantiles(parameter, starts + coverage),
        )
        best = int(np.argmin(highs - lows))
        return float(lows[best]), float(highs[best])

    def quantiles_of_sum(self, offset: Floats, shares: ArrayLike) -> Floats:
        """Quantiles of threshold + offset, where ``offset`` (width cells, lapse cells) is given.

        Each cell's mass is spread evenly over its edges in threshold, so that the result
        for an offset of zero is that of :meth:`quantiles`. Cells with an infinite offset (the
        quantity does not exist there) are left out.
        """
        exists = np.isfinite(offset)
        mass = self.mass[:, exists]
        cumulative = np.vstack([np.zeros(mass.shape[1]), np.cumsum(mass, axis=0)])
        total = cumulative[-1].sum()
        shift, edges = offset[exists], self.threshold.edges
        cell, columns = edges[1] - edges[0], np.arange(mass.shape[1])

        def below(value: float) -> float:
            place = np.clip((value - shift - edges[0]) / cell, 0.0, len(edges) - 1.0)
            whole = np.minimum(place.astype(np.intp), len(edges) - 2)
            part = place - whole
            low, high = cumulative[whole, columns], cumulative[whole + 1, columns]
            return float((low + part * (high - low)).sum() / total)

        def solve(share: float) -> float:
            low, high = float(edges[0] + shift.min()), float(edges[-1] + shift.max())
            for _ in range(60):
                middle = (low + high) / 2.0
                low, high = (middle, high) if below(middle) < share else (low, middle)
            return (low + high) / 2.0

        return np.array([solve(float(share)) for share in np.atleast_1d(shares)])


def integrate(design: Design, modes: Modes, n_correct: Floats, n_trials: Floats) -> Posterior:
    """The posterior of one data set (counts of shape (levels,)) around its mode ``modes[0]``."""
    n_wrong = n_trials - n_correct
    box = _support(design, modes, n_correct, n_wrong)
    axes = _axes(box, _CELLS, fixed_lapse=design.fixed_lapse_rate is not None)
    density = _log_density(design, axes, n_correct, n_wrong)
    mass = np.exp(density - density.max())
    return Posterior(threshold=axes[0], width=axes[1], lapse_rate=axes[2], mass=mass / mass.sum())


def weighted_quantiles(values: Floats, mass: Floats, shares: ArrayLike) -> Floats:
    """Quantiles of a quantity derived on the cells: each mass is centred on its value."""
    order = np.argsort(values, axis=None)
    sorted_mass = mass.ravel()[order]
    middle = np.cumsum(sorted_mass) - sorted_mass / 2.0
    return np.asarray(np.interp(np.asarray(shares, dtype=float), middle, values.ravel()[order]))


def _axes(box: Floats, cells: tuple[int, int, int], *, fixed_lapse: bool) -> list[Axis]:
    axes = [
        Axis(edges=np.linspace(low, high, n + 1)) for (low, high), n in zip(box, cells, strict=True)
    ]
    if fixed_lapse:
        axes[2] = Axis(edges=box[2])
    return axes


def _log_density(design: Design, axes: list[Axis], n_correct: Floats, n_wrong: Floats) -> Floats:
    """Log posterior density at the cell middles, without constants."""
    threshold, width, lapse_rate = (axis.middles for axis in axes)
    t = design.standardised(
        threshold[:, None, None], width[None, :, None], design.inner[None, None, :]
    )
    heard, missed = design.standard.cdf(t), design.standard.survival(t)
    hearing = 1.0 - design.guess_rate - lapse_rate
    density = design.priors.log_density(
        threshold[:, None, None], np.log(width)[None, :, None], lapse_rate[None, None, :]
    )
    density = np.broadcast_to(density, (len(threshold), len(width), len(lapse_rate))).copy()
    for level in range(len(design.inner)):  # level by level bounds the memory
        if n_correct[level] > 0:
            right = design.guess_rate + heard[:, :, level, None] * hearing
            density += xlogy(n_correct[level], right)
        if n_wrong[level] > 0:
            wrong = lapse_rate + missed[:, :, level, None] * hearing
            density += xlogy(n_wrong[level], wrong)
    return density


def _support(design: Design, modes: Modes, n_correct: Floats, n_wrong: Floats) -> Floats:
    """A box (3, 2) that holds the posterior: narrowed until it no longer shrinks much."""
    fixed = design.fixed_lapse_rate
    lapse_box = [0.0, LARGEST_LAPSE_RATE] if fixed is None else [fixed, fixed]
    limits = np.array([THRESHOLD_SUPPORT, [design.priors.spacing, WIDEST], lapse_box])
    peak = np.array([modes.threshold[0], modes.width[0], modes.lapse_rate[0]])
    box = limits.copy()
    for _ in range(12):
        axes = _axes(box, _SEARCH_CELLS, fixed_lapse=fixed is not None)
        density = _log_density(design, axes, n_correct, n_wrong)
        floor = max(float(density.max()), float(modes.log_posterior[0])) - _CUT
        narrowed = box.copy()
        for parameter, axis in enumerate(axes):
            others = tuple(i for i in range(3) if i != parameter)
            inside = np.flatnonzero(density.max(axis=others) > floor)
            cell = axis.edges[1] - axis.edges[0]
            low, high = peak[parameter], peak[parameter]
            if inside.size:
                low = min(low, axis.edges[inside[0]])
                high = max(high, axis.edges[inside[-1] + 1])
            # One cell of margin: the density was seen at the middles only.
            narrowed[parameter] = np.clip(
                [low - cell, high + cell], limits[parameter, 0], limits[parameter, 1]
            )
        free = slice(None) if fixed is None else slice(0, 2)
        shrinkage = np.diff(narrowed[free], axis=1) / np.diff(box[free], axis=1)
        box = narrowed
        if shrinkage.min() > 0.8:
            break
    return box
