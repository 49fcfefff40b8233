"""What had been planned: registration, version and every departure stand in the report."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from jndlab.analysis import (
    AnalysisOptions,
    StudyAnalysis,
    StudyRecord,
    TrialTable,
    analyse_study,
    render_report,
)
from tests.analysis.conftest import make_study

PLAN = AnalysisOptions(n_resamples=100, group_model=False)
RECORD = StudyRecord(
    version="Version 2 of the study, frozen on 2 March 2026.",
    registration="Version 2 was registered on 1 March 2026, before the first answer.",
    departures=("Sessions: planned 20, counted 8.",),
    events=("Ann looked at the data on 3 March 2026, with 12 answers.",),
)


@pytest.fixture(scope="module")
def rows():
    return make_study(levels=(3, 2, 1), n_listeners=2)


def analysed(rows, **given) -> StudyAnalysis:
    return analyse_study(TrialTable.from_rows(rows), seed=1, **({"options": PLAN} | given))


def section(analysis: StudyAnalysis) -> tuple[str, str]:
    """The text before the result of the first condition, and that of the section on the plan."""
    page = unescape(render_report(analysis))
    begin = page.index("<h2>What had been planned</h2>")
    return page[: page.index("<h2>Result for")], page[begin : page.index("<h2>Methods</h2>")]


def test_without_a_record_nothing_is_said_of_registration(rows) -> None:
    top, plan = section(analysed(rows))
    assert "registered" not in plan
    assert "fixed no analysis" in plan
    assert "departs from the plan" not in top


def test_a_registered_study_says_when_and_every_departure(rows) -> None:
    done = replace(PLAN, alpha=0.1)
    top, plan = section(analysed(rows, options=done, planned=PLAN, record=RECORD))
    assert "departs from the plan in 2 points" in top
    for sentence in (RECORD.version, RECORD.registration, *RECORD.departures, *RECORD.events):
        assert sentence in plan
    assert "Error rate: planned 0.05, done 0.1." in plan
    assert "not registered" not in plan


def test_an_unregistered_study_says_so_plainly(rows) -> None:
    top, plan = section(analysed(rows, planned=PLAN, record=StudyRecord()))
    assert "The study was not registered" in plan
    assert "is the one that the study file fixed" in plan
    assert "departs from the plan" not in top


def test_departures_are_told_even_where_no_analysis_was_fixed(rows) -> None:
    top, plan = section(analysed(rows, record=RECORD))
    assert "departs from the plan in 1 point:" in top
    assert "Departures from how the study was to be run" in plan
    assert RECORD.departures[0] in plan
