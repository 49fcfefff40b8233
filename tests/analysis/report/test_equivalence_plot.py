"""Equivalence in the report: nothing without a bound, and words that follow from the verdicts."""

from __future__ import annotations

import pytest

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_study, render_report
from jndlab.analysis.report.equivalence_plot import (
    describe_equivalence,
    equivalence_sentence,
    plot_equivalence,
)

FAST = {"n_resamples": 100, "group_model": False}


@pytest.fixture
def analysis(study_rows):
    table = TrialTable.from_rows(study_rows(n_listeners=24))
    return analyse_study(table, seed=1, options=AnalysisOptions(equivalence_bound=0.7, **FAST))


def test_without_a_bound_nothing_is_said(study_rows) -> None:
    table = TrialTable.from_rows(study_rows())
    analysis = analyse_study(table, seed=1, options=AnalysisOptions(**FAST))
    (condition,) = analysis.conditions
    assert plot_equivalence(condition) is None
    assert equivalence_sentence(condition) == ""
    text = render_report(analysis)
    assert "Equivalence</h3>" not in text
    assert "The study file fixed no analysis" in text


def test_every_level_has_its_line_up_to_its_limit(analysis) -> None:
    (condition,) = analysis.conditions
    figure = plot_equivalence(condition)
    assert figure is not None
    (axes,) = figure.axes
    lines = [
        tuple(c.get_segments()[0][:, 0]) for c in axes.collections if hasattr(c, "get_segments")
    ]
    limits = [(r.equivalence.estimate, r.equivalence.interval.high) for r in condition.levels]
    assert sorted(lines) == sorted(limits)
    bound = next(line for line in axes.lines if line.get_label() == "Bound")
    assert list(bound.get_xdata()) == [0.7, 0.7]
    assert [label.get_text() for label in axes.get_yticklabels()][::-1] == [
        f"{row.level:g}" for row in condition.levels
    ]


def test_words_name_every_level_once_with_its_verdict(analysis) -> None:
    (condition,) = analysis.conditions
    sentence = equivalence_sentence(condition)
    verdicts = {row.equivalence.verdict for row in condition.levels}
    assert {"equivalent", "different"} <= verdicts
    assert "Taking up to 70% correct as no difference that matters" in sentence
    assert "equivalent within that bound" in sentence
    assert "inaudible" not in sentence
    alternative = describe_equivalence(condition)
    assert alternative.count("at most") == len(condition.levels)


def test_the_report_shows_statements_flow_and_sensitivity(analysis) -> None:
    text = render_report(analysis, title="Bits")
    for heading in ("Equivalence", "Flow of participants", "How much the JND depends on choices"):
        assert heading in text
    assert text.count("No priors (maximum likelihood)") == 1
