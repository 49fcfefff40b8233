"""What no browser of ours sends: refused with what is wrong, never a failure of the server."""

from __future__ import annotations

import pytest
from flask import Flask

from jndlab.store.models import StudyRow
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.web.programs import program_of

HUGE = "9" * 30


@pytest.mark.parametrize(
    ("time", "status"),
    [
        ("2090-03-31T18:00:00Z", 201),
        ("2090-03-31T18:00:00", 400),
        ("9999-12-31T23:59:59-14:00", 400),
        ("0001-01-01T00:00:00+14:00", 400),
    ],
)
def test_a_link_ends_at_a_moment_that_is_one(
    app: Flask, launched: Launched, time: str, status: int
) -> None:
    editor = program_of(app, launched.store, role="editor")
    answer = editor.send("POST", "/studies/heron/links", {"kind": "multiple", "expires_at": time})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("path", ["members", "links"])
def test_numbers_that_no_row_can_have_name_nothing(
    app: Flask, launched: Launched, path: str
) -> None:
    owner = program_of(app, launched.store, role="owner")
    body = {"revoked": True} if path == "links" else {"role": "viewer"}
    answer = owner.send("PUT", f"/studies/heron/{path}/{HUGE}", body)
    assert answer.status_code == 404


def test_what_goes_away_during_a_request_is_no_failure_of_the_server(
    launched: Launched,
) -> None:
    app = create_app(launched.settings, launched.store)

    def view() -> str:
        with launched.store.read() as db:
            return db.get_one(StudyRow, 10**6).title

    app.add_url_rule("/gone", "gone", view)
    answer = app.test_client().get("/gone", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["error"]["code"] == "gone"
