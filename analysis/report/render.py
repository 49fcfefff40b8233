"""The report of a study: one self-contained HTML file, readable on paper and on a phone."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.quality.results import QualityAnalysis
from jndlab.analysis.report.adaptive_wording import adaptive_sentence
from jndlab.analysis.report.equivalence_plot import equivalence_sentence
from jndlab.analysis.report.figures import (
    ReportFigure,
    condition_figures,
    study_figures,
)
from jndlab.analysis.report.formats import (
    decimals_for,
    format_axis,
    format_interval,
    format_level,
    format_like,
    format_number,
    format_p_value,
    format_share,
    format_share_interval,
)
from jndlab.analysis.report.methods import study_methods
from jndlab.analysis.report.model_wording import (
    counted,
    headroom_sentence,
    items_heard,
    origin_sentence,
    separate_sentences,
    varying_sizes,
)
from jndlab.analysis.report.plots import figure_to_svg
from jndlab.analysis.report.references import Reference
from jndlab.analysis.report.wording import at_jnd, audible, headline
from jndlab.analysis.study.data_checks import DataChecks
from jndlab.analysis.study.detection_results import DetectionAnalysis
from jndlab.analysis.study.objective_results import plain_number
from jndlab.analysis.study.results import ConditionAnalysis, StudyAnalysis
from jndlab.analysis.study.score_titles import score_title

if TYPE_CHECKING:
    from jinja2 import Environment

CHECKS = {
    "catch": ("Catch trials", "Share of right answers per session, the least attentive last."),
    "patterns": (
        "Response patterns",
        "Longest runs of equal and of alternating answers; dashed: what luck reaches.",
    ),
    "times": ("Response times", "All times of every session with their medians; outliers marked."),
    "interruptions": ("Interruptions", "Reloads and long pauses over the trials of each session."),
    "bias": ("Interval bias", "Every listener's preference for one response, and their mean."),
    "learning": ("Learning and fatigue", "Every listener's change over the session, and blocks."),
    "items": ("Items", "Proportion correct of every item with its exact interval."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFigure:
    """A figure as the page holds it."""

    uri: str
    alternative: str


def render_report(
    analysis: StudyAnalysis, *, title: str | None = None, procedure: Sequence[str] = ()
) -> str:
    """The HTML text of the report: styles and figures inside, no script, nothing fetched.

    ``title`` defaults to the name of the study; ``procedure`` are paragraphs on how the data
    were collected, each of the form "Keyword: text". Equal results give equal text: the time of
    rendering is not part of it.

    >>> from jndlab.analysis import AnalysisOptions, analyse_study
    >>> from jndlab.analysis.study.example import example_trials
    >>> options = AnalysisOptions(n_resamples=100, group_model=False)
    >>> page = render_report(analyse_study(example_trials(), seed=1, options=options))
    >>> page[:15], "<script" in page
    ('<!doctype html>', False)
    """
    page = environment().get_template("report.html.jinja")
    return page.render(**_words(analysis, procedure), title=title or analysis.study)


def render_body(analysis: StudyAnalysis, *, procedure: Sequence[str] = ()) -> str:
    """What :func:`render_report` writes below its title: HTML whose headings begin at h2."""
    return environment().get_template("study_body.html.jinja").render(**_words(analysis, procedure))


def _words(analysis: StudyAnalysis, procedure: Sequence[str]) -> dict[str, Any]:
    methods, references = study_methods(analysis, told_of(procedure))
    return {
        **common_words(analysis, methods, references),
        "parts": [part_of(condition) for condition in analysis.conditions],
    }


def told_of(procedure: Sequence[str]) -> list[tuple[str, str]]:
    """(keyword, text) of paragraphs of the form "Keyword: text".

    >>> told_of(["Stimuli: some"])
    [('Stimuli', 'some')]
    """
    return [(keyword, text) for keyword, _, text in (one.partition(": ") for one in procedure)]


def common_words(
    analysis: StudyAnalysis | DetectionAnalysis,
    methods: Sequence[tuple[str, str]],
    references: Sequence[Reference],
) -> dict[str, Any]:
    """What the page says of a study whatever its answers are: for every template."""
    figures = shown_figures(study_figures(analysis))
    checks = _checks(analysis.checks, figures)
    return {
        "analysis": analysis,
        "analysis_options": analysis.options,
        "version": analysis.version,
        "warnings": analysis.warnings,
        "departures": departures(analysis),
        "task": get_paradigm(analysis.paradigm).title,
        "level": analysis.options.coverage,
        "coverage": format_share(analysis.options.coverage),
        "figures": figures,
        "checks": checks,
        "other_findings": _other_findings(analysis.checks, checks),
        "methods": methods,
        "references": references,
        "first_day": analysis.first_trial_at[:10],
        "last_day": analysis.last_trial_at[:10],
    }


def departures(analysis: StudyAnalysis | DetectionAnalysis | QualityAnalysis) -> tuple[str, ...]:
    """Where the study departs from its plan: in its options, and in how it was run.

    >>> from jndlab.analysis import AnalysisOptions, StudyRecord, analyse_study
    >>> from jndlab.analysis.study.example import example_trials
    >>> options = AnalysisOptions(n_resamples=100, group_model=False)
    >>> record = StudyRecord(departures=("7 sessions of 20 planned.",))
    >>> departures(analyse_study(example_trials(), seed=1, options=options, record=record))
    ('7 sessions of 20 planned.',)
    """
    return analysis.deviations + (analysis.record.departures if analysis.record else ())


def environment() -> Environment:
    """Where the templates are, and how they write numbers."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        share=format_share,
        share_whole="{:.0%}".format,
        p_value=format_p_value,
        number=format_number,
        interval=format_interval,
        like=format_like,
        share_interval=format_share_interval,
        plain=plain_number,
        tested=format_level,
        axis=format_axis,
        score_title=score_title,
    )
    return made


def part_of(condition: ConditionAnalysis) -> dict[str, Any]:
    """What the page says of one condition."""
    figures = shown_figures(condition_figures(condition))
    return {
        "result": condition,
        "unit": condition.level_unit or "level",
        "card": condition.card,
        "at_jnd_words": at_jnd(condition.card.jnd) if condition.card and condition.card.jnd else "",
        "origin_words": origin_sentence(condition.card) if condition.card else "",
        "counted": counted(condition.card) if condition.card else [],
        "items_heard": items_heard(condition.card) if condition.card else "",
        "sizes": varying_sizes(condition.card) if condition.card else [],
        "separate": separate_sentences(condition),
        "headroom": headroom_sentence(condition.headroom) if condition.headroom else "",
        "headline": headline(condition),
        "adaptive_words": adaptive_sentence(condition),
        "audible": audible(condition),
        "same": equivalence_sentence(condition),
        "figures": {
            "equivalence": None,
            "listeners": None,
            "goodness": None,
            "residuals": None,
            "influential": None,
        }
        | figures,
        "decimals": _common_decimals(condition),
        "listener_curves": _named(figures, "listener-curves-"),
        "at_jnd": _named(figures, "at-jnd-"),
        "tracks": _named(figures, "tracks-"),
    }


def shown_figures(figures: Iterable[ReportFigure]) -> dict[str, ShownFigure]:
    """Figures by their names, drawn."""
    return {
        one.name: ShownFigure(uri=_data_uri(figure_to_svg(one.figure)), alternative=one.alternative)
        for one in figures
    }


def _common_decimals(condition: ConditionAnalysis) -> int:
    """Decimals that suit the interval of a middling listener, for a column that lines up."""
    lengths = sorted(
        one.threshold_interval.length for one in condition.listeners if one.threshold_interval
    )
    return decimals_for(lengths[len(lengths) // 2]) if lengths else 2


def _named(figures: dict[str, ShownFigure], start: str) -> list[ShownFigure]:
    return [figure for name, figure in figures.items() if name.startswith(start)]


def _checks(checks: DataChecks, figures: dict[str, ShownFigure]) -> list[dict[str, Any]]:
    """The checks that have a figure, each with what it found."""
    return [
        {
            "title": title,
            "caption": caption,
            "figure": figures[name],
            "findings": [str(one) for one in checks.findings if one.check == name],
        }
        for name, (title, caption) in CHECKS.items()
        if name in figures
    ]


def _other_findings(checks: DataChecks, shown: list[dict[str, Any]]) -> list[str]:
    """Those of the flow, and of checks without a figure: none may get lost."""
    told = {sentence for check in shown for sentence in check["findings"]}
    return [str(one) for one in checks.findings if str(one) not in told]


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
