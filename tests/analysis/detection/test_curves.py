"""The closed forms against the integrals of the literature, and against simulated listeners."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from jndlab.analysis.detection import curves
from jndlab.analysis.detection.choice import ChoiceCurve
from jndlab.analysis.detection.convert import decision_curve
from jndlab.analysis.detection.curves import Curve, EvenCurve

EVEN = {
    "ABX, independent": curves.ABX_INDEPENDENT,
    "ABX, differencing": curves.ABX_DIFFERENCING,
    "duo-trio": curves.DUO_TRIO,
    "oddity": curves.ODDITY,
    "tetrad": curves.TETRAD,
    "same-different, independent": curves.SAME_DIFFERENT_INDEPENDENT,
    "same-different, differencing": curves.SAME_DIFFERENT_DIFFERENCING,
}
ALL: dict[str, Curve] = {
    **EVEN,
    "yes/no": curves.YES_NO,
    "2AFC": curves.TWO_INTERVAL,
    "3AFC": ChoiceCurve(n_intervals=3),
}
SEED, N, SENSITIVITY = 20260303, 400_000, 1.6


def density(x: float) -> float:
    return float(np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi))


@pytest.mark.parametrize("d", [0.05, 0.7, 2.0, 4.0])
def test_oddity_is_the_integral_of_ennis_1993(d) -> None:
    value, _ = quad(
        lambda x: (
            2
            * density(x)
            * (
                ndtr(-x * np.sqrt(3) + d * np.sqrt(2 / 3))
                + ndtr(-x * np.sqrt(3) - d * np.sqrt(2 / 3))
            )
        ),
        0,
        12,
        epsabs=1e-13,
    )
    assert float(curves.ODDITY.proportion(np.array(d))) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("d", [0.05, 0.7, 2.0, 4.0])
def test_tetrad_is_the_integral_of_ennis_and_others_1998(d) -> None:
    value, _ = quad(
        lambda x: density(x) * (2 * ndtr(x) * ndtr(x - d) - ndtr(x - d) ** 2),
        -12,
        16,
        epsabs=1e-13,
        points=[0, d],
    )
    assert float(curves.TETRAD.proportion(np.array(d))) == pytest.approx(1 - 2 * value, abs=1e-12)


@pytest.mark.parametrize("d", [0.3, 1.0, 2.5, 6.0])
def test_same_different_by_differencing_is_the_best_over_all_criteria(d) -> None:
    k = np.linspace(0, 12, 200_001)
    hits = ndtr((d - k) / np.sqrt(2)) + ndtr((-d - k) / np.sqrt(2))
    correct = (hits + 1 - 2 * ndtr(-k / np.sqrt(2))) / 2
    value = float(curves.SAME_DIFFERENT_DIFFERENCING.proportion(np.array(d)))
    assert value == pytest.approx(correct.max(), abs=1e-8)
    assert value >= correct.max()


@pytest.mark.parametrize("name", ALL)
def test_slope_is_the_derivative(name) -> None:
    d, h = np.linspace(0.1, 8, 60), 1e-5
    difference = (ALL[name].proportion(d + h) - ALL[name].proportion(d - h)) / (2 * h)
    np.testing.assert_allclose(ALL[name].slope(d), difference, atol=1e-10)


@pytest.mark.parametrize("name", EVEN)
def test_error_keeps_its_precision_where_p_is_nearly_one(name) -> None:
    """The slope, integrated from far out, is an independent way to the error."""
    curve: EvenCurve = EVEN[name]
    for d in (6.0, 10.0, 14.0):
        error, _ = quad(
            lambda x: float(curve.rise(np.array(x))), d, d + 20, epsabs=0.0, epsrel=1e-11, limit=200
        )
        assert float(curve.error(np.array(d))) == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("name", EVEN)
def test_excess_keeps_its_precision_near_chance(name) -> None:
    """Near 0 the excess is a parabola; at the joint of the two formulas nothing jumps."""
    curve: EvenCurve = EVEN[name]
    size = np.array([1e-6, 1e-5, 1e-4])
    np.testing.assert_allclose(curve.excess(size) / size**2, curve.excess(size)[0] / 1e-12, 1e-7)
    beside = curve.excess(np.array([1.0 - 1e-9, 1.0 + 1e-9]))
    assert beside[1] - beside[0] == pytest.approx(
        2e-9 * float(curve.slope(np.array(1.0))), abs=1e-14
    )


@pytest.mark.parametrize("name", ALL)
def test_inverse_to_1e_10_or_the_last_digit_of_the_proportion(name) -> None:
    curve = ALL[name]
    d = np.concatenate([10.0 ** np.arange(-6.0, 0.0), np.linspace(1, 10, 91)])
    p = curve.proportion(d)
    below_one = p < 1.0
    d, p = d[below_one], p[below_one]
    last_digit = np.maximum(np.spacing(p), 1.2e-16) / curve.slope(d)
    assert np.all(np.abs(curve.d_prime(p) - d) <= 1e-10 + 2 * last_digit)
    middle = (d > 1e-3) & (d < 5)
    np.testing.assert_allclose(curve.d_prime(p)[middle], d[middle], atol=1e-10)


@pytest.mark.parametrize("name", ALL)
def test_rises_from_chance_to_one(name) -> None:
    curve = ALL[name]
    p = curve.proportion(np.concatenate([np.linspace(0, 5, 200), [np.inf]]))
    assert p[0] == pytest.approx(curve.guess_rate, abs=1e-15)
    assert p[-1] == 1.0
    assert np.all(np.diff(p) > 0)
    ends = curve.proportion(np.array([-np.inf, -1.0]))
    if curve.signed:
        assert ends[0] == 0.0
        assert ends[1] < curve.guess_rate
    assert curve.d_prime(np.array([curve.guess_rate, 1.0])).tolist() == [0.0, np.inf]


def simulate() -> dict[tuple[str, str | None], float]:
    """Shares correct of listeners who follow the decision rules; noise of unit variance."""
    rng, d = np.random.default_rng(SEED), SENSITIVITY
    noise, signal = rng.normal(size=(6, N)), rng.normal(d, 1.0, size=(6, N))
    coin = rng.random(N) < 0.5
    shares: dict[tuple[str, str | None], float] = {}
    shares["yes_no", None] = np.mean((np.where(coin, signal[0], noise[0]) > d / 2) == coin)
    for m in (2, 3, 4, 5):
        shares[f"{m}afc", None] = np.mean(signal[0] > noise[: m - 1].max(axis=0))
    a, b, x = noise[0], signal[0], np.where(coin, signal[1], noise[1])
    shares["abx", "differencing"] = np.mean((np.abs(x - b) < np.abs(x - a)) == coin)
    # Likelihoods of "X is B" and "X is A", the order of A and B being unknown to the listener.
    a0, b0, x0 = a - d / 2, b - d / 2, x - d / 2
    says_b = np.cosh(d * (b0 - a0 + x0) / 2) > np.cosh(d * (b0 - a0 - x0) / 2)
    shares["abx", "independent_observation"] = np.mean(says_b == coin)
    within = np.abs(noise[0] - noise[1])
    across = np.minimum(np.abs(signal[0] - noise[0]), np.abs(signal[0] - noise[1]))
    shares["oddity", None] = np.mean(within < across)
    shares["duo_trio", None] = np.mean(within < np.abs(signal[0] - noise[0]))
    two, others = noise[:2], signal[:2]
    apart = (two.max(axis=0) < others.min(axis=0)) | (others.max(axis=0) < two.min(axis=0))
    shares["tetrad", None] = np.mean(apart)
    first = np.where(rng.random(N) < 0.5, signal[2], noise[2])
    is_signal = first == signal[2]
    second = np.where(coin == is_signal, noise[3], signal[3])  # coin: the pair differs
    distance = np.abs(first - second)
    shares["same_different", "differencing"] = max(
        np.mean((distance > k) == coin) for k in np.linspace(1.2, 2.4, 25)
    )
    u, v = first - d / 2, second - d / 2
    says_different = np.cosh(d * (u - v) / 2) > np.cosh(d * (u + v) / 2)
    shares["same_different", "independent_observation"] = np.mean(says_different == coin)
    return shares


def test_formulas_describe_the_decision_rules() -> None:
    print(f"seed {SEED}")
    for (paradigm, model), share in simulate().items():
        expected = float(decision_curve(paradigm, model).proportion(np.array(SENSITIVITY)))
        band = 4 * np.sqrt(expected * (1 - expected) / N)
        assert share == pytest.approx(expected, abs=band), (paradigm, model)
