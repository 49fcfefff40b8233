"""The files beside the page: every number as JSON, every figure as SVG and PDF."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jndlab.analysis.records import to_dict
from jndlab.analysis.report.detection_methods import detection_headline
from jndlab.analysis.report.figures import (
    condition_figures,
    detection_figures,
    file_name,
    study_figures,
)
from jndlab.analysis.report.plots import figure_to_svg
from jndlab.analysis.report.quality_figures import quality_figures
from jndlab.analysis.study.by_measure import AnyAnalysis, PartAnalysis
from jndlab.analysis.study.detection_results import DetectionAnalysis
from jndlab.analysis.study.results import StudyAnalysis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def report_files(analysis: AnyAnalysis) -> Iterator[tuple[str, bytes]]:
    """Relative path and content of each file: ``numbers.json``, ``figures/NAME.svg`` and ``.pdf``.

    Equal results give equal files.

    >>> from jndlab.analysis import AnalysisOptions, analyse_study
    >>> from jndlab.analysis.study.example import example_trials
    >>> options = AnalysisOptions(n_resamples=100, group_model=False)
    >>> analysis = analyse_study(example_trials(), seed=1, options=options)
    >>> sorted(name for name, _ in report_files(analysis) if name.endswith("json"))
    ['numbers.json']
    """
    yield "numbers.json", (json.dumps(to_dict(analysis), indent=1) + "\n").encode()
    yield from _figure_files(analysis)


def part_files(parts: Sequence[PartAnalysis]) -> Iterator[tuple[str, bytes]]:
    """The files of every part: those of a single one as they are; of several the numbers of all in
    one file, and the figures in a folder for each."""
    if len(parts) == 1:
        yield from report_files(parts[0].analysis)
        return
    numbers = {part.name: to_dict(part.analysis) for part in parts}
    yield "numbers.json", (json.dumps({"parts": numbers}, indent=1) + "\n").encode()
    for part in parts:
        for name, content in _figure_files(part.analysis):
            yield f"{file_name(part.name)}/{name}", content


def _figure_files(analysis: AnyAnalysis) -> Iterator[tuple[str, bytes]]:
    for name, figure in _figures(analysis):
        yield f"figures/{name}.svg", figure_to_svg(figure).encode()
        yield f"figures/{name}.pdf", figure_to_pdf(figure)


def _figures(analysis: AnyAnalysis) -> Iterator[tuple[str, Figure]]:
    if not isinstance(analysis, StudyAnalysis | DetectionAnalysis):
        for one in quality_figures(analysis):
            yield one.name, one.figure
        return
    for one in study_figures(analysis):
        yield one.name, one.figure
    if isinstance(analysis, DetectionAnalysis):
        for heard in analysis.conditions:
            for one in detection_figures(heard, detection_headline(heard)):
                yield f"{file_name(heard.condition)}-{one.name}", one.figure
        return
    for condition in analysis.conditions:
        for one in condition_figures(condition):
            yield f"{file_name(condition.condition)}-{one.name}", one.figure


def figure_to_pdf(figure: Figure) -> bytes:
    """The figure as PDF: equal figures, equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Creator": "jndlab"})
    return buffer.getvalue()
