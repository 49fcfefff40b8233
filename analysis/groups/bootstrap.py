"""The likelihood-ratio statistic when the smaller model is true: by simulating it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.maximum import Maximum, Method, maximise
from jndlab.analysis.groups.quadrature import QuadratureSurface
from jndlab.analysis.groups.simulate import simulate_counts
from jndlab.analysis.groups.start import carried, off_the_edge
from jndlab.errors import FitError

Floats = NDArray[np.float64]
_LIGHT = {0: 1, 1: 31, 2: 13}
"""Nodes per random effect: differences of log-likelihoods need less than the likelihood itself."""
_MOST_FAILURES = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedStatistics:
    """Statistics of data sets simulated from the smaller model."""

    statistics: Floats = field(repr=False)
    n_failed: int
    warnings: tuple[str, ...]

    def p_value(self, statistic: float) -> float:
        """(1 + number at least as large) / (1 + number): Davison & Hinkley 1997, equation 4.11."""
        larger = int((self.statistics >= statistic - 1e-9).sum())
        return (1 + larger) / (1 + len(self.statistics))


def bootstrap_statistics(
    small: Maximum,
    large: Maximum,
    *,
    n_samples: int,
    rng: np.random.Generator,
    progress: Callable[[int], None] | None = None,
) -> SimulatedStatistics:
    """Statistics of ``n_samples`` data sets. FitError: one in ten or more could not be fitted."""
    statistics, n_failed = [], 0
    for _ in range(n_samples):
        try:
            statistics.append(_statistic(small, large, rng))
        except FitError:
            n_failed += 1
        if progress is not None:
            progress(1)
    if n_failed > _MOST_FAILURES * n_samples:
        raise FitError(
            f"{n_failed} of {n_samples} simulated data sets could not be fitted.",
            "Use a simpler model of the spread; the chi-square p-value does not need them.",
        )
    warnings = (
        (f"{n_failed} simulated data sets could not be fitted and were left out.",)
        if n_failed
        else ()
    )
    return SimulatedStatistics(
        statistics=np.array(statistics), n_failed=n_failed, warnings=warnings
    )


def _statistic(small: Maximum, large: Maximum, rng: np.random.Generator) -> float:
    smaller, larger = small.surface.model, large.surface.model
    answers = simulate_counts(smaller, small.top.point, rng)
    method: Method = "quadrature" if isinstance(small.surface, QuadratureSurface) else "laplace"
    n_nodes = _LIGHT[smaller.n_random] if method == "quadrature" else None
    first = maximise(
        smaller.with_correct(answers),
        method=method,
        direction_sign=1.0,
        n_nodes=n_nodes,
        start=off_the_edge(smaller, small.top.point),
    )
    second = maximise(
        larger.with_correct(answers),
        method=method,
        direction_sign=1.0,
        n_nodes=n_nodes,
        start=carried(first.top.point, smaller, larger),
    )
    return max(2.0 * (second.top.value - first.top.value), 0.0)
