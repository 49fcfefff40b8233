"""How fast the scatter of an estimate changes with its value: the acceleration of BCa intervals.

For an estimate that is about linear in independent counts, θ ≈ c + Σ gᵢ kᵢ, it is a sixth of its
skewness,

    a = Σ gᵢ³ μ₃ᵢ / (6 (Σ gᵢ² μ₂ᵢ)^{3/2}),

with the second and third central moments of the counts (Efron 1987, *J. Am. Stat. Assoc.* 82,
171–185; for several samples Davison & Hinkley 1997, *Bootstrap Methods and their Application*,
ch. 5.3). The slopes gᵢ come from refits with one response changed (parametric), with one response
left out (nonparametric: the jackknife, where leaving out any correct response of a level comes
to the same), or with one block left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.blocks import BlockCounts
from jndlab.analysis.fits.curves import FittedCurves, fit_curves
from jndlab.analysis.fits.surface import curve_at

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """Refits of changed data, and how slopes and moments follow from them."""

    changed: FittedCurves = field(repr=False)
    contrast: Floats = field(repr=False)
    """Shape (counts, data sets): from estimates of ``changed`` to slopes."""
    second: Floats = field(repr=False)
    """Central moments of the counts, shape (counts,), like ``third``."""
    third: Floats = field(repr=False)

    def acceleration(self, estimate: Callable[[FittedCurves], Floats]) -> float:
        """Of an estimate, given as a function of fitted curves; 0 where it cannot be told."""
        values = estimate(self.changed)
        if not np.all(np.isfinite(values)):
            return 0.0
        slopes = self.contrast @ values
        spread = float(np.sum(slopes**2 * self.second))
        if spread <= 0.0:
            return 0.0
        return float(np.sum(slopes**3 * self.third) / (6.0 * spread**1.5))


def influence_of(curves: FittedCurves, kind: str, blocks: BlockCounts | None) -> Influence:
    """Of the first data set of ``curves``, whose method is not "posterior"."""
    if blocks is not None:
        return _of_blocks(curves, blocks)
    correct, trials = curves.n_correct[0], curves.n_trials[0]
    if kind == "parametric":
        point = curves.modes.points
        right = curve_at(curves.design, point).right[0]
        second, third = beta_binomial_moments(right, trials, float(point[0, 4]))
        low, high = np.maximum(correct - 1.0, 0.0), np.minimum(correct + 1.0, trials)
        return _of_pairs(curves, low, high, trials, second, third)
    second, third = beta_binomial_moments(correct / trials, trials, 0.0)
    some = (correct > 0.0) & (correct < trials)
    left = trials - some
    return _of_pairs(curves, correct - some, correct, left, second, third)


def _of_pairs(
    curves: FittedCurves,
    low: Floats,
    high: Floats,
    trials: Floats,
    second: Floats,
    third: Floats,
) -> Influence:
    """Slopes from two data sets per level, that differ from the data at that level only."""
    correct = np.concatenate([_with_one(curves.n_correct[0], side) for side in (low, high)])
    both = np.tile(_with_one(curves.n_trials[0], trials), (2, 1))
    with np.errstate(divide="ignore"):
        step = np.where(high > low, 1.0 / (high - low), 0.0)
    return Influence(
        changed=fit_curves(curves.design, correct, both, method=curves.method),
        contrast=np.hstack([-np.diag(step), np.diag(step)]),
        second=second,
        third=third,
    )


def _of_blocks(curves: FittedCurves, blocks: BlockCounts) -> Influence:
    """One block left out at a time; where a level has one only it stays, and counts for nothing."""
    alone = np.bincount(blocks.level, minlength=blocks.n_levels)[blocks.level] == 1
    others = 1.0 - np.eye(len(blocks)) * ~alone
    same = (blocks.level[:, None] == blocks.level).astype(float)
    return Influence(
        changed=fit_curves(
            curves.design,
            blocks.pooled(others * blocks.n_correct),
            blocks.pooled(others * blocks.n_trials),
            method=curves.method,
        ),
        contrast=same / same.sum(axis=1, keepdims=True) - np.eye(len(blocks)),
        second=np.ones(len(blocks)),
        third=np.ones(len(blocks)),
    )


def _with_one(row: Floats, changed: Floats) -> Floats:
    """Copies of a row, each with one entry changed: shape (entries, entries)."""
    return np.where(np.eye(len(row), dtype=bool), changed, row)


def beta_binomial_moments(
    probability: Floats, n_trials: Floats, overdispersion: float
) -> tuple[Floats, Floats]:
    """Second and third central moments of counts, same shape; binomial without overdispersion.

    Johnson, Kemp & Kotz 2005, *Univariate Discrete Distributions*, ch. 6.2.2, with
    α = ψν, β = (1 − ψ)ν, ν = 1/η² − 1.

    >>> beta_binomial_moments(np.array([0.5]), np.array([4.0]), 0.0)[0].tolist()
    [1.0]
    """
    psi, trials = probability, n_trials
    binomial = trials * psi * (1.0 - psi)
    if overdispersion == 0.0:
        return binomial, binomial * (1.0 - 2.0 * psi)
    strength = 1.0 / overdispersion**2 - 1.0
    second = binomial * (strength + trials) / (strength + 1.0)
    third = second * (strength + 2.0 * trials) * (1.0 - 2.0 * psi) / (strength + 2.0)
    return second, third
