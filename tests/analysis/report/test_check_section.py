"""The section of the data checks: every finding is told, beside its figure, and none twice."""

from __future__ import annotations

import re
from html import unescape

import pytest

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_study, render_report
from jndlab.analysis.study.data_findings import Finding


def page_of(rows):
    options = AnalysisOptions(n_resamples=100, group_model=False)
    analysis = analyse_study(TrialTable.from_rows(rows), seed=1, options=options)
    page = render_report(analysis)
    begin, end = page.index("<h2>Data checks</h2>"), page.index("<h2>What had been planned</h2>")
    return analysis.checks.findings, unescape(page[begin:end])


@pytest.fixture
def findings_and_section(study_rows) -> tuple[tuple[Finding, ...], str]:
    rows = study_rows()
    for row in rows:
        if row["participant"] == 3 and row["phase"] == "main":
            row.update(response="A", correct=row["correct_response"] == "A")
    return page_of(rows)


def test_every_finding_is_told_once(findings_and_section) -> None:
    findings, section = findings_and_section
    assert {"patterns", "bias"} <= {finding.check for finding in findings}
    for finding in findings:
        assert section.count(str(finding)) == 1


def test_what_found_something_is_open_and_the_rest_is_folded(findings_and_section) -> None:
    findings, section = findings_and_section
    folded = set(re.findall(r"<summary>(.*?)</summary>", section))
    opened = set(re.findall(r"<h3>(.*?)</h3>", section))
    assert "Response patterns" in opened
    assert "Items" in folded
    assert not opened & folded
    assert section.count("<img") == len(opened) + len(folded)
    assert len(opened) <= len({finding.check for finding in findings})
