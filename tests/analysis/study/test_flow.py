"""The flow of participants: its numbers add up and are those of the analysis."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jndlab.analysis import TrialTable, exclude
from jndlab.analysis.study.example import example_rows
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.exclusions import scored_trials
from jndlab.analysis.study.flow import apply_rules, participant_flow
from jndlab.errors import DataError
from tests.analysis.study.spoiled import spoiled_rows

EVERY_RULE = ExclusionRules(
    min_gross_correct=0.75,
    max_same_response=0.75,
    max_reloaded_trials=5,
    max_gap_minutes=240,
    min_trials=32,
    min_response_time_ms=200,
    max_loads=3,
)


def adds_up(flow) -> bool:
    return (
        flow.n_started == flow.n_left_in_practice + flow.n_finished_practice
        and flow.n_finished_practice == flow.n_excluded + flow.n_analysed
        and flow.n_excluded == sum(one.n_sessions for one in flow.excluded)
        and flow.n_presented
        == sum(one.n_trials for one in flow.trials_left_out) + flow.n_trials_analysed
        and len(flow.analysed_sessions) == flow.n_analysed
    )


def test_who_goes_where() -> None:
    flow = participant_flow(TrialTable.from_rows(spoiled_rows()), EVERY_RULE, n_opened=27)
    assert (flow.n_opened, flow.n_started, flow.n_left_in_practice) == (27, 24, 1)
    assert (flow.n_finished_practice, flow.n_completed) == (23, 22)
    assert {one.rule: one.participants for one in flow.excluded} == {
        "no_test_answer": (),
        "min_gross_correct": (13,),
        "max_same_response": (2,),
        "max_reloaded_trials": (),
        "max_gap_minutes": (16,),
        "min_trials": (11,),
    }
    assert (flow.n_excluded, flow.n_analysed, flow.n_listeners) == (4, 19, 19)
    assert [one.reason for one in flow.trials_left_out] == [
        "practice",
        "of a session left out",
        "catch trials",
        "answered in less than 200 ms",
    ]
    assert adds_up(flow)
    assert flow.rules_digest == EVERY_RULE.digest
    assert json.loads(json.dumps(flow.to_dict()))["n_analysed"] == 19


@pytest.mark.parametrize("seed", range(12))
def test_the_numbers_add_up_whatever_the_rules(seed) -> None:
    rng = np.random.default_rng(seed)
    maybe = {
        "include_unfinished": bool(rng.random() < 0.5),
        "min_practice_correct": 0.6,
        "min_gross_correct": 0.8,
        "max_same_response": float(rng.uniform(0.52, 0.7)),
        "max_same_response_run": int(rng.integers(4, 10)),
        "max_reloaded_trials": 0,
        "max_gap_minutes": 30.0,
        "min_trials": int(rng.integers(20, 64)),
        "min_response_time_ms": float(rng.uniform(200, 1500)),
        "max_response_time_ms": float(rng.uniform(3000, 9000)),
        "max_loads": 1,
    }
    rules = ExclusionRules(**{name: v for name, v in maybe.items() if rng.random() < 0.5})
    table = TrialTable.from_rows(spoiled_rows())
    flow = participant_flow(table, rules)
    assert adds_up(flow)
    kept = apply_rules(table, rules)
    assert len(scored_trials(kept)) == flow.n_trials_analysed if len(kept) else True
    assert flow.n_listeners == len(np.unique(kept["participant"]))


@pytest.mark.parametrize("include_unfinished", [True, False])
@pytest.mark.parametrize("min_gross_correct", [None, 0.75])
def test_rules_that_both_know_keep_the_same_trials(include_unfinished, min_gross_correct) -> None:
    table = TrialTable.from_rows(spoiled_rows())
    kept, _ = exclude(
        table, include_unfinished=include_unfinished, min_gross_correct=min_gross_correct
    )
    rules = ExclusionRules(
        include_unfinished=include_unfinished, min_gross_correct=min_gross_correct
    )
    assert scored_trials(apply_rules(table, rules)).digest == scored_trials(kept).digest


def test_simulated_listeners_are_no_part_of_the_flow() -> None:
    rows = example_rows(n_listeners=3)
    others = [{**row, "session": "sim", "session_kind": "simulated"} for row in rows[:76]]
    flow = participant_flow(TrialTable.from_rows(rows + others))
    assert (flow.n_started, flow.n_other_kind) == (3, 1)
    simulated = participant_flow(
        TrialTable.from_rows(rows + others), ExclusionRules(session_kind="simulated")
    )
    assert (simulated.n_started, simulated.n_other_kind) == (1, 3)


def test_rules_that_leave_nobody_say_so() -> None:
    table = TrialTable.from_rows(example_rows(n_listeners=2))
    flow = participant_flow(table, ExclusionRules(min_trials=1000))
    assert (flow.n_analysed, flow.n_trials_analysed) == (0, 0)
    assert "leave out every session" in flow.warnings[0]
    assert len(apply_rules(table, ExclusionRules(min_trials=1000))) == 0
    assert adds_up(flow)


def test_two_sessions_of_one_participant_are_one_listener() -> None:
    rows = example_rows(n_listeners=2)
    for row in rows:
        row["participant"] = 1
    flow = participant_flow(TrialTable.from_rows(rows))
    assert (flow.n_analysed, flow.n_listeners) == (2, 1)
    assert "participant number 1" in flow.warnings[0]


def test_impossible_input_is_refused() -> None:
    table = TrialTable.from_rows(example_rows(n_listeners=2))
    with pytest.raises(DataError, match="1 sessions opened, but 2 got a trial"):
        participant_flow(table, n_opened=1)
    with pytest.raises(DataError, match="no sessions of simulated listeners"):
        participant_flow(table, ExclusionRules(session_kind="simulated"))
    with pytest.raises(DataError, match="no sessions of participants"):
        apply_rules(TrialTable.from_rows([]))
