"""An effect on correctness within each listener, and its mean over listeners.

Bias, learning and differences between items are all of this kind: does correctness depend on
something that varies from trial to trial of one listener, at equal levels? Each listener gives one
number; the listeners are the unit of the test, because trials of one listener resemble each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, erfc, stdtr

from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage, t_interval
from jndlab.analysis.records import to_dict

Floats = NDArray[np.float64]
FEWEST_LISTENERS = 3
"""With fewer, a mean over listeners has no interval worth the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerEffect:
    """The effect in one listener."""

    listener: int
    estimate: float
    z: float
    """Standardised under "no effect in this listener"; 0 where nothing could vary."""
    p_value: float
    """Two-sided, of that listener alone."""
    p_value_holm: float
    """Adjusted over the listeners (Holm)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanEffect:
    """An effect within listeners, averaged over them."""

    name: str
    estimate: float | None
    """Mean over listeners; None: no listener's data can show it."""
    interval: ConfidenceInterval | None
    """Of the mean, by t over listeners; None with fewer than three."""
    p_value: float | None
    """Of a mean of 0, two-sided t test over listeners; None with fewer than three."""
    sd: float | None
    """Standard deviation of the listeners' own estimates, sampling noise included."""
    heterogeneity_p_value: float | None
    """Of "no listener has the effect": sum of the squared z, chi-square. A small one with a mean
    of about 0 says that listeners differ in the direction."""
    listeners: tuple[ListenerEffect, ...]
    method: str

    @property
    def n_listeners(self) -> int:
        """Listeners whose data can show the effect."""
        return len(self.listeners)

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def effect_within_strata(
    covariate: ArrayLike, outcome: ArrayLike, strata: ArrayLike
) -> tuple[float, float] | None:
    """(slope, z) of ``outcome`` on ``covariate`` within strata. None: nothing varies.

    All of shape (trials,); ``strata`` are labels, such as level numbers. The slope is the common
    one of least squares within strata; for a covariate of 0 and 1 it is the difference of
    proportions in the weights of Mantel and Haenszel. z compares Σ x·y with its mean and variance
    over all orders of the outcomes within each stratum (Mantel 1963, *J. Am. Stat. Assoc.* 58,
    690–700), so that levels, hard or easy, do not count as an effect.

    >>> right = [1, 1, 1, 0, 1, 0, 0, 0]
    >>> slope, z = effect_within_strata([1, 1, 1, 1, 0, 0, 0, 0], right, [3] * 8)
    >>> slope, round(z, 3)
    (0.5, 1.323)
    """
    x, y = np.asarray(covariate, dtype=float), np.asarray(outcome, dtype=float)
    _, where = np.unique(np.asarray(strata), return_inverse=True)
    n = np.bincount(where).astype(float)
    x = x - (np.bincount(where, weights=x) / n)[where]
    y = y - (np.bincount(where, weights=y) / n)[where]
    spread_x = np.bincount(where, weights=x * x)
    spread_y = np.bincount(where, weights=y * y)
    if spread_x.sum() <= 1e-12:
        return None
    product = float(np.sum(x * y))
    variance = float(np.sum(spread_x * spread_y / np.maximum(n - 1.0, 1.0)))
    z = product / np.sqrt(variance) if variance > 1e-12 else 0.0
    return product / float(spread_x.sum()), float(z)


def mean_over_listeners(
    name: str,
    effects: Sequence[tuple[int, float, float]],
    *,
    coverage: float = 0.95,
    method: str = "",
) -> MeanEffect:
    """The mean of (listener, estimate, z) with its t interval and test.

    Listeners count alike however many trials they gave. DataError: impossible coverage.

    >>> effect = mean_over_listeners("bias", [(1, 0.1, 1.0), (2, 0.0, 0.1), (3, 0.2, 1.9)])
    >>> round(effect.estimate, 3), round(effect.p_value, 3), round(effect.interval.high, 3)
    (0.1, 0.225, 0.348)
    """
    check_coverage(coverage)
    values = np.array([estimate for _, estimate, _ in effects], dtype=float)
    z = np.array([one for _, _, one in effects], dtype=float)
    p_values = erfc(np.abs(z) / np.sqrt(2.0))
    adjusted = adjust_p_values(p_values, method="holm")
    estimate = float(values.mean()) if len(values) else None
    interval, p_value, sd = _mean_test(values, coverage)
    return MeanEffect(
        name=name,
        estimate=estimate,
        interval=interval,
        p_value=p_value,
        sd=sd,
        heterogeneity_p_value=float(chdtrc(len(z), float(z @ z))) if len(z) else None,
        listeners=tuple(
            ListenerEffect(
                listener=int(listener),
                estimate=float(value),
                z=float(own),
                p_value=float(p),
                p_value_holm=float(p_holm),
            )
            for (listener, value, own), p, p_holm in zip(effects, p_values, adjusted, strict=True)
        ),
        method=method,
    )


def _mean_test(
    values: Floats, coverage: float
) -> tuple[ConfidenceInterval | None, float | None, float | None]:
    """Interval of the mean, p-value of a mean of 0, standard deviation."""
    n = len(values)
    if n < FEWEST_LISTENERS:
        return None, None, float(values.std(ddof=1)) if n > 1 else None
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    error = sd / math.sqrt(n)
    if error > 0:
        p_value = 2.0 * float(stdtr(n - 1, -abs(mean) / error))
    else:  # all listeners alike to the last digit
        p_value = 1.0 if mean == 0 else 0.0
    return t_interval(mean, sd, n, coverage=coverage), p_value, sd
