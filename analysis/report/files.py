"""The files beside the page: every number as JSON, every figure as SVG and PDF."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jndlab.analysis.records import to_dict
from jndlab.analysis.report.equivalence_plot import plot_equivalence
from jndlab.analysis.report.flow_plot import plot_flow
from jndlab.analysis.report.plots import figure_to_svg, plot_listeners, plot_psychometric
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
        yield f"figures/{name}.pdf", _pdf(figure)


def _figures(analysis: StudyAnalysis) -> Iterator[tuple[str, Figure]]:
    yield "flow", plot_flow(analysis.checks.flow)
    for condition in analysis.conditions:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", condition.condition)
        yield f"{name}-curve", plot_psychometric(condition)
        yield f"{name}-listeners", plot_listeners(condition)
        equivalence = plot_equivalence(condition)
        if equivalence is not None:
            yield f"{name}-equivalence", equivalence


def _pdf(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Creator": "jndlab"})
    return buffer.getvalue()
