"""Tracks mixed in one session, the vocabulary they share, and QUEST+ over several conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndlab.errors import DataError
from jndlab.problems import Problem
from jndlab.study.procedures.interleave import Interleaved, Track, single
from jndlab.study.procedures.questplus import QuestPlus, default_grid
from jndlab.study.procedures.staircase import Staircase
from jndlab.study.procedures.staircase_walk import StepSize
from jndlab.study.procedures.stopping import AfterReversals, AfterTrials, AnyOf
from jndlab.study.procedures.track import (
    Choice,
    Outcome,
    Tracks,
    by_compression,
    of_track,
    require_replay,
)

RISES = by_compression(range(1, 10), "rises")
FALLS = by_compression(range(1, 7), "falls")
UP_DOWN = Staircase(
    levels=RISES,
    guess_rate=0.5,
    step_sizes=(StepSize(harder=1, easier=1),),
    stop=AnyOf((AfterReversals(4), AfterTrials(15))),
)
QUEST = QuestPlus(grid=default_grid(FALLS, guess_rate=0.5), stop=AfterTrials(12))
MIXED = Interleaved(
    tracks=(
        Track("pruning", UP_DOWN),
        Track("pruning from below", replace(UP_DOWN, start=1.0)),
        Track("bits", QUEST),
    ),
    seed=(3, 1),
)


def take(tracks: Tracks, answers: Sequence[bool]) -> list[Outcome]:
    """The session of somebody who answers like this, as far as it goes."""
    outcomes: list[Outcome] = []
    for correct in answers:
        choice = tracks.next_choice(outcomes)
        if choice is None:
            break
        outcomes.append(Outcome(choice.level, correct, choice.track))
    return outcomes


ANSWERS = st.lists(st.sampled_from([True, True, False]), max_size=60)


@given(ANSWERS, st.integers(0, 2**53 - 1), st.data())
def test_replay_of_a_prefix_is_the_state_then(
    answers: list[bool], seed: int, data: st.DataObject
) -> None:
    tracks = replace(MIXED, seed=(seed, 7))
    outcomes = take(tracks, answers)
    require_replay(tracks, outcomes)
    n = data.draw(st.integers(0, len(outcomes)))
    assert take(tracks, answers[:n]) == outcomes[:n]
    assert tracks.statuses(outcomes[:n]) == tracks.statuses(take(tracks, answers[:n]))
    offered = {"pruning": RISES, "pruning from below": RISES, "bits": FALLS}
    assert all(outcome.level in offered[outcome.track] for outcome in outcomes)


@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_of_independent_tracks_does_not_matter(
    answers: list[bool], random: object
) -> None:
    outcomes = take(MIXED, answers)
    left = {name: of_track(outcomes, name) for name in ("pruning", "pruning from below", "bits")}
    names = [outcome.track for outcome in outcomes]
    random.shuffle(names)  # type: ignore[attr-defined]
    mixed = [left[name].pop(0) for name in names]
    assert MIXED.statuses(mixed) == MIXED.statuses(outcomes)


@given(st.lists(st.booleans(), min_size=60, max_size=60), st.integers(0, 1000))
def test_no_track_runs_long_while_another_goes_on(answers: list[bool], seed: int) -> None:
    tracks = replace(MIXED, seed=(seed,), max_run=2)
    outcomes = take(tracks, answers)
    assert tracks.next_choice(outcomes) is None
    lengths = {track.name: len(of_track(outcomes, track.name)) for track in tracks.tracks}
    place = 0
    for name, group in groupby(outcome.track for outcome in outcomes):
        run = len(list(group))
        for _ in range(2, run):
            before = outcomes[: place + 2]
            others = (other for other in lengths if other != name)
            assert all(len(of_track(before, other)) == lengths[other] for other in others)
        place += run
    assert len(outcomes) <= tracks.most_trials() == 42


def test_tracks_are_drawn_alike() -> None:
    long = replace(UP_DOWN, stop=AfterTrials(400))
    tracks = Interleaved(tracks=(Track("a", long), Track("b", long)), max_run=400)
    outcomes = take(tracks, [True, False] * 150)
    drawn = np.array([outcome.track == "a" for outcome in outcomes])
    assert 0.4 < drawn.mean() < 0.6
    assert 0.4 < (drawn[1:] != drawn[:-1]).mean() < 0.6


def test_one_track_alone() -> None:
    alone = single(UP_DOWN)
    outcomes = take(alone, [True] * 30)
    assert len(outcomes) == 15
    assert alone.statuses(outcomes)[""].stopped == "15 trials"
    assert alone.problems() == []


def test_problems_name_the_track() -> None:
    wrong = replace(
        MIXED, max_run=0, tracks=(*MIXED.tracks, Track("bits", replace(UP_DOWN, n_down=1)))
    )
    said = [problem.message for problem in wrong.problems()]
    assert "2 tracks are called 'bits'." in said
    assert "No track can have 0 trials in a row." in said
    assert any(text.startswith("Track 'bits': The staircase looks for") for text in said)
    assert Interleaved(tracks=()).problems()[0].message == "There is no track."
    assert MIXED.problems() == []


@pytest.mark.parametrize(
    ("place", "change"),
    [(5, {"level": 4.0}), (5, {"level": 4.5}), (5, {"track": "nobody"}), (2, {"track": "bits"})],
)
def test_a_history_that_was_tampered_with_is_found(place: int, change: dict[str, object]) -> None:
    outcomes = take(MIXED, [True, False, True] * 4)
    before = outcomes[place]
    outcomes[place] = replace(before, **change)  # type: ignore[arg-type]
    assert outcomes[place] != before
    with pytest.raises(DataError, match=f"Trial {place + 1} was at level"):
        require_replay(MIXED, outcomes)


def test_an_answer_that_was_turned_round_shows_in_the_levels_after_it() -> None:
    outcomes = take(MIXED, [True] * 30)
    outcomes[4] = replace(outcomes[4], correct=False)
    with pytest.raises(DataError, match="with these settings it would have been"):
        require_replay(MIXED, outcomes)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(9.0, True, "nobody"), "'nobody', which the study does not have"),
        (Outcome(4.5, True, "pruning"), r"level 4\.5, which the study does not offer"),
        (Outcome(4.5, True, "bits"), r"level 4\.5, which the study does not offer"),
        (Outcome(4.0, True, "pruning"), "level 4; .* level 9"),
    ],
)
def test_a_history_of_another_study_is_refused(outcome: Outcome, said: str) -> None:
    with pytest.raises(DataError, match=said):
        MIXED.statuses([outcome])


def test_a_history_that_goes_on_after_the_end_is_found() -> None:
    alone = single(replace(UP_DOWN, stop=AfterTrials(3)))
    outcomes = [*take(alone, [False] * 3), Outcome(9.0, False)]
    with pytest.raises(DataError, match=r"Trial 4 was at level 9; .* have been none"):
        require_replay(alone, outcomes)
    require_replay(alone, outcomes, first=5)


@dataclass(frozen=True)
class Countdown:
    """The smallest procedure: whoever writes another needs no more than this."""

    levels: tuple[float, ...] = (1.0, 2.0, 3.0)

    def next_level(self, outcomes: Sequence[Outcome]) -> float | None:
        return self.levels[-1 - len(outcomes)] if len(outcomes) < 3 else None

    def status(self, outcomes: Sequence[Outcome]) -> object:
        return len(outcomes)

    def most_trials(self) -> float:
        return 3

    def problems(self) -> list[Problem]:
        return []


def test_a_procedure_of_ones_own_can_be_a_track() -> None:
    tracks = single(Countdown())  # type: ignore[arg-type]
    assert [outcome.level for outcome in take(tracks, [True] * 9)] == [3.0, 2.0, 1.0]
    assert tracks.next_choice([]) == Choice("", 3.0)
