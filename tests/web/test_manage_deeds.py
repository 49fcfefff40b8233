"""The experimenter's API, deed by deed: sounds, copies, registration, watching, the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from jndlab.store.engine import Store
from jndlab.store.models import StudyRow
from jndlab.store.studies import require_version, study_by_slug
from jndlab.studies.lifecycle import change_state
from jndlab.studies.registration import registration_of
from jndlab.study.registration import content_digest
from jndlab.web.app import create_app
from tests.store.launching import Launched, make_template, open_copy
from tests.store.making import wav_bytes
from tests.web.jobs import hold_jobs, run_jobs
from tests.web.participants import Participant
from tests.web.programs import API, Program, program_of
from tests.web.test_openapi import document, require_described

__all__ = ["document"]  # a fixture

SEED = 123_456_789_012
SOUNDS = ("baseline/one.wav", "bits/3/one.wav", "bits/1/one.wav")


@pytest.fixture
def admin(
    app: Flask, launched: Launched, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """A program that may do everything; whatever it is answered has to be as described."""
    hold_jobs(monkeypatch)
    admin = program_of(app, launched.store, role="admin")
    yield admin
    for response in admin.received:
        # A file of a job says itself what it is; 405 can be the answer to any address.
        if "/files/" not in response.request.path and response.status_code != 405:
            require_described(document, response)


def send(program: Program, slug: str, path: str, content: bytes, **more: object) -> dict[str, Any]:
    told = {"path": path, "n_bytes": len(content), **more}
    begun = program.json("POST", f"/studies/{slug}/uploads", told)
    if begun["is_complete"]:
        return dict(begun)
    sent = program.json(
        "PATCH",
        f"/studies/{slug}/uploads/{begun['name']}",
        data=content,
        headers={"Upload-Offset": "0", "Content-Type": "application/octet-stream"},
    )
    return dict(sent)


def make(program: Program, slug: str = "tiny") -> None:
    """A study of one item in two levels."""
    program.json("POST", "/studies", {"slug": slug, "title": "Tiny"})
    for seed, path in enumerate(SOUNDS):
        send(program, slug, path, wav_bytes(seed=seed))
    assert program.json("POST", f"/studies/{slug}/sounds/settle", {})["draft"] == 1


def ended(program: Program, launched: Launched, job: dict[str, Any]) -> dict[str, Any]:
    """The job, after what waits was run."""
    run_jobs(launched)
    at = program.json("GET", f"/jobs/{job['id']}")
    assert (at["state"], at["message"]) == ("done", "")
    return dict(at)


def error_of(program: Program, method: str, path: str, body: Any = None) -> tuple[int, str]:
    refused = program.send(method, path, body)
    return refused.status_code, refused.json["error"]["code"]


def study_row(store: Store, slug: str) -> StudyRow:
    with store.read() as db:
        row = study_by_slug(db, slug)
    assert row is not None
    return row


def test_sounds_are_counted_deleted_and_brought_back(admin: Program) -> None:
    make(admin)
    send(admin, "tiny", "bits/3/two.wav", wav_bytes())
    there = admin.json("GET", "/studies/tiny/sounds")
    assert there == {
        "items": ["one"],
        "conditions": [{"name": "bits", "levels": [1, 3]}],
        "missing": [],
        "extra": ["bits/3/two.wav"],
        "has_baseline": True,
        "is_complete": True,
    }
    with admin.send("GET", f"/studies/tiny/sounds/file?path={SOUNDS[1]}") as heard:
        assert (heard.mimetype, heard.data) == ("audio/wav", wav_bytes(seed=1))
    for path in ("bits/9/one.wav", "baseline/two.wav"):
        at = f"/studies/tiny/sounds/file?path={path}"
        assert error_of(admin, "GET", at) == (404, "study-unknown")
    for path in ("../../jndlab.db", "/etc/passwd", ""):
        assert admin.send("GET", f"/studies/tiny/sounds/file?path={path}").status_code == 422
    gone = admin.json("DELETE", "/studies/tiny/sounds", {"target": "bits/1"})
    assert gone["n_files"] == 1
    assert admin.json("GET", "/studies/tiny/sounds")["conditions"][0]["levels"] == [3]
    assert "levels: [3]" in admin.json("GET", "/studies/tiny/file")["text"]
    assert admin.json("POST", "/studies/tiny/sounds/restore", {"undo": gone["undo"]}) == there
    again = {"undo": gone["undo"]}
    assert error_of(admin, "POST", "/studies/tiny/sounds/restore", again) == (404, "study-unknown")
    admin.json("DELETE", "/studies/tiny/sounds", {"target": "baseline/one.wav"})
    assert admin.json("GET", "/studies/tiny/sounds")["has_baseline"] is False
    for target in ("../..", "nothing", ""):
        body = {"target": target}
        assert error_of(admin, "DELETE", "/studies/tiny/sounds", body) == (404, "study-unknown")


def test_a_file_is_replaced_only_if_somebody_says_so(admin: Program, launched: Launched) -> None:
    make(admin)
    other = wav_bytes(seed=9)
    assert send(admin, "tiny", SOUNDS[1], other)["name"] == ""
    folder = launched.settings.study_folder(study_row(launched.store, "tiny").id) / "sounds"
    assert (folder / SOUNDS[1]).read_bytes() != other
    assert send(admin, "tiny", SOUNDS[1], other, replace=True)["is_complete"]
    assert (folder / SOUNDS[1]).read_bytes() == other


def test_an_upload_is_forgotten(admin: Program) -> None:
    admin.json("POST", "/studies", {"slug": "tiny", "title": "Tiny"})
    told = {"path": SOUNDS[0], "n_bytes": 1000}
    name = admin.json("POST", "/studies/tiny/uploads", told)["name"]
    assert admin.json("DELETE", f"/studies/tiny/uploads/{name}") == {"done": True}
    at = f"/studies/tiny/uploads/{name}"
    assert error_of(admin, "GET", at) == (404, "study-unknown")


def test_a_condition_is_described(admin: Program) -> None:
    make(admin)
    body = {"condition": "bits", "name": "fewer bits", "unit": "bits", "compression": "rises"}
    assert admin.json("PUT", "/studies/tiny/sounds/condition", body)["draft"] == 2
    assert admin.json("GET", "/studies/tiny/sounds")["conditions"][0]["name"] == "fewer bits"
    assert "compression: rises" in admin.json("GET", "/studies/tiny/file")["text"]
    wrong = {"condition": "fewer bits", "name": "../x"}
    refused = error_of(admin, "PUT", "/studies/tiny/sounds/condition", wrong)
    assert refused == (409, "study-conflict")


def test_length_and_certainty_of_the_saved_design(admin: Program, launched: Launched) -> None:
    admin.json("POST", "/studies", {"slug": "empty", "title": "Empty"})
    assert error_of(admin, "POST", "/studies/empty/estimate", {}) == (409, "study-conflict")
    make(admin)
    told = admin.json("POST", "/studies/tiny/estimate", {"n_listeners": 12})
    assert told["n_trials"] > 0
    assert told["minutes"] > 0
    assert told["certainty"] is None
    assert admin.json("GET", f"/jobs/{told['job']}")["kind"] == "certainty"


def test_a_copy_is_a_draft_with_a_seed_of_its_own(admin: Program) -> None:
    make(admin)
    copy = admin.json("POST", "/studies/tiny/copies", {"slug": "two", "title": " A  copy "})
    assert (copy["slug"], copy["title"], copy["state"]) == ("two", "A copy", "draft")
    seeds = {
        next(
            line
            for line in admin.json("GET", f"/studies/{slug}/file")["text"].splitlines()
            if line.startswith("seed:")
        )
        for slug in ("tiny", "two")
    }
    assert len(seeds) == 2
    taken = {"slug": "heron", "title": "x"}
    assert error_of(admin, "POST", "/studies/tiny/copies", taken) == (409, "study-conflict")


@pytest.mark.parametrize("slug", ["new", "import", "a/b", "", "UPPER", "é"])
def test_a_name_that_no_page_could_have_is_refused(admin: Program, slug: str) -> None:
    body = {"slug": slug, "title": "Tiny"}
    assert error_of(admin, "POST", "/studies", body) == (409, "study-conflict")


def test_an_archive_is_written_and_taken_into_an_empty_study(
    admin: Program, launched: Launched
) -> None:
    make(admin)
    job = ended(admin, launched, admin.json("POST", "/studies/tiny/archive"))
    [address] = job["files"]
    with admin.send("GET", address.removeprefix(API)) as answer:
        archive = answer.data
    admin.json("POST", "/studies", {"slug": "other", "title": "Other"})
    name = send(admin, "other", "archive.zip", archive)["name"]
    taken = ended(admin, launched, admin.json("POST", f"/studies/other/uploads/{name}/take"))
    assert taken["result"] == {"slug": "other"}
    [first, second] = (admin.json("GET", f"/studies/{s}/sounds") for s in ("tiny", "other"))
    assert first == second
    told = {"path": "archive.zip", "n_bytes": 1000}
    begun = admin.json("POST", "/studies/other/uploads", told)["name"]
    half = f"/studies/other/uploads/{begun}"
    assert error_of(admin, "POST", f"{half}/take") == (400, "request-invalid")
    assert error_of(admin, "POST", f"{half}/import", {}) == (400, "request-invalid")


def test_a_version_is_registered_and_its_document_had(
    tmp_path: Path, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_template(tmp_path / "template", slug="heron", seed=SEED, analysis={"alpha": 0.01})
    launched = open_copy(folder, tmp_path / "copy")
    owner = program_of(create_app(launched.settings, launched.store), launched.store, role="owner")
    at = "/studies/heron/registration"
    assert error_of(owner, "GET", f"{at}/1/md") == (400, "request-invalid")
    assert error_of(owner, "POST", at, {"version": 7}) == (404, "study-unknown")
    made = owner.json("POST", at, {})
    assert made["version"] == 1
    assert owner.json("POST", at, {"version": 1}) == made
    published = owner.send("GET", f"{at}/1/json")
    assert content_digest(published.json["content"]) == made["digest"]
    assert made["digest"] in owner.send("GET", f"{at}/1/md").text
    assert error_of(owner, "GET", f"{at}/1/exe") == (400, "request-invalid")
    [version] = owner.json("GET", "/studies/heron/versions")["versions"]
    assert version["registered_at"] == made["registered_at"]
    log = owner.send("GET", "/studies/heron/deeds")
    [deed] = [one for one in log.json["deeds"] if one["deed"] == "registered"]
    assert deed["detail"]["digest"] == made["digest"]
    with launched.store.read() as db:
        found = registration_of(db, require_version(db, study_row(launched.store, "heron").id))
    assert found is not None
    for told in owner.received:
        assert found.salt not in told.text
        assert str(SEED) not in told.text
        if told.is_json and "registration/1/json" not in told.request.path:
            require_described(document, told)
    launched.store.close()


def test_a_study_without_a_plan_is_not_registered(admin: Program) -> None:
    at = "/studies/heron/registration"
    assert error_of(admin, "POST", at, {}) == (409, "study-conflict")


def test_the_live_summary_counts_sessions_and_tells_no_result(
    admin: Program, simulate: Callable[[], None], participant: Participant
) -> None:
    simulate()
    participant.trial()
    told = admin.json("GET", "/studies/heron/live?kind=simulated")
    assert (told["states"], told["n_answers"]) == ({"finished": 4}, 36)
    assert told["gross"]["n_trials"] == 4
    assert [stage["n_sessions"] for stage in told["funnel"]] == [4] * 5
    mine = admin.json("GET", "/studies/heron/live")
    assert (mine["kind"], mine["states"], mine["n_answers"]) == ("participant", {"open": 1}, 0)
    for said in (json.dumps(told), json.dumps(mine)):
        assert not {"kestrelcut", "zebrafinch"} & set(said.replace('"', " ").split())
    for wrong in ("kind=nobody", "version=x", "version=-1"):
        refused = error_of(admin, "GET", f"/studies/heron/live?{wrong}")
        assert refused == (400, "request-invalid")


def test_a_look_at_the_running_result_wants_a_reason_and_is_noted(
    admin: Program, participant: Participant
) -> None:
    participant.trial()
    refused = error_of(admin, "POST", "/studies/heron/live/curve", {})
    assert refused == (400, "request-invalid")
    body = {"reason": "The sponsor asks."}
    assert admin.json("POST", "/studies/heron/live/curve", body)["kind"] == "running-curve"
    looks = [
        deed["detail"]["reason"]
        for deed in admin.json("GET", "/studies/heron/deeds")["deeds"]
        if "reason" in deed["detail"]
    ]
    assert looks == ["The sponsor asks."]


def test_the_log_says_who_did_what(admin: Program) -> None:
    admin.json("PUT", "/studies/heron/quota", {"quota": 5})
    deeds = admin.json("GET", "/studies/heron/deeds")["deeds"]
    assert [(deed["deed"], deed["by"]) for deed in deeds] == [
        ("launched", None),
        ("quota-set", admin.json("GET", "/me")["name"]),
    ]
    assert deeds[-1]["detail"] == {"quota": 5, "before": None}


def test_exclusions_dictionaries_and_ids_are_had(
    admin: Program, launched: Launched, simulate: Callable[[], None]
) -> None:
    simulate()
    asked = {"kinds": ["simulated"], "version": 1}
    job = ended(admin, launched, admin.json("POST", "/studies/heron/exclusions", asked))
    with admin.send("GET", job["files"][0].removeprefix(API)) as table:
        assert table.text.splitlines()[0].startswith("study_digest,session,session_kind")
    none = {"version": 9}
    assert error_of(admin, "POST", "/studies/heron/exclusions", none) == (404, "study-unknown")
    dictionary = admin.send("GET", "/studies/heron/data/trials/dictionary")
    assert "response_time_ms" in dictionary.text
    ids = admin.send("POST", "/studies/heron/recruiter-ids")
    assert (ids.status_code, ids.mimetype, len(ids.text.splitlines())) == (200, "text/csv", 1)
    deeds = [one["deed"] for one in admin.json("GET", "/studies/heron/deeds")["deeds"]]
    assert deeds[-1] == "recruiter-ids-exported"


def test_a_study_that_runs_is_not_deleted(admin: Program, launched: Launched) -> None:
    body = {"confirmed": "heron"}
    assert error_of(admin, "DELETE", "/studies/heron", body) == (409, "study-conflict")
    study_id = study_row(launched.store, "heron").id
    change_state(launched.store, study_id, "paused", by=None, note="")
    assert error_of(admin, "DELETE", "/studies/heron", body) == (409, "study-conflict")
    assert admin.json("GET", "/studies/heron")["state"] == "paused"


@pytest.mark.parametrize("number", ["99999999999999999999", "9223372036854775808", "0"])
def test_a_number_that_no_row_has_is_no_failure_of_the_server(admin: Program, number: str) -> None:
    for method, path, body in (
        ("PUT", f"/studies/heron/links/{number}", {"revoked": True}),
        ("PUT", f"/studies/heron/members/{number}", {"role": "viewer"}),
        ("DELETE", f"/studies/heron/members/{number}", None),
        ("GET", f"/studies/heron/registration/{number}/md", None),
        ("POST", "/studies/heron/registration", {"version": int(number)}),
        ("POST", "/studies/heron/exclusions", {"version": int(number)}),
        ("POST", "/studies/heron/live/curve", {"version": int(number)}),
        ("POST", "/studies/heron/links", {"kind": "multiple", "max_uses": int(number)}),
        ("PUT", "/studies/heron/quota", {"quota": int(number) + 10**7}),
        ("POST", "/studies/heron/uploads", {"path": SOUNDS[0], "n_bytes": int(number)}),
        ("PUT", "/studies/heron/file", {"text": "x", "based_on": int(number)}),
    ):
        refused = admin.send(method, path, body)
        assert 400 <= refused.status_code < 500, (path, refused.text)
        assert refused.status_code != 405, (method, path)
