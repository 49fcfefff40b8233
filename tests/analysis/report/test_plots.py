"""Figures: drawn from results only, with compression to the right, the same every time."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

import pytest

from jndlab.analysis import (
    AnalysisOptions,
    TrialTable,
    analyse_study,
    figure_to_svg,
    plot_listeners,
    plot_psychometric,
)
from jndlab.analysis.report.plots import level_axis_label


def condition_of(rows, **options):
    made = AnalysisOptions(**({"n_resamples": 100, "group_model": False} | options))
    return analyse_study(TrialTable.from_rows(rows), seed=1, options=made).conditions[0]


RISING = {
    "levels": (0.2, 0.4, 0.6, 0.8, 0.9),
    "mean": 0.6,
    "sd": 0.05,
    "width": 0.5,
    "common": {"compression": "rises", "level_unit": "sparsity"},
}


def test_compression_grows_to_the_right(study_rows) -> None:
    falling, rising = condition_of(study_rows()), condition_of(study_rows(**RISING))
    for plot in (plot_psychometric, plot_listeners):
        left, right = plot(falling).axes[0].get_xlim()
        assert left > 10 > 0 > right
        left, right = plot(rising).axes[0].get_xlim()
        assert left < 0.2 < 0.9 < right
    assert level_axis_label(falling) == "Fraction bits (fewer = more compression)"
    assert level_axis_label(rising) == "Sparsity (higher = more compression)"


def test_the_curve_shows_data_intervals_fit_threshold_and_chance(study_rows) -> None:
    condition = condition_of(study_rows())
    axes = plot_psychometric(condition).axes[0]
    points = next(c for c in axes.collections if len(c.get_offsets()) == 8)
    shown = {(float(x), float(y)) for x, y in points.get_offsets()}
    assert shown == {(row.level, row.proportion_correct) for row in condition.levels}
    diamond = next(line for line in axes.lines if line.get_marker() == "D")
    assert diamond.get_xdata()[0] == condition.jnds[0].threshold.value
    assert any(list(line.get_ydata()) == [0.5, 0.5] for line in axes.lines)
    bottom, top = axes.get_ylim()
    assert bottom < min(row.interval.low for row in condition.levels)
    assert top > 1.0


def test_figures_without_a_fit(study_rows) -> None:
    condition = condition_of(study_rows(levels=(3, 1), n_listeners=6))
    assert len(plot_psychometric(condition).axes) == 1
    assert plot_listeners(condition).axes[0].get_xlabel() == "Proportion correct over all levels"


def test_a_threshold_beyond_the_tested_levels_is_in_the_picture(study_rows) -> None:
    condition = condition_of(study_rows(mean=-1.0, sd=0.1, width=4.0))
    value = condition.jnds[0].threshold.value
    assert value < 0
    assert plot_psychometric(condition).axes[0].get_xlim()[1] < value


def test_svg_is_well_formed_and_the_same_every_time(study_rows) -> None:
    condition = condition_of(study_rows())
    one, two = (figure_to_svg(plot_psychometric(condition)) for _ in range(2))
    assert one == two
    assert "<dc:date>" not in one
    root = ElementTree.fromstring(one)
    assert root.tag.endswith("svg")
    # Text is drawn as paths: no font of the reader is needed.
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))


def test_weibull_draws_on_positive_levels(study_rows) -> None:
    condition = condition_of(study_rows(**RISING), sigmoid="weibull")
    assert plot_psychometric(condition).axes[0].get_xlim()[0] > 0
    assert plot_listeners(condition).axes


@pytest.mark.parametrize("module", ["matplotlib.pyplot"])
def test_pyplot_is_never_loaded(study_rows, module: str) -> None:
    plot_psychometric(condition_of(study_rows()))
    assert module not in sys.modules
