"""Residuals: by hand, in every direction, with p-values of the right size; influential data."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import fit_psychometric
from jndlab.analysis.fits.residuals import deviance_residuals, residual_trends
from jndlab.errors import DataError
from jndlab.sigmoids import sigmoid

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
LEVELS = np.arange(1.0, 7.0)
# Four passes through the levels, 10 trials a block; the same totals as SIX.
PASSES = np.array(
    [[4, 5, 6, 8, 9, 9], [5, 5, 7, 8, 9, 10], [6, 6, 8, 8, 10, 10], [6, 7, 8, 9, 10, 10]]
)
BLOCKS = (np.tile(LEVELS, 4), PASSES.ravel(), [10] * 24)


def test_residuals_by_hand() -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method="ml", overdispersion=False)
    residuals = deviance_residuals(fit)
    assert np.sum(residuals**2) == pytest.approx(fit.deviance, abs=1e-9)
    k, n = np.array(SIX[1]), np.array(SIX[2])
    psi = fit.predict(SIX[0])
    parts = 2 * (k * np.log(k / n / psi) + (n - k) * np.log((1 - k / n) / (1 - psi)))
    np.testing.assert_allclose(residuals, np.sign(k / n - psi) * np.sqrt(parts), atol=1e-6)


def test_residuals_where_all_responses_are_alike() -> None:
    fit = fit_psychometric([1, 2, 3, 4], [10, 12, 20, 20], [20] * 4, paradigm="2afc")
    residuals = deviance_residuals(fit)
    assert np.all(np.isfinite(residuals))
    assert residuals[-1] >= 0.0


def test_learning_shows_over_the_order_and_fatigue_the_other_way() -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method="map")
    learning = residual_trends(fit, seed=1, blocks=BLOCKS, n_simulations=500)
    assert learning.over_order is not None
    assert learning.over_order.correlation > 0.5
    assert learning.over_order.p_value < 0.02
    assert "learning" in learning.verdict
    assert len(learning.block_residuals) == len(learning.block_levels) == 24
    backwards = [list(reversed(column)) for column in BLOCKS]
    fatigue = residual_trends(fit, seed=1, blocks=backwards, n_simulations=500)
    assert fatigue.over_order is not None
    assert fatigue.over_order.correlation == pytest.approx(-learning.over_order.correlation)
    assert "fatigue" in fatigue.verdict


def test_a_wrong_chance_level_shows_over_the_level() -> None:
    """Responses far below the declared chance of 0.5 at the hard levels only."""
    fit = fit_psychometric(
        LEVELS, [60, 70, 100, 150, 190, 198], [200] * 6, paradigm="2afc", method="map"
    )
    result = residual_trends(fit, seed=1, n_simulations=500)
    assert result.over_order is None
    assert result.over_level.p_value < 0.03
    assert result.over_level.correlation > 0.8
    assert "another shape" in result.verdict


def test_no_trend_is_said_with_care() -> None:
    result = residual_trends(fit_psychometric(*SIX, paradigm="2afc"), seed=1, n_simulations=300)
    assert all(trend.p_value > 0.05 for trend in result.trends)
    assert "Only large ones would" in result.verdict
    assert result.block_residuals == ()
    assert [t.over for t in result.trends] == ["prediction", "level"]


def test_falling_curves_have_the_mirrored_trend_over_the_level() -> None:
    rising = fit_psychometric(*SIX, paradigm="2afc", method="ml")
    falling = fit_psychometric(
        [-level for level in SIX[0]], *SIX[1:], paradigm="2afc", method="ml", direction="falls"
    )
    one = residual_trends(rising, seed=1, n_simulations=200)
    other = residual_trends(falling, seed=1, n_simulations=200)
    assert other.over_level.correlation == pytest.approx(-one.over_level.correlation, abs=1e-4)
    assert other.over_prediction.correlation == pytest.approx(
        one.over_prediction.correlation, abs=1e-4
    )


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ((LEVELS, SIX[1]), "three columns"),
        ((LEVELS, [20, 23, 29, 33, 38, 39], SIX[2]), "add up"),
        ((LEVELS, SIX[1], [41] * 6), "add up"),
        ((LEVELS[:5], SIX[1], SIX[2]), "differ in length"),
    ],
)
def test_blocks_of_other_data_are_refused(blocks, message) -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method="map")
    with pytest.raises(DataError, match=message):
        residual_trends(fit, seed=1, blocks=blocks)


def test_p_values_have_their_size() -> None:
    """250 studies with seed 31, in blocks: each trend rejects near 5 %, and is near uniform."""
    rng = np.random.default_rng(31)
    right = 0.5 + 0.47 * sigmoid("norm", LEVELS, 3.5, 3.0)
    found = []
    for _ in range(250):
        blocks = rng.binomial(10, np.tile(right, 4))
        fit = fit_psychometric(
            LEVELS, blocks.reshape(4, 6).sum(axis=0), SIX[2], paradigm="2afc", method="map"
        )
        result = residual_trends(
            fit, seed=rng, blocks=(np.tile(LEVELS, 4), blocks, [10] * 24), n_simulations=199
        )
        found.append([trend.p_value for trend in result.trends])
    p_values = np.sort(np.array(found), axis=0)
    rejected = np.sum(p_values <= 0.05, axis=0)
    assert np.all((rejected >= 3) & (rejected <= 25))  # 99.9 % of binomial(250, 0.05)
    steps = np.arange(1, 251)[:, None] / 250
    assert np.all(np.max(np.abs(p_values - steps), axis=0) < 1.95 / np.sqrt(250))
