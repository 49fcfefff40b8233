"""The files beside the page: every number as JSON, every figure as SVG and PDF."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jndlab.analysis.records import to_dict
from jndlab.analysis.report.figures import condition_figures, file_name, study_figures
from jndlab.analysis.report.plots import figure_to_svg
from jndlab.analysis.study.results import StudyAnalysis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def report_files(analysis: StudyAnalysis) -> Iterator[tuple[str, bytes]]:
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
    for name, figure in _figures(analysis):
        yield f"figures/{name}.svg", figure_to_svg(figure).encode()
        yield f"figures/{name}.pdf", figure_to_pdf(figure)


def _figures(analysis: StudyAnalysis) -> Iterator[tuple[str, Figure]]:
    for one in study_figures(analysis):
        yield one.name, one.figure
    for condition in analysis.conditions:
        for one in condition_figures(condition):
            yield f"{file_name(condition.condition)}-{one.name}", one.figure


def figure_to_pdf(figure: Figure) -> bytes:
    """The figure as PDF: equal figures, equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Creator": "jndlab"})
    return buffer.getvalue()
