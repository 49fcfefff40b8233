"""The methods section for counts from anywhere, of which only the table is known."""

from __future__ import annotations

from jndlab.analysis.report.citations import Citations
from jndlab.analysis.report.counts_report import CountsReport
from jndlab.analysis.report.curve_methods import analysis_methods, compared_methods
from jndlab.analysis.report.formats import format_level
from jndlab.analysis.report.methods import software
from jndlab.analysis.report.references import Reference
from jndlab.analysis.report.wording import MOST_LISTED, listed, plural
from jndlab.analysis.study.results import ConditionAnalysis


def counts_methods(report: CountsReport) -> tuple[list[tuple[str, str]], list[Reference]]:
    """Paragraphs, each with its keyword, and the works they cite.

    >>> from jndlab.analysis import load_counts
    >>> from jndlab.analysis.report.counts_report import report_counts
    >>> table = load_counts({"x": [1, 2, 3, 4], "k": [21, 24, 33, 39], "n": [40] * 4})
    >>> paragraphs, _ = counts_methods(report_counts(table, paradigm="2afc", seed=1))
    >>> paragraphs[0][1]
    '160 answers at 4 levels (level: 1, 2, 3 and 4) were read from the table.'
    """
    citations = Citations()
    paragraphs = [
        ("Data", _data(report)),
        *analysis_methods(report.conditions, report.options, citations),
        *compared_methods(report.comparisons, citations),
        ("Software", software(report.versions, report.seed)),
    ]
    return paragraphs, citations.references()


def _data(report: CountsReport) -> str:
    n_trials = int(report.table.n_trials.sum())
    who = f" of {plural(len(report.table.listeners), 'listener')}" if report.table.listeners else ""
    tested = [
        f"{f'to {one.condition} ' if one.condition else ''}at {plural(len(one.levels), 'level')} "
        f"({one.level_unit or 'level'}: {_levels(one)})"
        for one in report.conditions
    ]
    source = report.table.source
    return f"{plural(n_trials, 'answer')}{who} {listed(tested)} were read from {source}."


def _levels(condition: ConditionAnalysis) -> str:
    values = sorted(row.level for row in condition.levels)
    if len(values) > MOST_LISTED:
        return f"from {format_level(values[0])} to {format_level(values[-1])}"
    return listed([format_level(value) for value in values])
