"""The experimenter's API: a study from its sounds to its report, by a program alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.builders import make_study_text, write_stimuli
from tests.servers import until
from tests.store.launching import Launched
from tests.web.programs import Program, program_of
from tests.web.test_openapi import document, requests_of, require_described

__all__ = ["document"]  # a fixture


@pytest.fixture
def admin(app: Flask, launched: Launched) -> Program:
    return program_of(app, launched.store, role="admin")


def finished(program: Program, job: dict[str, Any]) -> dict[str, Any]:
    """The job when it has ended."""
    at = job

    def ended() -> bool:
        nonlocal at
        at = program.json("GET", f"/jobs/{job['id']}")
        return at["state"] in ("done", "failed")

    until(ended, f"the job {job['kind']}")
    return at


def send_file(program: Program, slug: str, path: str, content: bytes) -> dict[str, Any]:
    upload = program.json(
        "POST", f"/studies/{slug}/uploads", {"path": path, "n_bytes": len(content)}
    )
    half = len(content) // 2
    for part, offset in ((content[:half], 0), (content[half:], half)):
        upload = program.json(
            "PATCH",
            f"/studies/{slug}/uploads/{upload['name']}",
            data=part,
            headers={"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"},
        )
    return dict(upload)


def test_a_study_is_made_launched_and_reported_by_a_program(
    admin: Program, tmp_path: Path, document: dict[str, Any], simulate: Callable[[], None]
) -> None:
    admin.json("POST", "/studies", {"slug": "tiny", "title": "Tiny"})
    sounds = write_stimuli(tmp_path / "sounds")
    for path in sorted(sounds.rglob("*.wav")):
        sent = send_file(admin, "tiny", path.relative_to(sounds).as_posix(), path.read_bytes())
        assert sent["is_complete"]
    draft = admin.json("GET", "/studies/tiny/file")
    text = make_study_text().replace('baseline: "baseline"', "baseline: sounds/baseline")
    text = text.replace('folder: "bits"', "folder: sounds/bits")
    saved = admin.json("PUT", "/studies/tiny/file", {"text": text, "based_on": draft["number"]})
    late = admin.send("PUT", "/studies/tiny/file", {"text": text, "based_on": draft["number"]})
    assert (late.status_code, late.json["error"]["code"]) == (409, "draft-conflict")
    assert saved["number"] == draft["number"] + 1

    finished(admin, admin.json("POST", "/studies/tiny/gate"))
    for finding in admin.json("GET", "/studies/tiny/gate")["findings"]:
        assert finding["severity"] == "warning", finding
        reason = {"key": finding["key"], "reason": "Noise, for a test."}
        admin.json("PUT", "/studies/tiny/gate/reasons", reason)
    job = finished(admin, admin.json("POST", "/studies/tiny/launch", {"target": "running"}))
    assert (job["state"], job["message"]) == ("done", "")
    study = admin.json("GET", "/studies/tiny")
    assert (study["state"], study["version"], study["right"]) == ("running", 1, "own")
    assert [one["number"] for one in admin.json("GET", "/studies/tiny/versions")["versions"]] == [1]

    links = admin.json("POST", "/studies/tiny/links", {"kind": "single", "number": 2})["links"]
    assert len(links) == 2
    revoked = admin.json("PUT", f"/studies/tiny/links/{links[0]['id']}", {"revoked": True})
    assert sum(one["revoked_at"] is not None for one in revoked["links"]) == 1
    assert admin.json("PUT", "/studies/tiny/quota", {"quota": 12})["quota"] == 12
    state = {"state": "closed", "note": "Enough."}
    assert admin.json("POST", "/studies/tiny/state", state)["state"] == "closed"
    admin.json("POST", "/studies/tiny/state", {"state": "archived"})
    gone = admin.json("DELETE", "/studies/tiny", {"confirmed": "tiny"})
    assert gone == {"done": True}
    assert admin.send("GET", "/studies/tiny").status_code == 404
    for response in admin.received:
        require_described(document, response)


def test_data_and_report_of_a_study_with_answers(
    admin: Program, document: dict[str, Any], simulate: Callable[[], None]
) -> None:
    simulate()
    sessions = admin.json("GET", "/studies/heron/sessions")["sessions"]
    assert [(one["kind"], one["n_answered"]) for one in sessions] == [("simulated", 9)] * 4
    table = admin.send("GET", "/studies/heron/data/trials")
    assert (table.status_code, table.mimetype) == (200, "text/csv")
    assert len(table.text.splitlines()) == 1 + 4 * 9
    assert admin.send("GET", "/studies/heron/data/nothing").status_code == 422
    assert admin.send("GET", "/studies/heron/data/trials?format=doc").status_code == 400
    job = finished(admin, admin.json("POST", "/studies/heron/report", {"kind": "simulated"}))
    assert (job["state"], job["message"]) == ("done", "")
    report = job["result"]["report"]
    page = admin.send("GET", f"/studies/heron/reports/{report}/html")
    assert "kestrelcut" in page.text
    assert admin.send("GET", f"/studies/heron/reports/{report}/exe").status_code == 422
    package = finished(admin, admin.json("POST", "/studies/heron/package", {}))
    assert (package["state"], package["message"]) == ("done", "")
    [address] = package["files"]
    archive = admin.send("GET", address.removeprefix("/api/v1"))
    assert archive.data[:2] == b"PK"
    archive.close()
    for response in admin.received:
        if response.mimetype == "application/json":
            require_described(document, response)


def test_every_body_that_is_wrong_is_refused_in_the_one_shape(
    admin: Program, document: dict[str, Any]
) -> None:
    for method, path, operation in requests_of(document, "experimenter"):
        if "requestBody" not in operation:
            continue
        address = path.replace("{slug}", "heron").replace("{", "").replace("}", "")
        address = address.replace("link_id", "1").replace("user_id", "1")
        for body in (
            "",
            "[",
            "null",
            "[]",
            '{"no_such": 1}',
            '"x"',
            "\ud800".encode("utf-8", "surrogatepass"),
        ):
            answer = admin.send(method.upper(), address, data=body)
            assert 400 <= answer.status_code < 500, (address, body, answer.text)
            assert set(answer.json["error"]) == {"code", "message", "remedy"}


def test_a_token_that_may_only_look_makes_no_study(app: Flask, launched: Launched) -> None:
    looking = program_of(app, launched.store, role="viewer", scope="view")
    refused = looking.send("POST", "/studies", {"slug": "tiny", "title": "Tiny"})
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "access-denied")
    assert looking.json("GET", "/me")["scope"] == "view"
    [study] = looking.json("GET", "/studies")["studies"]
    assert (study["slug"], study["right"]) == ("heron", "view")
