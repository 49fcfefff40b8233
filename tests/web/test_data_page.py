"""The data page: what can be taken away, by whom, and what is noted of it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jndlab.export.package.reading import open_package
from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.models import RecruitRow
from jndlab.store.sessions import require_session
from jndlab.store.studies import require_study
from jndlab.studies.lifecycle import change_state
from jndlab.web.experimenter import downloads
from jndlab.web.jobs.queue import JobState, newest_job
from tests.store.launching import Launched
from tests.web.access import client_of
from tests.web.jobs import hold_jobs, run_jobs
from tests.web.listeners import take

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL

DATA = "/studies/heron/data"


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_jobs(monkeypatch)


@pytest.fixture
def post(signed_in: FlaskClient, csrf: Callable[[str], str]) -> Callable[..., Any]:
    def send(path: str, **form: Any) -> Any:
        token = csrf(signed_in.get(DATA).text)
        return signed_in.post(f"{DATA}/{path}", data={"csrf_token": token, **form})

    return send


def study_id(launched: Launched) -> int:
    with launched.store.read() as db:
        return require_study(db, "heron").id


def made(launched: Launched, kind: str = "package") -> tuple[JobState, Path]:
    """The newest job of a kind, and the file that it made."""
    with launched.store.read() as db:
        job = newest_job(db, study_id(launched), kind)
    assert job is not None
    return job, launched.settings.job_folder(job.public_id) / job.result.get("file", "")


def looks(launched: Launched) -> list[dict[str, Any]]:
    with launched.store.read() as db:
        return [detail_of(row) for row in deeds_of(db, study_id(launched), deed="peeked")]


def test_every_table_is_listed_with_its_rows(signed_in: FlaskClient, launched: Launched) -> None:
    empty = signed_in.get(DATA).text
    assert empty.count("no rows yet") == 4
    take(launched, 2, kind="participant")
    page = signed_in.get(DATA).text
    assert f"{DATA}/trials.csv" in page
    assert f"{DATA}/sessions.jsonl" in page
    assert '<td class="number">18</td>' in page  # 2 sessions of 9 trials
    only = signed_in.get(f"{DATA}?kind=simulated").text
    assert f"{DATA}/trials.csv" not in only
    assert "no rows yet" in only


def test_a_long_table_is_made_by_a_job_and_never_in_the_request(
    signed_in: FlaskClient, launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(launched, 2, kind="participant")
    monkeypatch.setattr(downloads, "STREAMED_ROWS", 17)  # of 18 trials
    page = signed_in.get(DATA).text
    assert f"{DATA}/trials.csv" not in page
    assert f"{DATA}/sessions.csv" in page
    for ending in downloads.STREAMED:
        refused = signed_in.get(f"{DATA}/trials.{ending}")
        assert refused.status_code == 400
        assert "Make a file with everything" in refused.text
    assert looks(launched) == []  # nobody has seen anything
    assert signed_in.get(f"{DATA}/trials.csv?kind=simulated").status_code == 200


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_table_comes_whole_and_only_of_those_who_are_asked_for(
    signed_in: FlaskClient, launched: Launched, ending: str
) -> None:
    take(launched, 1, kind="participant")
    take(launched, 1, kind="simulated")

    def kinds(address: str) -> list[str]:
        text = signed_in.get(address).get_data(as_text=True)
        if ending == "jsonl":
            return [json.loads(line)["session_kind"] for line in text.splitlines()]
        return [row["session_kind"] for row in csv.DictReader(io.StringIO(text, newline=""))]

    address = f"{DATA}/trials.{ending}"
    assert kinds(address) == ["participant"] * 9 + ["simulated"] * 9
    assert kinds(f"{address}?kind=simulated&version=1") == ["simulated"] * 9
    named = signed_in.get(address).headers["Content-Disposition"]
    assert f'filename="heron-trials.{ending}"' in named


def test_the_columns_of_every_table_can_be_had(signed_in: FlaskClient) -> None:
    for table in ("trials", "checks", "sessions", "events", "questionnaires"):
        described = signed_in.get(f"{DATA}/{table}.dictionary.json").get_json()
        assert described["title"].startswith(f"jndlab {table}")


@pytest.mark.parametrize(
    "address",
    [
        "people.csv",
        "trials.xls",
        "trials.sav",
        "trials.csv?kind=preview",
        "trials.csv?kind=../x",
        "trials.csv?version=9",
        "trials.csv?version=x",
        "?version=-1",
        "?kind=robots",
        "..%2f.csv",
    ],
)
def test_what_there_is_not_is_refused_with_a_reason(signed_in: FlaskClient, address: str) -> None:
    path = f"{DATA}{address}" if address.startswith("?") else f"{DATA}/{address}"
    assert 400 <= signed_in.get(path).status_code < 500


def test_a_download_while_answers_come_in_is_noted_once_for_each_state_of_them(
    signed_in: FlaskClient, launched: Launched
) -> None:
    signed_in.get(f"{DATA}/trials.csv")
    assert looks(launched) == []  # there was nothing to see
    take(launched, 1, kind="participant")
    for _ in range(2):
        signed_in.get(f"{DATA}/trials.csv")
    signed_in.get(f"{DATA}/trials.csv?kind=simulated")
    (look,) = looks(launched)
    assert (look["what"], look["n_answers"]) == ("the data", 9)
    take(launched, 1, kind="participant")
    signed_in.get(f"{DATA}/trials.jsonl")
    assert [one["n_answers"] for one in looks(launched)] == [9, 18]
    change_state(launched.store, study_id(launched), "closed")
    take(launched, 1, kind="simulated")
    signed_in.get(f"{DATA}/trials.csv")
    assert len(looks(launched)) == 2


def test_a_package_is_made_outside_of_the_request_and_downloaded(
    signed_in: FlaskClient, launched: Launched, post: Callable[..., Any]
) -> None:
    take(launched, 1, kind="participant")
    asked = post("file", format="package", licence="CC-BY-4.0", kind=["participant", "pilot"])
    assert asked.status_code == 302
    assert "data-job" in signed_in.get(DATA).text
    assert run_jobs(launched) == ["package"]
    job, path = made(launched)
    assert path.name == "heron-package.zip"
    with open_package(path) as package:
        assert package.facts["session_kinds"] == ["participant", "pilot"]
        assert package.descriptor["licenses"] == [{"name": "CC-BY-4.0"}]
    page = signed_in.get(DATA).text
    address = f"/jobs/{job.public_id}/files/heron-package.zip"
    assert address in page
    with signed_in.get(address) as answer:
        assert answer.data == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("psych-ds", "heron-psych-ds/dataset_description.json"),
        ("jsonl", "heron-trials.jsonl"),
        ("parquet", "heron-trials.parquet"),
        ("sav", "heron-sessions.sav"),
    ],
)
def test_the_other_formats_come_as_a_zip_of_all_tables(
    launched: Launched, post: Callable[..., Any], name: str, holds: str
) -> None:
    take(launched, 1, kind="participant")
    post("file", format=name)
    run_jobs(launched)
    _, path = made(launched)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert holds in archive.namelist()


def test_a_missing_extra_is_said_on_the_page(
    launched: Launched, post: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    post("file", format="parquet")
    run_jobs(launched)
    job, _ = made(launched)
    assert (job.state, 'pip install "jndlab[parquet]"' in job.remedy) == ("failed", True)


@pytest.mark.parametrize(
    "form",
    [
        {"format": "xls"},
        {"format": "package", "licence": "x" * 101},
        {"format": "package", "licence": "a\nb"},
        {"format": "package", "kind": "preview"},
        {"format": "package", "version": "7"},
    ],
)
def test_a_form_that_cannot_be_is_refused_and_starts_nothing(
    launched: Launched, post: Callable[..., Any], form: dict[str, str]
) -> None:
    assert 400 <= post("file", **form).status_code < 500
    assert run_jobs(launched) == []


def test_only_editors_get_the_seed_before_the_end(
    app: Flask, launched: Launched, csrf: Callable[[str], str]
) -> None:
    for role, status in (("analyst", 403), ("editor", 302)):
        client = client_of(app, launched.store, role)
        page = client.get(DATA).text
        assert ("with_seed" in page) == (role == "editor")
        form = {"csrf_token": csrf(page), "format": "package", "with_seed": "1"}
        assert client.post(f"{DATA}/file", data=form).status_code == status
    run_jobs(launched)
    with launched.store.read() as db:
        assert len(deeds_of(db, study_id(launched), deed="seed-exported")) == 1


def test_what_is_left_out_is_listed_with_reasons(
    signed_in: FlaskClient, launched: Launched, post: Callable[..., Any]
) -> None:
    take(launched, 2, kind="participant")
    assert "List what is left out" in signed_in.get(DATA).text
    post("exclusions")
    run_jobs(launched)
    assert "Nothing is left out." in signed_in.get(DATA).text


def test_ids_of_recruiters_are_apart_and_it_is_noted_who_took_them(
    signed_in: FlaskClient, app: Flask, launched: Launched, post: Callable[..., Any]
) -> None:
    token = launched.open(simulated=False)
    with launched.store.write() as db:
        session = require_session(db, token)
        db.add(
            RecruitRow(
                session_id=session.id,
                study_id=session.study_id,
                recruiter="prolific",
                external_id="=5f1e-secret",
                assignment="{}",
                received_at=session.opened_at,
            )
        )
    assert "Ids of recruiters" in signed_in.get(DATA).text
    for name in ("trials", "checks", "sessions", "events", "questionnaires"):
        assert "5f1e-secret" not in signed_in.get(f"{DATA}/{name}.csv").get_data(as_text=True)
    answer = post("recruiter-ids")
    assert "'=5f1e-secret" in answer.get_data(as_text=True)
    with launched.store.read() as db:
        (row,) = deeds_of(db, study_id(launched), deed="recruiter-ids-exported")
    assert detail_of(row) == {"n_ids": 1}
    assert "Ids of recruiters" not in client_of(app, launched.store, "editor").get(DATA).text
