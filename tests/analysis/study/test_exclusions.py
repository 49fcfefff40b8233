"""What is left out, in which order, and what the counts hold."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import Exclusion, LevelCount, TrialTable, counts, exclude, listener_counts
from jndlab.errors import DataError


def test_each_reason_is_listed_with_trials_and_sessions(row) -> None:
    table = TrialTable.from_rows(
        [
            row(),
            row(trial=2, phase="practice"),
            row(trial=3, response=None),
            row(trial=4, trial_kind="identical"),
            row(session="s2", participant=2, session_state="open"),
            row(session="s3", session_kind="simulated"),
            row(session="s3", session_kind="simulated", trial=2, phase="practice"),
        ]
    )
    kept, exclusions = exclude(table)
    assert exclusions == (
        Exclusion(reason="session of a simulated listener", n_trials=2, n_sessions=1),
        Exclusion(reason="practice trial", n_trials=1, n_sessions=1),
        Exclusion(reason="no answer given", n_trials=1, n_sessions=1),
    )
    assert len(kept) + sum(e.n_trials for e in exclusions) == len(table)
    assert list(kept["trial_kind"]) == ["test", "identical", "test"]
    _, exclusions = exclude(table, include_unfinished=False)
    assert exclusions[-1] == Exclusion(reason="session not finished", n_trials=1, n_sessions=1)
    simulated, _ = exclude(table, session_kind="simulated")
    assert set(simulated["session"]) == {"s3"}


def test_sessions_that_fail_gross_catch_trials(row) -> None:
    rows = []
    for session, n_right in (("s1", 3), ("s2", 2), ("s3", None)):
        rows.append(row(session=session, trial=1))
        if n_right is not None:
            rows += [
                row(session=session, trial=2 + i, trial_kind="gross", response="AB"[i >= n_right])
                for i in range(4)
            ]
    table = TrialTable.from_rows(rows)
    kept, exclusions = exclude(table, min_gross_correct=0.75)
    assert set(kept["session"]) == {"s1", "s3"}
    assert exclusions[0].n_trials == 5
    assert "75%" in exclusions[0].reason
    assert exclude(table)[1] == ()
    with pytest.raises(DataError, match="min_gross_correct"):
        exclude(table, min_gross_correct=80)


def test_counts_hold_answered_test_trials_of_the_main_phase_only(row) -> None:
    table = TrialTable.from_rows(
        [
            row(trial=1, level=3),
            row(trial=2, level=3, response="B"),
            row(trial=3, level=1),
            row(trial=4, level=1, trial_kind="gross"),
            row(trial=5, level=1, trial_kind="identical"),
            row(trial=6, level=1, phase="practice"),
            row(trial=7, level=1, response=None),
            row(session="s2", participant=2, trial=1, level=3),
            row(session="s2", participant=2, trial=2, level=3, condition="pruning"),
        ]
    )
    assert counts(table) == (
        LevelCount(condition="pruning", level=3.0, n_trials=1, n_correct=1, n_listeners=1),
        LevelCount(condition="seofp", level=1.0, n_trials=1, n_correct=1, n_listeners=1),
        LevelCount(condition="seofp", level=3.0, n_trials=3, n_correct=2, n_listeners=2),
    )
    part = listener_counts(table)[1]
    assert part.listeners == (1, 2)
    assert part.levels == (1.0, 3.0)
    np.testing.assert_array_equal(part.n_trials, [[1, 2], [0, 1]])
    np.testing.assert_array_equal(part.n_correct, [[1, 1], [0, 1]])


def test_people_and_simulations_are_never_counted_together(row) -> None:
    table = TrialTable.from_rows([row(), row(session="s2", session_kind="simulated")])
    with pytest.raises(DataError, match="mixes"):
        counts(table)
