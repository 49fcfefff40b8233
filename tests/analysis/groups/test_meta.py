"""Random-effects meta-analysis against published values and another implementation."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from jndlab.analysis.groups.meta import meta_analyse
from jndlab.errors import DataError, FitError

# Tuberculosis vaccine trials (Colditz et al. 1994, JAMA 271, 698-702): cases and non-cases with
# and without vaccine; the effect is the log risk ratio. The standard example of R's metafor.
BCG = np.array(
    [
        [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
        [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619],
        [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600],
        [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825],
    ],
    dtype=float,
)  # fmt: skip
ILL, WELL, ILL_0, WELL_0 = BCG.T
EFFECTS = np.log(ILL / (ILL + WELL)) - np.log(ILL_0 / (ILL_0 + WELL_0))
ERRORS = np.sqrt(1 / ILL - 1 / (ILL + WELL) + 1 / ILL_0 - 1 / (ILL_0 + WELL_0))


def test_published_restricted_maximum_likelihood() -> None:
    """metafor's documented output: τ² 0.3132, mean −0.7145 (0.1798), Q 152.233, I² 92.22 %,
    Q-profile interval of τ² 0.1197 to 1.1115."""
    found = meta_analyse(EFFECTS, ERRORS, method="reml")
    assert found.tau**2 == pytest.approx(0.3132, abs=5e-5)
    assert found.estimate == pytest.approx(-0.7145, abs=5e-5)
    assert found.standard_error == pytest.approx(0.1798, abs=5e-5)
    assert found.interval.low == pytest.approx(-1.0669, abs=5e-5)
    assert found.interval.high == pytest.approx(-0.3622, abs=5e-5)
    assert found.heterogeneity == pytest.approx(152.2330, abs=5e-4)
    assert found.inconsistency == pytest.approx(0.9222, abs=5e-5)
    assert found.tau_interval.low**2 == pytest.approx(0.1197, abs=5e-5)
    assert found.tau_interval.high**2 == pytest.approx(1.1115, abs=5e-5)


@pytest.mark.filterwarnings("ignore")
def test_dersimonian_laird_and_hartung_knapp_against_statsmodels() -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    other = combine_effects(EFFECTS, ERRORS**2, method_re="dl", use_t=False)
    found = meta_analyse(EFFECTS, ERRORS, method="dl")
    assert found.tau**2 == pytest.approx(other.tau2)
    assert found.estimate == pytest.approx(other.mean_effect_re)
    assert found.standard_error == pytest.approx(other.sd_eff_w_re)
    # Hartung-Knapp's factor at the same τ², by its formula.
    reml = meta_analyse(EFFECTS, ERRORS, method="reml")
    hksj = meta_analyse(EFFECTS, ERRORS, method="hksj")
    weights = 1 / (ERRORS**2 + reml.tau**2)
    factor = np.sqrt(weights @ (EFFECTS - reml.estimate) ** 2 / 12)
    assert hksj.estimate == pytest.approx(reml.estimate)
    assert hksj.standard_error == pytest.approx(reml.standard_error * factor)
    assert hksj.interval.high - hksj.estimate == pytest.approx(2.178812830 * hksj.standard_error)


def test_reml_is_the_maximum_of_the_restricted_likelihood() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        errors = rng.uniform(0.2, 1.0, size=7)
        values = rng.normal(0, np.hypot(errors, rng.choice([0.0, 0.3, 2.0])))

        def height(tau, values=values, errors=errors):
            weights = 1 / (errors**2 + tau**2)
            mean = weights @ values / weights.sum()
            fit = weights @ (values - mean) ** 2
            return -0.5 * (np.log(weights).sum() - np.log(weights.sum()) - fit)

        found = meta_analyse(values, errors, method="reml").tau
        best = minimize_scalar(height, bounds=(0, 8), method="bounded", options={"xatol": 1e-10})
        assert height(found) <= best.fun + 1e-9


def test_equal_errors_give_the_t_interval_of_the_mean() -> None:
    values = np.array([1.0, 2.0, 4.0, 4.5, 2.5])
    found = meta_analyse(values, np.full(5, 0.1))
    assert found.estimate == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(values.std(ddof=1) / np.sqrt(5))
    assert found.interval.high - found.estimate == pytest.approx(2.7764451 * found.standard_error)
    assert found.weights == pytest.approx((0.2,) * 5)
    assert found.tau == pytest.approx(np.sqrt(values.var(ddof=1) - 0.01))


def test_coverage_with_five_listeners() -> None:
    """600 meta-analyses, seed 3: the default covers 95 %, the normal interval does not."""
    rng = np.random.default_rng(3)
    covered = {"hksj": 0, "dl": 0}
    for _ in range(600):
        errors = rng.uniform(0.2, 0.6, size=5)
        values = rng.normal(1.0, np.hypot(errors, 0.8))
        for method in covered:
            covered[method] += 1.0 in meta_analyse(values, errors, method=method).interval
    assert covered["hksj"] / 600 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 600))
    assert covered["dl"] / 600 < 0.92


def test_no_spread() -> None:
    found = meta_analyse([1.0, 1.1, 0.9, 1.05], [0.5, 0.5, 0.5, 0.5])
    assert found.tau == 0.0
    assert found.tau_interval.low == 0.0
    assert found.heterogeneity_p_value > 0.5
    assert any("closer together" in warning for warning in found.warnings)
    assert any("Only 4 listeners" in warning for warning in found.warnings)


def test_two_listeners_have_no_prediction_interval() -> None:
    found = meta_analyse([1.0, 2.0], [0.1, 0.1])
    assert np.isnan(found.prediction_interval.low)
    assert json.dumps(found.to_dict())
    three = meta_analyse([1.0, 2.0, 3.0], [0.1, 0.1, 0.1])
    assert three.prediction_interval.length > three.interval.length


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (([1.0], [0.1]), DataError),
        (([], []), DataError),
        (([1.0, 2.0], [0.1]), DataError),
        (([1.0, 2.0], [0.1, 0.0]), DataError),
        (([1.0, np.nan], [0.1, 0.1]), DataError),
        (([1.0, 2.0], [0.1, np.inf]), DataError),
        (([1.0, "x"], [0.1, 0.1]), DataError),
    ],
)
def test_refusals(arguments, error) -> None:
    with pytest.raises(error) as caught:
        meta_analyse(*arguments)
    assert caught.value.remedy
    with pytest.raises(FitError, match="no method"):
        meta_analyse([1.0, 2.0], [0.1, 0.1], method="fixed")
