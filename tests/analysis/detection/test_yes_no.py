"""Yes/no: d′, criterion and ln β by their definitions, and counts that cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from jndlab.analysis.detection.yes_no import d_prime_yes_no, log_beta
from jndlab.errors import DataError


def test_macmillan_and_creelman_first_example() -> None:
    """H = .8, F = .4 (2005, ch. 1): d′ = 1.095, c = −.294."""
    result = d_prime_yes_no(20, 25, 10, 25)
    assert result.estimate == pytest.approx(1.095, abs=5e-4)
    assert result.criterion == pytest.approx(-0.294, abs=5e-4)
    assert result.log_beta == pytest.approx(1.095 * -0.294, abs=1e-3)
    assert (result.hit_rate, result.false_alarm_rate) == (0.8, 0.4)
    assert result.proportion_correct_unbiased == pytest.approx(ndtr(1.0949683 / 2), abs=1e-7)


def test_standard_error_of_gourevitch_and_galanter() -> None:
    result = d_prime_yes_no(20, 25, 10, 25)
    z_hits, z_alarms = 0.8416212, -0.2533471
    variance = sum(
        p * (1 - p) / 25 * 2 * np.pi * np.exp(z**2) for p, z in ((0.8, z_hits), (0.4, z_alarms))
    )
    assert result.standard_error == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_log_beta_is_the_likelihood_ratio_at_the_criterion() -> None:
    result = d_prime_yes_no(20, 25, 10, 25)
    x, d = result.criterion, result.estimate  # on an axis with 0 midway
    assert result.log_beta == pytest.approx(((x + d / 2) ** 2 - (x - d / 2) ** 2) / 2)
    assert np.isnan(log_beta(np.inf, 0.0))


def test_exchanging_answers_turns_the_criterion_only() -> None:
    yes, no = d_prime_yes_no(20, 25, 11, 30), d_prime_yes_no(19, 30, 5, 25)
    assert no.estimate == pytest.approx(yes.estimate)
    assert no.criterion == pytest.approx(-yes.criterion)
    assert no.interval.low == pytest.approx(yes.interval.low, abs=1e-8)
    assert no.criterion_interval.low == pytest.approx(-yes.criterion_interval.high, abs=1e-8)


def test_p_value_is_small_where_the_interval_misses_zero() -> None:
    for hits in range(8, 26):
        result = d_prime_yes_no(hits, 25, 10, 25)
        assert (result.p_value < 0.05) == (0.0 not in result.interval)


def test_corrections_move_the_estimate_not_the_interval() -> None:
    plain = d_prime_yes_no(20, 20, 4, 20)
    assert plain.estimate == plain.interval.high == np.inf
    assert plain.standard_error is None
    assert plain.criterion == -np.inf
    assert any("one side only" in warning for warning in plain.warnings)
    linear = d_prime_yes_no(20, 20, 4, 20, correction="log_linear")
    half = d_prime_yes_no(20, 20, 4, 20, correction="half_count")
    assert linear.estimate == pytest.approx(ndtri(20.5 / 21) - ndtri(4.5 / 21))
    assert half.estimate == pytest.approx(ndtri(39 / 40) - ndtri(0.2))
    assert linear.interval == plain.interval
    assert "Hautus" in linear.method
    assert any("rests on the correction" in warning for warning in linear.warnings)


def test_all_answers_alike_say_nothing() -> None:
    result = d_prime_yes_no(20, 20, 15, 15)
    assert np.isnan(result.estimate)
    assert (result.interval.low, result.interval.high) == (-np.inf, np.inf)
    assert result.criterion_interval.high < 0
    assert result.p_value == 1.0
    assert any("say nothing" in warning for warning in result.warnings)
    assert result.to_dict()["estimate"] == "nan"


def test_perfect_answers() -> None:
    result = d_prime_yes_no(20, 20, 0, 15)
    assert result.estimate == np.inf
    assert np.isnan(result.criterion)
    assert result.interval.low > 2


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be"):
        d_prime_yes_no(21, 20, 4, 20)
    with pytest.raises(DataError, match="no trials"):
        d_prime_yes_no(0, 0, 4, 20)
    with pytest.raises(DataError, match="no correction"):
        d_prime_yes_no(3, 20, 4, 20, correction="x")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="no interval"):
        d_prime_yes_no(3, 20, 4, 20, interval="x")  # type: ignore[arg-type]
