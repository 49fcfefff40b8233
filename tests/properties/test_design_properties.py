"""What plans keep of a design: subsets, pairs, parts, catch trials by rule, adaptive tracks."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import combinations, pairwise
from math import gcd
from typing import Any

from builders import make_definition
from hypothesis import given, settings
from hypothesis import strategies as st

from jndlab.study.definition import StudyDefinition
from jndlab.study.item_subsets import session_items
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.plan import (
    OpenTrial,
    SessionPlan,
    count_trials,
    estimate_minutes,
    plan_session,
)
from jndlab.study.progress import next_trial, score, trials_given, trials_left
from jndlab.study.session_parts import all_parts, group_size, latin_square, parts_of
from jndlab.study.trials import BASELINE, Response, Trial, TrialRecord

SEEDS = st.integers(0, 2**53 - 1)
PLACES = st.integers(1, 500)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
CONDITIONS = [
    {"name": "m0", "levels": [1, 2, 3, 4]},
    {"name": "m1", "levels": [0.1, 0.2, 0.4], "compression": "rises"},
]
ADAPTIVE = sorted(name for name, one in PARADIGMS.items() if one.adaptive)
BUTTONS = sorted(name for name, one in PARADIGMS.items() if one.scale is None)


KNOWN = {"preference": ["condition"], "acr": ["1", "2"], "dcr": ["1"], "ccr": ["-3", "-2"]}


def gold_of(paradigm: str, part: str | None) -> dict[str, Any]:
    """A gold trial that the paradigm can have."""
    gold: dict[str, Any] = {"item": "item0", "condition": "m0", "level": 1}
    if paradigm in KNOWN:
        gold["answers"] = KNOWN[paradigm]
    return gold | ({"part": part} if part else {})


@st.composite
def designs(draw: st.DrawFn) -> StudyDefinition:
    """Studies of one part or several, with every key of the design that fits together."""
    parts: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        procedure = draw(st.sampled_from(["constant-stimuli"] * 2 + ["staircase", "questplus"]))
        fitting = sorted(PARADIGMS) if procedure == "constant-stimuli" else ADAPTIVE
        paradigm = draw(st.sampled_from(fitting))
        parts.append({"name": f"p{number}", "paradigm": paradigm, "procedure": procedure})
    described = [PARADIGMS[part["paradigm"]] for part in parts]
    whole = len(parts) == 1 and draw(st.booleans())
    design = {
        "trials_per_level": draw(st.integers(2, 4)),
        "practice_trials": draw(st.integers(0, 3)),
        "trials_per_block": draw(st.integers(3, 12)),
        "catch_placement": draw(st.sampled_from(["random", "spread"])),
        "items_per_session": draw(st.sampled_from([None, 1, 2, 5])),
        "gold": [
            gold_of(part["paradigm"], None if whole else part["name"])
            for part in parts
            if part["paradigm"] in BUTTONS and draw(st.booleans())
        ],
    }
    for kind in ("identical", "gross"):
        if any(getattr(one, f"has_{kind}") for one in described):
            design[f"{kind}_trials"] = draw(st.integers(0, 4))
    if any(part["procedure"] == "constant-stimuli" for part in parts):
        design["repeated_trials"] = draw(st.integers(0, 1))
    if any(one.symmetric for one in described):
        design["pairs"] = draw(st.sampled_from(["baseline", "every-pair"]))
    if len(parts) > 1:
        design["part_order"] = draw(st.sampled_from(["listed", "latin-square"]))
        if design["part_order"] == "listed" and draw(st.booleans()):
            design["assignment"] = "between-participants"
    overrides: dict[str, Any] = {"paradigm": parts[0]["paradigm"]}
    if whole:
        design["procedure"] = parts[0]["procedure"]
    else:
        overrides["parts"] = parts
    if any(part["procedure"] != "constant-stimuli" for part in parts):
        overrides["adaptive"] = {"stop": {"trials": draw(st.integers(5, 12))}}
    return make_definition(
        items=[f"item{number}" for number in range(5)],
        conditions=CONDITIONS,
        design={key: value for key, value in design.items() if value is not None},
        **overrides,
    )


def counted(study: StudyDefinition, plan: SessionPlan, part: str, kind: str) -> list[Trial]:
    """The trials of one kind in one part, after its practice."""
    return [
        trial
        for trial in plan.trials
        if isinstance(trial, Trial)
        and (trial.part, trial.phase, trial.kind) == (part, "main", kind)
    ]


@settings(max_examples=150)
@given(designs(), PLACES, SEEDS)
def test_plan_count_and_json_agree(study: StudyDefinition, slot: int, seed: int) -> None:
    plan = plan_session(study, participant=slot, seed=seed)
    assert plan == plan_session(study, participant=slot, seed=seed)
    assert SessionPlan.from_json(plan.to_json()) == plan
    assert [trial.number for trial in plan.trials] == list(range(1, len(plan.trials) + 1))
    assert estimate_minutes(study, 2.0) >= 1
    if study.design.assignment == "within-participants":
        assert len(plan.trials) == count_trials(study)
    else:
        everybody = range(slot, slot + len(study.parts))
        plans = [plan_session(study, participant=one, seed=seed) for one in everybody]
        assert max(len(one.trials) for one in plans) == count_trials(study)
    blocks = [trial.block for trial in plan.trials]
    assert all(after - before in (0, 1) for before, after in pairwise(blocks))
    assert max(Counter(blocks).values()) <= study.design.trials_per_block


@settings(max_examples=150)
@given(designs(), PLACES, SEEDS)
def test_every_part_has_what_the_design_promises(
    study: StudyDefinition, slot: int, seed: int
) -> None:
    plan = plan_session(study, participant=slot, seed=seed)
    design = study.design
    parts = parts_of(study, slot)
    assert list(dict.fromkeys(trial.part for trial in plan.trials)) == [part.name for part in parts]
    for part in parts:
        paradigm = part.paradigm
        if not part.adaptive:
            tested = Counter(
                (trial.compared_with, trial.compared_level, trial.condition, trial.level)
                for trial in counted(study, plan, part.name, "test")
            )
            cells = [(a.condition, a.level, b.condition, b.level) for a, b in part.cells]
            assert tested == dict.fromkeys(cells, design.trials_per_level)
        wanted = {
            "identical": design.identical_trials * paradigm.has_identical,
            "gross": design.gross_trials * paradigm.has_gross,
            "gold": sum(gold.part in (None, part.name) for gold in design.gold),
            "repeated": 0 if part.adaptive else design.repeated_trials,
        }
        for kind, number in wanted.items():
            assert len(counted(study, plan, part.name, kind)) == number
        for trial in counted(study, plan, part.name, "gold"):
            answers = trial.correct_response.split("|")
            assert answers
            assert all(score(study.paradigm, trial, answer) for answer in answers)
            wrong = [one for one in paradigm.responses if one not in answers]
            assert not any(score(study.paradigm, trial, answer) for answer in wrong)


@settings(max_examples=100)
@given(designs(), PLACES, SEEDS)
def test_repeated_trials_are_earlier_ones_of_the_first_half_in_the_second(
    study: StudyDefinition, slot: int, seed: int
) -> None:
    plan = plan_session(study, participant=slot, seed=seed)
    for part in parts_of(study, slot):
        tests = counted(study, plan, part.name, "test")
        early = tests[: len(tests) // 2]
        for again in counted(study, plan, part.name, "repeated"):
            known = [
                trial
                for trial in early
                if (trial.item, trial.condition, trial.level, trial.intervals)
                == (again.item, again.condition, again.level, again.intervals)
            ]
            assert known
            assert again.number > early[-1].number


@settings(max_examples=100)
@given(designs(), PLACES, SEEDS)
def test_spread_catch_trials_come_one_in_each_equal_stretch_and_never_first(
    study: StudyDefinition, slot: int, seed: int
) -> None:
    spread = study.model_copy(
        update={"design": study.design.model_copy(update={"catch_placement": "spread"})}
    )
    plan = plan_session(spread, participant=slot, seed=seed)
    for part in parts_of(spread, slot):
        main = [t for t in plan.trials if t.part == part.name and t.phase == "main"]
        main = [trial for trial in main if trial.kind != "repeated"]
        at = [place for place, trial in enumerate(main) if trial.kind != "test"]
        assert 0 not in at
        n_places = len(main) - 1
        if part.adaptive:
            n_open = len(main) - len(at)
            n_places = len(at) + max(1, 3 * n_open // 4) - 1
        for number, place in enumerate(at):
            low = n_places * number // len(at)
            assert low <= place - 1 < n_places * (number + 1) // len(at)


POOLS = st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))


@given(POOLS, st.integers(0, 4), SEEDS)
def test_over_a_round_of_places_every_item_is_drawn_equally_often(
    numbers: tuple[int, int], round_: int, seed: int
) -> None:
    n_pool, n_items = numbers
    study = make_definition(
        items=[f"i{number}" for number in range(n_pool)], design={"items_per_session": n_items}
    )
    size = n_pool // gcd(n_pool, n_items)
    drawn: Counter[str] = Counter()
    for place in range(round_ * size + 1, (round_ + 1) * size + 1):
        items = session_items(study, place=place, seed=seed)
        assert len(set(items)) == n_items
        drawn.update(items)
    assert drawn == dict.fromkeys(study.stimuli.items, n_items * size // n_pool)


@given(st.integers(1, 12))
def test_a_latin_square_is_balanced_for_places_and_for_what_comes_before_what(n: int) -> None:
    rows = latin_square(n)
    assert len(rows) == (n if n % 2 == 0 or n == 1 else 2 * n)
    for place in range(n):
        assert set(Counter(row[place] for row in rows).values()) == {len(rows) // n}
    neighbours = Counter(pair for row in rows for pair in pairwise(row))
    assert all(sorted(row) == list(range(n)) for row in rows)
    assert len(neighbours) == n * (n - 1)
    assert len(set(neighbours.values())) <= 1


@given(designs(), st.integers(0, 20))
def test_over_whole_rounds_of_places_every_group_and_every_row_comes_equally_often(
    study: StudyDefinition, round_: int
) -> None:
    size = group_size(study)
    places = range(round_ * size + 1, (round_ + 1) * size + 1)
    orders = [tuple(part.name for part in parts_of(study, place)) for place in places]
    again = [tuple(part.name for part in parts_of(study, place + size)) for place in places]
    assert orders == again
    first = Counter(order[0] for order in orders)
    if study.design.part_order == "latin-square" or study.design.assignment.startswith("between"):
        assert first == dict.fromkeys((p.name for p in all_parts(study)), size // len(first))


@settings(max_examples=40)
@given(designs(), PLACES, SEEDS, st.randoms(use_true_random=False))
def test_whatever_is_answered_a_session_is_replayed_trial_by_trial(
    study: StudyDefinition, slot: int, seed: int, chance: Any
) -> None:
    plan = plan_session(study, participant=slot, seed=seed)
    history: list[TrialRecord] = []
    shown: list[Trial] = []
    while (trial := next_trial(plan, history)) is not None:
        shown.append(trial)
        correct = chance.random() < 0.7 if trial.correct_response else None
        response = Response(value="", response_time_ms=1.0, plays=())
        history.append(
            TrialRecord(trial=trial, presented_at=NOW, response=response, correct=correct)
        )
        assert len(history) <= len(plan.trials)
    assert trials_left(plan, history) == ()
    given_numbers = [trial.number for trial in trials_given(plan, history)]
    assert given_numbers == sorted(trial.number for trial in shown)
    fixed = [trial for trial in plan.trials if not isinstance(trial, OpenTrial)]
    assert [trial for trial in shown if not trial.track] == fixed
    for length in {0, len(shown) // 3, len(shown) // 2, len(shown) - 1}:
        assert next_trial(plan, history[:length]) == shown[length]


@given(st.integers(1, 5), st.integers(1, 3), PLACES, SEEDS)
def test_every_pair_of_a_list_is_compared_in_every_order(
    n_levels: int, n_rounds: int, slot: int, seed: int
) -> None:
    paradigm = PARADIGMS["same-different"]
    study = make_definition(
        paradigm="same-different",
        condition={"levels": list(range(n_levels))},
        design={"pairs": "every-pair", "trials_per_level": 4 * n_rounds, "practice_trials": 0},
    )
    plan = plan_session(study, participant=slot, seed=seed)
    tests = counted(study, plan, "", "test")
    pairs = Counter(
        (trial.compared_with, trial.compared_level, trial.level, trial.order) for trial in tests
    )
    sides = [(BASELINE, None), *(("bits", float(level)) for level in range(n_levels))]
    expected = {
        (*first, second[1], order.code)
        for first, second in combinations(sides, 2)
        for order in paradigm.orders
    }
    assert pairs == dict.fromkeys(expected, n_rounds)
    for trial in tests:
        heard = [(one.condition, one.level) for one in trial.intervals]
        compared = (trial.compared_with, trial.compared_level)
        tested = (trial.condition, trial.level)
        assert set(heard) <= {compared, tested}
        assert (len(set(heard)) == 1) == (trial.correct_response == "same")
