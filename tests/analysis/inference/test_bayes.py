"""Bayes factors against R's BayesFactor, closed forms and SciPy's quadrature."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaincinv, betaln, logit
from scipy.stats import logistic

from jndlab.analysis.inference.bayes import bayes_factor_binomial, bayes_factor_sensitivity
from jndlab.analysis.inference.bayes_priors import make_prior
from jndlab.errors import DataError
from tests.analysis.reference import entries, needs_reference

# Closed forms, and BayesFactor 0.9.12-4.4 proportionBF(k, n, p = .5, rscale = .5).
PUBLISHED = [
    (59, {"uniform": 0.62391735, "uniform_above_chance": 1.2024403, "logistic_medium": 1.1122252}),
    (
        50,
        {"uniform": 0.12440112, "uniform_above_chance": 0.12440112, "logistic_medium": 0.24187977},
    ),
]


@pytest.mark.parametrize(("k", "expected"), PUBLISHED)
def test_published_values(k: int, expected: dict[str, float]) -> None:
    for prior, value in expected.items():
        found = bayes_factor_binomial(k, 100, chance=0.5, prior=prior)
        assert found.bayes_factor == pytest.approx(value, rel=1e-7)
        assert found.bf01 == pytest.approx(1.0 / value, rel=1e-7)


@needs_reference
@pytest.mark.parametrize("reference", entries("bayes_factor"), ids=lambda e: e["id"])
def test_values_of_the_reference_file(reference) -> None:
    k, n, null = (reference["data"][name] for name in ("k", "n", "null"))
    for name, value in reference["result"].items():
        found = bayes_factor_binomial(k, n, chance=null, prior=name.removeprefix("bf10_"))
        # Eight digits are given.
        assert found.bayes_factor == pytest.approx(value, rel=1e-7)


@pytest.mark.parametrize("n", [1, 20, 1000, 100_000])
@pytest.mark.parametrize(("a", "b"), [(1, 1), (0.5, 0.5), (0.01, 2), (300, 100)])
def test_closed_forms_of_beta_priors(n: int, a: float, b: float) -> None:
    for k in sorted({0, 1, n // 3, n}):
        found = bayes_factor_binomial(k, n, chance=1 / 3, prior=("beta", a, b))
        expected = betaln(a + k, b + n - k) - betaln(a, b)
        expected -= k * np.log(1 / 3) + (n - k) * np.log(2 / 3)
        assert found.log_bayes_factor == pytest.approx(expected, abs=1e-9 + 1e-12 * n)
        assert found.estimate == pytest.approx((a + k) / (a + b + n), abs=1e-11)
        ends = betaincinv(a + k, b + n - k, [0.025, 0.975])
        assert (found.interval.low, found.interval.high) == pytest.approx(tuple(ends), abs=1e-9)


def logistic_density(chance: float, scale: float) -> Callable[[float], float]:
    return lambda p: float(logistic.pdf(logit(p), logit(chance), scale) / (p * (1 - p)))


@pytest.mark.parametrize(
    ("k", "n", "chance", "prior", "density", "low", "high"),
    [
        (
            40,
            60,
            1 / 3,
            ("logistic_above_chance", "wide"),
            logistic_density(1 / 3, 0.5**0.5),
            1 / 3,
            1,
        ),
        (3, 60, 1 / 3, ("logistic_below_chance", 0.1), logistic_density(1 / 3, 0.1), 0, 1 / 3),
        (20, 60, 0.5, "uniform_above_chance", lambda p: 1.0, 0.5, 1),
        (59, 100, 0.5, ("beta_above_chance", 2, 5), lambda p: p * (1 - p) ** 4, 0.5, 1),
        (59, 100, 0.5, ("uniform", 0.4, 0.6), lambda p: 1.0, 0.4, 0.6),
    ],
)
def test_one_sided_priors_by_another_quadrature(
    k: int, n: int, chance: float, prior: Any, density: Any, low: float, high: float
) -> None:
    offset = k * np.log(chance) + (n - k) * np.log1p(-chance)

    def ratio(p: float) -> float:
        return float(density(p) * np.exp(k * np.log(p) + (n - k) * np.log1p(-p) - offset))

    def total(function: Callable[[float], float], to: float = high) -> float:
        return float(quad(function, low, to, epsabs=0, epsrel=1e-11, limit=500)[0])

    found = bayes_factor_binomial(k, n, chance=chance, prior=prior)
    assert found.bayes_factor == pytest.approx(total(ratio) / total(density), rel=1e-9)
    assert found.estimate == pytest.approx(total(lambda p: p * ratio(p)) / total(ratio), rel=1e-9)
    below = total(ratio, found.interval.low) / total(ratio)
    assert below == pytest.approx(0.025, rel=1e-6)


def test_many_trials_do_not_overflow() -> None:
    found = bayes_factor_binomial(90_000, 100_000, chance=0.5, prior="uniform")
    assert found.log_bayes_factor == pytest.approx(36800.37922, abs=1e-5)
    assert (found.bayes_factor, found.bf01) == (np.inf, 0.0)
    assert any("log_bayes_factor" in text for text in found.warnings)
    assert "10^15982 times" in found.wording
    assert json.loads(json.dumps(found.to_dict()))["bayes_factor"] == "inf"


def test_data_on_the_other_side_of_a_one_sided_prior() -> None:
    found = bayes_factor_binomial(10, 1000, chance=0.5, prior="uniform_above_chance")
    assert found.bayes_factor < 0.01
    assert found.estimate == pytest.approx(0.5005, abs=2e-4)
    assert any("outside" in text for text in found.warnings)


def test_the_prior_is_stated_and_its_weight_shown() -> None:
    found = bayes_factor_binomial(59, 100, chance=0.5, prior=("logistic", "wide"))
    assert found.prior == "logistic of the log odds around chance, scale 0.7071"
    assert found.prior in found.wording
    assert "this prior only" in found.warnings[0]
    for verdict in ("strong", "moderate", "anecdotal", "significant"):
        assert verdict not in found.wording
    several = bayes_factor_sensitivity(59, 100, chance=0.5)
    factors = [one.bayes_factor for one in several.results]
    assert several.smallest.bayes_factor == min(factors) < 1.0 < max(factors)
    assert several.largest.bayes_factor == max(factors)
    assert "depends on the prior" in several.wording
    assert "depends" not in bayes_factor_sensitivity(90, 100, chance=0.5).wording


def test_spellings_of_priors() -> None:
    for spelling in ("uniform", "Uniform 0 1", ("uniform", 0, 1), ("beta", 1, 1)):
        prior = make_prior(spelling, 0.5)
        assert (prior.a, prior.b, prior.low, prior.high) == (1.0, 1.0, 0.0, 1.0)
    assert make_prior("uniform_half_1", 0.4).low == 0.5
    assert make_prior("uniform-above-chance", 0.4).low == 0.4
    assert make_prior(("logistic", "ultrawide"), 0.4) == make_prior(("logistic", 1.0), 0.4)
    assert make_prior("logistic_medium_above_chance", 0.5) == make_prior(
        ("logistic_above_chance", 0.5), 0.5
    )
    assert make_prior(("beta_below_chance", 2, 3), 0.5).text == "Beta(2, 3), cut to 0 to 0.5"


@pytest.mark.parametrize(
    "prior",
    [
        None,
        "flat",
        "logistic",
        "beta",
        ("beta", 1),
        ("beta", 0, 1),
        ("beta", "a", 1),
        ("logistic", "narrow"),
        ("logistic", -1),
        ("logistic", np.nan),
        ("uniform", 0.9, 0.1),
        ("uniform_above_chance", 0.1, 0.9),
        (),
        (3, 4),
    ],
)
def test_priors_that_are_none_are_refused(prior: Any) -> None:
    with pytest.raises(DataError):
        bayes_factor_binomial(59, 100, chance=0.5, prior=prior)


def test_other_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be"):
        bayes_factor_binomial(101, 100, chance=0.5, prior="uniform")
    with pytest.raises(DataError, match="chance"):
        bayes_factor_binomial(59, 100, chance=0.0, prior="uniform")
    with pytest.raises(DataError, match="no priors"):
        bayes_factor_sensitivity(59, 100, chance=0.5, priors=[])


def test_one_sided_factors_add_up_to_the_two_sided_one() -> None:
    """BF of a prior cut in two halves: its mean over the halves, weighted by their share."""
    both, above, below = (
        bayes_factor_binomial(45, 70, chance=0.5, prior=(f"logistic{side}", 0.5)).bayes_factor
        for side in ("", "_above_chance", "_below_chance")
    )
    assert both == pytest.approx((above + below) / 2.0, rel=1e-11)


def test_misleading_evidence_is_as_rare_as_it_must_be() -> None:
    """Under H0 a Bayes factor of 20 or more is seen in at most 1/20 of studies, exactly."""
    from scipy.stats import binom

    n = 60
    for prior in ("uniform", "uniform_above_chance", "logistic_medium"):
        factors = np.array(
            [
                bayes_factor_binomial(k, n, chance=0.5, prior=prior).bayes_factor
                for k in range(n + 1)
            ]
        )
        chances = binom.pmf(np.arange(n + 1), n, 0.5)
        assert factors @ chances == pytest.approx(1.0, rel=1e-9)
        assert 0.0 < chances[factors >= 20].sum() <= 0.05
