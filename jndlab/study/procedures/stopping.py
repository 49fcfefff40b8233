"""When a track stops: by trials, reversals, width of the interval, or a sequential test.

Rules are frozen records that can be combined. Before a study runs, :func:`stop_problems` finds
rules that could never be met, or that might leave somebody in an endless session.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jndlab.problems import Problem
from jndlab.study.procedures.sequential import Evidence, SequentialTest
from jndlab.study.procedures.track import Outcome

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class AfterTrials:
    """Stop after so many trials of the track."""

    n_trials: int


@dataclass(frozen=True, slots=True)
class AfterReversals:
    """Stop after so many reversals of a staircase."""

    n_reversals: int


@dataclass(frozen=True, slots=True)
class IntervalWidth:
    """Stop when the posterior interval of the threshold is narrow enough (QUEST+, Psi)."""

    width: float
    """In the unit of the levels."""
    mass: float = 0.95


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Stop as soon as one of the rules is met."""

    rules: tuple[StopRule, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Stop when each of the rules is met."""

    rules: tuple[StopRule, ...]


StopRule = AfterTrials | AfterReversals | IntervalWidth | SequentialTest | Evidence | AnyOf | AllOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What rules are held against: the track so far, as its procedure sees it."""

    outcomes: Sequence[Outcome]
    n_reversals: int = 0
    interval: Callable[[float], Interval] | None = None
    """Posterior interval of the threshold that holds the given mass."""


def stop_reason(rule: StopRule, reached: Reached) -> str | None:
    """The rule that stops the track, in words; None: it goes on.

    >>> rule = AnyOf((AfterTrials(60), AfterReversals(8)))
    >>> stop_reason(rule, Reached(outcomes=[], n_reversals=8))
    '8 reversals'
    """
    match rule:
        case AfterTrials(n_trials):
            return f"{n_trials} trials" if len(reached.outcomes) >= n_trials else None
        case AfterReversals(n_reversals):
            return f"{n_reversals} reversals" if reached.n_reversals >= n_reversals else None
        case IntervalWidth(width, mass):
            if reached.interval is None:
                return None
            low, high = reached.interval(mass)
            return f"interval narrower than {width:g}" if high - low <= width else None
        case AnyOf(rules):
            reasons = (stop_reason(part, reached) for part in rules)
            return next((reason for reason in reasons if reason is not None), None)
        case AllOf(rules):
            found = [stop_reason(part, reached) for part in rules]
            return None if None in found else " and ".join(str(reason) for reason in found)
        case _:
            return rule.verdict(reached.outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a procedure has for stop rules to go by."""

    fewest_for_reversals: Callable[[int], int] | None = None
    """Trials that so many reversals take at least; None: it has no reversals."""
    finest_interval: float | None = None
    """Width below which no posterior interval can get; None: it has no posterior."""
    levels: tuple[float, ...] = ()


def most_trials(rule: StopRule) -> float:
    """Trials after which the rule is met whatever is answered; inf: there is no such number.

    >>> most_trials(AnyOf((AfterReversals(8), AfterTrials(60))))
    60
    """
    match rule:
        case AfterTrials(n_trials):
            return n_trials
        case AnyOf(rules):
            return min((most_trials(part) for part in rules), default=math.inf)
        case AllOf(rules):
            return max((most_trials(part) for part in rules), default=math.inf)
        case _:
            return math.inf


def most_reversals(rule: StopRule) -> float:
    """Reversals after which the rule is met in any case; inf: there is no such number.

    >>> most_reversals(AnyOf((AfterReversals(8), AfterTrials(60))))
    8
    """
    match rule:
        case AfterReversals(n_reversals):
            return n_reversals
        case AnyOf(rules):
            return min((most_reversals(part) for part in rules), default=math.inf)
        case AllOf(rules):
            return max((most_reversals(part) for part in rules), default=math.inf)
        case _:
            return math.inf


def fewest_trials(rule: StopRule, means: Means) -> float:
    """Trials before which the rule cannot be met; inf: it never can."""
    match rule:
        case AfterTrials(n_trials):
            return n_trials
        case AfterReversals(n_reversals):
            fewest = means.fewest_for_reversals
            return math.inf if fewest is None else fewest(n_reversals)
        case IntervalWidth(width):
            finest = means.finest_interval
            return math.inf if finest is None or width < finest else 1
        case AnyOf(rules):
            return min((fewest_trials(part, means) for part in rules), default=math.inf)
        case AllOf(rules):
            return max((fewest_trials(part, means) for part in rules), default=math.inf)
        case _:
            return rule.fewest_trials()


def stop_problems(rule: StopRule, means: Means) -> list[Problem]:
    """What is wrong with a stop rule for a procedure with these means; empty: nothing."""
    problems = _own_problems(rule, means)
    if problems:
        return problems
    most = most_trials(rule)
    if most == math.inf:
        return [
            Problem(
                message="The stop rule has no limit: some answers would never end the track.",
                remedy="Add a number of trials after which the track stops in any case.",
            )
        ]
    return [
        Problem(
            message=f"The stop rule by {describe(part)} can never be met: it takes "
            f"{_number(fewest_trials(part, means))} trials at least, "
            f"and the track stops after {most:g}.",
            remedy="Allow more trials, or ask less of the rule.",
        )
        for part in _alternatives(rule)
        if fewest_trials(part, means) > most
    ]


def describe(rule: StopRule) -> str:
    """The rule in a few words."""
    match rule:
        case AfterTrials(n_trials):
            return f"{n_trials} trials"
        case AfterReversals(n_reversals):
            return f"{n_reversals} reversals"
        case IntervalWidth(width, mass):
            return f"a {100 * mass:g} % interval of {width:g}"
        case AnyOf(rules):
            return " or ".join(describe(part) for part in rules)
        case AllOf(rules):
            return " and ".join(describe(part) for part in rules)
        case _:
            return rule.describe()


def _number(value: float) -> str:
    return "infinitely many" if value == math.inf else f"{value:g}"


def _alternatives(rule: StopRule) -> list[StopRule]:
    """The rules of which one is enough."""
    if isinstance(rule, AnyOf):
        return [part for inner in rule.rules for part in _alternatives(inner)]
    return [rule]


def _own_problems(rule: StopRule, means: Means) -> list[Problem]:
    """Numbers that cannot be, and rules that the procedure has nothing for."""
    match rule:
        case AfterTrials(number) | AfterReversals(number) if number < 1:
            return [_wrong(f"A stop rule by {describe(rule)} is none.", "Give at least 1.")]
        case AfterReversals() if means.fewest_for_reversals is None:
            return [
                _wrong(
                    "This procedure has no reversals to stop by.",
                    "Stop by trials or by the width of the interval.",
                )
            ]
        case IntervalWidth(width, mass):
            return _interval_problems(width, mass, means)
        case AnyOf(rules) | AllOf(rules):
            if not rules:
                return [_wrong("The stop rule is empty.", "Give a number of trials.")]
            return [problem for part in rules for problem in _own_problems(part, means)]
        case SequentialTest() | Evidence():
            return rule.problems(means.levels)
        case _:
            return []


def _interval_problems(width: float, mass: float, means: Means) -> list[Problem]:
    if means.finest_interval is None:
        return [
            _wrong(
                "This procedure has no posterior whose interval could be narrow enough.",
                "Stop by trials or reversals.",
            )
        ]
    if not (width > 0.0 and 0.0 < mass < 1.0):
        return [
            _wrong(
                f"No interval has the width {width:g} and holds {mass:g} of the posterior.",
                "Give a width above 0, and a mass between 0 and 1.",
            )
        ]
    if width < means.finest_interval:
        return [
            _wrong(
                f"The stop rule can never be met: an interval of {width:g} is narrower than one "
                f"step of the thresholds considered ({means.finest_interval:g}).",
                "Ask for a wider interval, or consider more thresholds.",
            )
        ]
    return []


def _wrong(message: str, remedy: str) -> Problem:
    return Problem(message=message, remedy=remedy)
