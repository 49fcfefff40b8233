"""Several tracks in one session, mixed at random so that nobody can follow one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jndlab.errors import DataError
from jndlab.problems import Problem
from jndlab.study.procedures.track import Choice, Outcome, Procedure, Status


@dataclass(frozen=True, slots=True)
class Track:
    """A procedure under a name: a condition, or one of two starts in a condition."""

    name: str
    procedure: Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Interleaved:
    """Independent tracks, each trial of one drawn at random, until all have stopped.

    Which track is next depends on the seed, the number of the trial and the tracks of the
    trials before; the levels of a track depend on its own outcomes alone.
    """

    tracks: tuple[Track, ...]
    seed: tuple[int, ...] = (0,)
    max_run: int = 3
    """No more than so many trials in a row from one track, as long as another one goes on."""

    def next_choice(self, outcomes: Sequence[Outcome]) -> Choice | None:
        """Track and level of the next trial; None when every track has stopped.

        DataError: an outcome is of no track, or at a level that its track had not chosen.
        """
        own = self._by_track(outcomes)
        names = [track.name for track in self.tracks]
        barred = barred_track(outcomes, self.max_run)
        order = trial_rng(self.seed, len(outcomes) + 1).permutation(len(names))
        # A barred track comes last: it goes on only when no other one does.
        for index in sorted(order, key=lambda index: names[index] == barred):
            track = self.tracks[index]
            level = track.procedure.next_level(own[track.name])
            if level is not None:
                return Choice(track.name, level)
        return None

    def statuses(self, outcomes: Sequence[Outcome]) -> dict[str, Status]:
        """Where each track stands, by name. DataError: as :meth:`next_choice`."""
        own = self._by_track(outcomes)
        return {track.name: track.procedure.status(own[track.name]) for track in self.tracks}

    def most_trials(self) -> float:
        """Trials after which every track has stopped, whatever was answered."""
        return sum(track.procedure.most_trials() for track in self.tracks)

    def problems(self) -> list[Problem]:
        """What is wrong with the tracks, the name of the track in front of each problem."""
        problems = track_problems([track.name for track in self.tracks], self.max_run)
        for track in self.tracks:
            for problem in track.procedure.problems():
                prefix = f"Track {track.name!r}: " if track.name else ""
                problems.append(Problem(message=prefix + problem.message, remedy=problem.remedy))
        return problems

    def _by_track(self, outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
        return split_by_track(outcomes, [track.name for track in self.tracks])


def single(procedure: Procedure) -> Interleaved:
    """One procedure as the only track of a session; its outcomes carry no track's name."""
    return Interleaved(tracks=(Track("", procedure),))


def trial_rng(seed: Sequence[int], number: int) -> np.random.Generator:
    """The generator of trial ``number``: what chance decides there is the same in every replay."""
    return np.random.default_rng([*seed, number])


def barred_track(outcomes: Sequence[Outcome], max_run: int) -> str | None:
    """The track that the last ``max_run`` trials were all of; None: there is none."""
    last = {outcome.track for outcome in outcomes[-max_run:]}
    return last.pop() if len(outcomes) >= max_run and len(last) == 1 else None


def split_by_track(outcomes: Sequence[Outcome], names: Sequence[str]) -> dict[str, list[Outcome]]:
    """The outcomes of each track, in order. DataError: one is of no such track."""
    own: dict[str, list[Outcome]] = {name: [] for name in names}
    for number, outcome in enumerate(outcomes, start=1):
        if outcome.track not in own:
            raise DataError(
                f"Trial {number} of the history belongs to the track {outcome.track!r}, which the "
                "study does not have.",
                "Use the history of a session of this very study.",
            )
        own[outcome.track].append(outcome)
    return own


def track_problems(names: Sequence[str], max_run: int) -> list[Problem]:
    """No tracks, two of one name, or runs of none."""
    problems = []
    if not names:
        problems.append(Problem(message="There is no track.", remedy="Give at least one."))
    for name, number in Counter(names).items():
        if number > 1:
            problems.append(
                Problem(
                    message=f"{number} tracks are called {name!r}.",
                    remedy="Give each track a name of its own.",
                )
            )
    if max_run < 1:
        problems.append(
            Problem(
                message=f"No track can have {max_run} trials in a row.",
                remedy="Allow at least 1.",
            )
        )
    return problems
