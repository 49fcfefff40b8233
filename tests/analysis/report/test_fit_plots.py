"""Figures of a fit's checks: what is drawn is what the results say; words for each of them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from jndlab.analysis import fit_psychometric
from jndlab.analysis.fits.densities import free_names, posterior_density, prior_density
from jndlab.analysis.fits.goodness import goodness_of_fit
from jndlab.analysis.fits.influential import influential_data
from jndlab.analysis.fits.predictive import posterior_predictive, prior_predictive
from jndlab.analysis.fits.residuals import residual_trends
from jndlab.analysis.report import fit_descriptions as words
from jndlab.analysis.report import fit_plots as plots
from jndlab.analysis.report.figure_style import DATA, MARK
from jndlab.errors import FitError

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
BLOCKS = (SIX[0] * 2, [9, 11, 14, 16, 19, 19, 12, 12, 15, 17, 19, 20], [20] * 12)


@pytest.fixture(scope="module")
def fit():
    return fit_psychometric(*SIX, paradigm="2afc")


@pytest.fixture(scope="module")
def falling():
    return fit_psychometric(
        [6, 5, 4, 3, 2, 1],
        [3, 5, 14, 25, 34, 37],
        [40] * 6,
        paradigm="yes_no",
        direction="falls",
        sigmoid="weibull",
    )


def lines_of(axes, colour):
    return [line for line in axes.lines if line.get_color() == colour]


def test_densities_have_area_one_and_the_moments_of_the_fit(fit, falling) -> None:
    for one in (fit, falling):
        for name in free_names(one):
            for density in (prior_density, posterior_density):
                x, y = density(one, name)
                assert np.all(np.diff(x) > 0)
                log = name == "threshold" and one.design.log_level
                assert np.trapezoid(y, np.log(x) if log else x) == pytest.approx(1.0)
            if not log:
                mean = np.trapezoid(x * y, x)
                assert mean == pytest.approx(one.estimate(name), rel=0.02)
    with pytest.raises(FitError, match="no density"):
        prior_density(fit, "guess_rate")
    with pytest.raises(FitError, match="no posterior"):
        posterior_density(fit_psychometric(*SIX, paradigm="2afc", method="map"), "width")


def test_priors_beside_posteriors(fit, falling) -> None:
    axes = plots.plot_priors(fit, level_unit="bits").axes
    assert [panel.get_xlabel() for panel in axes] == [
        "Threshold (bits)",
        "Width (bits)",
        "Lapse rate",
        "Overdispersion η",
    ]
    for panel, name in zip(axes, free_names(fit), strict=True):
        (curve,) = lines_of(panel, DATA)
        np.testing.assert_array_equal(curve.get_ydata(), posterior_density(fit, name)[1])
        (diamond,) = lines_of(panel, MARK)
        assert diamond.get_xdata()[0] == fit.estimate(name)
    other = plots.plot_priors(falling).axes
    assert len(other) == 5
    left, right = other[0].get_xlim()
    assert left > right
    assert other[0].get_xscale() == "log"
    mode = fit_psychometric(*SIX, paradigm="2afc", method="map")
    assert not lines_of(plots.plot_priors(mode).axes[0], DATA)
    with pytest.raises(FitError, match="no priors"):
        plots.plot_priors(fit_psychometric(*SIX, paradigm="2afc", method="ml"))


def test_residuals_over_level_prediction_and_order(fit, falling) -> None:
    trends = residual_trends(fit, seed=1, blocks=BLOCKS, n_simulations=200)
    panels = plots.plot_residuals(trends).axes
    assert [panel.get_xlabel() for panel in panels] == [
        "Level",
        "Predicted proportion correct",
        "Block, in order",
    ]
    np.testing.assert_array_equal(lines_of(panels[0], DATA)[0].get_ydata(), trends.residuals)
    np.testing.assert_array_equal(lines_of(panels[2], DATA)[0].get_ydata(), trends.block_residuals)
    assert f"r = {trends.over_order.correlation:.2f}" in panels[2].get_title()
    other = plots.plot_residuals(residual_trends(falling, seed=1, n_simulations=200)).axes
    assert len(other) == 2
    left, right = other[0].get_xlim()
    assert left > right


def test_goodness_marks_the_data_among_the_simulated(fit) -> None:
    goodness = goodness_of_fit(fit, seed=1, n_simulations=200)
    left, right = plots.plot_goodness(goodness).axes
    assert lines_of(left, MARK)[0].get_xdata()[0] == goodness.deviance
    assert lines_of(right, MARK)[0].get_xdata()[0] == goodness.overdispersion_ratio
    shown = sum(patch.get_height() for patch in left.patches)
    assert 198 <= shown <= 200
    assert left.get_title() == f"p = {goodness.deviance_p_value:.2g}"


def test_predictions_show_data_where_there_are_some(fit, falling) -> None:
    axes = plots.plot_predictive(posterior_predictive(fit, seed=1, n_draws=200)).axes[0]
    (data,) = lines_of(axes, MARK)
    np.testing.assert_allclose(data.get_ydata(), np.array(SIX[1]) / 40)
    assert len(lines_of(axes, DATA)) == 60
    before = prior_predictive(falling.design, [40] * 6, seed=1, n_draws=200)
    axes = plots.plot_predictive(before, level_unit="fraction bits").axes[0]
    assert not lines_of(axes, MARK)
    assert axes.get_xlabel() == "Fraction bits"
    left, right = axes.get_xlim()
    assert left > right


def test_influence_has_a_point_per_level_or_block(fit) -> None:
    by_level = influential_data(fit)
    axes = plots.plot_influential(by_level).axes[0]
    np.testing.assert_allclose(
        lines_of(axes, DATA)[0].get_ydata(), [row.threshold_influence for row in by_level.rows]
    )
    blocks = plots.plot_influential(influential_data(fit, blocks=BLOCKS)).axes[0]
    assert blocks.get_xlabel() == "Block left out"
    assert len(lines_of(blocks, MARK)[0].get_xdata()) == 12


def test_every_figure_has_words(fit) -> None:
    goodness = goodness_of_fit(fit, seed=1, n_simulations=200)
    trends = residual_trends(fit, seed=1, blocks=BLOCKS, n_simulations=200)
    check = posterior_predictive(fit, seed=1, n_draws=200)
    influence = influential_data(fit)
    texts = {
        words.describe_priors(fit): f"{fit.threshold:.3g}",
        words.describe_goodness(goodness): f"{goodness.deviance:.2f}",
        words.describe_residuals(trends): f"{trends.over_order.correlation:.2f}",
        words.describe_predictive(check): f"data {38 / 40:.2f}",
        words.describe_influential(influence): influence.verdict,
    }
    for text, number in texts.items():
        assert number in text
        assert text.endswith(".")
        assert not re.search(r"nan|None|\bE-", text)
    assert set(words.__dict__) >= {
        f"describe_{name[5:]}" for name in dir(plots) if name.startswith("plot_")
    }
