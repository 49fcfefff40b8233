"""What counts say against a proportion correct as large, or as small, as a bound.

Two units of inference behind the same questions: the trials of one listener (exact binomial
tails) and listeners as a sample of a population (their scores, against the worst population).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, ndtri

from jndlab.analysis.inference.equivalence_counts import ListenerTotals
from jndlab.analysis.inference.equivalence_worst_case import ListenerDesign
from jndlab.analysis.inference.trial_counts import require_countable

Ints = NDArray[np.int64]
_PRECISION = 2e-4
"""Limits over listeners are searched to this proportion correct."""
_NARROWEST = 1e-3
"""Bounds closer than this to 0 or 1 are not tried."""
_NEAR_CHANCE, _BELOW_BOUND = 0.02, 0.15


class Evidence(Protocol):
    """p-values and limits of a proportion correct, whatever the unit of inference."""

    @property
    def estimate(self) -> float:
        """The proportion correct."""

    def p_below(self, bound: float) -> float:
        """p-value against a proportion of ``bound`` or more: small if it is lower."""

    def p_above(self, bound: float) -> float:
        """p-value against a proportion of ``bound`` or less: small if it is higher."""

    def p_at_chance(self, chance: float, bound: float) -> float:
        """The p-value of :meth:`p_below` had everybody been right as often as by guessing."""

    def upper_limit(self, alpha: float, *, near: float) -> float:
        """The smallest bound that :meth:`p_below` rejects; 1 if it rejects none.

        On the same side of ``near`` as the p-value there says.
        """

    def lower_limit(self, alpha: float, *, near: float) -> float:
        """The largest bound that :meth:`p_above` rejects; 0 if it rejects none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEvidence:
    """Independent trials: exact binomial tails (Clopper & Pearson 1934, *Biometrika* 26, 404)."""

    n_correct: int
    n_trials: int

    @property
    def estimate(self) -> float:
        return self.n_correct / self.n_trials

    def p_below(self, bound: float) -> float:
        """P(X ≤ n_correct; bound).

        >>> round(TrialEvidence(n_correct=52, n_trials=100).p_below(0.55), 8)
        0.30687846
        """
        wrong = self.n_trials - self.n_correct
        if bound >= 1.0:  # no limit at all can be rejected
            return 1.0 if wrong == 0 else 0.0
        return 1.0 if wrong == 0 else float(betainc(wrong, self.n_correct + 1, 1.0 - bound))

    def p_above(self, bound: float) -> float:
        """P(X ≥ n_correct; bound); 0 where the bound is no proportion at all."""
        if bound <= 0.0:
            return 0.0
        wrong = self.n_trials - self.n_correct
        return 1.0 if self.n_correct == 0 else float(betainc(self.n_correct, wrong + 1, bound))

    def p_at_chance(self, chance: float, bound: float) -> float:
        guessing = int(self.n_trials * chance)
        return TrialEvidence(n_correct=guessing, n_trials=self.n_trials).p_below(bound)

    def upper_limit(self, alpha: float, *, near: float) -> float:
        wrong = self.n_trials - self.n_correct
        return float(betaincinv(self.n_correct + 1, wrong, 1.0 - alpha)) if wrong else 1.0

    def lower_limit(self, alpha: float, *, near: float) -> float:
        wrong = self.n_trials - self.n_correct
        return float(betaincinv(self.n_correct, wrong + 1, alpha)) if self.n_correct else 0.0


@dataclass(frozen=True, kw_only=True)
class ListenerEvidence:
    """Listeners as a sample: the largest p-value over all populations (``ListenerDesign``)."""

    n_correct: tuple[int, ...]
    n_trials: tuple[int, ...]
    chance: float
    largest_spread: float

    @property
    def estimate(self) -> float:
        """The mean of the listeners' proportions, each counting alike."""
        return float(np.mean(np.array(self.n_correct) / np.array(self.n_trials)))

    @cached_property
    def observed_spread(self) -> float:
        """Standard deviation between listeners, beyond what chance in their trials explains.

        By moments: the variance of their proportions less the mean of p(1 − p)/(n − 1).
        """
        trials = np.array(self.n_trials, dtype=float)
        share = np.array(self.n_correct) / trials
        known = trials > 1
        if len(share) < 2 or not np.any(known):
            return 0.0
        noise = share[known] * (1.0 - share[known]) / (trials[known] - 1.0)
        return float(np.sqrt(max(0.0, np.var(share, ddof=1) - noise.mean())))

    def p_below(self, bound: float) -> float:
        return self._p_value(np.array(self.n_correct), self.chance, bound)

    def p_above(self, bound: float) -> float:
        """As :meth:`p_below` for wrong responses, whose chance level is 1 − chance."""
        if bound <= 0.0:
            return 0.0
        wrong = np.array(self.n_trials) - np.array(self.n_correct)
        return self._p_value(wrong, 1.0 - self.chance, 1.0 - bound)

    def p_at_chance(self, chance: float, bound: float) -> float:
        guessing = np.floor(np.array(self.n_trials) * chance).astype(np.int64)
        return self._p_value(guessing, chance, bound)

    def upper_limit(self, alpha: float, *, near: float) -> float:
        def p_value(bound: float) -> float:
            return self._p_value(np.array(self.n_correct), self.chance, bound, enough=alpha)

        return _smallest_rejected(p_value, alpha, near=near, step=self._standard_error)

    def lower_limit(self, alpha: float, *, near: float) -> float:
        wrong = np.array(self.n_trials) - np.array(self.n_correct)

        def p_value(bound: float) -> float:
            return self._p_value(wrong, 1.0 - self.chance, bound, enough=alpha)

        return 1.0 - _smallest_rejected(
            p_value,
            alpha,
            near=min(1.0 - near, 1.0 - _NARROWEST),
            step=self._standard_error,
        )

    @property
    def _standard_error(self) -> float:
        """Of the mean proportion near chance, roughly, at the largest spread."""
        noise = float(np.mean(self.chance * (1.0 - self.chance) / np.array(self.n_trials)))
        return float(np.sqrt((self.largest_spread**2 + noise) / len(self.n_trials)))

    def _p_value(self, counts: Ints, chance: float, bound: float, *, enough: float = 1.0) -> float:
        design = ListenerDesign(
            n_trials=self.n_trials,
            reference=_reference(chance, bound),
            bound=bound,
            largest_spread=self.largest_spread,
        )
        return design.p_value(int(design.total(counts)), enough=enough)


def evidence_of(
    totals: ListenerTotals, *, chance: float, largest_spread: float
) -> TrialEvidence | ListenerEvidence:
    """The evidence of counts, by their unit of inference. DataError: trials beyond counting."""
    if totals.unit == "trials":
        return TrialEvidence(n_correct=int(totals.n_correct[0]), n_trials=int(totals.n_trials[0]))
    require_countable(int(totals.n_trials.max()))
    return ListenerEvidence(
        n_correct=tuple(totals.n_correct.tolist()),
        n_trials=tuple(totals.n_trials.tolist()),
        chance=chance,
        largest_spread=largest_spread,
    )


def _reference(chance: float, bound: float) -> float:
    """What a bound is told apart from: chance, or less for a limit at chance and below."""
    return chance if bound > chance + _NEAR_CHANCE else max(0.0, bound - _BELOW_BOUND)


def _smallest_rejected(
    p_value: Callable[[float], float], alpha: float, *, near: float, step: float
) -> float:
    """The smallest bound with a p-value of at most ``alpha``; 1 if there is none.

    ``near`` is tried first, so that the limit lies on the same side of it as the p-value there.
    False position on the normal scale of p-values, on which they are nearly straight lines that
    fall by 1 per ``step``.
    """

    def excess(bound: float) -> float:
        """Above 0 where the bound is not rejected."""
        return float(ndtri(min(max(p_value(bound), 1e-15), 1.0 - 1e-15))) - goal

    goal = float(ndtri(alpha))
    low, high, trial = 0.0, 1.0, near
    at_low = at_high = float("nan")
    while high - low > _PRECISION:
        found = excess(trial)
        if found <= 0.0:
            high, at_high = trial, found
        else:
            low, at_low = trial, found
        if np.isfinite(at_low + at_high):
            share = at_low / (at_low - at_high)
            # A step towards the middle, so that the root is soon enclosed from both sides.
            share += 0.45 * _PRECISION / (high - low) * (1.0 if share < 0.5 else -1.0)
            trial = low + min(max(share, 0.05), 0.95) * (high - low)
            continue
        # Not enclosed yet: go where the line leads and a little on, never by next to nothing.
        if trial >= 1.0 - _NARROWEST and found > 0.0:
            return 1.0
        if trial <= _NARROWEST and found <= 0.0:
            return trial
        move = 1.2 * found * step
        move = max(move, _PRECISION) if found > 0.0 else min(move, -_PRECISION)
        trial = min(max(trial + move, _NARROWEST), 1.0 - _NARROWEST)
    return high
