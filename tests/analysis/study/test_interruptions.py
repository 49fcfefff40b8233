"""Reloads, gaps, plays and devices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jndlab.analysis import TrialTable
from jndlab.analysis.study.interruptions import check_interruptions
from jndlab.errors import DataError

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def session_of(row, minutes: list[tuple[float, float | None]], **changes) -> list[dict]:
    """Trials handed out and answered at these minutes."""
    return [
        row(
            trial=number,
            presented_at=BEGIN + timedelta(minutes=begin),
            answered_at=None if end is None else BEGIN + timedelta(minutes=end),
            **changes,
        )
        for number, (begin, end) in enumerate(minutes, start=1)
    ]


def test_gaps_between_and_within_trials(row) -> None:
    rows = session_of(row, [(0, 0.5), (1, 1.5), (21.5, 22), (22, 37)])
    (one,) = check_interruptions(TrialTable.from_rows(rows)).sessions
    assert [(gap.trial, gap.minutes, gap.between_trials) for gap in one.gaps] == [
        (3, 20.0, True),
        (4, 15.0, False),
    ]
    assert one.longest_gap_minutes == 20.0
    assert one.duration_minutes == 37.0
    (strict,) = check_interruptions(TrialTable.from_rows(rows), long_gap_minutes=60).sessions
    assert strict.gaps == ()


def test_reloads_and_whether_they_changed_anything(row) -> None:
    rows = session_of(row, [(n, n + 0.5) for n in range(4)])
    rows[1]["n_loads"], rows[2]["n_loads"] = 2, 4
    rows[2].update(response="B", correct=False)
    calm = check_interruptions(TrialTable.from_rows(rows))
    (one,) = calm.sessions
    assert (one.n_reloaded, one.n_extra_loads, one.reloaded_trials) == (2, 4, (2, 3))
    assert (calm.proportion_correct_reloaded, calm.proportion_correct_undisturbed) == (0.5, 1.0)


def test_plays_are_averaged_by_interval(row) -> None:
    rows = session_of(row, [(n, n + 0.5) for n in range(3)])
    rows[0]["plays"], rows[1]["plays"], rows[2]["plays"] = "1;2;3", "3;0;1", None
    (one,) = check_interruptions(TrialTable.from_rows(rows)).sessions
    assert one.mean_plays == (2.0, 1.0, 2.0)
    assert one.n_unheard == 1
    rows[2]["plays"] = "1;1"
    (uneven,) = check_interruptions(TrialTable.from_rows(rows)).sessions
    assert uneven.mean_plays == ()
    for wrong in ("1;x;2", "1;;2", "-1;2;1"):
        rows[2]["plays"] = wrong
        with pytest.raises(DataError, match="trial 3: the plays"):
            check_interruptions(TrialTable.from_rows(rows))


def test_clocks_that_run_backwards_and_devices_that_change(row) -> None:
    rows = session_of(row, [(5, 4), (6, 6.5)])
    rows[0]["context_rate_hz"] = 44100
    calm = check_interruptions(TrialTable.from_rows(rows))
    assert calm.sessions[0].n_backwards == 1
    assert calm.sessions[0].sample_rates_hz == (44100, 48000)
    assert calm.sample_rates_hz == {44100: 1, 48000: 1}


def test_times_that_are_missing_make_no_gap(row) -> None:
    rows = session_of(row, [(0, None), (30, 30.5)])
    (one,) = check_interruptions(TrialTable.from_rows(rows)).sessions
    assert one.gaps == ()
