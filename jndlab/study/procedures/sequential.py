"""Sequential tests that may stop a track, with an error rate that holds despite the peeking."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.problems import Problem
from jndlab.study.procedures.track import Outcome

_LONGEST = 10_000
"""Right answers in a row that are tried for the least number of trials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialTest:
    """Wald's sequential probability ratio test of one proportion correct against another.

    Stops with "heard" when the likelihood ratio of ``alternative`` to ``null`` reaches
    (1 − β)/α, with "not heard" when it falls to β/(1 − α) (Wald 1945, *Ann. Math. Stat.* 16,
    117–186). The chance of "heard" at a true proportion of ``null`` is then at most α/(1 − β), of
    "not heard" at ``alternative`` at most β/(1 − α), and the two together at most α + β.

    Both statements are about trials of one proportion correct, so the test takes the trials at
    one level only.
    """

    level: float
    """The trials at this level are counted, no others."""
    null: float = 0.5
    """Proportion correct of somebody who hears nothing: the paradigm's guess rate."""
    alternative: float = 0.75
    """Proportion correct that shall not be missed."""
    alpha: float = 0.05
    beta: float = 0.05

    def verdict(self, outcomes: Sequence[Outcome]) -> str | None:
        """How the test has ended after these trials; None: it has not.

        Once a limit was reached the verdict stands, whatever came later.
        """
        ratio = 0.0
        for outcome in outcomes:
            if outcome.level != self.level:
                continue
            ratio += self._right() if outcome.correct else self._wrong()
            if ratio >= self._upper():
                return f"sequential test: heard at level {self.level:g}"
            if ratio <= self._lower():
                return f"sequential test: not heard at level {self.level:g}"
        return None

    def fewest_trials(self) -> float:
        """Trials at the level before which the test cannot end."""
        return min(
            math.ceil(self._upper() / self._right() - 1e-12),
            math.ceil(self._lower() / self._wrong() - 1e-12),
        )

    def describe(self) -> str:
        """The rule in a few words."""
        return f"a sequential test at level {self.level:g}"

    def problems(self, levels: Sequence[float]) -> list[Problem]:
        """Numbers that cannot be, or a level that is not on offer."""
        problems = []
        if not 0.0 < self.null < self.alternative < 1.0:
            problems.append(
                Problem(
                    message=f"A sequential test cannot tell a proportion correct of "
                    f"{self.alternative:g} from {self.null:g}.",
                    remedy="Give 0 < null < alternative < 1.",
                )
            )
        if not (self.alpha > 0.0 and self.beta > 0.0 and self.alpha + self.beta < 1.0):
            problems.append(
                Problem(
                    message=f"Error rates of {self.alpha:g} and {self.beta:g} control nothing.",
                    remedy="Give two error rates above 0 whose sum is below 1.",
                )
            )
        if self.level not in levels:
            problems.append(
                Problem(
                    message=f"The sequential test waits for level {self.level:g}, which is not "
                    "offered.",
                    remedy="Name one of the levels of the track.",
                )
            )
        return problems

    def _right(self) -> float:
        return math.log(self.alternative / self.null)

    def _wrong(self) -> float:
        return math.log((1.0 - self.alternative) / (1.0 - self.null))

    def _upper(self) -> float:
        return math.log((1.0 - self.beta) / self.alpha)

    def _lower(self) -> float:
        return math.log(self.beta / (1.0 - self.alpha))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Stop once guessing is ruled out: an e-value of 1/α over all trials of the track.

    The likelihood ratio of every proportion correct above ``null``, all alike, to ``null`` itself
    is a test martingale for somebody who guesses at every trial, whichever levels an adaptive
    procedure chooses and however often one looks; it ever reaches 1/α with a chance of
    at most α (Ville 1939; Robbins 1970, *Ann. Math. Stat.* 41, 1397–1409). It can only end with
    "heard": who hears nothing is stopped by another rule.
    """

    null: float = 0.5
    """Proportion correct of somebody who hears nothing: the paradigm's guess rate."""
    alpha: float = 0.05

    def log_e_value(self, n_correct: ArrayLike, n_trials: ArrayLike) -> NDArray[np.float64]:
        """ln ∫ p^k (1 − p)^(n − k) dp / ((1 − null) null^k (1 − null)^(n − k)), from null to 1.

        Broadcasts.

        >>> round(float(np.exp(Evidence().log_e_value(15, 20))), 3)
        6.356
        """
        from scipy.special import betaincc, betaln

        k, n = np.asarray(n_correct, dtype=float), np.asarray(n_trials, dtype=float)
        with np.errstate(divide="ignore"):  # far below guessing the evidence is 0
            mixed = betaln(k + 1, n - k + 1) + np.log(betaincc(k + 1, n - k + 1, self.null))
        point = k * math.log(self.null) + (n - k + 1) * math.log1p(-self.null)
        return np.asarray(mixed - point)

    def verdict(self, outcomes: Sequence[Outcome]) -> str | None:
        """How the test has ended after these trials; None: it has not."""
        right = np.cumsum([outcome.correct for outcome in outcomes])
        evidence = self.log_e_value(right, np.arange(1, len(outcomes) + 1))
        reached = bool(np.any(evidence >= -math.log(self.alpha)))
        return "sequential test: guessing ruled out" if reached else None

    def fewest_trials(self) -> float:
        """Trials before which the e-value cannot be reached, all of them right."""
        runs = np.arange(1, _LONGEST)
        enough = self.log_e_value(runs, runs) >= -math.log(self.alpha)
        return int(runs[np.argmax(enough)]) if enough.any() else math.inf

    def describe(self) -> str:
        """The rule in a few words."""
        return f"an e-value of {1 / self.alpha:g}"

    def problems(self, levels: Sequence[float]) -> list[Problem]:
        """Numbers that cannot be; ``levels`` are taken as they come."""
        if 0.0 < self.null < 1.0 and 0.0 < self.alpha < 1.0:
            return []
        return [
            Problem(
                message=f"Guessing right with {self.null:g} cannot be ruled out at an error rate "
                f"of {self.alpha:g}.",
                remedy="Give two numbers between 0 and 1.",
            )
        ]
