"""Means over listeners: one mean per listener and cell first, so that a listener counts once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr

from jndlab.analysis.intervals import ConfidenceInterval, t_interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEW_LISTENERS = 5
"""Below this a resampled interval says less than it seems to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerMean:
    """The mean of listeners' own means, and how surely it is known of other such listeners."""

    n_listeners: int
    n_votes: int
    mean: float
    sd: float | None
    """Between the listeners' means; None of one listener."""
    interval: ConfidenceInterval | None
    """mean ± t · sd / √n, of n − 1 degrees of freedom; None of one listener."""
    resampled: ConfidenceInterval | None
    """Bootstrap over listeners (BCa): to be preferred where means are skewed, as near an end of the
    scale. None of few listeners, or where all have the same mean."""
    values: tuple[float, ...] = field(repr=False)
    """The listeners' means, of those who voted."""

    @property
    def standard_error(self) -> float | None:
        """sd / √n; None of one listener."""
        return None if self.sd is None else self.sd / float(np.sqrt(self.n_listeners))


def cell_means(
    listener: Ints, cell: Ints, value: Floats, *, n_listeners: int, n_cells: int
) -> tuple[Floats, Ints]:
    """Mean vote of every listener in every cell, nan where there is none, and numbers of votes.

    All of shape (listeners, cells).

    >>> means, counts = cell_means(np.array([0, 0, 1]), np.array([0, 0, 1]),
    ...                            np.array([4.0, 5.0, 3.0]), n_listeners=2, n_cells=2)
    >>> means.tolist(), counts.tolist()
    ([[4.5, nan], [nan, 3.0]], [[2, 0], [0, 1]])
    """
    totals = np.zeros((n_listeners, n_cells))
    counts = np.zeros((n_listeners, n_cells), dtype=np.int64)
    np.add.at(totals, (listener, cell), value)
    np.add.at(counts, (listener, cell), 1)
    means = np.divide(totals, counts, out=np.full_like(totals, np.nan), where=counts > 0)
    return means, counts


def summarise(
    means: Floats,
    *,
    n_votes: int,
    coverage: float,
    rng: np.random.Generator,
    n_resamples: int,
) -> ListenerMean:
    """What the means of listeners, shape (listeners,), nan where one has none, come to.

    >>> found = summarise(np.array([4.0, 4.5, 3.5, 4.0, np.nan]), n_votes=8, coverage=0.95,
    ...                   rng=np.random.default_rng(1), n_resamples=100)
    >>> found.n_listeners, found.mean, round(found.interval.low, 3)
    (4, 4.0, 3.35)
    """
    values = means[~np.isnan(means)]
    n = len(values)
    mean = float(values.mean())
    sd = float(values.std(ddof=1)) if n > 1 else None
    return ListenerMean(
        n_listeners=n,
        n_votes=n_votes,
        mean=mean,
        sd=sd,
        interval=t_interval(mean, sd, n, coverage=coverage),
        resampled=bca_interval(values, coverage=coverage, rng=rng, n_resamples=n_resamples),
        values=tuple(float(one) for one in values),
    )


def t_p_value(mean: float, sd: float | None, n_listeners: int) -> float | None:
    """Two-sided p of a mean of 0 in the population of listeners; None of one listener.

    Where all listeners have the same mean, which a t test cannot weigh, the exact p by turning
    signs: 2 / 2ⁿ.

    >>> round(t_p_value(1.0657, 2.0, 16), 3)
    0.05
    """
    if sd is None:
        return None
    if sd == 0.0:
        return 1.0 if mean == 0.0 else 2.0 * 0.5**n_listeners
    return float(2.0 * stdtr(n_listeners - 1, -abs(mean) / sd * np.sqrt(n_listeners)))


def bca_interval(
    values: Floats, *, coverage: float, rng: np.random.Generator, n_resamples: int
) -> ConfidenceInterval | None:
    """Bias-corrected and accelerated interval of the mean, whole listeners resampled.

    Efron 1987, *J. Am. Stat. Assoc.* 82, 171–185. ``values`` of shape (listeners,). None of fewer
    than :data:`FEW_LISTENERS`, or where all values are the same.
    """
    n = len(values)
    if n < FEW_LISTENERS or np.ptp(values) == 0.0:
        return None
    draws = values[rng.integers(n, size=(n_resamples, n))].mean(axis=1)
    below = float(np.mean(draws < values.mean()) + 0.5 * np.mean(draws == values.mean()))
    bias = float(ndtri(np.clip(below, 0.5 / n_resamples, 1.0 - 0.5 / n_resamples)))
    away = values - values.mean()
    acceleration = float(np.sum(away**3) / (6.0 * np.sum(away**2) ** 1.5))
    ends = bias + ndtri(np.array([(1.0 - coverage) / 2.0, 0.5 + coverage / 2.0]))
    shares = ndtr(bias + ends / (1.0 - acceleration * ends))
    low, high = np.quantile(draws, shares)
    return ConfidenceInterval(
        low=float(low), high=float(high), coverage=coverage, method="BCa over listeners"
    )
