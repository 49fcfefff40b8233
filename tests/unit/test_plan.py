"""One session's plan: practice, catch trials, blocks, numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby

import numpy as np
import pytest
from builders import ITEMS, make_definition

from jndlab.study.plan import OpenTrial, SessionPlan, draw_without_runs, plan_session
from jndlab.study.trials import Trial


def trials_of(participant: int = 1, seed: int = 7, **overrides: object) -> tuple[Trial, ...]:
    study = make_definition(**overrides)
    return plan_session(study, participant=participant, seed=seed).trials


def test_practice_comes_first_at_the_two_most_compressed_levels_the_grossest_first() -> None:
    trials = trials_of(design={"practice_trials": 4})
    assert [trial.phase for trial in trials[:5]] == ["practice"] * 4 + ["main"]
    practice = [trial for trial in trials if trial.phase == "practice"]
    assert Counter(trial.level for trial in practice) == {1.0: 2, 2.0: 2}
    assert {trial.kind for trial in practice} == {"test"}


def test_where_compression_rises_practice_and_gross_trials_are_at_the_highest_levels() -> None:
    trials = trials_of(condition={"compression": "rises"})
    assert {trial.level for trial in trials if trial.phase == "practice"} == {2.0, 4.0}
    assert {trial.level for trial in trials if trial.kind == "gross"} == {4.0}


def test_a_study_with_one_level_can_be_practised() -> None:
    trials = trials_of(condition={"levels": [3]}, design={"practice_trials": 3})
    assert [trial.level for trial in trials[:3]] == [3.0] * 3


def test_every_kind_of_trial_comes_as_often_as_the_study_says() -> None:
    trials = trials_of(
        design={
            "trials_per_level": 5,
            "practice_trials": 3,
            "identical_trials": 6,
            "gross_trials": 7,
        }
    )
    assert Counter((trial.phase, trial.kind) for trial in trials) == {
        ("practice", "test"): 3,
        ("main", "test"): 15,
        ("main", "identical"): 6,
        ("main", "gross"): 7,
    }
    tests = [trial for trial in trials if trial.phase == "main" and trial.kind == "test"]
    assert Counter(trial.level for trial in tests) == {1.0: 5, 2.0: 5, 4.0: 5}


def test_without_practice_and_catch_trials_there_are_none() -> None:
    design = {"practice_trials": 0, "identical_trials": 0, "gross_trials": 0}
    trials = trials_of(design=design)
    assert {(trial.phase, trial.kind) for trial in trials} == {("main", "test")}
    assert trials[0].block == 1


def test_identical_trials_play_the_baseline_and_stand_for_the_grossest_level() -> None:
    for trial in trials_of(design={"identical_trials": 8}):
        if trial.kind == "identical":
            assert {interval.condition for interval in trial.intervals} == {"baseline"}
            assert trial.level == 1.0
        else:
            assert {interval.condition for interval in trial.intervals} == {"baseline", "bits"}


def test_trials_are_numbered_from_one_and_blocks_have_the_size_asked_for() -> None:
    trials = trials_of(design={"practice_trials": 3, "trials_per_block": 5})
    assert [trial.number for trial in trials] == list(range(1, 20))
    sizes = [(block, len(list(group))) for block, group in groupby(t.block for t in trials)]
    assert sizes == [(1, 3), (2, 5), (3, 5), (4, 5), (5, 1)]


def test_participants_are_numbered_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        plan_session(make_definition(), participant=0, seed=1)


def test_the_plan_is_fixed_by_seed_and_participant() -> None:
    first = trials_of(3, seed=11)
    assert first == trials_of(3, seed=11)
    assert [trial.order for trial in first] != [trial.order for trial in trials_of(3, seed=12)]
    assert [trial.level for trial in first] != [trial.level for trial in trials_of(4, seed=11)]


def test_a_participant_cannot_pass_the_right_answers_on_to_the_next() -> None:
    answers = {
        "".join(trial.correct_response for trial in trials_of(participant))
        for participant in range(1, 51)
    }
    assert len(answers) == 50


def test_a_plan_comes_back_from_its_json() -> None:
    plan = plan_session(make_definition(paradigm="two-interval"), participant=2, seed=2**53 - 1)
    assert SessionPlan.from_json(plan.to_json()) == plan
    assert SessionPlan.from_json(plan.to_json()).digest() == plan.digest()


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
@pytest.mark.parametrize("n_conditions", [2, 3, 4])
def test_over_participants_each_method_meets_every_order_in_extra_trials(
    paradigm: str, n_conditions: int
) -> None:
    # Else the right answer to a catch trial would depend on the method for everybody.
    study = make_definition(
        paradigm=paradigm,
        conditions=[{"name": f"m{number}", "levels": [1, 2]} for number in range(n_conditions)],
        design={
            "practice_trials": 4,
            "identical_trials": 4,
            "gross_trials": 4,
            "trials_per_level": 1,
        },
    )
    met: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for participant in range(1, 16 * n_conditions + 1):
        for trial in plan_session(study, participant=participant, seed=7).trials:
            kind = "practice" if trial.phase == "practice" else trial.kind
            met[kind][trial.condition, trial.order] += 1
    for counts in met.values():
        assert len(counts) == n_conditions * {"abx": 4, "two-interval": 2}[paradigm]
        assert max(counts.values()) <= 1.5 * min(counts.values())


def longest_run(labels: list[str]) -> int:
    return max(len(list(group)) for _, group in groupby(labels))


@pytest.mark.parametrize("seed", range(40))
def test_runs_of_equal_answers_do_not_go_on_from_practice_into_the_test(seed: int) -> None:
    trials = trials_of(seed=seed, design={"practice_trials": 6})
    assert longest_run([trial.correct_response for trial in trials]) <= 3


def test_where_all_answers_are_equal_the_order_is_made_all_the_same(
    rng: np.random.Generator,
) -> None:
    assert draw_without_runs(["A"] * 7, rng) == ["A"] * 7
    assert draw_without_runs([], rng) == []


def test_where_three_in_a_row_cannot_be_kept_the_runs_are_as_short_as_they_can(
    rng: np.random.Generator,
) -> None:
    assert longest_run(draw_without_runs(["A"] * 10 + ["B"], rng)) == 5
    assert longest_run(draw_without_runs(["A"] * 9 + ["B"], rng)) == 5
    assert longest_run(draw_without_runs(["A"] * 8 + ["B"], rng)) == 4


def test_where_there_is_one_order_only_it_is_found(rng: np.random.Generator) -> None:
    assert draw_without_runs(["A"] * 7 + ["B"], rng, max_run=4).index("B") in (3, 4)
    assert "".join(draw_without_runs(["A"] * 12 + ["B"] * 3, rng)) == "AAABAAABAAABAAA"


def test_plans_of_before_there_were_other_designs_are_the_same_today() -> None:
    # If this fails, the plans of sessions that are stored could not be made again.
    digests = {
        paradigm: plan_session(make_definition(paradigm=paradigm), participant=3, seed=11).digest()[
            :16
        ]
        for paradigm in ("abx", "two-interval")
    }
    assert digests == {"abx": "f2a240ea4b2272f9", "two-interval": "251b826321143015"}


def test_the_practice_of_an_adaptive_part_comes_before_its_open_places() -> None:
    study = make_definition(
        design={"procedure": "staircase", "practice_trials": 3, "trials_per_block": 8},
        adaptive={"stop": {"trials": 20}},
    )
    plan = plan_session(study, participant=1, seed=3)
    kinds = ["open" if isinstance(trial, OpenTrial) else trial.kind for trial in plan.trials]
    assert kinds[:4] == ["test"] * 3 + ["open"]
    assert Counter(kinds) == {"test": 3, "open": 20, "identical": 2, "gross": 2}
    # One rule may stop the track early: the catch trials come in the first three quarters.
    assert {"identical", "gross"}.isdisjoint(kinds[3 + 4 + 15 :])


def test_items_and_orders_of_a_track_are_nearly_balanced_wherever_it_stops() -> None:
    study = make_definition(
        design={"procedure": "staircase"}, adaptive={"stop": {"trials": 80}, "starts": [1, 4]}
    )
    for place in range(1, 5):
        (adaptive,) = plan_session(study, participant=place, seed=3).adaptive
        assert [track.name for track in adaptive.tracks] == ["bits from 1", "bits from 4"]
        for track in adaptive.tracks:
            assert len(track.uses) == 80
            for start in range(0, 72, 12):
                orders = Counter(order for _, order in track.uses[start : start + 12])
                assert set(orders.values()) == {3}
            for stop in range(1, 80):
                items = Counter(item for item, _ in track.uses[:stop])
                assert max(items.values()) - min(items[one] for one in ITEMS) <= 6
