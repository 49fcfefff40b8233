"""The report's page: made by a job, kept, hidden while data come in, downloaded."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jndlab.analysis import report_files
from jndlab.errors import MissingExtra
from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.models import JobRow
from jndlab.studies.lifecycle import change_state
from jndlab.web.jobs import report as report_job
from jndlab.web.jobs.queue import require_job, start_job
from jndlab.web.report_choice import ReportChoice
from jndlab.web.reports import StudyReport, make_chosen_report
from tests.servers import until
from tests.store.launching import Launched, open_copy
from tests.web.access import client_of
from tests.web.jobs import hold_jobs, run_jobs
from tests.web.listeners import take

REPORT = "/studies/heron/report"
SIMULATED = f"{REPORT}?kind=simulated"


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_jobs(monkeypatch)


@pytest.fixture(scope="module")
def some_report(templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory):
    """A finished report, for tests that are about the page around it."""
    launched = open_copy(templates["abx"], tmp_path_factory.mktemp("some"))
    take(launched, 2, kind="simulated")
    made = make_chosen_report(launched.store, "heron", ReportChoice(kind="simulated"))
    launched.store.close()
    return made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, some_report: StudyReport) -> None:
    """Nothing is fitted: every report is the same one."""
    monkeypatch.setattr(report_job, "make_chosen_report", lambda *_, **__: some_report)
    monkeypatch.setattr("jndlab.analysis.part_files", lambda _: [("numbers.json", b"{}")])


@pytest.fixture
def post(signed_in: FlaskClient, csrf: Callable[[str], str]) -> Callable[..., Any]:
    """Send a form of the report's page."""

    def send(path: str, **form: str) -> Any:
        token = csrf(signed_in.get(REPORT).text)
        return signed_in.post(path, data={"csrf_token": token, **form})

    return send


@pytest.fixture
def make(post: Callable[..., Any], launched: Launched) -> Callable[..., str]:
    """Make a report; the address of its page."""

    def made(**form: str) -> str:
        asked = post(f"{REPORT}/make", **form)
        assert asked.status_code == 302, asked.text
        assert run_jobs(launched) == ["report"]
        return str(asked.headers["Location"])

    return made


def address(page: str, what: str) -> str:
    """The address of a file of the report on a page."""
    found = re.search(rf'"(/studies/heron/report/[^/"]+/{what})"', page)
    assert found is not None, what
    return found[1]


def test_without_answers_the_page_says_what_to_do(signed_in: FlaskClient, post: Any) -> None:
    page = signed_in.get(REPORT)
    assert page.status_code == 200
    assert "There are no answers from participants yet" in page.text
    assert "jndlab simulate heron" in page.text
    assert "<iframe" not in page.text
    refused = post(f"{REPORT}/make")
    assert refused.status_code == 422
    assert "no answers of this kind yet" in refused.text


@pytest.mark.usefixtures("quick")
def test_a_report_is_made_by_a_job_and_then_shown_with_what_it_was_made_from(
    signed_in: FlaskClient, launched: Launched, post: Any
) -> None:
    take(launched, 2, kind="simulated")
    assert "no report of them yet" in signed_in.get(SIMULATED).text
    asked = post(f"{REPORT}/make", kind="simulated")
    assert asked.headers["Location"] == SIMULATED
    waiting = signed_in.get(SIMULATED).text
    assert 'data-job="/jobs/' in waiting
    assert "<iframe" not in waiting
    assert run_jobs(launched) == ["report"]
    shown = signed_in.get(SIMULATED)
    assert "from 18 answers in 2 sessions, version 1" in shown.text
    assert "data-job" not in shown.text
    assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    report = signed_in.get(address(shown.text, "page"))
    assert report.mimetype == "text/html"
    assert "frame-ancestors 'self'" in report.headers["Content-Security-Policy"]
    assert "script-src" not in report.headers["Content-Security-Policy"]
    assert "kestrelcut" in report.text


def test_the_numbers_are_those_of_the_command(
    signed_in: FlaskClient, launched: Launched, make: Callable[..., str]
) -> None:
    take(launched, 2, kind="simulated")
    page = signed_in.get(make(kind="simulated")).text
    made = make_chosen_report(launched.store, "heron", ReportChoice(kind="simulated"))
    expected = dict(report_files(made.analysis))
    numbers = signed_in.get(address(page, "files/numbers"))
    assert numbers.data == expected["numbers.json"]
    assert signed_in.get(address(page, "page")).text == made.page
    html = signed_in.get(address(page, "files/html"))
    assert html.text == made.page
    disposition = html.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="heron-simulation.html"'
    archive = signed_in.get(address(page, "files/figures"))
    with zipfile.ZipFile(io.BytesIO(archive.data)) as files:
        assert {name: files.read(name) for name in files.namelist()} == expected


@pytest.mark.usefixtures("quick")
def test_to_open_the_page_again_makes_nothing_and_news_are_told(
    signed_in: FlaskClient, launched: Launched, make: Callable[..., str]
) -> None:
    take(launched, 1, kind="simulated")
    make(kind="simulated")
    first = signed_in.get(SIMULATED).text
    assert run_jobs(launched) == []
    assert "come in since" not in first
    take(launched, 1, kind="simulated", n_trials=3)
    later = signed_in.get(SIMULATED).text
    assert "3 answers have come in since." in later
    assert address(later, "page") == address(first, "page")
    make(kind="simulated")
    anew = signed_in.get(SIMULATED).text
    assert "come in since" not in anew
    assert signed_in.get(address(first, "page")).status_code == 404  # replaced
    kept = list((launched.settings.data / "reports").glob("*/*/*/made.json"))
    assert len(kept) == 1


def test_a_report_of_other_options_stands_beside_and_marks_the_departure(
    signed_in: FlaskClient, launched: Launched, make: Callable[..., str]
) -> None:
    take(launched, 2, kind="simulated")
    make(kind="simulated")
    path = make(kind="simulated", condition="kestrelcut", **{"option-alpha": "0.01"})
    assert "condition=kestrelcut" in path
    assert "option-alpha=0.01" in path
    page = signed_in.get(path).text
    assert "kestrelcut only" in page
    assert 'value="0.01"' in page
    assert "The study file fixes no analysis" in page
    numbers = json.loads(signed_in.get(address(page, "files/numbers")).data)
    assert (numbers["options"]["alpha"], numbers["options"]["condition"]) == (0.01, "kestrelcut")
    plain = json.loads(signed_in.get(address(signed_in.get(SIMULATED).text, "files/numbers")).data)
    assert plain["options"]["alpha"] == 0.05


@pytest.mark.usefixtures("quick")
def test_what_equals_the_plan_is_no_change(make: Callable[..., str], launched: Launched) -> None:
    take(launched, 1, kind="simulated")
    assert make(kind="simulated", **{"option-alpha": "0.05"}) == SIMULATED


@pytest.mark.parametrize(
    "form",
    [
        {"option-alpha": "7"},
        {"option-sigmoid": "<script>"},
        {"version": "x"},
        {"version": "99999"},
        {"option-min_gross_correct": "9" * 500},
    ],
)
def test_a_wrong_wish_is_told_and_nothing_is_made(
    post: Any, launched: Launched, signed_in: FlaskClient, form: dict[str, str]
) -> None:
    take(launched, 1, kind="simulated")
    refused = post(f"{REPORT}/make", kind="simulated", **form)
    assert refused.status_code == 422
    assert "<script>" not in refused.text
    assert run_jobs(launched) == []
    assert signed_in.get(REPORT, query_string=form).status_code in (200, 422)


def test_a_condition_that_there_is_not_is_told_by_the_job(
    post: Any, launched: Launched, signed_in: FlaskClient
) -> None:
    take(launched, 1, kind="simulated")
    asked = post(f"{REPORT}/make", kind="simulated", condition="nothing")
    run_jobs(launched)
    with launched.store.read() as db:
        job = db.query(JobRow).one()
    assert job.state == "failed"
    assert "'nothing'" in job.message
    assert f"/jobs/{job.public_id}" in signed_in.get(asked.headers["Location"]).text


@pytest.mark.usefixtures("quick")
def test_while_data_come_in_the_result_is_hidden_until_the_look_is_noted(
    signed_in: FlaskClient, launched: Launched, make: Callable[..., str], post: Any
) -> None:
    take(launched, 2)
    make()
    page = signed_in.get(REPORT).text
    assert "The study is still running" in page
    assert "sequential" in page
    assert "<iframe" not in page
    assert "files/numbers" not in page
    look = address(page, "look")
    base = look.removesuffix("look")
    for path in ("page", "files/html", "files/numbers", "files/figures", "files/pdf"):
        hidden = signed_in.get(base + path)
        assert (hidden.status_code, hidden.headers["Location"]) == (302, REPORT)
    assert post(look, reason=" x ").status_code == 400
    assert looks(launched) == []
    assert post(look, reason="The sponsor asks.").status_code == 302
    shown = signed_in.get(REPORT).text
    assert "<iframe" in shown
    assert signed_in.get(address(shown, "page")).status_code == 200
    post(look, reason="again")
    (noted,) = looks(launched)
    assert (noted["n_answers"], noted["n_finished"]) == (18, 2)
    # A new report tells the look, and is a new look.
    take(launched, 1)
    make()
    assert "The study is still running" in signed_in.get(REPORT).text
    told = make_chosen_report(launched.store, "heron", ReportChoice()).page
    assert "looked at once while data came in" in told
    assert "The sponsor asks." in told


@pytest.mark.usefixtures("quick")
def test_after_the_end_nothing_is_hidden(
    signed_in: FlaskClient, launched: Launched, make: Callable[..., str]
) -> None:
    take(launched, 2)
    change_state(launched.store, 1, "closed")
    make()
    page = signed_in.get(REPORT).text
    assert "<iframe" in page
    assert looks(launched) == []


def looks(launched: Launched) -> list[dict[str, Any]]:
    with launched.store.read() as db:
        return [detail_of(row) for row in deeds_of(db, 1, deed="peeked")]


@pytest.mark.usefixtures("quick")
def test_each_person_looks_alone(
    app: Flask, signed_in: FlaskClient, launched: Launched, make: Callable[..., str], post: Any
) -> None:
    take(launched, 2)
    make()
    post(address(signed_in.get(REPORT).text, "look"), reason="Curious.")
    other = client_of(app, launched.store, "analyst")
    assert "The study is still running" in other.get(REPORT).text


@pytest.mark.usefixtures("quick")
def test_a_pdf_is_made_on_demand(
    signed_in: FlaskClient,
    launched: Launched,
    make: Callable[..., str],
    post: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jndlab.analysis.render_pdf", lambda page: b"%PDF-" + page[:15].encode())
    take(launched, 1, kind="simulated")
    make(kind="simulated")
    page = signed_in.get(SIMULATED).text
    pdf = address(page, "page").removesuffix("page") + "pdf"
    assert post(pdf).headers["Location"] == SIMULATED
    assert run_jobs(launched) == ["report-pdf"]
    file = signed_in.get(address(signed_in.get(SIMULATED).text, "files/pdf"))
    assert file.data == b"%PDF-<!doctype html>"
    post(pdf)
    assert run_jobs(launched) == []  # it is there


@pytest.mark.usefixtures("quick")
def test_a_missing_extra_is_said_clearly(
    signed_in: FlaskClient,
    launched: Launched,
    make: Callable[..., str],
    post: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_: str) -> bytes:
        raise MissingExtra("weasyprint (with the system library Pango)", "pdf")

    monkeypatch.setattr("jndlab.analysis.render_pdf", missing)
    take(launched, 1, kind="simulated")
    make(kind="simulated")
    page = signed_in.get(SIMULATED).text
    post(address(page, "page").removesuffix("page") + "pdf")
    run_jobs(launched)
    later = signed_in.get(SIMULATED).text
    job = re.search(r'data-job="(/jobs/[^"]+)"', later)
    assert job is not None
    told = signed_in.get(job[1]).json
    assert told["state"] == "failed"
    assert "weasyprint" in told["message"]
    assert "jndlab[pdf]" in told["remedy"]
    assert "Make the PDF" in later


@pytest.mark.parametrize("report_id", ["nothing", "..", "%2e%2e%2fjndlab.db", "*", "a" * 300])
@pytest.mark.parametrize("what", ["page", "files/html"])
def test_a_report_that_is_not_kept_is_not_found(
    signed_in: FlaskClient, report_id: str, what: str
) -> None:
    assert signed_in.get(f"{REPORT}/{report_id}/{what}").status_code == 404


@pytest.mark.usefixtures("quick")
def test_a_report_of_another_study_is_not_found(
    app: Flask, signed_in: FlaskClient, launched: Launched, make: Callable[..., str]
) -> None:
    take(launched, 1, kind="simulated")
    make(kind="simulated")
    path = address(signed_in.get(SIMULATED).text, "page")
    for role in ("outsider", "stranger", "viewer"):
        answer = client_of(app, launched.store, role).get(path)
        assert answer.status_code in (302, 403, 404)
        assert "kestrelcut" not in answer.text


def test_the_worker_makes_the_report_in_a_process_of_its_own(
    launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    take(launched, 2, kind="simulated")
    choice = ReportChoice(kind="simulated")
    options = {"choice": choice.to_dict()}
    job = start_job(
        launched.store, launched.settings, "report", study_id=1, by=None, options=options
    )

    def ended() -> bool:
        with launched.store.read() as db:
            return require_job(db, job).state in ("done", "failed")

    until(ended, "the report")
    with launched.store.read() as db:
        state = require_job(db, job)
    assert state.state == "done", state.message
    assert (state.n_done, state.n_steps) == (5, 5)  # one condition and four steps beside it
    folder = Path(launched.settings.data / "reports" / "1")
    assert {path.name for path in folder.glob("*/*/*")} == {
        "report.html",
        "numbers.json",
        "figures.zip",
        "made.json",
    }


@pytest.mark.usefixtures("quick")
def test_how_far_the_job_is_tells_nothing_of_the_result(
    launched: Launched, signed_in: FlaskClient, make: Callable[..., str]
) -> None:
    take(launched, 2, kind="simulated")
    make(kind="simulated")
    with launched.store.read() as db:
        job = db.query(JobRow).one()
    told = signed_in.get(f"/jobs/{job.public_id}").json
    assert told["state"] == "done"
    assert set(told["result"]) == {"report"}
