"""Sessions of several parts, catch trials of every kind, and responses beyond two."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import (
    AnalysisOptions,
    DetectionAnalysis,
    StudyAnalysis,
    analyse_parts,
    analyse_study,
    d_prime,
    part_files,
    render_parts,
    split_parts,
)
from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.repeated import repeated_agreement
from jndlab.analysis.study.response_shares import most_preferred
from jndlab.analysis.study.rule_exclusions import exclude_by_rules
from jndlab.errors import DataError
from jndlab.study.trials import TASKS
from tests.analysis.study.kinds import detection_rows, exact_rows, row_of, table_of

FEW = AnalysisOptions(n_resamples=100, group_model=False)
SHARES = {1.0: 0.4, 2.0: 0.5, 3.0: 0.65, 4.0: 0.8, 5.0: 0.95}


def two_parts():
    return [
        *exact_rows("3afc", SHARES, part="second"),
        *detection_rows("same-different", lambda level: level, (1.0, 2.0, 3.0), part="first"),
    ]


def test_parts_are_apart_and_in_the_order_of_the_session() -> None:
    rows = two_parts()
    table = table_of(rows[::-1])  # the other part comes first
    assert [name for name, _ in split_parts(table)] == ["first", "second"]
    assert sum(len(part) for _, part in split_parts(table)) == len(rows)
    # A Latin square turns the order from session to session: the study's own is kept to then.
    assert [name for name, _ in split_parts(table, ["second", "first"])] == ["second", "first"]


def test_each_part_is_analysed_by_what_its_answers_say() -> None:
    told: list[str] = []
    parts = analyse_parts(table_of(two_parts()), seed=1, options=FEW, progress=told.append)
    by_name = {one.name: one.analysis for one in parts}
    assert isinstance(by_name["second"], StudyAnalysis)
    assert isinstance(by_name["first"], DetectionAnalysis)
    assert {one.part for one in by_name.values()} == {"first", "second"}
    assert any(step.startswith("part second: ") for step in told)
    names = [name for name, _ in part_files(parts)]
    assert names[0] == "numbers.json"
    assert any(name.startswith("first/figures/") for name in names)


CHANCE = {name: task.guess_rate for name, task in TASKS.items() if task.measure == "correct"}


@pytest.mark.parametrize(("paradigm", "chance"), CHANCE.items())
def test_every_task_with_a_chance_level_goes_to_the_report(paradigm, chance) -> None:
    """Also with a level below chance, and with a plan whose decision model is another task's."""
    shares = {1.0: chance - 0.1, 2.0: chance + 0.05, 3.0: (1.0 + chance) / 2, 4.0: 0.95}
    rows = [
        row_of(
            who,
            1,
            paradigm,
            level=level,
            order="x",
            correct_response="1",
            response="1" if right else "2",
        )
        for who in (1, 2)
        for level, share in shares.items()
        for right in [True] * round(60 * share) + [False] * (60 - round(60 * share))
    ]
    options = AnalysisOptions(
        n_resamples=100, group_model=False, decision_model="independent_observation"
    )
    (only,) = analyse_parts(table_of(rows), seed=1, options=options, planned=options)
    assert isinstance(only.analysis, StudyAnalysis)
    d_primes = [row.d_prime.estimate for row in only.analysis.conditions[0].levels]
    assert d_primes[0] <= 0.0 < d_primes[2] < d_primes[3]
    has_several = bool(get_paradigm(paradigm).models)
    assert (only.analysis.options.decision_model is not None) == has_several
    assert render_parts((only,), title="A test")


def test_parts_between_participants_add_up_to_the_listeners_of_the_study() -> None:
    rows = two_parts()
    first = len({row["participant"] for row in rows if row["part"] == "first"})
    second = len({row["participant"] for row in rows if row["part"] == "second"})
    within = render_parts(analyse_parts(table_of(rows), seed=1, options=FEW))
    assert f"Listening test in 2 parts. {max(first, second)} listeners" in within
    for row in rows:
        if row["part"] == "first":
            row["participant"] += 100
            row["session"] = f"t{row['participant']}"
    between = render_parts(analyse_parts(table_of(rows), seed=1, options=FEW))
    assert f"Listening test in 2 parts. {first + second} listeners" in between


def test_a_condition_of_one_part_leaves_the_other_out() -> None:
    rows = two_parts()
    for row in rows:
        if row["part"] == "first":
            row["condition"] = "prune"
    parts = analyse_parts(
        table_of(rows),
        seed=1,
        options=AnalysisOptions(n_resamples=100, group_model=False, condition="prune"),
    )
    assert [one.name for one in parts] == ["first"]
    with pytest.raises(DataError, match="No part has a condition"):
        analyse_parts(table_of(rows), seed=1, options=AnalysisOptions(condition="none"))


def test_one_of_three_has_its_own_chance_and_d_prime() -> None:
    analysis = analyse_study(table_of(exact_rows("3afc", SHARES)), seed=1, options=FEW)
    assert analysis.guess_rate == pytest.approx(1 / 3)
    (condition,) = analysis.conditions
    for row in condition.levels:
        assert row.proportion_correct == pytest.approx(SHARES[row.level])
        expected = float(d_prime(SHARES[row.level], paradigm="3afc"))
        assert row.d_prime.estimate == pytest.approx(expected)
    assert [one.label for one in condition.jnds] == ["75% correct", "d′ = 1"]
    at_one = condition.jnds[1].threshold
    assert at_one.target_probability == pytest.approx(0.6337, abs=1e-4)


def test_the_response_most_preferred_of_three_is_found() -> None:
    rng = np.random.default_rng(8)
    rows = exact_rows("3afc", {1.0: 0.4}, n_listeners=10)
    for row in rows:
        if rng.random() < 0.4:
            row["response"] = "2"
            row["correct"] = row["response"] == row["correct_response"]
    table = table_of(rows)
    preferred, effect = most_preferred(table, ("1", "2", "3"))
    assert preferred == "2"
    assert effect.estimate == pytest.approx(0.4 * 2 / 3, abs=0.03)
    assert effect.p_value is not None
    assert effect.p_value < 1e-4
    checks = analyse_study(table_of(exact_rows("3afc", SHARES)), seed=1, options=FEW).checks
    assert checks.bias is not None
    assert checks.bias.responses == ("1", "2", "3")
    assert checks.bias.fair_share == "one third"


def test_repeated_trials_are_set_beside_those_they_repeat() -> None:
    def trial(item: str, kind: str, response: str, order: str = "AB-A"):
        more = {"item": item, "trial_kind": kind, "order": order, "level": 3.0}
        return row_of(1, 1, "abx", response=response, **more)

    table = table_of(
        [
            trial("owl", "test", "A"),
            trial("wren", "test", "B"),
            trial("owl", "repeated", "A"),  # right twice
            trial("wren", "repeated", "A"),  # wrong, then right
            trial("lark", "repeated", "A"),  # was never given before
            trial("owl", "repeated", "B", order="AB-B"),  # right again, in another order
        ]
    )
    found = repeated_agreement(table)
    assert found is not None
    assert (found.n_pairs, found.n_agreeing, found.n_sessions) == (3, 2, 1)


def test_known_answers_count_with_gross_trials_and_are_shown_apart() -> None:
    rows = exact_rows("abx", SHARES, n_listeners=2)
    for kind, answers in (("gold", "ABBB"), ("trap", "AAAA"), ("gross", "AA")):
        for response in answers:
            more = {"trial_kind": kind, "order": "AB-A", "level": 5.0, "response": response}
            rows.append(row_of(1, 1, "abx", **more))
    table = table_of(rows)
    analysis = analyse_study(table, seed=1, options=FEW)
    for summary, expected in (
        (analysis.gold, (1, 4)),
        (analysis.trap, (4, 4)),
        (analysis.gross, (2, 2)),
    ):
        assert summary is not None
        assert (summary.n_correct, summary.n_trials) == expected
    # 7 of 10 known answers were right: below 0.75, above 0.65.
    for least, kept in ((0.75, 1), (0.65, 2)):
        left, _ = exclude_by_rules(table, ExclusionRules(min_gross_correct=least))
        assert len(np.unique(left["session"])) == kept
