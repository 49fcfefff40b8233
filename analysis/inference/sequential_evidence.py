"""Trials or listeners as they came in, and what they say at every moment: e-values and limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jndlab.analysis.inference.equivalence_counts import Unit
from jndlab.analysis.inference.proportions import Alternative
from jndlab.analysis.inference.sequential_betting import (
    last_lower_limit,
    log_capital,
    lower_limits,
)
from jndlab.analysis.inference.sequential_input import Floats, Ints
from jndlab.analysis.inference.sequential_mixture import Prior, log_e_value, mixture_limits
from jndlab.analysis.intervals import ConfidenceInterval

Limits = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSequence:
    """Independent trials, those of one listener: totals at each moment, shape (moments,)."""

    n_correct: Ints
    n_trials: Ints
    prior: Prior
    floor: float = 0.0
    """The least proportion correct that is expected where the question is whether it is small."""

    @property
    def unit(self) -> Unit:
        return "trials"

    @property
    def moments(self) -> Ints:
        return self.n_trials

    @property
    def estimates(self) -> Floats:
        return np.asarray(self.n_correct / self.n_trials)

    @property
    def method(self) -> str:
        a, b = self.prior
        return f"mixture of likelihood ratios of trials over a Beta({a:g}, {b:g}) distribution"

    def log_e_values(self, null: float, alternative: Alternative) -> Floats:
        """Against proportions of at most ``null``, at least it, or just it."""
        low = {"greater": null, "less": self.floor, "two-sided": 0.0}[alternative]
        return log_e_value(
            self.n_correct,
            self.n_trials,
            null,
            prior=self.prior,
            low=low,
            high=null if alternative == "less" else 1.0,
        )

    def limits(self, error: float, alternative: Alternative) -> Limits:
        """The proportions not ruled out so far at each moment."""
        low, high = self._own_limits(error, alternative, slice(None))
        return np.maximum.accumulate(low), np.minimum.accumulate(high)

    def last_limits(self, error: float, alternative: Alternative) -> tuple[float, float]:
        """The proportions that all trials together do not rule out."""
        low, high = self._own_limits(error, alternative, slice(-1, None))
        return float(low[0]), float(high[0])

    def _own_limits(self, error: float, alternative: Alternative, which: slice) -> Limits:
        return mixture_limits(
            self.n_correct[which],
            self.n_trials[which],
            error=error,
            alternative=alternative,
            prior=self.prior,
            floor=self.floor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerSequence:
    """Listeners in the order in which they came, each with one proportion correct."""

    proportions: Floats
    """Shape (listeners,)."""

    @property
    def unit(self) -> Unit:
        return "listeners"

    @property
    def moments(self) -> Ints:
        return np.arange(1, len(self.proportions) + 1)

    @property
    def estimates(self) -> Floats:
        return np.asarray(np.cumsum(self.proportions) / self.moments)

    @property
    def method(self) -> str:
        return "mixture of bets on the mean of listeners' proportions correct"

    def log_e_values(self, null: float, alternative: Alternative) -> Floats:
        """Against means of at most ``null``, at least it, or just it."""
        if alternative == "greater":
            return log_capital(self.proportions, null)
        if alternative == "less":
            return log_capital(1.0 - self.proportions, 1.0 - null)
        # Half of the stake on either side; the other half's capital is left out, as in the limits.
        sides = (self.log_e_values(null, "greater"), self.log_e_values(null, "less"))
        return np.asarray(np.maximum(*sides) - np.log(2.0))

    def limits(self, error: float, alternative: Alternative) -> Limits:
        """The means not ruled out so far after each listener."""
        tail = error / 2.0 if alternative == "two-sided" else error
        low, high = np.zeros(len(self.proportions)), np.ones(len(self.proportions))
        if alternative != "less":
            low = lower_limits(self.proportions, tail)
        if alternative != "greater":
            high = 1.0 - lower_limits(1.0 - self.proportions, tail)
        return low, high

    def last_limits(self, error: float, alternative: Alternative) -> tuple[float, float]:
        """The means that all listeners together do not rule out."""
        tail = error / 2.0 if alternative == "two-sided" else error
        low = 0.0 if alternative == "less" else last_lower_limit(self.proportions, tail)
        high = 0.0 if alternative == "greater" else last_lower_limit(1.0 - self.proportions, tail)
        return low, 1.0 - high


ResponseSequence = TrialSequence | ListenerSequence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SequentialHistory:
    """What was known at each moment, all of shape (moments,): for a figure or a table."""

    n: Ints
    """Trials or listeners so far."""
    estimate: Floats
    low: Floats
    """What was ruled out as too low so far; it never falls."""
    high: Floats
    e_value: Floats | None = None
    """Of that moment; inf where it is too large for a number."""
    e_value_difference: Floats | None = None

    @property
    def table(self) -> list[dict[str, Any]]:
        """One row per moment, plain numbers: for a data frame or a CSV file."""
        columns = {
            name: getattr(self, name).tolist()
            for name in ("n", "estimate", "low", "high", "e_value", "e_value_difference")
            if getattr(self, name) is not None
        }
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def latest_interval(
    limits: Limits, own: Callable[[], tuple[float, float]], *, coverage: float, method: str
) -> tuple[ConfidenceInterval, tuple[str, ...]]:
    """The last of the ``limits``; ``own`` ones, with a warning, where earlier ones contradict."""
    low, high = float(limits[0][-1]), float(limits[1][-1])
    warnings: tuple[str, ...] = ()
    if low > high:
        low, high = own()
        warnings = (
            "Earlier and later intervals exclude one another: the proportion correct changed "
            "during the study (learning, fatigue), or this is one of the few studies whose "
            "intervals miss it. The interval given is that of all data, without earlier limits.",
        )
    interval = ConfidenceInterval(
        low=low, high=high, coverage=coverage, method=f"confidence sequence, {method}"
    )
    return interval, warnings


def e_values(log_e: Floats) -> Floats:
    """The e-values themselves; beyond the largest number: inf.

    >>> e_values(np.array([0.0, 1e4])).tolist()
    [1.0, inf]
    """
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(log_e))


def p_value_of(log_e: Floats) -> float:
    """1 over the largest e-value so far, at most 1.

    >>> round(p_value_of(np.log([0.5, 25.0, 4.0])), 4)
    0.04
    """
    return float(np.exp(-max(0.0, float(np.max(log_e)))))


def first_claim(moments: Ints, log_e: Floats, alpha: float) -> int | None:
    """Trials or listeners at the first e-value of 1/alpha or more, None if there is none.

    >>> first_claim(np.array([10, 20, 30]), np.log([5.0, 25.0, 15.0]), 0.05)
    20
    """
    reached = np.flatnonzero(log_e >= -np.log(alpha))
    return int(moments[reached[0]]) if reached.size else None
