"""The report on counts from anywhere: the study's page, as far as a table of counts carries it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.report.counts_methods import counts_methods
from jndlab.analysis.report.counts_report import CountsReport
from jndlab.analysis.report.figures import condition_figures, file_name
from jndlab.analysis.report.files import figure_to_pdf
from jndlab.analysis.report.formats import format_share
from jndlab.analysis.report.plots import figure_to_svg
from jndlab.analysis.report.render import environment, part_of
from jndlab.analysis.study.results import ConditionAnalysis

_NAMELESS = "all answers"
_OF_STUDIES = frozenset({"session_kind", "include_unfinished", "min_gross_correct", "condition"})
"""Options without meaning here."""


def render_counts(report: CountsReport, *, title: str | None = None) -> str:
    """The HTML text of the report: styles and figures inside, no script, nothing fetched.

    ``title`` defaults to the name of the file. Equal results give equal text: the time of
    rendering is not part of it.

    >>> from jndlab.analysis import load_counts
    >>> from jndlab.analysis.report.counts_report import report_counts
    >>> table = load_counts({"x": [1, 2, 3, 4], "k": [21, 24, 33, 39], "n": [40] * 4})
    >>> page = render_counts(report_counts(table, paradigm="2afc", seed=1), title="Pilot")
    >>> page[:15], "<h1>Pilot</h1>" in page, "<script" in page
    ('<!doctype html>', True, False)
    """
    options = report.options
    first = report.conditions[0]
    return (
        environment()
        .get_template("counts.html.jinja")
        .render(
            analysis=report,
            analysis_options=options,
            version=report.versions["jndlab"],
            warnings=report.warnings,
            departures=(),
            title=title or report.table.source,
            question=_question(first, options.target_probability),
            task=get_paradigm(first.paradigm).title,
            table=report.table,
            n_trials=int(report.table.n_trials.sum()),
            parts=[part_of(_named(condition)) for condition in report.conditions],
            level=options.coverage,
            coverage=format_share(options.coverage),
            methods=(methods := counts_methods(report))[0],
            references=methods[1],
            options={
                name: value for name, value in options.to_dict().items() if name not in _OF_STUDIES
            },
        )
    )


def counts_files(report: CountsReport) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file: ``numbers.json``, and every figure as SVG and PDF.

    Equal results give equal files.

    >>> from jndlab.analysis import load_counts
    >>> from jndlab.analysis.report.counts_report import report_counts
    >>> table = load_counts({"x": [1, 2, 3, 4], "k": [21, 24, 33, 39], "n": [40] * 4})
    >>> files = counts_files(report_counts(table, paradigm="2afc", seed=1))
    >>> [name for name, _ in files][:3]
    ['numbers.json', 'all-answers-curve.svg', 'all-answers-curve.pdf']
    """
    yield "numbers.json", (json.dumps(report.to_dict(), indent=1) + "\n").encode()
    named = [_named(condition) for condition in report.conditions]
    starts = [file_name(condition.condition) for condition in named]
    if len(set(starts)) < len(starts):  # names that differ in other characters only
        starts = [f"{number}-{start}" for number, start in enumerate(starts, start=1)]
    for start, condition in zip(starts, named, strict=True):
        for one in condition_figures(condition):
            yield f"{start}-{one.name}.svg", figure_to_svg(one.figure).encode()
            yield f"{start}-{one.name}.pdf", figure_to_pdf(one.figure)


def _question(condition: ConditionAnalysis, target: float) -> str:
    where = "" if condition.level_unit in ("", "level") else f" ({condition.level_unit})"
    return (
        f"Question: at which level{where} are answers right in {format_share(target)} of the "
        "trials?"
    )


def _named(condition: ConditionAnalysis) -> ConditionAnalysis:
    """With a name that sentences and files can have, where the table gives none."""
    return condition if condition.condition else replace(condition, condition=_NAMELESS)
