"""Sigmoids: what threshold and width mean, in every family and both directions."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.errors import FitError
from jndlab.sigmoids import (
    SIGMOIDS,
    SigmoidName,
    get_sigmoid,
    inverse_sigmoid,
    mirrored,
    proportion_correct,
    sigmoid,
)

NAMES: list[SigmoidName] = list(SIGMOIDS)


def width_end(name: SigmoidName, threshold: float, width: float, unscaled: float) -> float:
    return float(inverse_sigmoid(name, unscaled, threshold, width))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("falling", [False, True])
def test_threshold_is_the_half_point_and_width_spans_5_to_95_percent(
    name: SigmoidName, falling: bool
) -> None:
    threshold, width = 3.0, 1.7
    assert sigmoid(name, threshold, threshold, width, falling=falling) == pytest.approx(0.5)
    low, high = inverse_sigmoid(name, [0.05, 0.95], threshold, width, falling=falling)
    if get_sigmoid(name).log_level:
        low, high = np.log(low), np.log(high)
    assert high - low == pytest.approx(-width if falling else width)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("falling", [False, True])
def test_inverse_undoes_the_sigmoid_and_the_curve_is_monotone(
    name: SigmoidName, falling: bool
) -> None:
    levels = np.linspace(1.0, 6.0, 41)
    values = sigmoid(name, levels, 3.0, 2.5, falling=falling)
    inner = (values > 1e-6) & (values < 1 - 1e-6)
    steps = np.diff(values[inner])
    assert inner.sum() > 10
    assert np.all(steps < 0 if falling else steps > 0)
    back = inverse_sigmoid(name, values[inner], 3.0, 2.5, falling=falling)
    np.testing.assert_allclose(back, levels[inner], rtol=1e-8)


def test_published_forms() -> None:
    """Schütt et al. 2016, equations of appendix A, written out independently."""
    level, threshold, width = 2.2, 3.0, 2.0
    logistic = 1 / (1 + np.exp(-2 * np.log(1 / 0.05 - 1) * (level - threshold) / width))
    assert sigmoid("logistic", level, threshold, width) == pytest.approx(logistic)
    c = np.log(-np.log(0.05)) - np.log(-np.log(0.95))
    gumbel = 1 - np.exp(-np.exp(c * (level - threshold) / width + np.log(-np.log(0.5))))
    assert sigmoid("gumbel", level, threshold, width) == pytest.approx(gumbel)
    reverse = np.exp(-np.exp(-c * (level - threshold) / width + np.log(-np.log(0.5))))
    assert sigmoid("reversed-gumbel", level, threshold, width) == pytest.approx(reverse)
    assert sigmoid("student-t", 4.0, 3.0, 2 * 6.313751514675043) == pytest.approx(0.75)
    sech = 2 / np.pi * np.arctan(np.exp(np.pi / 2 * 0.4))
    span = 4 / np.pi * np.log(np.tan(np.pi / 2 * 0.95))
    assert sigmoid("hyperbolic-secant", 3.4, 3.0, span) == pytest.approx(sech)
    # Standard normal: a width of 2 z(.95) means a standard deviation of one.
    assert sigmoid("norm", 4.0, 3.0, 2 * 1.6448536269514722) == pytest.approx(0.8413447460685429)


def test_weibull_is_gumbel_on_the_log_level_and_takes_level_zero() -> None:
    assert sigmoid("weibull", 2.0, 3.0, 1.2) == pytest.approx(
        float(sigmoid("gumbel", np.log(2.0), np.log(3.0), 1.2))
    )
    assert sigmoid("weibull", 0.0, 3.0, 1.2) == 0.0
    assert sigmoid("weibull", 0.0, 3.0, 1.2, falling=True) == 1.0


def test_names_of_other_packages_mean_the_same() -> None:
    for alias, name in {"gauss": "norm", "rgumbel": "reversed-gumbel", "logn": "lognormal"}.items():
        assert get_sigmoid(alias) is get_sigmoid(name)
    assert sigmoid("lognormal", 2.0, 3.0, 1.2) == pytest.approx(
        float(sigmoid("norm", np.log(2.0), np.log(3.0), 1.2))
    )


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_agree_with_differences_of_the_function(name: SigmoidName) -> None:
    for standard in (get_sigmoid(name), mirrored(get_sigmoid(name))):
        t = np.linspace(-3.0, 2.5, 23)
        h = 1e-5
        np.testing.assert_allclose(
            standard.density(t), (standard.cdf(t + h) - standard.cdf(t - h)) / (2 * h), atol=1e-9
        )
        np.testing.assert_allclose(
            standard.curvature(t),
            (standard.density(t + h) - standard.density(t - h)) / (2 * h),
            atol=1e-9,
        )
        np.testing.assert_allclose(standard.cdf(t) + standard.survival(t), 1.0, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_far_tails_are_quiet_and_finite(name: SigmoidName) -> None:
    standard = get_sigmoid(name)
    t = np.array([-1e4, -800.0, 800.0, 1e4])
    for function in (standard.cdf, standard.survival, standard.density, standard.curvature):
        assert np.all(np.isfinite(function(t)))


@pytest.mark.parametrize("name", ["norm", "logistic", "gumbel", "reversed-gumbel"])
def test_falling_is_the_mirrored_form_on_the_negated_level(name: SigmoidName) -> None:
    mirror = mirrored(get_sigmoid(name))
    levels = np.linspace(0.0, 6.0, 7)
    t = mirror.centre + mirror.span * (-levels + 3.0) / 2.5
    np.testing.assert_allclose(mirror.cdf(t), sigmoid(name, levels, 3.0, 2.5, falling=True))


def test_proportion_correct_runs_from_guess_rate_to_one_minus_lapse_rate() -> None:
    np.testing.assert_allclose(proportion_correct([0.0, 0.5, 1.0], 0.5, 0.04), [0.5, 0.73, 0.96])


def test_wrong_input_is_named_with_a_remedy() -> None:
    with pytest.raises(FitError, match="no sigmoid called 'cauchy'"):
        sigmoid("cauchy", 1.0, 1.0, 1.0)  # type: ignore[arg-type]
    with pytest.raises(FitError, match="width"):
        sigmoid("norm", 1.0, 1.0, 0.0)
    with pytest.raises(FitError, match="negative"):
        sigmoid("weibull", -1.0, 1.0, 1.0)
    with pytest.raises(FitError, match="between 0 and 1"):
        inverse_sigmoid("norm", 1.2, 1.0, 1.0)
