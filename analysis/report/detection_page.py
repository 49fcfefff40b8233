"""The report of tasks in which the listener's bias decides: same-different and yes/no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jndlab.analysis.report.detection_methods import (
    criterion_words,
    detected,
    detection_headline,
)
from jndlab.analysis.report.detection_plots import said
from jndlab.analysis.report.figures import detection_figures
from jndlab.analysis.report.methods import detection_methods
from jndlab.analysis.report.render import common_words, environment, shown_figures, told_of
from jndlab.analysis.study.detection_jnd import MODELS
from jndlab.analysis.study.detection_results import DetectionAnalysis, DetectionCondition


def render_detection(
    analysis: DetectionAnalysis, *, title: str | None = None, procedure: Sequence[str] = ()
) -> str:
    """The HTML text of the report, one self-contained page, as
    :func:`~jndlab.analysis.report.render.render_report` makes it for other tasks."""
    page = environment().get_template("detection.html.jinja")
    return page.render(**_words(analysis, procedure), title=title or analysis.study)


def render_body(analysis: DetectionAnalysis, *, procedure: Sequence[str] = ()) -> str:
    """What the page says below its title: HTML whose headings begin at h2."""
    body = environment().get_template("detection_body.html.jinja")
    return body.render(**_words(analysis, procedure))


def _words(analysis: DetectionAnalysis, procedure: Sequence[str]) -> dict[str, Any]:
    methods, references = detection_methods(analysis, told_of(procedure))
    return {
        **common_words(analysis, methods, references),
        "parts": [_part(condition) for condition in analysis.conditions],
    }


def _part(condition: DetectionCondition) -> dict[str, Any]:
    """What the page says of one condition."""
    headline = detection_headline(condition)
    figures = shown_figures(detection_figures(condition, headline))
    return {
        "result": condition,
        "unit": condition.level_unit or "level",
        "word": said(condition.paradigm),
        "models": MODELS,
        "headline": headline,
        "adaptive_words": "",
        "headroom": "",
        "at_jnd_words": "",
        "audible": detected(condition),
        "same": "",
        "separate": [],
        "criterion_words": criterion_words(condition),
        "fitted_roc": any(row.roc is not None and row.roc.fit for row in condition.levels),
        "figures": {"roc": None} | figures,
    }
