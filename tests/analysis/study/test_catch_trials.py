"""Catch trials: counts per session, the rule, and the two ways in which a leak shows."""

from __future__ import annotations

import json

import pytest
from scipy.stats import binomtest, chi2

from jndlab.analysis import TrialTable
from jndlab.analysis.study.catch_trials import check_catch_trials
from jndlab.errors import DataError


def catch_rows(row, shares: dict[int, tuple[int, int]], kind: str = "identical") -> list[dict]:
    """Participant -> (agreeing, all) catch trials."""
    return [
        row(
            session=f"s{participant}",
            participant=participant,
            trial=number + 1,
            trial_kind=kind,
            response="A" if number < n_right else "B",
        )
        for participant, (n_right, n) in shares.items()
        for number in range(n)
    ]


def test_every_session_is_counted_by_kind(row) -> None:
    rows = [
        row(trial=1, phase="practice"),
        row(trial=2, phase="practice", response="B"),
        row(trial=3, trial_kind="gross"),
        row(trial=4, trial_kind="gross", response=None),
        row(trial=5, trial_kind="identical", response="B"),
        row(trial=6),
        row(session="s2", participant=2),
    ]
    results = check_catch_trials(TrialTable.from_rows(rows))
    first, second = results.sessions
    assert (first.practice.n_correct, first.practice.n_trials) == (1, 2)
    assert (first.gross.n_correct, first.gross.n_trials) == (1, 1)
    assert (first.identical.n_correct, first.identical.n_trials) == (0, 1)
    assert first.practice.share == 0.5
    assert second.gross.share is None
    assert results.gross is not None
    assert (results.gross.n_correct, results.gross.n_trials) == (1, 1)
    json.dumps(results.to_dict())


def test_pooled_agreement_is_tested_exactly(row) -> None:
    table = TrialTable.from_rows(catch_rows(row, {1: (8, 8), 2: (7, 8), 3: (6, 8)}))
    results = check_catch_trials(table)
    assert results.leak_p_value == pytest.approx(binomtest(21, 24).pvalue)
    assert results.identical is not None
    assert results.identical.interval.low > 0.6


def test_a_cue_used_both_ways_shows_in_the_spread_only(row) -> None:
    table = TrialTable.from_rows(catch_rows(row, {1: (8, 8), 2: (0, 8), 3: (8, 8), 4: (0, 8)}))
    results = check_catch_trials(table)
    assert results.leak_p_value == 1.0
    assert results.leak_spread_p_value == pytest.approx(chi2.sf(4 * 16 / 2, 4))


def test_the_rule_names_who_is_below_it(row) -> None:
    rows = catch_rows(row, {1: (3, 4), 2: (2, 4)}, kind="gross")
    rows += [row(session="s3", participant=3)]
    results = check_catch_trials(TrialTable.from_rows(rows), min_gross_correct=0.75)
    assert results.below_gross == (2,)
    assert check_catch_trials(TrialTable.from_rows(rows)).below_gross == ()


def test_without_such_trials_there_is_no_test(row) -> None:
    results = check_catch_trials(TrialTable.from_rows([row()]))
    assert (results.gross, results.identical, results.leak_p_value) == (None, None, None)
    with pytest.raises(DataError, match="no trials"):
        check_catch_trials(TrialTable.from_rows([]))
