"""Everything that can be said of levels and counts from anywhere, and how it was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jndlab.analysis.groups.comparison import ConditionComparison
from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.records import to_dict
from jndlab.analysis.report.formats import format_level
from jndlab.analysis.study.comparisons import comparisons_of
from jndlab.analysis.study.counts_analysis import analyse_counts, counts_of
from jndlab.analysis.study.counts_pooling import pool_levels
from jndlab.analysis.study.counts_table import CountsTable
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.analysis.study.versions import software_versions
from jndlab.errors import DataError
from jndlab.sigmoids import get_sigmoid
from jndlab.study.trials import Direction

_DEFAULTS = AnalysisOptions()
_UNEVEN = 100.0
"""Ratio of gaps between neighbouring levels from which on a linear axis is doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsReport:
    """The analysis of a table of counts, ready for a page or a file."""

    table: CountsTable
    conditions: tuple[ConditionAnalysis, ...]
    comparisons: tuple[ConditionComparison, ...]
    """Of the thresholds of every two conditions, with enough listeners."""
    warnings: tuple[str, ...]
    """Of the table as a whole; every condition has its own, too."""
    options: AnalysisOptions
    seed: int
    file_digest: str | None
    """SHA-256 of the file that was read; None: not known."""
    versions: Mapping[str, str]
    """Of jndlab, Python, NumPy and SciPy."""

    def to_dict(self) -> Any:
        """All numbers by name, the rows that were read included; ready for JSON."""
        return {**to_dict(self), "table": self.table.to_dict()}


def report_counts(
    table: CountsTable,
    *,
    paradigm: str,
    seed: int,
    direction: Direction = "rises",
    level_unit: str = "level",
    options: AnalysisOptions = _DEFAULTS,
    file_digest: str | None = None,
) -> CountsReport:
    """The analysis of every condition of a table, and comparisons between them.

    What :func:`~jndlab.analysis.analyse_counts` gives for each condition, with what a report says
    beside it. ``seed`` makes resampling and simulation repeatable. DataError: a paradigm without
    chance level.

    >>> from jndlab.analysis import load_counts
    >>> table = load_counts({"x": [1, 2, 3, 4], "k": [21, 24, 33, 39], "n": [40] * 4})
    >>> report = report_counts(table, paradigm="2afc", seed=1)
    >>> len(report.conditions), report.warnings[0][:41]
    (1, 'The table does not say whose answers they')
    """
    _require_right_answers(paradigm)
    table, pooled = pool_levels(table)
    conditions = analyse_counts(
        table,
        paradigm=paradigm,
        seed=seed,
        direction=direction,
        level_unit=level_unit,
        options=options,
    )
    parts = tuple(counts_of(table, name) for name in table.conditions)
    comparisons, uncompared = comparisons_of(parts, conditions, options=options)
    return CountsReport(
        table=table,
        conditions=conditions,
        comparisons=comparisons,
        warnings=(*_table_warnings(table, pooled, options.sigmoid), *uncompared),
        options=options,
        seed=seed,
        file_digest=file_digest,
        versions=software_versions(),
    )


def _require_right_answers(paradigm: str) -> None:
    """Raise DataError where counts are of one kind of response, which may be right or wrong."""
    task = get_paradigm(paradigm)
    if task.guess_rate is None:
        raise DataError(
            f"{task.name} has no chance level: a listener's bias sets the rate of responses, so "
            "counts per level alone give neither a test against chance nor d′.",
            "For its curve use Python: fit_psychometric(levels, n_yes, n_trials, "
            'paradigm="yes_no"), which estimates the guess rate.',
        )


def _table_warnings(table: CountsTable, pooled: str | None, sigmoid: str) -> Iterator[str]:
    if table.listener is None:
        yield (
            "The table does not say whose answers they are, so all count as one listener's. If "
            "several people gave them, every interval here is too narrow: add a column listener."
        )
    if pooled is not None:
        yield pooled
    levels = np.unique(table.levels)
    gaps = np.diff(levels / max(abs(levels[0]), abs(levels[-1]), np.finfo(float).tiny))
    uneven = len(levels) > 2 and levels[0] > 0 and max(gaps) > _UNEVEN * min(gaps)
    if uneven and not get_sigmoid(sigmoid).log_level:
        yield (
            f"Levels lie unevenly, from {format_level(levels[0])} to {format_level(levels[-1])}: "
            f"the widest gap is {max(gaps) / min(gaps):.2g} times the narrowest. Where equal "
            "ratios matter rather than equal steps, fit their logarithm: sigmoid lognormal or "
            "weibull."
        )
