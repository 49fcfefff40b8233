"""How wide an exact interval of a proportion correct will be, before there are data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.intervals import (
    ConfidenceInterval,
    check_coverage,
    clopper_pearson,
    jeffreys,
    wilson,
)
from jndlab.analysis.planning.exact import check_share, require_trials
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

IntervalName = Literal["clopper-pearson", "wilson", "jeffreys"]
_INTERVALS: dict[str, Callable[..., ConfidenceInterval]] = {
    "clopper-pearson": clopper_pearson,
    "wilson": wilson,
    "jeffreys": jeffreys,
}
_NEGLIGIBLE = 1e-12
"""Counts less probable than this are left out of the sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedWidth:
    """The width that an interval of a proportion correct will have."""

    expected: float
    """Mean over all counts that can come out."""
    quantile_10: float
    """One study in ten has an interval as narrow as this, or narrower."""
    quantile_50: float
    quantile_90: float
    """Nine studies in ten have an interval as narrow as this, or narrower."""
    n_trials: int
    proportion_correct: float
    coverage: float
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def expected_width(
    n_trials: int,
    *,
    proportion_correct: float,
    coverage: float = 0.95,
    interval: IntervalName = "clopper-pearson",
) -> ExpectedWidth:
    """Expected width of the interval of a proportion, with quantiles, by exact summation.

    E[width] = Σ_k Binomial(k; n_trials, proportion_correct) · width(k, n_trials). The trials are
    taken as independent: one listener, or listeners that hear alike. (Brown, Cai & DasGupta 2001,
    *Statistical Science* 16, 101–133, compare expected widths so.)

    DataError: impossible numbers, no such interval.

    >>> width = expected_width(100, proportion_correct=0.75)
    >>> round(width.expected, 4), round(width.quantile_90, 4)
    (0.1767, 0.189)
    """
    n = require_trials(n_trials)
    check_share("proportion_correct", proportion_correct, closed=True)
    check_coverage(coverage)
    if interval not in _INTERVALS:
        raise DataError(
            f"There is no interval {interval!r}.", f"Use one of: {', '.join(_INTERVALS)}."
        )
    mass = binomial_probabilities(n, proportion_correct)
    kept = np.flatnonzero(mass > _NEGLIGIBLE)
    find = _INTERVALS[interval]
    widths = np.array([find(int(count), n, coverage=coverage).length for count in kept])
    mass = mass[kept] / mass[kept].sum()
    order = np.argsort(widths)
    reached = np.cumsum(mass[order])
    # The rounding of a sum must not push a quantile on to the next width.
    at = np.searchsorted(reached, np.array([0.1, 0.5, 0.9]) - 1e-12)
    low, middle, high = widths[order][np.minimum(at, len(order) - 1)]
    return ExpectedWidth(
        expected=float(mass @ widths),
        quantile_10=float(low),
        quantile_50=float(middle),
        quantile_90=float(high),
        n_trials=n,
        proportion_correct=float(proportion_correct),
        coverage=coverage,
        method=f"{interval} interval, exact sum over all counts",
    )
