"""What every adaptive procedure has in common: outcomes, status, and the question it answers.

A procedure keeps no state. It is a frozen record of settings, and the next level is a function of
these and of the outcomes so far: a crash, a reload or a second server cannot lose a track.

Levels are those that were rendered, in compression order: the first is the least compressed and
so the hardest to hear, the last the most compressed and the easiest. *Harder* and *easier* are
steps along that order, whichever way the level's number goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from jndlab.errors import DataError
from jndlab.problems import Problem
from jndlab.study.trials import Direction

Bound = Literal["at or below", "at or above"]
"""The threshold lies at or beyond an end of the levels, in amount of compression: at or below the
least compressed level, or at or above the most compressed one."""

FEWEST_LEVELS = 3
"""With fewer there is nowhere to go from the one in the middle."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answered trial of a track."""

    level: float
    correct: bool
    track: str = ""
    """Which of several interleaved tracks the trial belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a track stands after some outcomes."""

    n_trials: int
    estimate: float | None
    """The level that the procedure looks for; None: too early to say."""
    interval: tuple[float, float] | None = None
    """Limits of the 95 % interval of the estimate, where the procedure has one."""
    n_reversals: int | None = None
    """None: the procedure counts none."""
    bound: Bound | None = None
    """Not None: the levels end before the threshold does, and ``estimate`` is only a limit."""
    stopped: str | None = None
    """The stop rule that was met, in words; None: the track goes on."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the next trial of several tracks is."""

    track: str
    level: float


class Procedure(Protocol):
    """How the level of each trial follows from the trials before it."""

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels on offer, from the hardest (least compressed) to the easiest."""
        ...

    def next_level(self, outcomes: Sequence[Outcome]) -> float | None:
        """The level of the next trial; None when the track has stopped.

        DataError: the outcomes cannot be of this procedure.
        """
        ...

    def status(self, outcomes: Sequence[Outcome]) -> Status:
        """Where the track stands. DataError: as :meth:`next_level`."""
        ...

    def most_trials(self) -> float:
        """Trials after which the track has stopped, whatever was answered; inf: never surely."""
        ...

    def problems(self) -> list[Problem]:
        """What is wrong with the settings, before anybody is tested; empty when they can serve."""
        ...


class Tracks(Protocol):
    """Several tracks in one session, each with a name: who is next, and at which level."""

    def next_choice(self, outcomes: Sequence[Outcome]) -> Choice | None:
        """Track and level of the next trial; None when every track has stopped.

        ``outcomes`` are those of all tracks, in the order of the session. DataError: they
        cannot be of these tracks.
        """
        ...

    def statuses(self, outcomes: Sequence[Outcome]) -> dict[str, Status]:
        """Where each track stands, by name."""
        ...

    def most_trials(self) -> float:
        """Trials after which every track has stopped, whatever was answered."""
        ...

    def problems(self) -> list[Problem]:
        """What is wrong with the settings; empty when they can serve."""
        ...


def by_compression(levels: Iterable[float], compression: Direction) -> tuple[float, ...]:
    """The levels from the least to the most compressed.

    >>> by_compression([1, 4, 2], "falls")
    (4.0, 2.0, 1.0)
    """
    return tuple(sorted((float(level) for level in levels), reverse=compression == "falls"))


def level_problems(levels: Sequence[float]) -> list[Problem]:
    """What is wrong with the levels of an adaptive track: too few, or in no order."""
    problems = []
    if len(levels) < FEWEST_LEVELS:
        problems.append(
            Problem(
                message=f"An adaptive procedure cannot serve {len(levels)} "
                f"level{'s' * (len(levels) != 1)}.",
                remedy=f"Render at least {FEWEST_LEVELS} levels, or use constant stimuli.",
            )
        )
    ordered = sorted(set(levels))
    if list(levels) not in (ordered, ordered[::-1]):
        problems.append(
            Problem(
                message="The levels of an adaptive procedure are not in order.",
                remedy="List every level once, from the least to the most compressed.",
            )
        )
    return problems


def position(levels: Sequence[float], level: float) -> int:
    """Place of a level in compression order, from 0. DataError: it is not on offer."""
    try:
        return levels.index(level)
    except ValueError:
        raise DataError(
            f"The history has a trial at level {level:g}, which the study does not offer.",
            "Use the history of a session of this very study.",
        ) from None


def of_track(outcomes: Iterable[Outcome], track: str) -> list[Outcome]:
    """The outcomes of one track, in order."""
    return [outcome for outcome in outcomes if outcome.track == track]


def require_replay(tracks: Tracks, outcomes: Sequence[Outcome], *, first: int = 1) -> None:
    """Check that every trial is the one that comes after the trials before it.

    DataError: track or level is another one, or all had stopped: the history was tampered with
    or comes from other settings. Costs one choice per trial from number ``first`` on; a server
    that appends only what it presented need not ask.
    """
    for number in range(first, len(outcomes) + 1):
        outcome = outcomes[number - 1]
        expected = tracks.next_choice(outcomes[: number - 1])
        if expected is None:
            would = "have been none"
        elif expected == Choice(outcome.track, outcome.level):
            continue
        else:
            would = f"have been {_place(expected.track, expected.level)}"
        raise DataError(
            f"Trial {number} was {_place(outcome.track, outcome.level)}; with these settings it "
            f"would {would}.",
            "Use the history with the settings and the version that it was made with.",
        )


def _place(track: str, level: float) -> str:
    return f"at level {level:g}" + (f" of {track}" if track else "")
