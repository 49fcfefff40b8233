"""The description that the server serves of its API, held against what the server does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.store.launching import Launched
from tests.web.json_schema import faults, references, resolve
from tests.web.participants import API, Participant, response_body


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    response = client.get(API + "/openapi.json")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    return dict(response.json)


def requests_of(document: dict[str, Any], who: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every request that participants or experimenters make."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["tags"] == [who]:
                yield method, path, operation


def operation_of(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """The description of the request that was sent to ``path``."""
    for template, methods in document["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path.removeprefix(API)) and method.lower() in methods:
            return dict(methods[method.lower()])
    raise AssertionError(f"{method} {path} is not described")


def require_described(document: dict[str, Any], response: TestResponse) -> None:
    """Check status, media type and content of a real answer."""
    request = response.request
    operation = operation_of(document, request.method, request.path)
    described = operation["responses"]
    assert str(response.status_code) in described, (request.path, response.status, response.text)
    content = described[str(response.status_code)]["content"]
    assert response.mimetype in content
    if response.is_json:
        schema = content["application/json"]["schema"]
        assert list(faults(document, schema, response.json, request.path)) == []


def test_it_lists_exactly_the_routes_of_the_api(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(API)))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("api.", "manage."))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (method, path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == routes - {("get", "/openapi.json")}


def test_every_reference_leads_somewhere_and_every_schema_is_used(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert found
    for reference in found:
        assert resolve(document, reference)
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found == schemas


def test_it_says_which_requests_need_a_token(document: dict[str, Any]) -> None:
    needed = {
        who: {
            (method, path): [name for entry in operation.get("security", []) for name in entry]
            for method, path, operation in requests_of(document, who)
        }
        for who in ("participant", "experimenter")
    }
    assert needed["participant"].pop(("post", "/sessions")) == []
    assert {tuple(names) for names in needed["participant"].values()} == {("session",)}
    assert {tuple(names) for names in needed["experimenter"].values()} == {("api_token",)}
    schemes = document["components"]["securitySchemes"]
    assert {name: scheme["scheme"] for name, scheme in schemes.items()} == {
        "session": "bearer",
        "api_token": "bearer",
    }


def test_it_says_which_right_a_request_needs(app: Flask, document: dict[str, Any]) -> None:
    seen, wanted = {}, {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("manage."):
            needed = app.view_functions[rule.endpoint].jndlab_rule  # type: ignore[attr-defined]
            path = re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(API))
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                said = document["paths"][path][method.lower()].get("description", "")
                found = re.search(r"the right '(\w+)'", said)
                seen[path, method] = found[1] if found else "signed-in"
                wanted[path, method] = needed
    assert len(seen) > 40
    assert seen == wanted


def test_every_path_argument_is_described(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            parameters = operation.get("parameters", [])
            named = [entry["name"] for entry in parameters if entry["in"] == "path"]
            assert named == re.findall(r"\{(\w+)\}", path)


def test_every_part_has_a_description(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"]
    for methods in document["paths"].values():
        assert all(operation["summary"].endswith(".") for operation in methods.values())
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        assert schema["additionalProperties"] is False, name


def test_the_answers_of_a_whole_session_are_as_described(
    document: dict[str, Any], participant: Participant
) -> None:
    participant.json("POST", "/events", {"kind": "resumed"})
    for _ in participant.launched.plan(participant.token).trials:
        trial = participant.trial()
        participant.clips(trial)
        participant.send("POST", "/finish")  # refused
        participant.answer(trial, "A")
        participant.answer(trial, "A")
        participant.send("PUT", f"/trials/{trial['number']}/response", response_body("B"))
        participant.json("GET", "/session")
    participant.json("POST", "/finish")
    participant.send("POST", "/trial")
    statuses = {response.status_code for response in participant.received}
    assert statuses == {200, 201, 409}
    for response in participant.received:
        require_described(document, response)


def test_refusals_are_as_described(document: dict[str, Any], participant: Participant) -> None:
    unknown = Participant(participant.client, participant.launched, token="unknown")
    for method, path, operation in requests_of(document, "participant"):
        address = re.sub(r"\{\w+\}", "1", path)
        takes_body = "requestBody" in operation
        # Nobody's token; no body where one is needed; one that is far too large.
        unknown.send(method.upper(), address, good_body(address) if takes_body else None)
        if takes_body:
            participant.send(method.upper(), address)
            participant.send(method.upper(), address, {"x": "x" * 70_000})
    refused = [*unknown.received, *(r for r in participant.received if r.status_code >= 400)]
    assert {response.status_code for response in refused} >= {400, 404, 413}
    for response in refused:
        require_described(document, response)


def test_the_check_itself_finds_faults(
    document: dict[str, Any], participant: Participant, launched: Launched
) -> None:
    schema = {"$ref": "#/components/schemas/CurrentTrial"}
    trial = participant.trial()
    assert list(faults(document, schema, trial, "")) == []
    for spoilt in (
        {**trial, "item": "zebrafinch"},
        {**trial, "number": "1"},
        {**trial, "number": True},
        {**trial, "phase": "warm-up"},
        {**trial, "intervals": [{"label": "A"}]},
        {name: value for name, value in trial.items() if name != "clips" and name != "number"},
        [],
    ):
        assert list(faults(document, schema, spoilt, ""))


def good_body(address: str) -> dict[str, object]:
    """A body that is all right but for whom it is sent."""
    if address.startswith("/trials"):
        return response_body()
    if address.startswith("/checks"):
        return {"answer": "3"}
    if address.startswith("/events"):
        return {"kind": "resumed"}
    return {"link": "nowhere", "consent": True}
