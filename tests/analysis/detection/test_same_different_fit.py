"""Same-different from counts: sensR's maximum likelihood, intervals that cover, empty counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln, ndtr, ndtri, xlog1py, xlogy

from jndlab.analysis.detection.convert import proportion_correct
from jndlab.analysis.detection.same_different import d_prime_same_different
from jndlab.analysis.detection.same_different_fit import estimate_same_different
from jndlab.errors import DataError
from tests.analysis.reference import entry, needs_reference

IO, DIFF = "independent_observation", "differencing"


def test_agrees_with_sensr() -> None:
    """samediff(8, 5, 4, 9) of sensR 1.5.3."""
    result = estimate_same_different(9, 13, 5, 13, model=DIFF)
    assert result.estimate == pytest.approx(1.8849965, abs=1e-6)
    assert result.criterion == pytest.approx(1.2295509, abs=1e-6)
    assert result.standard_error == pytest.approx(0.70351564, rel=1e-5)
    assert result.criterion_standard_error == pytest.approx(0.34900448, rel=1e-5)
    assert result.log_likelihood == pytest.approx(-16.685763, abs=1e-6)


@needs_reference
def test_reference_entry() -> None:
    item = entry("samediff_ml_1")
    data, expected, tolerance = item["data"], item["result"], item["tolerance"]
    result = estimate_same_different(
        data["diff_diff"],
        data["diff_diff"] + data["same_diff"],
        data["diff_same"],
        data["diff_same"] + data["same_same"],
        model=DIFF,
    )
    assert result.estimate == pytest.approx(expected["delta"], abs=tolerance["delta"])
    assert result.criterion == pytest.approx(expected["tau"], abs=tolerance["tau"])
    assert result.standard_error == pytest.approx(expected["se_delta"], rel=0.01)
    assert result.criterion_standard_error == pytest.approx(expected["se_tau"], rel=0.01)


@pytest.mark.parametrize("model", [IO, DIFF])
def test_standard_error_is_the_delta_method(model) -> None:
    """Both rates moved by a little, their errors added."""
    result = estimate_same_different(30, 50, 10, 40, model=model)
    h, variance = 1e-5, 0.0
    for dh, df, n, p in ((h, 0, 50, 0.6), (0, h, 40, 0.25)):
        slope = (
            d_prime_same_different(0.6 + dh, 0.25 + df, model=model)
            - d_prime_same_different(0.6 - dh, 0.25 - df, model=model)
        ) / (2 * h)
        variance += float(slope) ** 2 * p * (1 - p) / n
    assert result.standard_error == pytest.approx(np.sqrt(variance), rel=1e-5)


@pytest.mark.parametrize("model", [IO, DIFF])
def test_interval_and_p_value_agree(model) -> None:
    for hits in range(10, 25):
        result = estimate_same_different(hits, 25, 10, 25, model=model, coverage=0.9)
        assert result.estimate in result.interval
        assert (result.p_value < 0.05) == (result.interval.low > 0.0)


@pytest.mark.parametrize("model", [IO, DIFF])
def test_extreme_counts(model) -> None:
    for counts in ((12, 12, 3, 8), (5, 12, 0, 8), (12, 12, 0, 8)):
        result = estimate_same_different(*counts, model=model)
        assert result.estimate == result.interval.high == np.inf
        assert result.standard_error is None
        assert any("no upper" in warning for warning in result.warnings)
    alike = estimate_same_different(0, 12, 0, 8, model=model)
    assert np.isnan(alike.estimate)
    assert (alike.interval.low, alike.interval.high, alike.p_value) == (0.0, np.inf, 1.0)
    less = estimate_same_different(3, 12, 5, 8, model=model)
    assert less.estimate == less.interval.low == 0.0
    assert 0 < less.interval.high < 3
    assert less.p_value == 1.0
    assert less.log_likelihood == pytest.approx(8 * np.log(0.4) + 12 * np.log(0.6))
    assert any("read as 0" in warning for warning in less.warnings)


@pytest.mark.parametrize("model", [IO, DIFF])
def test_coverage(model) -> None:
    """By enumeration of all outcomes of 12 + 12 trials; d′ 0 to 3, four criteria."""
    n = 12
    k = np.arange(n + 1)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    cells = [[estimate_same_different(a, n, b, n, model=model).interval for b in k] for a in k]
    low, high = (
        np.array([[getattr(cell, end) for cell in row] for row in cells]) for end in ("low", "high")
    )
    covered = []
    for d in np.linspace(0, 3, 7):
        unbiased = float(proportion_correct(d, paradigm="same_different", model=IO))
        for place in (0.7, 1.0, 1.5, 2.0):
            if model == DIFF:
                hit = ndtr((d - place) / np.sqrt(2)) + ndtr((-d - place) / np.sqrt(2))
                alarm = 2 * ndtr(-place / np.sqrt(2))
            else:
                hit = ndtr(ndtri(unbiased) - place + 1.2)
                alarm = ndtr(-ndtri(unbiased) - place + 1.2)
            of_hits, of_alarms = (
                np.exp(choose + xlogy(k, p) + xlog1py(n - k, -p)) for p in (hit, alarm)
            )
            held = (low <= d) & (d <= high)
            covered.append(float((np.outer(of_hits, of_alarms) * held).sum()))
    assert np.mean(covered) == pytest.approx(0.953, abs=0.01)
    assert min(covered) > 0.89


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be"):
        estimate_same_different(13, 12, 3, 8)
    with pytest.raises(DataError, match="no decision model"):
        estimate_same_different(9, 12, 3, 8, model="diff")
    with pytest.raises(DataError, match="coverage"):
        estimate_same_different(9, 12, 3, 8, coverage=95)
    assert estimate_same_different(9, 12, 3, 8).model == IO
    assert estimate_same_different(9, 12, 3, 8).to_dict()["hit_rate"] == 0.75
