"""Catch trials with known answers, repeated ones, and where all of them come."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from builders import make_definition

from jndlab.study.catch_places import catch_places, place_among
from jndlab.study.plan import SessionPlan, plan_session
from jndlab.study.progress import score, tells_correct
from jndlab.study.trials import Trial

GOLD = {"item": "two", "condition": "bits", "level": 1}


def plan_of(paradigm: str = "abx", place: int = 1, **design: Any) -> SessionPlan:
    study = make_definition(paradigm=paradigm, design=design)
    return plan_session(study, participant=place, seed=5)


def of_kind(plan: SessionPlan, kind: str) -> list[Trial]:
    return [one for one in plan.trials if isinstance(one, Trial) and one.kind == kind]


@pytest.mark.parametrize(
    ("paradigm", "answers", "right"),
    [
        ("acr", ["1", "2"], {"C": "1|2"}),
        ("dcr", ["5"], {"BC": "5"}),
        ("ccr", ["-3", "-2"], {"BC": "-3|-2", "CB": "3|2"}),
        ("ccr", ["0"], {"BC": "0", "CB": "0"}),
        ("preference", ["baseline"], {"BC": "A", "CB": "B"}),
        ("preference", ["condition"], {"BC": "B", "CB": "A"}),
        ("yes-no", [], {"B": "no", "C": "yes"}),
        ("two-interval", [], {"BC": "2", "CB": "1"}),
    ],
)
def test_the_known_answer_follows_the_order_in_which_the_two_are_heard(
    paradigm: str, answers: list[str], right: dict[str, str]
) -> None:
    found = {}
    for place in range(1, len(right) + 1):
        plan = plan_of(paradigm, place, gold=[{**GOLD, "answers": answers}])
        (trial,) = of_kind(plan, "gold")
        assert (trial.item, trial.condition, trial.level) == ("two", "bits", 1.0)
        found[trial.order] = trial.correct_response
        for answer in trial.correct_response.split("|"):
            assert score(paradigm, trial, answer) is True
    assert found == right


def test_any_of_the_known_answers_is_right_and_every_other_one_is_wrong() -> None:
    plan = plan_of("acr", gold=[{**GOLD, "answers": ["1", "2"]}])
    (trial,) = of_kind(plan, "gold")
    assert [score("acr", trial, one) for one in "12345"] == [True, True, False, False, False]
    test = of_kind(plan, "test")[0]
    assert score("acr", test, "1") is None


def test_the_baseline_by_itself_can_be_gold_where_it_is_rated() -> None:
    (trial,) = of_kind(plan_of("acr", gold=[{"item": "one", "answers": ["5"]}]), "gold")
    assert [(one.condition, one.level) for one in trial.intervals] == [("baseline", None)]


def test_a_trap_plays_its_sound_throughout_and_asks_for_its_answer() -> None:
    traps = [{"sound": "voices/say b.wav", "answer": "B"}]
    (trial,) = of_kind(plan_of("abx", traps=traps), "trap")
    assert (trial.item, trial.condition, trial.level) == ("say b", "trap", None)
    assert {one.sound() for one in trial.intervals} == {"trap"}
    assert [one.label for one in trial.intervals] == ["A", "B", "X"]
    assert [score("abx", trial, one) for one in "AB"] == [False, True]
    (rated,) = of_kind(plan_of("dcr", traps=[{"sound": "x.wav", "answer": "2"}]), "trap")
    assert [score("dcr", rated, one) for one in "12"] == [False, True]


def test_nobody_is_told_of_a_gold_or_a_trap_trial() -> None:
    plan = plan_of(gold=[GOLD], traps=[{"sound": "x.wav", "answer": "A"}], feedback="always")
    told = {trial.kind: tells_correct("always", trial) for trial in plan.trials[2:]}
    assert told == {"test": True, "gross": True, "identical": False, "gold": False, "trap": False}


def test_parts_have_the_catch_trials_that_suit_them() -> None:
    study = make_definition(
        parts=[
            {"name": "pairs"},
            {"name": "opinion", "paradigm": "acr"},
            {"name": "sliders", "paradigm": "mushra"},
        ],
        design={
            "gold": [
                {**GOLD, "part": "pairs"},
                {**GOLD, "answers": ["1"], "part": "opinion"},
            ],
            "traps": [
                {"sound": "a.wav", "answer": "A"},
                {"sound": "one.wav", "answer": "1"},
            ],
        },
    )
    plan = plan_session(study, participant=1, seed=1)
    kinds = Counter((trial.part, trial.kind) for trial in plan.trials)
    assert kinds["pairs", "gold"] == kinds["pairs", "trap"] == 1
    assert kinds["opinion", "gold"] == kinds["opinion", "trap"] == 1
    assert kinds["sliders", "gold"] == kinds["sliders", "trap"] == 0


def test_over_places_a_gold_trial_meets_every_order() -> None:
    gold = [GOLD, {**GOLD, "item": "one"}]
    orders = Counter(
        (number, trial.order)
        for place in range(1, 9)
        for number, item in enumerate(("two", "one"))
        for trial in of_kind(plan_of("abx", place, gold=gold), "gold")
        if trial.item == item
    )
    assert set(orders.values()) == {2}
    assert len(orders) == 8


def test_repeated_trials_are_none_twice() -> None:
    plan = plan_of(trials_per_level=8, repeated_trials=12)
    tests = of_kind(plan, "test")[2:]  # less practice
    again = of_kind(plan, "repeated")
    assert len(again) == 12
    assert max(one.number for one in tests[:12]) < min(one.number for one in again)
    for trial in again:
        same = [
            one
            for one in tests[:12]
            if (one.item, one.level, one.order) == (trial.item, trial.level, trial.order)
        ]
        assert same


@pytest.mark.parametrize("seed", range(20))
def test_a_catch_trial_makes_no_long_run_where_another_place_is_left(seed: int) -> None:
    tests = of_kind(plan_of(trials_per_level=12), "test")[2:]
    catch = of_kind(plan_of(gross_trials=8, identical_trials=8), "gross")
    rng = np.random.default_rng(seed)
    placed = place_among(tests, catch, rng, placement="spread", first=1)
    assert [one for one in placed if one.kind == "test"] == tests
    assert Counter(one.kind for one in placed) == {"test": 36, "gross": 8}
    at = [place for place, one in enumerate(placed) if one.kind == "gross"]
    assert at[0] > 0
    assert max(after - before for before, after in pairwise(at)) <= 2 * 6


def test_catch_trials_that_are_spread_fill_equal_stretches() -> None:
    rng = np.random.default_rng(3)
    seen: Counter[int] = Counter()
    for _ in range(400):
        places = sorted(catch_places(10, 4, rng, placement="spread"))
        for place, (low, high) in zip(places, [(0, 2), (2, 5), (5, 7), (7, 10)], strict=True):
            assert low <= place < high
        seen.update(places)
    assert set(seen) == set(range(10))
    assert catch_places(4, 0, rng, placement="spread") == set()
    assert catch_places(3, 3, rng, placement="spread") == {0, 1, 2}
