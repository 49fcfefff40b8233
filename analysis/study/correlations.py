"""Pearson, Spearman and Kendall, overall or within groups, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Resample = Literal["listeners", "stimuli", "both"]
NAMES = ("pearson", "spearman", "kendall")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """One coefficient with its bootstrap interval."""

    estimate: float | None
    """None: one of the two does not vary."""
    interval: ConfidenceInterval | None
    """None: too few resamples in which both vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlations:
    """Three coefficients of the same pairs."""

    pearson: Correlation
    spearman: Correlation
    kendall: Correlation
    """tau-b, corrected for ties."""

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def correlate(x: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Floats:
    """(Pearson r, Spearman ρ, Kendall τ-b), nan where x or y does not vary; shape (3,).

    ``x`` and ``y`` of shape (pairs,). With ``groups`` of the same shape all are within groups:
    values and ranks less their group's mean, pairs of the same group only.

    >>> correlate([1, 2, 3, 4], [10, 20, 40, 30]).round(3).tolist()
    [0.8, 0.8, 0.667]
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    labels = np.zeros(len(a), dtype=int) if groups is None else np.asarray(groups)
    _, group = np.unique(labels, return_inverse=True)
    ranks = np.empty_like(a), np.empty_like(b)
    for one in range(group.max(initial=-1) + 1):
        rows = group == one
        ranks[0][rows], ranks[1][rows] = mean_ranks(a[rows]), mean_ranks(b[rows])
    return np.array(
        [_product_moment(a, b, group), _product_moment(*ranks, group), _tau(a, b, group)]
    )


def mean_ranks(values: ArrayLike) -> Floats:
    """Ranks from 1, ties with the mean of theirs; same shape.

    >>> mean_ranks([3.0, 1.0, 3.0]).tolist()
    [2.5, 1.0, 2.5]
    """
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2.0)[where], dtype=float)


def bootstrap_correlations(
    scores: Floats,
    outcome: Callable[[Floats, Floats], Floats],
    n_correct: Floats,
    n_trials: Floats,
    *,
    resample: Resample,
    items: Integers,
    groups: Integers | None,
    rng: np.random.Generator,
    n_resamples: int,
    coverage: float = 0.95,
    progress: Callable[[int], None] | None = None,
) -> Correlations:
    """Coefficients of ``scores`` and outcome(n_correct, n_trials), with bootstrap intervals.

    ``scores`` of shape (stimuli,), counts of shape (listeners, stimuli). "listeners" draws whole
    listeners, "stimuli" whole items (``items``: the item number of each stimulus), "both" does
    both at once, which covers or over-covers (Owen 2007, *Annals of Applied Statistics* 1,
    386–411). Drawn listeners bring their noise a second time, which lowers r: Pearson's interval
    is therefore 2z − z̄* ± t·s* on Fisher's z = artanh r, with mean z̄* and spread s* of the
    resamples and Student's t on one less than the units drawn (the bootstrap's correction for
    bias, Efron & Tibshirani 1993, *An introduction to the bootstrap*, chapter 10). Ranks are
    too coarse for that and have percentile intervals. DataError: impossible coverage.

    >>> k = np.array([[5.0, 6, 8, 10], [4, 7, 9, 9], [6, 5, 8, 10]])
    >>> result = bootstrap_correlations(
    ...     np.array([4.0, 3.0, 2.0, 1.0]), lambda k, n: k / n, k, np.full((3, 4), 10.0),
    ...     resample="listeners", items=np.arange(4), groups=None,
    ...     rng=np.random.default_rng(1), n_resamples=200)
    >>> round(result.pearson.estimate, 2), round(result.spearman.interval.high, 1)
    (-0.99, -0.8)
    """
    check_coverage(coverage)

    def at(listeners: Floats, stimuli: Integers) -> Floats:
        k, n = (listeners @ n_correct)[stimuli], (listeners @ n_trials)[stimuli]
        heard = n > 0
        chosen = stimuli[heard]
        return correlate(
            scores[chosen],
            outcome(k[heard], n[heard]),
            None if groups is None else groups[chosen],
        )

    everyone, all_stimuli = np.ones(len(n_correct)), np.arange(len(scores))
    members = [np.flatnonzero(items == item) for item in np.unique(items)]
    draws = np.empty((n_resamples, len(NAMES)))
    for number in range(n_resamples):
        listeners, stimuli = everyone, all_stimuli
        if resample != "stimuli":
            drawn = rng.integers(len(everyone), size=len(everyone))
            listeners = np.bincount(drawn, minlength=len(everyone)).astype(float)
        if resample != "listeners":
            chosen = rng.integers(len(members), size=len(members))
            stimuli = np.concatenate([members[one] for one in chosen])
        draws[number] = at(listeners, stimuli)
        if progress is not None:
            progress(1)
    found = at(everyone, all_stimuli)
    units = {"listeners": len(everyone), "stimuli": len(members)}
    degrees = min(units.values() if resample == "both" else [units[resample]]) - 1
    intervals = [
        _on_fishers_z(draws[:, 0], float(found[0]), coverage, degrees, _UNITS[resample]),
        *(_percentile(column, coverage, _UNITS[resample]) for column in draws.T[1:]),
    ]
    named = {
        name: Correlation(
            estimate=float(estimate) if np.isfinite(estimate) else None,
            interval=interval if np.isfinite(estimate) else None,
        )
        for name, estimate, interval in zip(NAMES, found, intervals, strict=True)
    }
    return Correlations(**named)


_UNITS = {
    "listeners": "listeners",
    "stimuli": "items",
    "both": "listeners and items",
}
_NEXT_TO_ONE = 1.0 - 1e-9
_ENOUGH = 0.9
"""Share of resamples that must give a coefficient for an interval."""


def _percentile(draws: Floats, coverage: float, units: str) -> ConfidenceInterval | None:
    finite = draws[np.isfinite(draws)]
    if len(draws) == 0 or len(finite) < _ENOUGH * len(draws):
        return None
    tail = 50.0 * (1.0 - coverage)
    low, high = np.percentile(finite, [tail, 100.0 - tail])
    method = f"percentile bootstrap over {units}"
    return ConfidenceInterval(low=float(low), high=float(high), coverage=coverage, method=method)


def _on_fishers_z(
    draws: Floats, estimate: float, coverage: float, degrees: int, units: str
) -> ConfidenceInterval | None:
    finite = draws[np.isfinite(draws)]
    if degrees < 1 or len(finite) < 2 or len(finite) < _ENOUGH * len(draws):
        return None
    z = np.arctanh(np.clip(np.append(finite, estimate), -_NEXT_TO_ONE, _NEXT_TO_ONE))
    middle, half = 2.0 * z[-1] - z[:-1].mean(), z[:-1].std(ddof=1)
    half *= float(stdtrit(degrees, (1.0 + coverage) / 2.0))
    low, high = np.tanh([middle - half, middle + half])
    return ConfidenceInterval(
        # Next to ±1 the correction may pass the estimate: no interval leaves it out.
        low=min(float(low), estimate),
        high=max(float(high), estimate),
        coverage=coverage,
        method=f"bootstrap over {units} on Fisher's z, corrected for bias",
    )


def _product_moment(a: Floats, b: Floats, group: Integers) -> float:
    if len(a) == 0:
        return float("nan")
    n = np.bincount(group)
    a, b = (
        values / (float(np.abs(values).max()) or 1.0)  # so that rounding noise is seen as such
        for values in (a, b)
    )
    a = a - (np.bincount(group, weights=a) / n)[group]
    b = b - (np.bincount(group, weights=b) / n)[group]
    if min(float(np.abs(a).max()), float(np.abs(b).max())) < 1e-12:
        return float("nan")
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0))


def _tau(a: Floats, b: Floats, group: Integers) -> float:
    """Kendall's tau-b over pairs of the same group."""
    concordant = untied_a = untied_b = 0.0
    for one in range(group.max(initial=-1) + 1):
        rows = group == one
        signs_a = np.sign(a[rows, None] - a[None, rows])
        signs_b = np.sign(b[rows, None] - b[None, rows])
        concordant += float(np.sum(signs_a * signs_b))
        untied_a += float(np.sum(signs_a != 0))
        untied_b += float(np.sum(signs_b != 0))
    if untied_a == 0 or untied_b == 0:
        return float("nan")
    return concordant / float(np.sqrt(untied_a * untied_b))


def check_resample(resample: str, *, n_listeners: int, n_items: int) -> None:
    """Raise DataError unless there is something to resample.

    >>> check_resample("both", n_listeners=8, n_items=4)
    """
    if resample not in _UNITS:
        raise DataError(f"There is no resampling of {resample!r}.", f"Use {', '.join(_UNITS)}.")
    for unit, number in (("listeners", n_listeners), ("stimuli", n_items)):
        if resample in (unit, "both") and number < 2:
            raise DataError(
                f"One of the {unit} cannot be resampled.",
                "Give counts of several listeners as rows, or resample the other unit.",
            )
