"""Adaptive tracks: turns found, estimates averaged over listeners, limits told as limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from jndlab.analysis import AnalysisOptions, TrackStatus, analyse_study
from jndlab.analysis.study.adaptive import adaptive_result
from jndlab.analysis.study.tracks import Track, reversals, tracks_of
from tests.analysis.study.kinds import staircase_rows, table_of

FEW = AnalysisOptions(n_resamples=100, group_model=False)
LEVELS = tuple(float(level) for level in range(1, 13))


def heard(level: float) -> float:
    return 0.5 + 0.5 * float(ndtr((level - 6.0) / 1.5))


def track_of(participant: int, estimate: float | None, bound=None, interval=None) -> Track:
    session = f"s{participant}"
    return Track(
        participant=participant,
        session=session,
        track="seofp",
        trials=(1, 2),
        levels=(3.0, 2.0),
        correct=(True, False),
        reversals=(),
        status=TrackStatus(
            session=session, track="seofp", estimate=estimate, bound=bound, interval=interval
        ),
        recomputed=False,
    )


def result_of(*tracks: Track, direction="rises"):
    found = adaptive_result(tracks, procedure="staircase", direction=direction, coverage=0.95)
    assert found is not None
    return found


def test_a_turn_is_the_last_trial_before_the_other_way() -> None:
    assert reversals([5, 4, 3, 3, 4, 5, 5, 4]) == (3, 6)
    assert reversals([5, 5, 5]) == ()
    assert reversals([]) == ()


def test_staircases_end_where_their_rule_looks_for() -> None:
    """2 down 1 up settles at 70.7 % correct (Levitt 1971); interleaved tracks are kept apart."""
    rows = staircase_rows(
        "two-interval", heard, LEVELS, n_listeners=24, n_trials=120, starts=(12.0, 6.0)
    )
    analysis = analyse_study(table_of(rows), seed=1, options=FEW)
    result = analysis.conditions[0].adaptive
    assert analysis.procedure == "staircase"
    assert result is not None
    assert result.recomputed
    assert len(result.tracks) == 48
    assert all(one.n_tracks == 2 and one.n_trials == 240 for one in result.listeners)
    truth = 6.0 + 1.5 * float(ndtri((np.sqrt(0.5) - 0.5) / 0.5))
    assert result.interval is not None
    assert result.mean == pytest.approx(truth, abs=0.35)  # steps of one level shift it a little
    # The curve of all answers passes there, too, and warns of its slope.
    fit = analysis.conditions[0].fit
    assert fit is not None
    assert fit.threshold_at(0.75).value == pytest.approx(6.0, abs=0.4)
    assert any("slope" in warning for warning in analysis.conditions[0].warnings)


def test_tests_for_fixed_designs_are_left_out() -> None:
    rows = staircase_rows("abx", heard, LEVELS, n_listeners=6)
    options = AnalysisOptions(n_resamples=100, group_model=False, equivalence_bound=0.6)
    (condition,) = analyse_study(table_of(rows), seed=1, options=options).conditions
    assert condition.fit is not None
    assert condition.goodness is None
    assert condition.trends is None
    assert condition.influence is not None
    assert all(row.equivalence is None for row in condition.levels)


def test_what_the_procedure_says_goes_before_what_the_trials_show() -> None:
    rows = staircase_rows("abx", heard, LEVELS, n_listeners=1, procedure="questplus")
    table = table_of(rows)
    (plain,) = tracks_of(table, [], direction="rises")
    assert plain.recomputed
    assert plain.status.estimate is None  # questplus needs its grid for that
    told = {
        "session": "s001",
        "track": "seofp from 12",
        "estimate": "5.5",
        "estimate_low": "4",
        "estimate_high": "7",
        "bound": "",
        "target": "0.75",
        "n_reversals": "",
        "stopped": "40 trials",
    }
    (track,) = tracks_of(table, [TrackStatus.from_row(told)], direction="rises")
    assert not track.recomputed
    assert track.status.interval == (4.0, 7.0)
    result = adaptive_result([track], procedure="questplus", direction="rises", coverage=0.95)
    assert result is not None
    assert result.target_probability == 0.75
    assert result.listeners[0].estimate == 5.5
    assert result.mean == 5.5
    assert result.interval is None  # one listener


def test_mean_and_interval_are_over_listeners() -> None:
    values = [2.0, 3.0, 4.0, 5.0]
    result = result_of(*(track_of(who, value) for who, value in enumerate(values, start=1)))
    assert result.mean == pytest.approx(3.5)
    half = 3.182446 * np.std(values, ddof=1) / 2.0  # t with 3 degrees of freedom
    assert result.interval is not None
    assert result.interval.high == pytest.approx(3.5 + half, abs=1e-5)


@pytest.mark.parametrize(("direction", "median"), [("rises", 3.0), ("falls", 4.0)])
def test_a_limit_forbids_the_mean_and_counts_as_beyond_the_levels(direction, median) -> None:
    values = [2.0, 3.0, 4.0, 5.0]
    tracks = [track_of(who, value) for who, value in enumerate(values, start=1)]
    result = result_of(*tracks, track_of(5, 1.0, bound="at or below"), direction=direction)
    assert result.mean is None
    assert result.n_at_or_below == 1
    assert result.median == pytest.approx(median)


def test_a_median_beyond_the_levels_is_no_number() -> None:
    tracks = [track_of(who, 9.0, bound="at or above") for who in (1, 2, 3)]
    result = result_of(*tracks, track_of(4, 5.0), track_of(5, None))
    assert result.median is None
    assert result.n_at_or_above == 3
    assert result.n_without == 1


def test_the_interval_of_the_median_covers_by_the_binomial() -> None:
    """Of 9 listeners the 2nd and 8th: 1 − 2 P(Binomial(9, ½) ≤ 1) = 96.1 %."""
    tracks = [track_of(who, float(who)) for who in range(1, 9)]
    result = result_of(*tracks, track_of(9, 12.0, bound="at or above"))
    assert result.median_interval is not None
    assert (result.median_interval.low, result.median_interval.high) == (2.0, 8.0)


def test_a_track_at_the_end_of_the_levels_is_a_limit() -> None:
    rows = staircase_rows("two-interval", lambda _: 0.97, (1.0, 2.0, 3.0, 4.0), n_listeners=4)
    tracks = tracks_of(table_of(rows), [], direction="rises")
    known = [one.status for one in tracks if one.status.estimate is not None]
    assert known
    assert {one.bound for one in known} == {"at or below"}
