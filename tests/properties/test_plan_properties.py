"""What every plan keeps, whatever the study: balance, short runs, replay."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import groupby

import numpy as np
from builders import make_definition
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jndlab.study.definition import StudyDefinition
from jndlab.study.paradigms import PARADIGMS, Paradigm
from jndlab.study.plan import (
    MAX_RUN,
    SessionPlan,
    count_trials,
    draw_without_runs,
    plan_session,
)
from jndlab.study.plan_trials import several_sides
from jndlab.study.procedures.constant import cell_slots
from jndlab.study.progress import next_trial, score
from jndlab.study.session_parts import all_parts
from jndlab.study.trials import BASELINE, Response, Trial, TrialRecord

SEEDS = st.integers(0, 2**53 - 1)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@st.composite
def studies(draw: st.DrawFn) -> StudyDefinition:
    n_conditions = draw(st.integers(1, 3))
    levels = st.lists(st.integers(-20, 20), min_size=1, max_size=4, unique=True)
    directions = st.sampled_from(["rises", "falls"])
    paradigm = PARADIGMS[draw(st.sampled_from(sorted(PARADIGMS)))]
    catch = {
        f"{kind}_trials": draw(st.integers(0, 6))
        for kind in ("identical", "gross")
        if getattr(paradigm, f"has_{kind}")
    }
    return make_definition(
        paradigm=paradigm.name,
        items=[f"item{number}" for number in range(draw(st.integers(1, 7)))],
        conditions=[
            {"name": f"m{number}", "levels": draw(levels), "compression": draw(directions)}
            for number in range(n_conditions)
        ],
        design={
            "trials_per_level": draw(st.integers(1, 9)),
            "practice_trials": draw(st.integers(0, 6)),
            "trials_per_block": draw(st.integers(1, 12)),
            **catch,
        },
    )


def spread(counts: Counter[str], possible: int) -> int:
    """Greatest less smallest count, those that never came included."""
    return max(counts.values()) - (min(counts.values()) if len(counts) == possible else 0)


@given(studies(), st.integers(1, 500), SEEDS)
def test_a_plan_holds_what_the_design_promises(
    study: StudyDefinition, participant: int, seed: int
) -> None:
    plan = plan_session(study, participant=participant, seed=seed)
    design, paradigm = study.design, PARADIGMS[study.paradigm]
    kinds = Counter((trial.phase, trial.kind) for trial in plan.trials)
    (part,) = all_parts(study)
    assert kinds["practice", "test"] == design.practice_trials
    assert kinds["main", "identical"] == design.identical_trials * paradigm.has_identical
    assert kinds["main", "gross"] == design.gross_trials * paradigm.has_gross
    assert kinds["main", "test"] == len(part.cells) * design.trials_per_level
    assert kinds.total() == len(plan.trials) == count_trials(study)
    assert [trial.number for trial in plan.trials] == list(range(1, len(plan.trials) + 1))
    phases = [phase for phase, _ in groupby(trial.phase for trial in plan.trials)]
    assert phases == (["practice"] if design.practice_trials else []) + ["main"]
    for trial in plan.trials:
        assert trial.item in study.stimuli.items
        if paradigm.several:
            sounds = Counter((one.condition, one.level) for one in trial.intervals[1:])
            assert sounds == Counter(
                (side.condition, side.level)
                for side in several_sides(study, study.stimuli.conditions)
            )
            continue
        order = paradigm.order(trial.order)
        assert trial.correct_response == order.correct_response
        assert trial.intervals == paradigm.intervals(
            order, kind=trial.kind, condition=trial.condition, level=trial.level
        )
        if trial.condition == BASELINE:
            assert paradigm.rates_baseline
            continue
        condition = study.condition(trial.condition)
        assert trial.level in condition.levels
        if trial.kind != "test":
            assert trial.level == condition.by_compression()[-1]


@given(studies(), st.integers(1, 500), SEEDS)
def test_within_each_level_orders_and_items_are_as_even_as_their_number_allows(
    study: StudyDefinition, participant: int, seed: int
) -> None:
    trials = plan_session(study, participant=participant, seed=seed).trials
    tests = [trial for trial in trials if trial.phase == "main" and trial.kind == "test"]
    (part,) = all_parts(study)
    for _, side in part.cells:
        cell = [t for t in tests if (t.condition, t.level) == (side.condition, side.level)]
        orders = Counter(trial.order for trial in cell)
        items = Counter(trial.item for trial in cell)
        assert spread(orders, max(1, len(part.paradigm.orders))) <= 1
        assert spread(items, len(study.stimuli.items)) <= 1


@given(studies(), st.integers(1, 500), SEEDS)
def test_no_answer_is_right_more_than_three_times_in_a_row_if_that_is_possible(
    study: StudyDefinition, participant: int, seed: int
) -> None:
    assume(PARADIGMS[study.paradigm].has_gross)  # something is right
    trials = plan_session(study, participant=participant, seed=seed).trials
    practice = [trial.correct_response for trial in trials if trial.phase == "practice"]
    main = [trial.correct_response for trial in trials if trial.phase == "main"]
    before = next(([label] * len(list(run)) for label, run in groupby(reversed(practice))), [])
    allowed = max(shortest_run(practice, []), shortest_run(main, before))
    assert max(len(list(run)) for _, run in groupby(practice + main)) <= allowed


def shortest_run(labels: list[str], before: list[str]) -> int:
    """The run that no order of the labels can avoid when they follow ``before``, or three."""
    counts = Counter(labels)
    runs = [MAX_RUN]
    for label, count in counts.items():
        gaps = counts.total() - count + 1
        runs.append(-(-(count + before.count(label)) // gaps))
    return max(runs)


@given(st.lists(st.sampled_from("ABCD"), max_size=60).map("".join), SEEDS, st.integers(1, 4))
def test_drawing_never_ends_in_a_dead_end_and_its_runs_are_as_short_as_possible(
    labels: str, seed: int, max_run: int
) -> None:
    drawn = draw_without_runs(labels, np.random.default_rng(seed), max_run=max_run)
    assert Counter(drawn) == Counter(labels)
    most = max(Counter(labels).values(), default=0)
    allowed = max(max_run, -(-most // (len(labels) - most + 1)))
    assert all(len(list(run)) <= allowed for _, run in groupby(drawn))


def test_every_order_without_long_runs_can_be_drawn() -> None:
    drawn = Counter(
        "".join(draw_without_runs("AAABBB", np.random.default_rng(seed), max_run=2))
        for seed in range(600)
    )
    # 20 orders of three and three; 14 of them hold no run of three.
    assert len(drawn) == 14


@given(studies(), st.integers(1, 500), SEEDS)
def test_equal_seeds_give_equal_plans_and_json_brings_them_back(
    study: StudyDefinition, participant: int, seed: int
) -> None:
    plan = plan_session(study, participant=participant, seed=seed)
    assert plan == plan_session(study, participant=participant, seed=seed)
    assert SessionPlan.from_json(plan.to_json()) == plan


@given(SEEDS, SEEDS, st.integers(1, 10**6))
def test_different_seeds_give_different_orders(seed: int, other: int, participant: int) -> None:
    study = make_definition()
    plan = plan_session(study, participant=participant, seed=seed)
    changed = plan_session(study, participant=participant, seed=other)
    assert (plan.trials == changed.trials) == (seed == other)


@settings(max_examples=25)
@given(studies(), st.integers(1, 100), SEEDS, st.data())
def test_replaying_a_prefix_gives_the_trial_that_came_then(
    study: StudyDefinition, participant: int, seed: int, data: st.DataObject
) -> None:
    plan = plan_session(study, participant=participant, seed=seed)
    paradigm = PARADIGMS[study.paradigm]
    n_answered = data.draw(st.integers(0, len(plan.trials)))
    history = [
        TrialRecord(
            trial=trial,
            presented_at=NOW,
            response=Response(
                value=data.draw(answers(paradigm, trial)), response_time_ms=1.0, plays=(1,)
            ),
        )
        for trial in plan.trials[:n_answered]
    ]
    expected = plan.trials[n_answered] if n_answered < len(plan.trials) else None
    assert next_trial(plan, history) == expected
    if expected is None:
        return
    # presented, then reloaded: the same trial comes again
    shown = TrialRecord(trial=expected, presented_at=NOW)
    assert next_trial(plan, [*history, shown]) == expected
    if not paradigm.has_gross:
        assert score(study.paradigm, expected, data.draw(answers(paradigm, expected))) is None
        return
    assert score(study.paradigm, expected, expected.correct_response)
    right = [score(study.paradigm, expected, value) for value in paradigm.responses]
    assert right.count(True) == 1


def answers(paradigm: Paradigm, trial: Trial) -> st.SearchStrategy[str]:
    """What can be answered to a trial: a button, or ratings for all intervals that have sliders."""
    scale = paradigm.scale
    if scale is None:
        return st.sampled_from(paradigm.responses)
    n_rated = len(trial.intervals) - len(paradigm.unrated)
    n_steps = round((scale.highest - scale.lowest) / scale.step)
    ratings = st.integers(0, n_steps).map(lambda step: f"{scale.lowest + step * scale.step:g}")
    return st.lists(ratings, min_size=n_rated, max_size=n_rated).map(";".join)


COUNTS = st.tuples(st.integers(1, 30), st.sampled_from([2, 4]), st.integers(1, 12))


@given(COUNTS, st.integers(0, 40), st.integers(1, 300))
def test_slots_of_a_cell_are_even_and_repeat_no_pair_too_early(
    counts: tuple[int, int, int], cell: int, place: int
) -> None:
    n_trials, n_orders, n_items = counts
    slots = list(cell_slots(n_trials, n_orders=n_orders, n_items=n_items, cell=cell, place=place))
    assert len(slots) == n_trials
    assert spread(Counter(str(slot.order) for slot in slots), n_orders) <= 1
    assert spread(Counter(str(slot.item) for slot in slots), n_items) <= 1
    first = slots[: n_orders * n_items]
    assert len(set(first)) == len(first)


@given(COUNTS, st.integers(0, 40), st.integers(0, 20))
def test_over_places_every_order_meets_every_item_equally_often(
    counts: tuple[int, int, int], cell: int, start: int
) -> None:
    n_trials, n_orders, n_items = counts
    n_pairs = n_orders * n_items
    met: Counter[tuple[int, int]] = Counter()
    for place in range(start * n_pairs + 1, (start + 1) * n_pairs + 1):
        for slot in cell_slots(
            n_trials, n_orders=n_orders, n_items=n_items, cell=cell, place=place
        ):
            met[slot.order, slot.item] += 1
    assert set(met.values()) == {n_trials}
    assert len(met) == n_pairs


@given(COUNTS, st.integers(0, 40), st.integers(0, 200))
def test_orders_and_items_even_out_over_as_many_places_as_there_are_of_them(
    counts: tuple[int, int, int], cell: int, start: int
) -> None:
    n_trials, n_orders, n_items = counts
    orders: Counter[str] = Counter()
    for place in range(start + 1, start + 1 + n_orders):
        for slot in cell_slots(
            n_trials, n_orders=n_orders, n_items=n_items, cell=cell, place=place
        ):
            orders[str(slot.order)] += 1
    assert spread(orders, n_orders) == 0
