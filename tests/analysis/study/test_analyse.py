"""The analysis of a whole study: what is computed, what is refused, what is said about it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from jndlab.analysis import (
    AnalysisOptions,
    TrialTable,
    analyse_study,
    binomial_test,
    bootstrap_listeners,
    clopper_pearson,
    counts,
    exclude,
    fit_psychometric,
    listener_counts,
    to_dict,
)
from jndlab.errors import DataError

FAST = AnalysisOptions(n_resamples=200, group_model=False)


def test_every_number_is_that_of_the_single_functions(study_rows) -> None:
    table = TrialTable.from_rows(study_rows())
    analysis = analyse_study(table, seed=3)
    kept, exclusions = exclude(table)
    assert analysis.exclusions == exclusions
    assert [e.reason for e in exclusions] == ["practice trial"]
    assert (analysis.n_sessions, analysis.n_finished, analysis.n_listeners) == (8, 8, 8)
    assert (analysis.n_trials, analysis.n_items) == (8 * 8 * 4, 6)
    (condition,) = analysis.conditions
    # Rising compression: bits from 10 down to 0.
    assert [row.level for row in condition.levels] == [10, 7, 5, 4, 3, 2, 1, 0]
    by_level = {count.level: count for count in counts(kept)}
    for result in condition.levels:
        count = by_level[result.level]
        assert (result.n_trials, result.n_correct) == (count.n_trials, count.n_correct)
        assert result.interval == clopper_pearson(count.n_correct, count.n_trials)
        test = binomial_test(count.n_correct, count.n_trials, chance=0.5)
        assert result.p_value == test.p_value
        assert result.p_value_holm >= result.p_value
    (part,) = listener_counts(kept)
    pooled = (part.levels, part.n_correct.sum(axis=0), part.n_trials.sum(axis=0))
    fit = fit_psychometric(*pooled, paradigm="abx", direction="falls")
    assert condition.fit is not None
    assert condition.fit.threshold == fit.threshold
    group = bootstrap_listeners(
        part.levels, part.n_correct, part.n_trials, paradigm="abx", direction="falls", seed=3
    )
    headline, independent, differencing = condition.jnds
    assert headline.threshold == group.threshold_at(0.75)
    assert headline.unit_of_inference == "listeners"
    assert independent.threshold.target_probability == pytest.approx(0.59965619)
    assert differencing.threshold.target_probability == pytest.approx(0.58247544)
    # Less is heard at d′ = 1 than at 75 %: more bits.
    assert differencing.threshold.value > independent.threshold.value > headline.threshold.value
    assert len(condition.listeners) == 8
    first = condition.listeners[0]
    own = fit_psychometric(
        part.levels,
        part.n_correct[0],
        part.n_trials[0],
        paradigm="abx",
        direction="falls",
        overdispersion=False,
    )
    assert (first.participant, first.threshold) == (1, own.threshold)


def test_it_says_how_it_was_made_and_is_repeatable(study_rows) -> None:
    table = TrialTable.from_rows(study_rows())
    one = analyse_study(table, seed=3, options=FAST)
    assert to_dict(one) == to_dict(analyse_study(table, seed=3, options=FAST))
    assert one.seed == 3
    assert one.data_digest == table.digest
    assert one.options.n_resamples == 200
    assert one.version
    other = analyse_study(table, seed=4, options=FAST)
    assert one.conditions[0].jnds != other.conditions[0].jnds
    text = json.dumps(to_dict(one), allow_nan=False)
    assert "posterior" not in json.loads(text)["conditions"][0]["fit"]


def test_few_listeners_get_the_pooled_interval_and_a_warning(study_rows) -> None:
    analysis = analyse_study(TrialTable.from_rows(study_rows(n_listeners=3)), seed=1)
    (condition,) = analysis.conditions
    assert condition.group is None
    assert condition.jnds[0].unit_of_inference == "trials"
    assert any("fewer than 5" in warning for warning in condition.warnings)


def test_a_curve_that_cannot_be_fitted_is_reported(study_rows) -> None:
    table = TrialTable.from_rows(study_rows(levels=(3, 1), n_listeners=6))
    (condition,) = analyse_study(table, seed=1).conditions
    assert condition.fit is None
    assert condition.jnds == ()
    assert condition.mixed is None
    assert "2 level(s)" in str(condition.fit_problem)
    assert [one.threshold for one in condition.listeners] == [None] * 6
    assert all(one.problem for one in condition.listeners)
    assert [row.level for row in condition.levels] == [3, 1]


def test_catch_trials_are_summarised_and_stay_out_of_the_counts(study_rows) -> None:
    rows = study_rows()
    for one in rows:
        if one["trial_kind"] == "gross":
            one["correct"], one["response"] = True, one["correct_response"]
        if one["trial_kind"] == "identical":
            wrong = "B" if one["correct_response"] == "A" else "A"
            agrees = one["trial"] % 4 < 2
            one["correct"], one["response"] = agrees, one["correct_response"] if agrees else wrong
    analysis = analyse_study(TrialTable.from_rows(rows), seed=1, options=FAST)
    assert analysis.gross is not None
    assert (analysis.gross.n_correct, analysis.gross.n_trials) == (32, 32)
    assert analysis.gross.p_value is None
    assert analysis.identical is not None
    assert (analysis.identical.n_correct, analysis.identical.n_trials) == (16, 32)
    assert analysis.identical.p_value == 1.0
    assert not any("dentical" in warning for warning in analysis.warnings)


def test_a_leak_and_inattention_are_called_out(study_rows) -> None:
    rows = study_rows()
    for one in rows:
        if one["trial_kind"] == "identical":
            one["correct"], one["response"] = True, one["correct_response"]
        if one["trial_kind"] == "gross":
            one["response"] = "B" if one["correct_response"] == "A" else "A"
            one["correct"] = False
    analysis = analyse_study(TrialTable.from_rows(rows), seed=1, options=FAST)
    text = " ".join(analysis.warnings)
    assert "give the answer away" in text
    assert "Only 0 of 32 gross" in text


def test_people_and_simulations_stay_apart(study_rows) -> None:
    people = study_rows(n_listeners=5)
    simulated = study_rows(n_listeners=6, common={"session_kind": "simulated"}, seed=2)
    for one in simulated:
        one["session"] = "sim-" + one["session"]
    table = TrialTable.from_rows(people + simulated)
    assert analyse_study(table, seed=1, options=FAST).n_sessions == 5
    other = analyse_study(table, seed=1, options=replace(FAST, session_kind="simulated"))
    assert (other.n_sessions, other.session_kind) == (6, "simulated")
    only_simulated = TrialTable.from_rows(simulated)
    with pytest.raises(DataError, match="no answered test trials of participant sessions"):
        analyse_study(only_simulated, seed=1)


def test_two_interval_with_rising_levels(study_rows) -> None:
    rows = study_rows(
        levels=(0.2, 0.4, 0.6, 0.8, 0.9),
        mean=0.6,
        sd=0.05,
        width=0.5,
        common={
            "paradigm": "two-interval",
            "compression": "rises",
            "level_unit": "sparsity",
            "items": 2,
        },
    )
    analysis = analyse_study(TrialTable.from_rows(rows), seed=1, options=FAST)
    (condition,) = analysis.conditions
    assert [row.level for row in condition.levels] == [0.2, 0.4, 0.6, 0.8, 0.9]
    assert [jnd.label for jnd in condition.jnds] == ["75% correct", "d′ = 1"]
    assert condition.jnds[1].threshold.target_probability == pytest.approx(0.76024994)
    assert condition.levels[0].d_prime.model is None
    assert any("Items: 2" in warning for warning in analysis.warnings)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"study": "other"}, "values of study"),
        ({"paradigm": "two-interval"}, "values of paradigm"),
        ({"compression": "rises"}, "values of compression"),
        ({"level_unit": "bits"}, "values of level_unit"),
    ],
)
def test_tables_that_are_not_one_study_are_refused(study_rows, changes, message) -> None:
    rows = study_rows(n_listeners=2)
    for one in rows[len(rows) // 2 :]:
        one.update(changes)
    with pytest.raises(DataError, match=message):
        analyse_study(TrialTable.from_rows(rows), seed=1)


def test_two_versions_of_a_study_are_called_out(study_rows) -> None:
    rows = study_rows(n_listeners=2)
    for one in rows[len(rows) // 2 :]:
        one["study_digest"] = "e" * 64
    analysis = analyse_study(TrialTable.from_rows(rows), seed=1)
    assert len(analysis.study_digests) == 2
    assert any("2 different versions" in warning for warning in analysis.warnings)


def two_conditions(study_rows):
    rows = study_rows(n_listeners=5, levels=(3, 2, 1))
    other = study_rows(n_listeners=5, levels=(5, 4, 3), seed=2, common={"condition": "pruned"})
    for one in other:
        one["trial"] += 1000
        if one["trial_kind"] != "test":  # catch trials take turns over the conditions
            one["trial_kind"], one["phase"] = "test", "practice"
    for one in rows:
        if one["trial_kind"] == "gross":
            right = one["participant"] != 1
            one["response"] = one["correct_response"] if right else "none"
            one["correct"] = right
    return TrialTable.from_rows([*rows, *other])


def test_one_condition_of_two_has_the_numbers_that_it_has_in_the_whole(study_rows) -> None:
    table = two_conditions(study_rows)
    options = replace(FAST, min_gross_correct=0.5)
    whole = analyse_study(table, seed=3, options=options)
    assert [one.condition for one in whole.conditions] == ["pruned", "seofp"]
    one = analyse_study(table, seed=3, options=replace(options, condition="pruned"))
    assert to_dict(one.conditions) == to_dict(whole.conditions[:1])
    # Whole sessions are judged: the first one failed catch trials that the other condition had.
    assert one.exclusions == whole.exclusions
    assert one.n_listeners == 4
    assert one.n_trials == whole.conditions[0].levels[0].n_trials * 3
    assert one.gross == whole.gross
    assert "Only pruned is reported here. The study also tested: seofp." in one.warnings
    assert not any("is reported here" in warning for warning in whole.warnings)


def test_a_condition_without_answers_is_refused(study_rows) -> None:
    table = TrialTable.from_rows(study_rows(n_listeners=1, levels=(3, 1)))
    with pytest.raises(DataError, match="condition 'nothing'") as refused:
        analyse_study(table, seed=1, options=replace(FAST, condition="nothing"))
    assert "seofp" in refused.value.remedy


def test_each_step_is_told_when_it_begins(study_rows) -> None:
    told: list[str] = []
    analyse_study(two_conditions(study_rows), seed=1, options=FAST, progress=told.append)
    assert told == [
        "fitting pruned, condition 1 of 2",
        "fitting seofp, condition 2 of 2",
        "comparing conditions and checking the data",
    ]


def test_the_typical_listener_stands_beside_the_average_curve(study_rows) -> None:
    rows = study_rows(n_listeners=20, mean=3.0, sd=1.3)
    (condition,) = analyse_study(TrialTable.from_rows(rows), seed=1).conditions
    assert condition.mixed is not None
    assert condition.group is not None
    typical = condition.mixed.threshold_at(0.75)
    assert 3.0 in typical.interval
    assert abs(typical.value - condition.jnds[0].threshold.value) < 0.6
    assert 0.6 < condition.mixed.spread.sd_threshold < 2.0


def test_equivalence_needs_a_bound_and_has_listeners_as_its_unit(study_rows) -> None:
    table = TrialTable.from_rows(study_rows(n_listeners=16))
    (without,) = analyse_study(table, seed=1, options=FAST).conditions
    assert [row.equivalence for row in without.levels] == [None] * 8
    bounded = replace(FAST, equivalence_bound=0.75)
    (condition,) = analyse_study(table, seed=1, options=bounded).conditions
    tests = [row.equivalence for row in condition.levels]
    assert all(test is not None and test.unit == "listeners" for test in tests)
    verdicts = [test.verdict for test in tests if test is not None]
    assert verdicts[0] == "equivalent"
    assert verdicts[-1] == "different"


def test_departures_from_the_plan_are_said(study_rows) -> None:
    table = TrialTable.from_rows(study_rows())
    unplanned = analyse_study(table, seed=1, options=FAST)
    assert (unplanned.planned, unplanned.deviations) == (False, ())
    kept = analyse_study(table, seed=1, options=FAST, planned=FAST)
    assert (kept.planned, kept.deviations) == (True, ())
    changed = analyse_study(
        table, seed=1, options=replace(FAST, equivalence_bound=0.7), planned=FAST
    )
    assert changed.deviations == ("Equivalence bound: planned none, done 0.7.",)


@pytest.mark.parametrize("wrong", [{"alpha": 0.7}, {"coverage": 95}, {"min_gross_correct": 80}])
def test_options_that_cannot_be_are_refused(wrong) -> None:
    with pytest.raises(DataError):
        AnalysisOptions(**wrong)
