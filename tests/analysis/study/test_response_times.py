"""Response times: what is impossible, what is unusual, and what is not touched by either."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import TrialTable
from jndlab.analysis.study.response_times import check_response_times, is_mechanical
from jndlab.errors import DataError
from tests.analysis.study.spoiled import spoiled_rows


def timed(row, times: list[float | None], participant: int = 1) -> list[dict]:
    return [
        row(
            session=f"s{participant}",
            participant=participant,
            trial=number,
            response_time_ms=time,
            response="A" if number % 2 else "B",
        )
        for number, time in enumerate(times, start=1)
    ]


def test_limits_are_those_of_median_and_mad_on_the_log(row) -> None:
    times = [1000.0, 1200, 1500, 1800, 2000, 2200, 2600, 3000, 60_000]
    (one,) = check_response_times(TrialTable.from_rows(timed(row, times))).sessions
    logs = np.log(times)
    centre = np.median(logs)
    scale = 1.4826 * np.median(np.abs(logs - centre))
    assert one.median_ms == pytest.approx(2000.0)
    assert one.low_ms == pytest.approx(np.exp(centre - 3.5 * scale))
    assert one.high_ms == pytest.approx(np.exp(centre + 3.5 * scale))
    assert (one.n_fast, one.n_slow, one.n_too_fast) == (0, 1, 0)


def test_impossible_times_do_not_move_the_median(row) -> None:
    times = [1000.0, 1200, 1500, 1800, 2000, 2200, 2600, 3000, 3100]
    results = check_response_times(TrialTable.from_rows(timed(row, [*times, 20.0, 0.0, -5.0])))
    (one,) = results.sessions
    assert one.median_ms == pytest.approx(2000.0)
    assert one.n_too_fast == 3
    assert [out.kind for out in results.outliers] == ["too fast"] * 3
    assert [out.trial for out in results.outliers] == [10, 11, 12]


def test_proportions_correct_of_outliers_and_others(row) -> None:
    times = [1000.0, 1200, 1500, 1800, 2000, 2200, 2600, 100.0]
    results = check_response_times(TrialTable.from_rows(timed(row, times)))
    assert results.proportion_correct_outliers == 0.0  # trial 8 was answered B
    assert results.proportion_correct_others == 4 / 7


def test_missing_times_are_counted_and_left_alone(row) -> None:
    results = check_response_times(TrialTable.from_rows(timed(row, [None, 1500.0])))
    assert (results.n_trials, results.n_without_time) == (1, 1)
    none = check_response_times(TrialTable.from_rows(timed(row, [None])))
    assert none.sessions == ()
    assert np.isnan(none.median_ms)


def test_few_times_have_no_limits(row) -> None:
    (one,) = check_response_times(TrialTable.from_rows(timed(row, [900.0, 1000, 50_000]))).sessions
    assert np.isnan(one.low_ms)
    assert one.n_slow == 0


def test_equal_times_are_a_programs(row) -> None:
    same = check_response_times(TrialTable.from_rows(timed(row, [1500.0] * 10)))
    assert is_mechanical(same.sessions[0])
    assert np.isnan(same.sessions[0].low_ms)
    own = check_response_times(TrialTable.from_rows(timed(row, list(np.arange(1000.0, 1010)))))
    assert not is_mechanical(own.sessions[0])


def test_slow_listeners_and_fast_clicks_are_found() -> None:
    results = check_response_times(TrialTable.from_rows(spoiled_rows()))
    assert [one.participant for one in results.sessions if one.unusual_listener] == [20]
    assert [one.participant for one in results.sessions if one.n_too_fast] == [7]


@pytest.mark.parametrize("wrong", [{"too_fast_ms": -1}, {"cutoff": 0}])
def test_limits_that_cannot_be_are_refused(row, wrong) -> None:
    with pytest.raises(DataError):
        check_response_times(TrialTable.from_rows([row()]), **wrong)
