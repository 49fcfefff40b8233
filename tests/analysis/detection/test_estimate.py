"""d′ from counts: against sensR, intervals that cover, and data that cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import bdtr, gammaln, xlog1py, xlogy

from jndlab.analysis.detection.convert import d_prime, proportion_correct
from jndlab.analysis.detection.estimate import estimate_d_prime, likelihood_interval
from jndlab.errors import DataError
from tests.analysis.reference import entries, needs_reference

# sensR 1.5.3 discrim(70, 100, statistic="exact"): d′, standard error, interval, p. sensR's roots
# are good to about 2.5e-5, its p (1 − pbinom) to 1e-16.
SENSR = {
    "2afc": (0.74161432, 0.18639282, 0.35896533, 1.1286829, 3.9250698e-05),
    "3afc": (1.2379534, 0.17183792, 0.88580581, 1.5954447, 7.7271523e-14),
    "oddity": (2.5037233, 0.25689351, 1.9765423, 3.041868, 7.7271523e-14),
    "duo_trio": (1.7153015, 0.27189002, 1.1163959, 2.2676453, 3.9250698e-05),
    "tetrad": (1.7045051, 0.16351983, 1.3632162, 2.0413463, 7.7271523e-14),
}
SENSR_NAMES = {
    "twoAFC": "2afc",
    "threeAFC": "3afc",
    "triangle": "oddity",
    "duotrio": "duo_trio",
    "tetrad": "tetrad",
}


@pytest.mark.parametrize("paradigm", SENSR)
def test_agrees_with_sensr(paradigm) -> None:
    value, error, low, high, p_value = SENSR[paradigm]
    result = estimate_d_prime(70, 100, paradigm=paradigm)
    assert result.estimate == pytest.approx(value, abs=5e-5)
    assert result.standard_error == pytest.approx(error, abs=5e-5)
    assert result.interval.low == pytest.approx(low, abs=5e-5)
    assert result.interval.high == pytest.approx(high, abs=5e-5)
    assert result.p_value == pytest.approx(p_value, rel=1e-5, abs=2e-16)


@needs_reference
def test_every_reference_protocol() -> None:
    items = entries("discrimination_protocol")
    assert items
    for item in items:
        data, tolerance = item["data"], item["tolerance"]
        found = estimate_d_prime(
            data["correct"], data["total"], paradigm=SENSR_NAMES[data["method"]]
        )
        rows = {row["_row"]: row for row in item["result"]["coef"]}
        for row, value, interval in (
            ("d-prime", found.estimate, found.interval),
            (
                "pd",
                found.proportion_discriminators,
                found.proportion_discriminators_interval,
            ),
            ("pc", found.proportion_correct, found.proportion_correct_interval),
        ):
            ends = (value, interval.low, interval.high)
            expected = tuple(rows[row][name] for name in ("Estimate", "Lower", "Upper"))
            assert ends == pytest.approx(expected, abs=tolerance["dprime"]), item["id"]
        assert found.standard_error == pytest.approx(rows["d-prime"]["Std. Error"], abs=1e-3)
        assert found.p_value == pytest.approx(item["result"]["p"], abs=tolerance["pvalue"])


def test_p_value_is_the_exact_binomial_tail() -> None:
    result = estimate_d_prime(14, 30, paradigm="tetrad")
    assert result.p_value == pytest.approx(1 - bdtr(13, 30, 1 / 3), abs=1e-12)
    assert estimate_d_prime(0, 30, paradigm="tetrad").p_value == 1.0


def test_likelihood_interval_solves_its_equation() -> None:
    interval = likelihood_interval(12, 16, coverage=0.9)
    for end in (interval.low, interval.high):
        loss = 2 * (xlogy(12, 0.75 / end) + xlogy(4, 0.25 / (1 - end)))
        assert loss == pytest.approx(2.705543, abs=1e-5)
    assert likelihood_interval(0, 16).low == 0.0
    assert likelihood_interval(0, 16).high == pytest.approx(1 - np.exp(-3.841459 / 32), abs=1e-6)
    assert likelihood_interval(16, 16).high == 1.0


def coverage_of(interval: str, paradigm: str, n_trials: int, truths: np.ndarray) -> np.ndarray:
    """Exact: the probability of all outcomes whose interval holds the truth."""
    k = np.arange(n_trials + 1)
    found = [estimate_d_prime(i, n_trials, paradigm=paradigm, interval=interval) for i in k]
    low, high = (np.array([getattr(f.interval, end) for f in found]) for end in ("low", "high"))
    p = np.asarray(proportion_correct(truths, paradigm=paradigm))[:, np.newaxis]
    choose = gammaln(n_trials + 1) - gammaln(k + 1) - gammaln(n_trials - k + 1)
    likely = np.exp(choose + xlogy(k, p) + xlog1py(n_trials - k, -p))
    held = (low <= truths[:, np.newaxis]) & (truths[:, np.newaxis] <= high)
    return np.asarray((likely * held).sum(axis=1))


@pytest.mark.parametrize("paradigm", ["2afc", "abx", "oddity", "4afc"])
def test_coverage(paradigm) -> None:
    """By enumeration, 40 trials, d′ of 0 to where p is .95: exact never below 95 %."""
    truths = np.linspace(0, float(d_prime(0.95, paradigm=paradigm)), 60)
    assert coverage_of("exact", paradigm, 40, truths).min() >= 0.95
    for interval, worst in (("wilson", 0.92), ("jeffreys", 0.88), ("profile", 0.85)):
        covered = coverage_of(interval, paradigm, 40, truths)
        assert covered.mean() == pytest.approx(0.95, abs=0.012)
        assert covered.min() > worst


def test_below_chance() -> None:
    zero = estimate_d_prime(40, 100, paradigm="2afc")
    assert (zero.estimate, zero.interval.low, zero.proportion_discriminators) == (0.0, 0.0, 0.0)
    # The upper end of Clopper-Pearson for 40 of 100 is .502791 (R: binom.test).
    expected = float(d_prime(0.502791, paradigm="2afc"))
    assert zero.interval.high == pytest.approx(expected, abs=1e-5)
    assert zero.standard_error is None
    assert any("guessing" in warning for warning in zero.warnings)
    negative = estimate_d_prime(40, 100, paradigm="2afc", below_chance="negative")
    assert negative.estimate == pytest.approx(-0.3583, abs=1e-4)
    assert negative.interval.low < negative.estimate < negative.interval.high
    assert negative.proportion_discriminators == pytest.approx(-0.2)
    assert negative.standard_error == pytest.approx(0.1793, abs=1e-4)
    assert negative.warnings == ()
    wrong = estimate_d_prime(20, 100, paradigm="oddity")
    assert wrong.interval.high == 0.0
    assert any("check the scoring" in warning for warning in wrong.warnings)


def test_all_correct() -> None:
    result = estimate_d_prime(16, 16, paradigm="abx", model="differencing")
    assert result.estimate == result.interval.high == np.inf
    assert result.interval.low == pytest.approx(
        float(d_prime(0.79409279, paradigm="abx", model="differencing")), abs=1e-6
    )
    assert result.standard_error is None
    assert any("no upper" in warning for warning in result.warnings)
    assert result.to_dict()["estimate"] == "inf"
    assert (result.paradigm, result.model) == ("abx", "differencing")
    assert "differencing" in result.method


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be"):
        estimate_d_prime(17, 16, paradigm="abx")
    with pytest.raises(DataError, match="two kinds of trial") as error:
        estimate_d_prime(7, 16, paradigm="same-different")
    assert "estimate_same_different" in error.value.remedy
    with pytest.raises(DataError, match="two kinds of trial") as error:
        estimate_d_prime(7, 16, paradigm="yes/no")
    assert "d_prime_yes_no" in error.value.remedy
    with pytest.raises(DataError, match="no option 'wald'"):
        estimate_d_prime(7, 16, paradigm="abx", interval="wald")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="below 0"):
        estimate_d_prime(7, 16, paradigm="oddity", below_chance="negative")
    with pytest.raises(DataError, match="coverage"):
        estimate_d_prime(7, 16, paradigm="abx", interval="profile", coverage=95.0)
