"""d′ against published values, by simulating the decision rules, and as its own inverse."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jndlab.analysis.detection.models import d_prime, estimate_d_prime, proportion_from_d_prime
from jndlab.errors import DataError

# Macmillan & Creelman 2005, formulas solved to 1e-13; psyphy 0.3 agrees to 3e-5.
TWO_INTERVAL = {0.55: 0.17771198, 0.75: 0.95387255, 0.85: 1.4657382, 0.95: 2.3261743}
ABX_INDEPENDENT = {0.55: 0.68619449, 0.75: 1.7904343, 0.85: 2.3970889, 0.95: 3.4327046}
ABX_DIFFERENCING = {0.55: 0.76141217, 0.75: 2.0200392, 0.85: 2.7493179, 0.95: 4.072402}


def test_two_interval() -> None:
    values = d_prime(list(TWO_INTERVAL), paradigm="two-interval")
    np.testing.assert_allclose(values, list(TWO_INTERVAL.values()), atol=1e-7)


def test_abx_under_both_models() -> None:
    values = d_prime(list(ABX_INDEPENDENT), paradigm="abx")
    np.testing.assert_allclose(values, list(ABX_INDEPENDENT.values()), atol=1e-7)
    values = d_prime(list(ABX_DIFFERENCING), paradigm="abx", abx_model="differencing")
    np.testing.assert_allclose(values, list(ABX_DIFFERENCING.values()), atol=1e-6)


def test_proportion_correct_at_d_prime_one_depends_on_the_task() -> None:
    at_one = [
        proportion_from_d_prime(1.0, paradigm="two-interval"),
        proportion_from_d_prime(1.0, paradigm="abx"),
        proportion_from_d_prime(1.0, paradigm="abx", abx_model="differencing"),
    ]
    np.testing.assert_allclose(at_one, [0.76024994, 0.59965619, 0.58247544], atol=1e-8)


def test_formulas_describe_the_decision_rules() -> None:
    """Simulated listeners with unit-variance noise; seed 20260301, 400 000 trials."""
    rng = np.random.default_rng(20260301)
    n, sensitivity = 400_000, 1.7
    x_is_b = rng.random(n) < 0.5
    a, b = rng.normal(size=n), rng.normal(sensitivity, 1.0, size=n)
    x = rng.normal(np.where(x_is_b, sensitivity, 0.0), 1.0)
    says_b = np.abs(x - b) < np.abs(x - a)
    difference = np.mean(says_b == x_is_b)
    # Independent observations: decide the order of the pair, then the side of the midpoint.
    says_b = (x > sensitivity / 2) == (b > a)
    independent = np.mean(says_b == x_is_b)
    tolerance = 4 * math.sqrt(0.25 / n)
    expected = proportion_from_d_prime(sensitivity, paradigm="abx", abx_model="differencing")
    assert difference == pytest.approx(float(expected), abs=tolerance)
    expected = proportion_from_d_prime(sensitivity, paradigm="abx", abx_model="independent")
    assert independent == pytest.approx(float(expected), abs=tolerance)


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
@pytest.mark.parametrize("abx_model", ["independent", "differencing"])
def test_each_undoes_the_other(paradigm, abx_model) -> None:
    values = np.linspace(-5.0, 5.0, 41)
    p = proportion_from_d_prime(values, paradigm=paradigm, abx_model=abx_model)
    assert np.all(np.diff(p) > 0)
    back = d_prime(p, paradigm=paradigm, abx_model=abx_model)
    np.testing.assert_allclose(back, values, atol=1e-6)


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
def test_chance_is_zero_and_perfection_infinite(paradigm) -> None:
    values = d_prime([0.0, 0.5, 1.0], paradigm=paradigm)
    np.testing.assert_array_equal(values, [-np.inf, 0.0, np.inf])


def test_interval_is_the_transformed_exact_one() -> None:
    estimate = estimate_d_prime(70, 100, paradigm="two-interval")
    # sensR 1.5.3 discrim(70, 100, "twoAFC"): estimate and upper limit of d′.
    assert estimate.value == pytest.approx(0.74161432, abs=1e-6)
    assert estimate.interval.high == pytest.approx(1.1286829, abs=1e-4)
    assert estimate.interval.low == pytest.approx(0.35896533, abs=1e-4)
    assert estimate.abx_model is None
    ceiling = estimate_d_prime(16, 16, paradigm="abx")
    assert ceiling.value == math.inf
    assert ceiling.interval.high == math.inf
    assert ceiling.interval.low == pytest.approx(float(d_prime(0.79409279, paradigm="abx")))
    assert ceiling.abx_model == "independent"


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="proportion"):
        d_prime(75.0, paradigm="abx")
    with pytest.raises(DataError, match="no paradigm"):
        d_prime(0.75, paradigm="triangle")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="no ABX model"):
        d_prime(0.75, paradigm="abx", abx_model="other")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        d_prime(0.75)  # type: ignore[call-arg]  # the paradigm has no default
