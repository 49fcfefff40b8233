"""Long work outside of requests: a real process, its progress, its failure, a server that ended."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jndlab.store.models import JobRow, MemberRow
from jndlab.store.studies import definition_of, live_version, require_version
from jndlab.store.study_states import study_state
from jndlab.studies.drafts import create_study, save_draft
from jndlab.web.jobs import queue
from jndlab.web.jobs.claims import HELD
from jndlab.web.jobs.queue import newest_job, require_job, start_job
from jndlab.web.jobs.runner import ensure_runner
from jndlab.web.jobs.worker import KEPT_FILES, Job
from tests.builders import make_study_text, write_stimuli
from tests.servers import until
from tests.store.launching import Launched
from tests.web.access import client_of
from tests.web.jobs import run_jobs, work_in_this_process

Csrf = Callable[[str], str]


@pytest.fixture
def draft(launched: Launched) -> int:
    """A second study, which is still a draft."""
    study = create_study(launched.store, slug="tiny", title="Tiny", by=None)
    write_stimuli(launched.settings.study_folder(study))
    save_draft(launched.store, launched.settings, study, make_study_text(), based_on=0, by=None)
    return study


def ended(launched: Launched, public_id: str) -> bool:
    with launched.store.read() as db:
        return require_job(db, public_id).state in ("done", "failed")


def test_a_draft_is_launched_by_a_process_of_its_own(
    app: Flask, launched: Launched, draft: int, csrf: Csrf
) -> None:
    admin = client_of(app, launched.store, "admin")
    token = csrf(admin.get("/studies/tiny").text)
    asked = admin.post("/studies/tiny/launch", data={"csrf_token": token, "target": "running"})
    assert (asked.status_code, asked.headers["Location"]) == (302, "/studies/tiny")
    with launched.store.read() as db:
        job = newest_job(db, draft, "launch")
    assert job is not None
    until(lambda: ended(launched, job.public_id), "the launch")
    told = admin.get(f"/jobs/{job.public_id}").json
    assert told is not None
    assert (told["state"], told["message"], told["result"]["version"]) == ("done", "", 1)
    assert told["n_done"] == told["n_steps"] > 0
    with launched.store.read() as db:
        assert live_version(db, draft) is not None
        assert study_state(db, draft) == "running"
    outsider = client_of(app, launched.store, "outsider")
    assert outsider.get(f"/jobs/{job.public_id}").status_code == 404


def test_what_is_wrong_with_the_study_is_told(launched: Launched, draft: int) -> None:
    (launched.settings.study_folder(draft) / "bits" / "4" / "two.wav").unlink()
    options = {"target": "running"}
    job = start_job(
        launched.store, launched.settings, "launch", study_id=draft, by=None, options=options
    )
    until(lambda: ended(launched, job), "the launch")
    with launched.store.read() as db:
        at = require_job(db, job)
        assert study_state(db, draft) == "draft"
    assert at.state == "failed"
    assert "two.wav" in at.message
    assert at.remedy
    assert str(launched.settings.data) not in at.message


def test_the_same_job_is_not_asked_for_twice_while_it_waits(
    launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)
    options = {"target": "preview"}
    first, second, other = (
        start_job(launched.store, launched.settings, "launch", study_id=draft, by=None, options=o)
        for o in (options, options, {"target": "running"})
    )
    assert first == second != other


def test_a_job_that_a_server_left_behind_is_taken_up_by_the_next(
    launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)
    job = start_job(
        launched.store,
        launched.settings,
        "launch",
        study_id=draft,
        by=None,
        options={"target": "preview"},
    )
    silent = datetime.now(UTC) - HELD
    with launched.store.write() as db:  # it ran when the server was killed
        row = db.scalars(select(JobRow).where(JobRow.public_id == job)).one()
        row.state, row.host, row.attempts, row.held_until = "running", "gone", 1, silent
    ensure_runner(launched.store, launched.settings)
    until(lambda: ended(launched, job), "the job of the server before")
    with launched.store.read() as db:
        assert require_job(db, job).state == "done"


def test_a_process_that_dies_leaves_a_job_that_says_so(
    launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start_job(
        launched.store, launched.settings, "no-such-kind", study_id=draft, by=None, options={}
    )
    until(lambda: ended(launched, job), "the job to fail")
    with launched.store.read() as db:
        at = require_job(db, job)
    assert at.state == "failed"
    assert "cut off" in at.message


def test_files_of_a_job_are_for_those_who_may_have_them(
    app: Flask, launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)
    job = start_job(
        launched.store, launched.settings, "report", study_id=draft, by=None, options={}
    )
    folder = launched.settings.job_folder(job)
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("for analysts")
    address = f"/jobs/{job}/files/report.html"
    asked = {
        role: client_of(app, launched.store, role, slug="tiny").get(address)
        for role in ("viewer", "analyst", "admin")
    }
    assert {role: answer.status_code for role, answer in asked.items()} == {
        "viewer": 404,
        "analyst": 200,
        "admin": 200,
    }
    assert "attachment" in asked["analyst"].headers["Content-Disposition"]
    for answer in asked.values():
        answer.close()
    owner = client_of(app, launched.store, "owner", slug="tiny")
    for name in ("..%2f..%2fjndlab.db", "%2e%2e", "none.html", "%00"):
        assert owner.get(f"/jobs/{job}/files/{name}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "options", "least"),
    [
        ("certainty", {}, "viewer"),
        ("exclusions", {}, "analyst"),
        ("package", {"with_seed": False}, "analyst"),
        ("package", {"with_seed": True}, "editor"),
        ("study-archive", {}, "editor"),
        ("unpack", {}, "editor"),
    ],
)
def test_what_tells_the_right_answers_is_for_editors(
    app: Flask,
    launched: Launched,
    draft: int,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    options: dict[str, Any],
    least: str,
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)
    job = start_job(
        launched.store, launched.settings, kind, study_id=draft, by=None, options=options
    )
    roles = ["outsider", "viewer", "analyst", "editor", "owner"]
    asked = [
        client_of(app, launched.store, role, slug="tiny").get(f"/jobs/{job}").status_code
        for role in roles
    ]
    assert asked == [200 if place >= roles.index(least) else 404 for place in range(len(roles))]


def test_who_has_left_a_study_gets_nothing_more_from_the_jobs_they_asked_for(
    app: Flask, launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)
    analyst = client_of(app, launched.store, "analyst", slug="tiny")
    with launched.store.read() as db:
        user = db.scalars(select(MemberRow).where(MemberRow.role == "analyst")).one().user_id
    job = start_job(launched.store, launched.settings, "package", study_id=draft, by=user)
    folder = launched.settings.job_folder(job)
    folder.mkdir(parents=True)
    (folder / "tiny-package.zip").write_text("everything")
    address = f"/jobs/{job}/files/tiny-package.zip"
    before = analyst.get(address)
    assert before.status_code == 200
    before.close()
    with launched.store.write() as db:
        db.delete(db.get_one(MemberRow, (draft, user)))
    assert [analyst.get(path).status_code for path in (address, f"/jobs/{job}")] == [404, 404]


def test_the_worker_needs_no_server(
    launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)
    job = start_job(
        launched.store,
        launched.settings,
        "launch",
        study_id=draft,
        by=None,
        options={"target": "preview"},
    )
    assert work_in_this_process(launched, monkeypatch) == 0
    with launched.store.read() as db:
        assert require_job(db, job).state == "done"


def test_a_job_that_was_lost_to_another_process_is_left_to_it(
    launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)
    job = start_job(launched.store, launched.settings, "gate", study_id=draft, by=None)

    def run(_: Job) -> dict[str, Any]:
        with launched.store.write() as db:  # this one was silent for too long
            row = db.scalars(select(JobRow).where(JobRow.public_id == job)).one()
            row.attempts, row.host = 2, "another"
        return {"by": "the first"}

    monkeypatch.setattr("jndlab.web.jobs.worker.load_kind", lambda _: run)
    assert work_in_this_process(launched, monkeypatch) == 0
    with launched.store.read() as db:
        at = require_job(db, job)
    assert (at.state, at.result) == ("running", {})


def test_a_process_that_cannot_begin_leaves_a_job_that_says_so(
    launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("jndlab.web.jobs.runner.subprocess.run", refuse)
    job = start_job(launched.store, launched.settings, "gate", study_id=draft, by=None)
    until(lambda: ended(launched, job), "the job to fail")
    with launched.store.read() as db:
        assert require_job(db, job).state == "failed"


def test_what_is_launched_is_what_was_saved(
    launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)
    file = launched.settings.study_folder(draft) / "study.yaml"
    saved = file.read_text()
    # The server was killed after it had written the file, and before the draft was stored.
    file.write_text(saved.replace("trials_per_level: 4", "trials_per_level: 6"))
    options = {"target": "preview"}
    start_job(launched.store, launched.settings, "launch", study_id=draft, by=None, options=options)
    run_jobs(launched)
    with launched.store.read() as db:
        assert definition_of(require_version(db, draft)).design.trials_per_level == 4
    assert file.read_text() == saved


def test_files_of_older_jobs_do_not_fill_the_disk(
    launched: Launched, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_runner", lambda *_: None)

    def run(job: Job) -> dict[str, Any]:
        (job.folder / "everything.zip").write_text("much")
        return {}

    monkeypatch.setattr("jndlab.web.jobs.worker.load_kind", lambda _: run)
    made = []
    for number in range(KEPT_FILES + 2):
        made.append(
            start_job(
                launched.store,
                launched.settings,
                "package",
                study_id=draft,
                by=None,
                options={"version": number},
            )
        )
        assert work_in_this_process(launched, monkeypatch) == 0
    there = [launched.settings.job_folder(job).exists() for job in made]
    assert there == [False] * 2 + [True] * KEPT_FILES
