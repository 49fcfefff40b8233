"""Staircases: transformed and weighted up-down on discrete levels.

``n_down`` right answers in a row make the next level harder, ``n_up`` wrong ones in a row easier.
With equal steps and ``n_up`` 1 the track settles where p^n_down = 1/2 (Levitt 1971, *J. Acoust.
Soc. Am.* 49, 467–477): 0.5, 0.7071, 0.7937, 0.8409 for 1 to 4 down. With an easier step of u
positions for a harder one of d, p^n_down = u/(u + d); for 1 down that is the weighted
staircase (Kaernbach 1991, *Percept. Psychophys.* 49, 227–229): 3 to 1 gives 0.75.
These targets hold for steps small against the width of the curve; large ones shift them
(García-Pérez 1998, *Vision Res.* 38, 1861–1881).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from jndlab.problems import Problem
from jndlab.study.procedures.staircase_walk import Reversal, StepSize, Walk, walk
from jndlab.study.procedures.stopping import (
    AfterReversals,
    AfterTrials,
    AnyOf,
    Means,
    Reached,
    StopRule,
    most_reversals,
    most_trials,
    stop_problems,
    stop_reason,
)
from jndlab.study.procedures.track import Bound, Outcome, Status, level_problems

DEFAULT_STOP = AnyOf((AfterReversals(10), AfterTrials(80)))
DEFAULT_STEPS = (StepSize(harder=4, easier=4, reversals=2), StepSize(harder=1, easier=1))
_HALVINGS = 60
_ABOVE_GUESSING = 0.05
_NEAR = 0.005
"""A weighted staircase is refused when its whole steps miss the target by more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staircase:
    """Settings of one staircase: transformed, weighted, or both."""

    levels: tuple[float, ...]
    """From the hardest (least compressed) to the easiest."""
    guess_rate: float
    """Of the paradigm: a staircase cannot look for a proportion correct that guessing gives."""
    n_down: int = 2
    """Right answers in a row after which the level gets harder."""
    n_up: int = 1
    """Wrong answers in a row after which it gets easier."""
    step_sizes: tuple[StepSize, ...] = DEFAULT_STEPS
    """Coarse first; each but the last says after how many of its reversals the next one follows."""
    start: float | None = None
    """Level of the first trial. None: the easiest."""
    stop: StopRule = DEFAULT_STOP
    n_averaged: int | None = None
    """The estimate is the mean of so many of the latest reversals. None: of all at the last step
    size. An odd one out is left off, so that peaks and valleys weigh the same."""

    @property
    def target_probability(self) -> float:
        """Proportion correct at the level that the last step size settles on."""
        last = self.step_sizes[-1]
        return target_probability(self.n_down, self.n_up, last.harder, last.easier)

    def next_level(self, outcomes: Sequence[Outcome]) -> float | None:
        """The level of the next trial; None when the stop rule is met.

        DataError: a level of ``outcomes`` is another one than the staircase had chosen.
        """
        now = self._walk(outcomes)
        if self._stopped(now, outcomes) is not None:
            return None
        return self.levels[now.position]

    def status(self, outcomes: Sequence[Outcome]) -> Status:
        """Where the track stands. DataError: as :meth:`next_level`."""
        now = self._walk(outcomes)
        averaged = self.averaged(now.reversals)
        estimate = (
            math.fsum(self.levels[reversal.position] for reversal in averaged) / len(averaged)
            if averaged
            else None
        )
        return Status(
            n_trials=len(outcomes),
            estimate=estimate,
            n_reversals=len(now.reversals),
            bound=self._bound(now, averaged),
            stopped=self._stopped(now, outcomes),
        )

    def averaged(self, reversals: Sequence[Reversal]) -> list[Reversal]:
        """The reversals that the estimate is the mean of: an even number, maybe none."""
        last = len(self.step_sizes) - 1
        fine = [reversal for reversal in reversals if reversal.stage == last]
        wanted = len(fine) if self.n_averaged is None else min(self.n_averaged, len(fine))
        return fine[len(fine) - wanted // 2 * 2 :]

    def most_trials(self) -> float:
        """Trials after which the track has stopped, whatever was answered."""
        return most_trials(self.stop)

    def fewest_for_reversals(self, n_reversals: int) -> int:
        """Trials that so many reversals take at least: one move more, harder and easier in turn."""
        quick, slow = sorted((self.n_down, self.n_up))
        n_moves = n_reversals + 1
        return (n_moves - n_moves // 2) * quick + n_moves // 2 * slow

    def problems(self) -> list[Problem]:
        """What is wrong with the settings, before anybody is tested."""
        problems = level_problems(self.levels)
        if self.n_down < 1 or self.n_up < 1 or not self.step_sizes:
            problems.append(
                Problem(
                    message=f"{self.n_down} down, {self.n_up} up with {len(self.step_sizes)} step "
                    "sizes is no staircase.",
                    remedy="Give numbers of at least 1, and at least one step size.",
                )
            )
            return problems
        if self.start is not None and self.start not in self.levels:
            problems.append(
                Problem(
                    message=f"The staircase starts at level {self.start:g}, which is not offered.",
                    remedy="Start at one of the levels, or leave it out to start at the easiest.",
                )
            )
        if self.n_averaged is not None and self.n_averaged < 2:
            problems.append(
                Problem(
                    message="The mean of a staircase needs a peak and a valley.",
                    remedy="Average at least 2 reversals.",
                )
            )
        means = Means(fewest_for_reversals=self.fewest_for_reversals, levels=self.levels)
        problems += self._step_problems() + stop_problems(self.stop, means)
        return problems or self._target_problems() + self._estimate_problems()

    def _target_problems(self) -> list[Problem]:
        target = self.target_probability
        if target >= self.guess_rate + _ABOVE_GUESSING:
            return []
        return [
            Problem(
                message=f"The staircase looks for {100 * target:.1f} % correct, and guessing gives "
                f"{100 * self.guess_rate:.1f} %: it would end at the level nobody hears.",
                remedy="Take more right answers in a row (n_down), or a larger easier step.",
            )
        ]

    def _estimate_problems(self) -> list[Problem]:
        """A stop rule that leaves no peak and valley at the last step size."""
        n_coarse = sum(step.reversals or 0 for step in self.step_sizes[:-1])
        most = most_reversals(self.stop)
        if most >= n_coarse + 2:
            return []
        return [
            Problem(
                message=f"The track stops after {most:g} reversals, and the first {n_coarse} are "
                "those of coarse steps: too few for an estimate, the mean of the others.",
                remedy=f"Stop after {n_coarse + 2} reversals at least, or have fewer coarse ones.",
            )
        ]

    def _step_problems(self) -> list[Problem]:
        problems = []
        *coarse, last = self.step_sizes
        for step in self.step_sizes:
            largest = max(step.harder, step.easier)
            if min(step.harder, step.easier) < 1 or largest > len(self.levels) - 1:
                problems.append(
                    Problem(
                        message=f"Steps of {step.harder} and {step.easier} positions do not fit "
                        f"{len(self.levels)} levels.",
                        remedy=f"Give steps from 1 to {max(1, len(self.levels) - 1)} positions.",
                    )
                )
        if any(step.reversals is None or step.reversals < 1 for step in coarse):
            problems.append(
                Problem(
                    message="A coarse step size does not say when the next one follows.",
                    remedy="Give the number of reversals after which the steps get finer.",
                )
            )
        if last.reversals is not None:
            problems.append(
                Problem(
                    message="The last step size says when the next one follows; there is none.",
                    remedy="Leave its number of reversals out.",
                )
            )
        return problems

    def _walk(self, outcomes: Sequence[Outcome]) -> Walk:
        start = len(self.levels) - 1 if self.start is None else self.levels.index(self.start)
        begin = Walk(
            n_levels=len(self.levels),
            n_down=self.n_down,
            n_up=self.n_up,
            step_sizes=self.step_sizes,
            position=start,
        )
        return walk(begin, self.levels, outcomes)

    def _stopped(self, now: Walk, outcomes: Sequence[Outcome]) -> str | None:
        return stop_reason(self.stop, Reached(outcomes=outcomes, n_reversals=len(now.reversals)))

    def _bound(self, now: Walk, averaged: Sequence[Reversal]) -> Bound | None:
        """Whether the track presses against an end.

        With an estimate: every turn on that side was at the end itself, so the
        listener may well have gone on. Without one: the last step went beyond the end.
        """
        easiest = len(self.levels) - 1
        if not averaged:
            return now.pressed
        floor = all(turn.position == 0 for turn in averaged if turn.to == "easier")
        ceiling = all(turn.position == easiest for turn in averaged if turn.to == "harder")
        if floor == ceiling:
            return None
        return "at or below" if floor else "at or above"


def target_probability(n_down: int, n_up: int, harder: int = 1, easier: int = 1) -> float:
    """Proportion correct at which steps to either side weigh the same.

    ``n_down`` right answers in a row come before ``n_up`` wrong ones in a row with a chance of
    D(p) = p^(n−1) (1 − q^m) / (p^(n−1) + q^(m−1) − p^(n−1) q^(m−1)), q = 1 − p, which is p^n for
    ``n_up`` 1 (success runs: Feller 1968, *An Introduction to Probability Theory* I, XIII.8);
    the target solves D(p) · harder = (1 − D(p)) · easier.

    >>> [round(target_probability(n_down, 1), 4) for n_down in (1, 2, 3, 4)]
    [0.5, 0.7071, 0.7937, 0.8409]
    """
    share = easier / (easier + harder)
    if n_up == 1:
        return float(share ** (1.0 / n_down))

    def excess(p: float) -> float:
        down, up = p ** (n_down - 1), (1.0 - p) ** (n_up - 1)
        return down * (1.0 - (1.0 - p) * up) / (down + up - down * up) - share

    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) < 0.0 else (low, middle)
    return 0.5 * (low + high)


def weighted_step(target: float, *, largest: int = 6) -> StepSize:
    """The smallest whole steps whose weighted 1-up 1-down staircase has this target.

    Kaernbach (1991): p · harder = (1 − p) · easier. ValueError: no steps up to ``largest``
    positions come within 0.005 of it.

    >>> weighted_step(0.75)
    StepSize(harder=1, easier=3, reversals=None)
    """
    if 0.0 < target < 1.0:
        ratios = [
            Fraction(easier, harder)
            for harder in range(1, largest + 1)
            for easier in range(1, largest + 1)
        ]
        for ratio in sorted(set(ratios), key=lambda r: (r.numerator + r.denominator, r)):
            if abs(ratio / (1 + ratio) - target) <= _NEAR:
                return StepSize(harder=ratio.denominator, easier=ratio.numerator)
    raise ValueError(
        f"no steps of up to {largest} positions give a weighted staircase the target {target:g}"
    )
