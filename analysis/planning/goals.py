"""What a planned study is to reach, judged on the counts of one simulated study.

threshold
    the interval of the JND, whose unit is the listener, is no wider than asked for;
difference
    a test over listeners finds that they are right more often than chance;
equivalence
    the equivalence test over listeners finds that the difference is below the bound.

Each is a small frozen object, so that it travels to other processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
from scipy.special import stdtr, stdtrit

from jndlab.analysis.checks import one_number
from jndlab.analysis.inference.equivalence import LARGEST_SPREAD, equivalence_test
from jndlab.analysis.inference.equivalence_bounds import BoundOn
from jndlab.analysis.intervals import check_coverage, clopper_pearson
from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.planning.exact import check_share
from jndlab.analysis.planning.regions import upper_tail
from jndlab.analysis.planning.simulation import Floats, SimulatedStudy
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import SigmoidName

GoalName = Literal["threshold", "difference", "equivalence"]
TOO_FEW = "Fewer than two listeners were left."
_EQUAL = 1e-12
"""A standard error below this is rounding: all listeners have the same proportion."""


class Judgement(NamedTuple):
    """What the analysis of one simulated study came to."""

    reached: bool
    width: float
    """Of the interval; infinite where the analysis failed."""
    problem: str = ""
    """Why the analysis failed; empty if it did not."""


class Goal(Protocol):
    """Judges a simulated study; the generator serves analyses that draw."""

    @property
    def name(self) -> GoalName: ...

    def judge(self, study: SimulatedStudy, rng: np.random.Generator) -> Judgement: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdGoal:
    """The interval of the group's threshold is no wider than ``interval_width``.

    The interval is that of :func:`jndlab.analysis.bootstrap_listeners`. A threshold outside the
    tested levels does not reach the goal however narrow its interval is.
    """

    interval_width: float
    target_probability: float | None = None
    """None: halfway between chance and 1, the threshold of the fit itself."""
    sigmoid: SigmoidName = "norm"
    """Of the analysis; that of the listeners may be another."""
    coverage: float = 0.95
    n_resamples: int = 400
    """A plan averages over many studies, so that each may be resampled less than in earnest."""
    name: Literal["threshold"] = "threshold"

    def __post_init__(self) -> None:
        check_coverage(self.coverage)
        if self.target_probability is not None:
            check_share("target_probability", self.target_probability)
        if not 0.0 < one_number(self.interval_width, "interval_width") < np.inf:
            raise DataError(
                f"An interval width of {self.interval_width:g} cannot be.",
                "Give the largest width of the interval that would do, in the unit of the levels.",
            )

    def judge(self, study: SimulatedStudy, rng: np.random.Generator) -> Judgement:
        """Whether the interval is narrow enough, and its width."""
        from jndlab.analysis.fits.bootstrap import bootstrap_listeners

        guess_rate = require_guess_rate(study.paradigm)
        target = self.target_probability or (1.0 + guess_rate) / 2.0
        heard = study.n_trials.sum(axis=0) > 0
        try:
            group = bootstrap_listeners(
                study.levels[heard],
                study.n_correct[:, heard],
                study.n_trials[:, heard],
                paradigm=study.paradigm,
                seed=rng,
                sigmoid=self.sigmoid,
                direction=study.direction,
                n_resamples=self.n_resamples,
                coverage=self.coverage,
            )
        except (DataError, FitError) as error:
            return Judgement(False, np.inf, str(error))
        threshold = group.threshold_at(target_probability=target)
        width = threshold.interval.length
        return Judgement(threshold.inside_tested_range and width <= self.interval_width, width)


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceGoal:
    """Chance is rejected: by a one-sided t test over listeners, and by the exact binomial test.

    The t test speaks for listeners like these, not for their trials only; the exact test of all
    trials, valid where nobody hears anything, keeps the rate of false alarms at alpha with few
    listeners too, whose proportions are far from normal. It alone decides where all listeners have
    the same proportion. The width is that of the two-sided t interval of the mean proportion
    (there: Clopper-Pearson).
    """

    alpha: float = 0.05
    level: float | None = None
    """The level tested; None: the only one."""
    coverage: float = 0.95
    name: Literal["difference"] = "difference"

    def __post_init__(self) -> None:
        check_share("alpha", self.alpha)
        check_coverage(self.coverage)
        _check_level(self.level)

    def judge(self, study: SimulatedStudy, rng: np.random.Generator) -> Judgement:
        """Whether chance is rejected, and the width of the interval of the mean."""
        n_correct, n_trials = counts_at(study, self.level)
        n_listeners = len(n_correct)
        if n_listeners < 2:
            return Judgement(False, np.inf, TOO_FEW)
        chance = require_guess_rate(study.paradigm)
        shares = n_correct / n_trials
        error = float(shares.std(ddof=1)) / np.sqrt(n_listeners)
        excess = float(shares.mean()) - chance
        k, n = int(n_correct.sum()), int(n_trials.sum())
        p_exact = float(upper_tail(np.array([k]), np.array([n]), chance)[0])
        if error < _EQUAL:
            width = clopper_pearson(k, n, coverage=self.coverage).length
            return Judgement(p_exact <= self.alpha, width)
        p_listeners = float(stdtr(n_listeners - 1, -excess / error))
        quantile = float(stdtrit(n_listeners - 1, 0.5 + self.coverage / 2.0))
        return Judgement(max(p_listeners, p_exact) <= self.alpha, 2.0 * quantile * error)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceGoal:
    """The equivalence test, whose unit is the listener, shows that the difference is below a bound.

    Shown means the verdict "equivalent", or "both": better than chance, and yet below the bound.
    The width is that of the one-sided interval, from 0 to its upper limit.
    """

    bound: float
    bound_on: BoundOn = "proportion_correct"
    model: str | None = None
    largest_spread: float = LARGEST_SPREAD
    """The spread between listeners that the claim must withstand; smaller needs a reason."""
    alpha: float = 0.05
    level: float | None = None
    """The level tested; None: the only one."""
    name: Literal["equivalence"] = "equivalence"

    def __post_init__(self) -> None:
        check_share("alpha", self.alpha)
        _check_level(self.level)

    def judge(self, study: SimulatedStudy, rng: np.random.Generator) -> Judgement:
        """Whether equivalence is shown, and the width of the test's interval."""
        n_correct, n_trials = counts_at(study, self.level)
        if len(n_correct) < 2:
            return Judgement(False, np.inf, TOO_FEW)
        result = equivalence_test(
            n_correct.astype(int),
            n_trials.astype(int),
            paradigm=study.paradigm,
            bound=self.bound,
            bound_on=self.bound_on,
            model=self.model,
            alpha=self.alpha,
            largest_spread=self.largest_spread,
        )
        return Judgement(result.verdict in ("equivalent", "both"), result.interval.length)


def _check_level(level: float | None) -> None:
    if level is not None and not np.isfinite(one_number(level, "level")):
        raise DataError(f"A level of {level} cannot be.", "Give one of the levels tested.")


def counts_at(study: SimulatedStudy, level: float | None) -> tuple[Floats, Floats]:
    """(n_correct, n_trials) at a level of the listeners who heard it, shape (listeners,) each.

    DataError: there is no such level, or several where none is named.
    """
    if level is None and len(study.levels) > 1:
        shown = ", ".join(f"{one:g}" for one in study.levels)
        raise DataError(f"There are several levels: {shown}.", "Say which one is meant: level=...")
    column = 0 if level is None else int(np.argmin(np.abs(study.levels - level)))
    if level is not None and study.levels[column] != level:
        shown = ", ".join(f"{one:g}" for one in study.levels)
        raise DataError(f"There is no level {level:g}.", f"Use one of: {shown}.")
    heard = study.n_trials[:, column] > 0
    return study.n_correct[heard, column], study.n_trials[heard, column]


def make_goal(
    name: GoalName,
    *,
    bound: float | None,
    bound_on: BoundOn,
    model: str | None,
    largest_spread: float,
    interval_width: float | None,
    target_probability: float | None,
    level: float | None,
    sigmoid: SigmoidName,
    alpha: float,
    coverage: float,
    n_resamples: int,
) -> Goal:
    """The goal called ``name``. DataError: no such goal, or what it needs is missing."""
    if name == "threshold":
        if interval_width is None:
            raise DataError(
                "A threshold's goal needs interval_width.",
                "Give the largest width of its interval that would do, in the unit of the levels.",
            )
        return ThresholdGoal(
            interval_width=interval_width,
            target_probability=target_probability,
            sigmoid=sigmoid,
            coverage=coverage,
            n_resamples=n_resamples,
        )
    if name == "difference":
        return DifferenceGoal(alpha=alpha, level=level, coverage=coverage)
    if name == "equivalence":
        if bound is None:
            raise DataError(
                "An equivalence claim needs a bound.",
                "Give the smallest proportion correct that would matter, such as bound=0.6.",
            )
        return EquivalenceGoal(
            bound=bound,
            bound_on=bound_on,
            model=model,
            largest_spread=largest_spread,
            alpha=alpha,
            level=level,
        )
    raise DataError(
        f"There is no goal {name!r}.", 'Use "threshold", "difference" or "equivalence".'
    )
