"""The report as PDF: with WeasyPrint a document, without it a word on how to get it."""

from __future__ import annotations

import builtins

import pytest

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_study, render_report
from jndlab.analysis.report.pdf import render_pdf
from jndlab.errors import MissingExtra


def test_a_report_becomes_a_document_of_several_pages(study_rows) -> None:
    pytest.importorskip("weasyprint")
    options = AnalysisOptions(n_resamples=100, group_model=False, equivalence_bound=0.7)
    analysis = analyse_study(TrialTable.from_rows(study_rows()), seed=1, options=options)
    pdf = render_pdf(render_report(analysis, title="Bits"))
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 20_000


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **options: object) -> object:
        if name.startswith("weasyprint"):
            raise ImportError(name)
        return real(name, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match="weasyprint") as caught:
        render_pdf("<p>One page.</p>")
    assert "jndlab[pdf]" in caught.value.remedy
