"""Rules leave out what they say, count it once, and touch nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import AnalysisOptions, ExclusionRules, SessionConduct, TrialTable, exclude
from jndlab.analysis.study.analyse import analyse_study
from jndlab.analysis.study.example import example_trials
from jndlab.analysis.study.exclusions import scored_trials
from jndlab.analysis.study.flow import apply_rules, participant_flow
from jndlab.analysis.study.rule_exclusions import exclude_by_rules
from jndlab.errors import DataError
from tests.analysis.study.spoiled import spoiled_rows
from tests.analysis.study.test_flow import EVERY_RULE

TABLE = TrialTable.from_rows(spoiled_rows())


@pytest.mark.parametrize("include_unfinished", [True, False])
@pytest.mark.parametrize("least", [None, 0.5, 0.75, 1.0])
def test_the_first_two_rules_do_what_they_always_did(
    include_unfinished: bool, least: float | None
) -> None:
    rules = ExclusionRules(include_unfinished=include_unfinished, min_gross_correct=least)
    kept, exclusions = exclude_by_rules(TABLE, rules)
    before = exclude(TABLE, include_unfinished=include_unfinished, min_gross_correct=least)
    assert (kept.digest, exclusions) == (before[0].digest, before[1])


@pytest.mark.parametrize(
    "rules", [EVERY_RULE, ExclusionRules(max_median_response_time_ms=1200, max_loads=1)]
)
def test_what_is_scored_is_what_the_flow_says(rules: ExclusionRules) -> None:
    kept, exclusions = exclude_by_rules(TABLE, rules)
    assert scored_trials(kept).digest == scored_trials(apply_rules(TABLE, rules)).digest
    assert len(scored_trials(kept)) == participant_flow(TABLE, rules).n_trials_analysed
    assert len(kept) + sum(one.n_trials for one in exclusions) == len(TABLE)


def test_the_median_of_the_response_times_is_of_a_whole_session() -> None:
    table = example_trials(n_listeners=4)
    medians = {
        int(number): float(np.median(table["response_time_ms"][rows]))
        for number in np.unique(table["participant"])
        for rows in [(table["participant"] == number) & (table["phase"] == "main")]
    }
    limit = sorted(medians.values())[1]
    flow = participant_flow(table, ExclusionRules(max_median_response_time_ms=limit))
    (found,) = (one for one in flow.excluded if one.rule == "max_median_response_time_ms")
    assert found.participants == tuple(n for n, median in medians.items() if median > limit)
    assert len(found.participants) == 2


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("max_failed_checks", "n_failed_checks"),
        ("max_resumes", "n_resumes"),
        ("max_hidden", "n_hidden"),
    ],
)
def test_rules_about_conduct_ask_for_what_no_trial_tells(rule: str, count: str) -> None:
    table = example_trials(n_listeners=3)
    names = [str(name) for name in np.unique(table["session"])]
    conduct = {name: SessionConduct(**{count: n}) for n, name in enumerate(names[:2], start=1)}
    rules = ExclusionRules(**{rule: 1})
    kept, exclusions = exclude_by_rules(table, rules, conduct=conduct)
    assert set(kept["session"]) == {names[0], names[2]}  # nothing is known of the third
    assert exclusions[-1].n_sessions == 1
    with pytest.raises(DataError, match=rule) as caught:
        exclude_by_rules(table, rules)
    assert "data package" in caught.value.remedy


def test_an_analysis_with_rules_says_what_they_left_out() -> None:
    table = example_trials(n_listeners=4)
    conduct = {str(name): SessionConduct(n_hidden=9) for name in np.unique(table["session"])[:1]}
    options = AnalysisOptions(
        n_resamples=50, group_model=False, max_hidden=3, max_response_time_ms=2500
    )
    analysis = analyse_study(table, seed=1, options=options, conduct=conduct)
    assert analysis.n_sessions == 3
    reasons = [one.reason for one in analysis.exclusions]
    assert "session with the page hidden more than 3 times during a sound" in reasons
    assert "trial answered after more than 2500 ms" in reasons
    assert analysis.n_trials == analysis.checks.flow.n_trials_analysed


def test_rules_that_contradict_one_another_are_refused() -> None:
    options = AnalysisOptions(min_response_time_ms=500, max_response_time_ms=400)
    with pytest.raises(DataError, match="No answer takes"):
        analyse_study(example_trials(n_listeners=2), seed=1, options=options)
