"""Rows session by session: order, kinds, times."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import TrialTable
from jndlab.analysis.study.session_rows import main_trials, moments, require_one_study, sessions_of
from jndlab.errors import DataError


def test_sessions_come_by_participant_with_trials_in_order(row) -> None:
    table = TrialTable.from_rows(
        [
            row(session="b", participant=10, trial=2),
            row(session="a", participant=9, trial=3),
            row(session="b", participant=10, trial=1),
            row(session="c", participant=9, trial=1),
            row(session="a", participant=9, trial=1),
        ]
    )
    found = sessions_of(table)
    assert [(one.session, one.participant) for one in found] == [("a", 9), ("c", 9), ("b", 10)]
    assert [one.rows.tolist() for one in found] == [[4, 1], [3], [2, 0]]
    assert sessions_of(table.select(np.zeros(5, dtype=bool))) == ()


def test_main_trials_are_answered_and_not_practice(row) -> None:
    table = TrialTable.from_rows(
        [
            row(trial=1, phase="practice"),
            row(trial=2, response=None),
            row(trial=3, trial_kind="gross"),
            row(trial=4),
        ]
    )
    assert main_trials(table)["trial"].tolist() == [3, 4]


def test_times_are_read_to_the_microsecond_and_missing_ones_stay_missing(row) -> None:
    table = TrialTable.from_rows(
        [row(presented_at="2026-03-02T10:00:00.250+01:00", answered_at=None)]
    )
    assert moments(table, "presented_at")[0] == np.datetime64("2026-03-02T09:00:00.250")
    assert np.isnat(moments(table, "answered_at")[0])


def test_mixtures_are_refused(row) -> None:
    mixed = TrialTable.from_rows([row(), row(session="s2", session_kind="simulated")])
    with pytest.raises(DataError, match="mixes"):
        require_one_study(mixed)
    two = TrialTable.from_rows([row(), row(study="other")])
    with pytest.raises(DataError, match="values of study"):
        require_one_study(two)
