"""Every refusal of the API has one shape, says what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jndlab import errors
from jndlab.store.models import SessionRow
from jndlab.web.app import MAX_REQUEST_BYTES
from jndlab.web.errors import STATUS
from tests.web.participants import API, Participant, consent_to, response_body

BODIES = {
    "api.open_session": consent_to("nowhere"),
    "api.answer": response_body(),
    "api.answer_check": {"answer": "3"},
    "api.resume": {"key": "a-key-of-the-page"},
    "api.answer_questionnaire": {"key": "a-key-of-the-client", "block": 0, "answers": {}},
    "api.event": {"kind": "resumed", "detail": ""},
    "api.failure": {"reason": "no-sound"},
    "api.same_person": {"recruit": {"PROLIFIC_PID": "5f1e"}},
}
"""A body of the right shape for each route that takes one."""

NO_TOKEN = {"api.open_session", "api.openapi"}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")

BAD_JSON = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"not json",
    b"\xff\xfe\x00",
    b"{" + b'"a":' * 500,
    b"[" * 20_000,
    b'{"link":"\\ud800","consent":true}',
    b'{"answer":' + b"9" * 6000 + b"}",
    b'{"answer":NaN}',
]


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and address of every route of the API."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            address = rule.rule
            for argument in ("<name>", "<int(max=1000000):number>", "<int:number>"):
                address = address.replace(argument, "1")
            assert "<" not in address, f"this test does not know the argument in {rule.rule}"
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, address


def require_shape(response: TestResponse, *statuses: int) -> str:
    """Check the shape of a refusal; returns its code."""
    assert response.status_code in statuses, (response.status, response.text)
    assert response.mimetype == "application/json"
    content = response.json
    assert list(content) == ["error"]
    assert set(content["error"]) == {"code", "message", "remedy"}
    for value in content["error"].values():
        assert isinstance(value, str)
        assert value.strip()
        assert "Traceback" not in value
        assert "sqlite" not in value.lower()
    return str(content["error"]["code"])


def test_every_route_with_a_body_is_known_to_this_test(app: Flask) -> None:
    endpoints = {endpoint for endpoint, *_ in routes(app)}
    assert len(endpoints) >= 11
    assert set(BODIES) <= endpoints


def test_without_a_token_every_route_refuses_alike(app: Flask, client: FlaskClient) -> None:
    texts = set()
    for endpoint, method, address in routes(app):
        if endpoint in NO_TOKEN:
            continue
        for credentials in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "nonsense"}):
            response = client.open(
                address, method=method, json=BODIES.get(endpoint), headers=credentials
            )
            assert require_shape(response, 404) == "not-found"
            texts.add(response.text)
    assert len(texts) == 1


@pytest.mark.parametrize("body", BAD_JSON, ids=range(len(BAD_JSON)))
def test_a_body_that_is_no_message_is_refused(
    app: Flask, participant: Participant, body: bytes
) -> None:
    headers = {"Authorization": f"Bearer {participant.token}"}
    for endpoint, method, address in routes(app):
        if endpoint in BODIES:
            response = participant.client.open(address, method=method, data=body, headers=headers)
            assert require_shape(response, 400) == "request-invalid"


def test_an_unknown_key_is_refused(app: Flask, participant: Participant) -> None:
    for endpoint, method, address in routes(app):
        if endpoint in BODIES:
            body = BODIES[endpoint] | {"correct": True}
            response = participant.send(method, address, body)
            assert require_shape(response, 400) == "request-invalid"
            assert "correct" in response.json["error"]["message"]


def test_a_value_of_the_wrong_type_is_refused_with_its_place(
    app: Flask, participant: Participant
) -> None:
    participant.trial()
    for endpoint, method, address in routes(app):
        for key, right in BODIES.get(endpoint, {}).items():
            for wrong in (
                {"a": 5} if right == {} else {},
                [[]],
                [1.5],
                "text" if not isinstance(right, str) else 5,
            ):
                response = participant.send(method, address, BODIES[endpoint] | {key: wrong})
                assert require_shape(response, 400) == "request-invalid", (key, wrong)
                assert key in response.json["error"]["message"]
    assert participant.launched.answers(participant.token) == {}


@pytest.mark.parametrize(
    "overrides",
    [
        {"response": "C"},
        {"response": "x" * 201},
        {"response_time_ms": -1},
        {"response_time_ms": 1e300},
        {"response_time_ms": True},
        {"response_time_ms": "900"},
        {"plays": []},
        {"plays": [1, 1]},
        {"plays": [1, 1, 1, 1]},
        {"plays": [1, -1, 1]},
        {"plays": [1, 1, 10**30]},
        {"plays": [1] * 1000},
        {"key": "short"},
        {"key": "x" * 81},
        {"context_rate_hz": 0},
        {"context_rate_hz": 10**30},
        {"output_latency_ms": -0.1},
        {"output_latency_ms": 1e300},
    ],
    ids=str,
)
def test_an_impossible_answer_is_refused_and_not_stored(
    participant: Participant, overrides: dict[str, object]
) -> None:
    participant.trial()
    refused = participant.send("PUT", "/trials/1/response", response_body(**overrides))
    assert require_shape(refused, 400) == "request-invalid"
    assert participant.launched.answers(participant.token) == {}


def test_a_body_that_is_too_large_is_refused(app: Flask, participant: Participant) -> None:
    headers = {"Authorization": f"Bearer {participant.token}"}
    huge = b"x" * (MAX_REQUEST_BYTES + 1)
    for endpoint, method, address in routes(app):
        if endpoint in BODIES:
            response = participant.client.open(address, method=method, data=huge, headers=headers)
            assert require_shape(response, 413) == "http-413"


def test_a_wrong_method_is_refused_and_the_right_ones_are_named(
    app: Flask, participant: Participant
) -> None:
    right: dict[str, set[str]] = {}
    for _, method, address in routes(app):
        right.setdefault(address, set()).add(method)
    for address, methods in right.items():
        for method in set(METHODS) - methods:
            response = participant.send(method, address)
            assert require_shape(response, 405) == "http-405"
            assert methods <= set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/sessions/1", "/trials/x/response", "/trials/-1/response", "/trials/1.5/"],
)
def test_an_address_that_is_not_there_is_refused(participant: Participant, path: str) -> None:
    for method in ("GET", "PUT"):
        assert require_shape(participant.send(method, path), 404) == "http-404"


@pytest.mark.parametrize("path", ["/trials/99999999999999999999/response", "/trials/0/response"])
def test_a_number_that_no_trial_has_is_no_failure_of_the_server(
    participant: Participant, path: str
) -> None:
    require_shape(participant.send("PUT", path, response_body()), 404, 409)


@pytest.mark.parametrize("name", ["%ED%A0%80", "a%00b", "..%2F..%2Fjndlab.db", "%0d%0aX: y", "%"])
def test_a_strange_clip_name_is_an_unknown_one(participant: Participant, name: str) -> None:
    for path in (f"/clips/{name}", f"/checks/{name}/clip"):
        require_shape(participant.send("GET", path), 404)


def test_a_failure_of_ours_has_the_same_shape_and_tells_nothing(
    participant: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("secret detail of the plan")

    monkeypatch.setattr("jndlab.web.api.sessions.release_trial", fail)
    response = participant.send("POST", "/trial")
    assert require_shape(response, 500) == "server-failed"
    assert "secret" not in response.text


def test_a_refusal_outside_the_api_is_a_page(client: FlaskClient) -> None:
    for path, status in (("/nothing", 404), ("/s/nowhere", 404), ("/api", 404)):
        response = client.get(path)
        assert (response.status_code, response.mimetype) == (status, "text/html")
        assert "<h1>" in response.text


def test_a_refused_opening_stores_no_session(participant: Participant) -> None:
    for body in ({}, consent_to("nowhere"), consent_to(participant.launched.link) | {"x": 1}):
        assert participant.send("POST", API + "/sessions", body).status_code in (400, 404)
    with participant.launched.store.read() as db:
        assert len(db.scalars(select(SessionRow.id)).all()) == 1


def subclasses(parent: type[errors.JndlabError]) -> Iterator[type[errors.JndlabError]]:
    yield parent
    for child in parent.__subclasses__():
        yield from subclasses(child)


def test_every_error_class_has_a_status_and_no_other_class_has() -> None:
    ours = {e for e in subclasses(errors.JndlabError) if e.__module__.startswith("jndlab")}
    assert set(STATUS) == ours
    assert all(400 <= status < 600 for status in STATUS.values())


def test_error_codes_are_unique_words() -> None:
    codes = [error.code for error in STATUS]
    concrete = [e.code for e in STATUS if "code" in vars(e)]
    assert len(codes) == len(concrete) == len(set(concrete))
