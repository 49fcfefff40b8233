"""Headroom: the gain of a difference at the JND, and what its interval settles."""

from __future__ import annotations

import pytest

from jndlab.analysis.fits.fit import Threshold
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.study.headroom import GAIN_UNIT, headroom, is_gain


def jnd(value: float, low: float, high: float, *, inside: bool = True) -> Threshold:
    return Threshold(
        target_probability=0.75,
        lapse_free=True,
        value=value,
        interval=ConfidenceInterval(low=low, high=high, coverage=0.95, method="profile"),
        inside_tested_range=inside,
    )


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [(6.0, 2.0, 9.0, "below"), (-6.0, -9.0, -2.0, "above"), (1.0, -2.0, 4.0, "open")],
)
def test_the_interval_says_whether_the_real_difference_is_heard(value, low, high, verdict) -> None:
    found = headroom(jnd(value, low, high), (-12.0, 0.0, 12.0))
    assert found.verdict == verdict
    assert (found.gain_db, found.lowest_db, found.highest_db) == (value, -12.0, 12.0)


def test_six_decibels_are_a_factor_of_two() -> None:
    assert headroom(jnd(6.0206, 2, 9), (0.0, 12.0)).factor == pytest.approx(2.0, rel=1e-5)
    assert headroom(jnd(-6.0206, -9, -2), (0.0, 12.0)).factor == pytest.approx(0.5, rel=1e-5)


def test_the_unit_is_the_one_that_renders_are_written_with() -> None:
    from jndlab.compression import renders

    assert GAIN_UNIT == renders.GAIN_UNIT
    assert is_gain(" dB re the real difference")
    assert not is_gain("dB")
