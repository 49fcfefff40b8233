"""Staircases: the walk by hand, targets, reversals at the ends, what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndlab.errors import DataError
from jndlab.study.procedures.staircase import Staircase, target_probability, weighted_step
from jndlab.study.procedures.staircase_walk import StepSize, Walk
from jndlab.study.procedures.stopping import AfterReversals, AfterTrials, AnyOf
from jndlab.study.procedures.track import Outcome, by_compression

LEVELS = by_compression(range(1, 10), "rises")
FINE = (StepSize(harder=1, easier=1),)
PLAIN = Staircase(levels=LEVELS, guess_rate=0.5, step_sizes=FINE, stop=AfterTrials(200))
WEIGHTED = replace(PLAIN, n_down=1, step_sizes=(weighted_step(0.75),))


def play(staircase: Staircase, answers: str) -> list[Outcome]:
    """The trials of somebody who answers R (right) and W (wrong) in this order."""
    outcomes: list[Outcome] = []
    for answer in answers:
        level = staircase.next_level(outcomes)
        assert level is not None
        outcomes.append(Outcome(level, answer == "R"))
    return outcomes


def levels_of(staircase: Staircase, answers: str) -> list[float]:
    """The levels presented, and the one that comes next."""
    outcomes = play(staircase, answers)
    return [outcome.level for outcome in outcomes] + [staircase.next_level(outcomes) or 0.0]


def test_two_down_one_up_by_hand() -> None:
    assert levels_of(PLAIN, "RRRWRRWW") == [9, 9, 8, 8, 9, 9, 8, 9, 9]
    status = PLAIN.status(play(PLAIN, "RRRWRRWW"))
    # Down to 8, up at 8, down at 9, up at 8; the last step found the end in its way.
    assert status.n_reversals == 3
    assert status.estimate == pytest.approx((9 + 8) / 2)


def test_a_streak_begins_anew_after_a_step_and_after_a_wrong_answer() -> None:
    assert levels_of(PLAIN, "RRRR") == [9, 9, 8, 8, 7]
    assert levels_of(replace(PLAIN, start=5.0), "RWRR") == [5, 5, 6, 6, 5]


def test_three_down_two_up() -> None:
    both = replace(PLAIN, n_down=3, n_up=2, start=5.0)
    assert levels_of(both, "RRRWRWW") == [5, 5, 5, 4, 4, 4, 4, 5]


def test_compression_that_falls_with_the_number_only_turns_the_numbers_round() -> None:
    falling = replace(PLAIN, levels=by_compression(range(1, 10), "falls"))
    assert levels_of(falling, "RRRWRRWW") == [10 - level for level in levels_of(PLAIN, "RRRWRRWW")]


def test_steps_get_finer_from_the_turn_on_that_completes_the_coarse_reversals() -> None:
    staircase = replace(
        PLAIN,
        n_down=1,
        step_sizes=(
            StepSize(harder=4, easier=2, reversals=1),
            StepSize(harder=2, easier=2, reversals=2),
            StepSize(harder=1, easier=1),
        ),
    )
    # 9 → 5 → 1, turn (size 2 from here) → 3 → 5, turn → 3, turn (size 1) → 4, turn → 3.
    assert levels_of(staircase, "RRWWRWR") == [9, 5, 1, 3, 5, 3, 4, 3]
    status = staircase.status(play(staircase, "RRWWRWR"))
    assert status.n_reversals == 4
    assert status.estimate is None  # one fine turn: a peak without its valley


def test_weighted_steps() -> None:
    assert weighted_step(0.75) == StepSize(harder=1, easier=3)
    assert weighted_step(0.6) == StepSize(harder=2, easier=3)
    assert levels_of(WEIGHTED, "RRRRWR") == [9, 8, 7, 6, 5, 8, 7]
    with pytest.raises(ValueError, match=r"0\.97"):
        weighted_step(0.97)


def test_targets_of_the_textbooks() -> None:
    assert [target_probability(n_down, 1) for n_down in (1, 2, 3, 4)] == pytest.approx(
        [0.5, 0.70710678, 0.79370053, 0.84089642]
    )
    assert WEIGHTED.target_probability == pytest.approx(0.75)
    # García-Pérez 1998: 1 down with a ratio of down to up of 0.2845 settles at 77.85 %, …
    for n_down, ratio, target in ((1, 0.2845, 0.7785), (2, 0.5488, 0.8035), (3, 0.7393, 0.8315)):
        share = 1.0 / (1.0 + ratio)
        assert share ** (1.0 / n_down) == pytest.approx(target, abs=5e-5)
    assert target_probability(2, 2) == pytest.approx(0.5)
    assert target_probability(1, 2) == pytest.approx(1 - target_probability(2, 1))


def test_the_target_with_several_up_is_where_both_ways_are_as_likely() -> None:
    p = target_probability(3, 2)
    # The chain of streaks, summed term by term: reached +3 before −2, from no streak.
    right, wrong, from_right, from_wrong = p, 1 - p, 0.0, 0.0
    for _ in range(500):
        # After one right answer: two more, or a wrong one on the way; after one wrong: a right one.
        from_right = right * right + (wrong + right * wrong) * from_wrong
        from_wrong = right * from_right
    assert right * from_right + wrong * from_wrong == pytest.approx(0.5, abs=1e-12)


def test_pressing_against_an_end_is_no_reversal() -> None:
    # Wrong at the easiest level, before anything has moved: no turn when it then gets harder.
    assert PLAIN.status(play(PLAIN, "WWRR")).n_reversals == 0
    floor = replace(PLAIN, start=1.0)
    assert levels_of(floor, "RRRRRR") == [1] * 7
    assert floor.status(play(floor, "RRRRRR")).n_reversals == 0
    # Down to the floor, pressed against it, then up: one turn, at the floor.
    low = replace(PLAIN, start=2.0)
    assert levels_of(low, "RRRRRRW") == [2, 2, 1, 1, 1, 1, 1, 2]
    assert low.status(play(low, "RRRRRRW")).n_reversals == 1


def test_a_step_cut_short_by_an_end_is_a_step() -> None:
    wide = replace(PLAIN, n_down=1, step_sizes=(StepSize(harder=4, easier=4),), start=2.0)
    assert levels_of(wide, "RW") == [2, 1, 5]
    assert wide.status(play(wide, "RW")).n_reversals == 1


def test_floor_and_ceiling_are_stated() -> None:
    assert PLAIN.status(play(replace(PLAIN), "R" * 30)).bound == "at or below"
    assert PLAIN.status(play(PLAIN, "W" * 5)).bound == "at or above"
    low = replace(PLAIN, start=2.0)
    bouncing = low.status(play(low, "RR" + "WRR" * 6))
    assert bouncing.estimate == pytest.approx(1.5)
    assert bouncing.bound == "at or below"
    high = PLAIN.status(play(PLAIN, "RR" + "WRR" * 6))
    assert (high.estimate, high.bound) == (pytest.approx(8.5), "at or above")
    inside = PLAIN.status(play(PLAIN, "RR" * 4 + "WRRWRRWRR"))
    assert (inside.estimate, inside.bound) == (pytest.approx(5.5), None)
    assert PLAIN.status([]).bound is None


def test_the_estimate_is_over_pairs_of_the_latest_reversals() -> None:
    outcomes = play(PLAIN, "RR" * 3 + "WRR" + "W" + "W" + "RR" + "WRRRRRR")
    turns = PLAIN.status(outcomes).n_reversals
    assert turns == 6
    last_two = replace(PLAIN, n_averaged=2).status(outcomes)
    assert replace(PLAIN, n_averaged=3).status(outcomes).estimate == last_two.estimate
    assert last_two.estimate != PLAIN.status(outcomes).estimate


def test_it_stops_by_its_rule_and_stays_stopped() -> None:
    staircase = replace(PLAIN, stop=AnyOf((AfterReversals(2), AfterTrials(9))))
    outcomes = play(staircase, "RRWRR")
    assert staircase.next_level(outcomes) is None
    assert staircase.status(outcomes).stopped == "2 reversals"
    assert staircase.most_trials() == 9


def test_a_history_of_other_settings_is_refused() -> None:
    outcomes = play(PLAIN, "RRRR")
    with pytest.raises(DataError, match=r"Trial 3 .* level 8; .* level 5"):
        replace(PLAIN, step_sizes=(StepSize(harder=4, easier=4),)).next_level(outcomes)
    with pytest.raises(DataError, match=r"level 8\.5, which the study does not offer"):
        PLAIN.status([*outcomes[:2], Outcome(8.5, True)])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"levels": (1.0, 2.0)}, "cannot serve 2 levels"),
        ({"levels": (1.0, 3.0, 2.0)}, "not in order"),
        ({"levels": (1.0, 2.0, 2.0, 3.0)}, "not in order"),
        ({"n_down": 0}, "0 down, 1 up"),
        ({"n_up": 0}, "2 down, 0 up"),
        ({"step_sizes": ()}, "0 step sizes"),
        ({"start": 4.5}, "starts at level 4.5"),
        ({"n_averaged": 1}, "a peak and a valley"),
        ({"step_sizes": (StepSize(harder=9, easier=1),)}, "do not fit 9 levels"),
        ({"step_sizes": (StepSize(harder=1, easier=0),)}, "Steps of 1 and 0"),
        ({"step_sizes": (StepSize(harder=2, easier=2), *FINE)}, "does not say when"),
        ({"step_sizes": (StepSize(harder=1, easier=1, reversals=4),)}, "there is none"),
        ({"n_down": 1}, "looks for 50.0 % correct"),
        ({"guess_rate": 0.7}, "guessing gives 70.0 %"),
        ({"stop": AfterReversals(8)}, "has no limit"),
        (
            {
                "step_sizes": (StepSize(harder=2, easier=2, reversals=3), *FINE),
                "stop": AnyOf((AfterReversals(4), AfterTrials(60))),
            },
            "after 4 reversals, and the first 3 are those of coarse steps",
        ),
        ({"stop": AnyOf((AfterReversals(20), AfterTrials(30)))}, "takes 31 trials at least"),
    ],
)
def test_settings_that_cannot_serve(change: dict[str, object], said: str) -> None:
    found = replace(PLAIN, **change).problems()  # type: ignore[arg-type]
    assert any(said in problem.message for problem in found), found


def test_settings_that_can_serve() -> None:
    assert PLAIN.problems() == []
    assert WEIGHTED.problems() == []
    assert Staircase(levels=LEVELS, guess_rate=1 / 3).problems() == []


def test_the_fewest_trials_for_reversals_are_met_by_the_quickest_answers() -> None:
    for staircase in (PLAIN, replace(PLAIN, n_down=3), WEIGHTED):
        easy = replace(staircase, start=5.0)
        answers = "W" + ("R" * easy.n_down + "W") * 10
        outcomes = play(easy, answers)
        for n_reversals in range(1, 10):
            taken = next(
                n
                for n in range(len(outcomes))
                if (easy.status(outcomes[:n]).n_reversals or 0) >= n_reversals
            )
            assert easy.fewest_for_reversals(n_reversals) == taken


@st.composite
def staircases(draw: st.DrawFn) -> Staircase:
    n_levels = draw(st.integers(3, 20))
    steps = st.integers(1, n_levels - 1)
    coarse = [
        StepSize(harder=draw(steps), easier=draw(steps), reversals=draw(st.integers(1, 3)))
        for _ in range(draw(st.integers(0, 2)))
    ]
    return Staircase(
        levels=by_compression(range(n_levels), draw(st.sampled_from(["rises", "falls"]))),
        guess_rate=0.0,
        n_down=draw(st.integers(1, 4)),
        n_up=draw(st.integers(1, 3)),
        step_sizes=(*coarse, StepSize(harder=draw(steps), easier=draw(steps))),
        start=float(draw(st.integers(0, n_levels - 1))),
        stop=AfterTrials(1000),
    )


@given(staircases(), st.text(alphabet="RW", max_size=60))
def test_every_staircase_keeps_to_its_levels_and_turns_one_way_and_the_other(
    staircase: Staircase, answers: str
) -> None:
    outcomes = play(staircase, answers)
    places = [staircase.levels.index(outcome.level) for outcome in outcomes]
    largest = max(max(step.harder, step.easier) for step in staircase.step_sizes)
    for outcome, before, after in zip(outcomes, places, places[1:], strict=False):
        assert abs(after - before) <= largest
        assert after <= before if outcome.correct else after >= before
    walk = Walk(
        n_levels=len(staircase.levels), n_down=staircase.n_down, n_up=staircase.n_up,
        step_sizes=staircase.step_sizes, position=places[0] if places else 0,
    )  # fmt: skip
    for outcome in outcomes:
        walk.answer(outcome.correct)
    sides = [turn.to for turn in walk.reversals]
    assert all(one != other for one, other in pairwise(sides))
    # Turns read off the levels alone, as one would from a printed track.
    moves = [after - before for before, after in pairwise(places)]
    if answers:
        last = staircase.levels.index(staircase.next_level(outcomes) or 0.0)
        moves.append(last - places[-1])
    signs = [move > 0 for move in moves if move]
    assert len(sides) == sum(a != b for a, b in pairwise(signs))


@given(staircases(), st.text(alphabet="RW", min_size=1, max_size=40), st.data())
def test_replay_of_a_prefix_is_the_state_then(
    staircase: Staircase, answers: str, data: st.DataObject
) -> None:
    outcomes = play(staircase, answers)
    n = data.draw(st.integers(0, len(outcomes) - 1))
    assert staircase.next_level(outcomes[:n]) == outcomes[n].level
    assert staircase.status(outcomes[:n]) == staircase.status(list(outcomes)[:n])
