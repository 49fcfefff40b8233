"""Two-interval trials with interval bias: freed from it, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from jndlab.analysis.detection.convert import d_prime
from jndlab.analysis.detection.two_interval import d_prime_2afc_bias
from jndlab.analysis.detection.yes_no import d_prime_yes_no
from jndlab.errors import DataError


def test_without_bias_it_is_the_plain_d_prime() -> None:
    result = d_prime_2afc_bias(40, 50, 40, 50)
    assert result.estimate == pytest.approx(float(d_prime(0.8, paradigm="2afc")))
    assert result.criterion == pytest.approx(0.0, abs=1e-12)
    assert result.bias_p_value == pytest.approx(1.0)
    assert result.interval_bias == pytest.approx(0.0)
    assert result.proportion_correct_unbiased == pytest.approx(0.8)


def test_bias_is_found_and_removed() -> None:
    """A simulated listener, seed 20260304, who says "first" 0.7 below the fair criterion."""
    rng, n, d, shift = np.random.default_rng(20260304), 200_000, 1.2, 0.7
    first_holds = rng.random(n) < 0.5
    first = rng.normal(np.where(first_holds, d, 0.0))
    second = rng.normal(np.where(first_holds, 0.0, d))
    right = (first - second > -shift) == first_holds
    result = d_prime_2afc_bias(
        int(right[first_holds].sum()),
        int(first_holds.sum()),
        int(right[~first_holds].sum()),
        int((~first_holds).sum()),
    )
    assert result.estimate == pytest.approx(d, abs=4 * (result.standard_error or 0))
    assert d in result.interval
    assert result.criterion == pytest.approx(-shift / np.sqrt(2), abs=0.02)
    assert result.bias_p_value < 1e-6
    plain = float(d_prime(right.mean(), paradigm="2afc"))
    assert plain < result.interval.low


def test_is_yes_no_over_root_two() -> None:
    result, plain = d_prime_2afc_bias(45, 50, 30, 50), d_prime_yes_no(45, 50, 20, 50)
    assert result.estimate == pytest.approx((ndtri(0.9) - ndtri(0.4)) / np.sqrt(2))
    assert result.interval.low == pytest.approx(plain.interval.low / np.sqrt(2))
    assert result.interval.high == pytest.approx(plain.interval.high / np.sqrt(2))
    assert result.standard_error == pytest.approx((plain.standard_error or 0) / np.sqrt(2))
    assert result.proportion_correct_second == pytest.approx(0.6)
    assert result.p_value == plain.p_value


def test_perfect_in_one_interval() -> None:
    result = d_prime_2afc_bias(20, 20, 11, 20)
    assert result.estimate == result.interval.high == np.inf
    assert result.interval.low > 0
    assert result.to_dict()["interval"]["high"] == "inf"
    corrected = d_prime_2afc_bias(20, 20, 11, 20, correction="log_linear", interval="exact")
    assert corrected.interval.low < corrected.estimate < 2


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be"):
        d_prime_2afc_bias(20, 20, 21, 20)
