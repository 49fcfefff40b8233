"""The walk of a staircase over the levels: positions, streaks, step sizes, reversals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from jndlab.errors import DataError
from jndlab.study.procedures.track import Bound, Outcome, position

Side = Literal["harder", "easier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSize:
    """How many positions a step goes, and for how long."""

    harder: int
    easier: int
    reversals: int | None = None
    """After so many reversals at this size the next one follows. None: it is the last."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """A turn of the track."""

    position: int
    """Where it turned: a valley if it turns easier, a peak if it turns harder."""
    to: Side
    stage: int
    """Index of the step size that led to the turn."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """A staircase on its way. Position 0 is the hardest level."""

    n_levels: int
    n_down: int
    n_up: int
    step_sizes: tuple[StepSize, ...]
    position: int
    stage: int = 0
    reversals: list[Reversal] = field(default_factory=list)
    pressed: Bound | None = None
    """The end that the last step went against, if it could not go at all."""
    _streak: int = 0
    """Right answers in a row, or less wrong answers in a row, since the last step."""
    _way: Side | None = None
    _turns: int = 0
    """Reversals at this step size."""

    def answer(self, correct: bool) -> None:
        """Take one answer in, and go where it leads."""
        if correct:
            self._streak = max(self._streak, 0) + 1
            if self._streak >= self.n_down:
                self._step("harder")
        else:
            self._streak = min(self._streak, 0) - 1
            if -self._streak >= self.n_up:
                self._step("easier")

    def _step(self, side: Side) -> None:
        self._streak = 0
        wanted = self._wanted(side)
        # A step that an end swallows whole moves nothing, so it is no turn either.
        if min(max(wanted, 0), self.n_levels - 1) == self.position:
            self.pressed = "at or below" if side == "harder" else "at or above"
            return
        if self._way is not None and self._way != side:
            self._turn(side)
            wanted = self._wanted(side)  # already of the size that follows the turn
        self._way = side
        self.pressed = None
        self.position = min(max(wanted, 0), self.n_levels - 1)

    def _wanted(self, side: Side) -> int:
        size = self.step_sizes[self.stage]
        return self.position - size.harder if side == "harder" else self.position + size.easier

    def _turn(self, side: Side) -> None:
        self.reversals.append(Reversal(self.position, side, self.stage))
        self._turns += 1
        size = self.step_sizes[self.stage]
        if size.reversals is not None and self._turns >= size.reversals:
            self.stage, self._turns = self.stage + 1, 0


def walk(begin: Walk, levels: Sequence[float], outcomes: Sequence[Outcome]) -> Walk:
    """Where ``begin`` has got to after the outcomes.

    DataError: one of them is at another level than the walk was at.
    """
    for place, outcome in enumerate(outcomes, start=1):
        if outcome.level != levels[begin.position]:
            position(levels, outcome.level)  # says so if it is none of the levels at all
            raise DataError(
                f"Trial {place} of the track was at level {outcome.level:g}; "
                f"with these settings it would have been at level {levels[begin.position]:g}.",
                "Use the history with the settings and the version that it was made with.",
            )
        begin.answer(outcome.correct)
    return begin
