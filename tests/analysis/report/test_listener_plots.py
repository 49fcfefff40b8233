"""The figures of the listeners: everybody has a place, the group in both senses below."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_study, plot_listeners
from jndlab.analysis.report.listener_curves import PANELS, plot_listener_curves


def condition_of(rows, **options):
    made = AnalysisOptions(**({"n_resamples": 100, "group_model": False} | options))
    return analyse_study(TrialTable.from_rows(rows), seed=1, options=made).conditions[0]


def rows_of(figure):
    """Name of each row by its place, from the top."""
    axes = figure.axes[0]
    places = zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    return [label.get_text() for _, label in sorted(places, key=lambda one: -one[0])]


def test_the_keenest_are_at_the_top_and_the_group_is_below(study_rows) -> None:
    condition = condition_of(study_rows())
    names = rows_of(plot_listeners(condition))
    thresholds = {str(one.participant): one.threshold for one in condition.listeners}
    drawn = [thresholds[name] for name in names[:-1]]
    assert drawn == sorted(thresholds.values(), reverse=True)  # most bits: keenest
    assert names[-1] == "Average curve"


def test_the_mixed_model_adds_the_typical_listener_and_shrunken_thresholds(study_rows) -> None:
    condition = condition_of(study_rows(), group_model=True)
    assert condition.mixed is not None
    figure = plot_listeners(condition)
    assert rows_of(figure)[-2:] == ["Average curve", "Typical listener"]
    small = [line for line in figure.axes[0].lines if line.get_markersize() == 3.5]
    assert {line.get_xdata()[0] for line in small} == {
        one.threshold for one in condition.mixed.listeners
    }
    # At another target the mixed model's midpoints are another quantity: not drawn.
    other = plot_listeners(condition_of(study_rows(), group_model=True, target_probability=0.8))
    assert not [line for line in other.axes[0].lines if line.get_markersize() == 3.5]


def test_a_listener_without_a_threshold_has_a_row_that_says_so(study_rows) -> None:
    condition = condition_of(study_rows())
    first = replace(condition.listeners[0], threshold=None, threshold_interval=None, fit=None)
    figure = plot_listeners(replace(condition, listeners=(first, *condition.listeners[1:])))
    assert rows_of(figure)[-2] == str(first.participant)
    assert [text.get_text() for text in figure.axes[0].texts] == ["no threshold"]
    figure.draw_without_rendering()  # a place in the wrong units shows only here


@pytest.mark.parametrize("n_listeners", [2, 25])
def test_every_listener_has_a_panel(study_rows, n_listeners: int) -> None:
    condition = condition_of(study_rows(n_listeners=n_listeners))
    pages = list(plot_listener_curves(condition))
    assert len(pages) == -(-n_listeners // PANELS)
    panels = [axes for page in pages for axes in page.axes]
    titles = [axes.get_title(loc="left") for axes in panels]
    assert titles == [str(one.participant) for one in condition.listeners]
    first = condition.listeners[0]
    points = panels[0].collections[0].get_offsets()
    assert first.fit is not None
    shares = [k / n for k, n in zip(first.fit.n_correct, first.fit.n_trials, strict=True)]
    assert points[:, 1].tolist() == pytest.approx(shares)
    left, right = panels[0].get_xlim()
    assert left > right  # compression to the right
