"""Nothing that the server sends of a check tells its right answer, but for the sound itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jndlab.web.app import create_app
from tests.store.launching import Launched, make_template, open_copy
from tests.web.participants import Participant
from tests.web.test_openapi import require_described

CHECKS = [
    {"kind": "left-right", "n_trials": 8, "pass_at": 8},
    {"kind": "headphones-antiphase"},
    {"kind": "headphones-huggins"},
    {"kind": "noise", "n_trials": 6},
    {"kind": "level"},
    {"kind": "sound"},
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("checks"), checks=CHECKS)


@pytest.fixture
def launched(template: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(template, tmp_path)
    yield launched
    launched.store.close()


@pytest.fixture
def client(launched: Launched) -> FlaskClient:
    return create_app(launched.settings, launched.store).test_client()


def name_of(check: Any) -> str:
    return str(check["answer"].rpartition("/")[2])


def fixed_head(reply: TestResponse) -> tuple[tuple[str, str], ...]:
    """The headers of an answer, less the random id of the request."""
    return tuple((k, v) for k, v in reply.headers.to_wsgi_list() if k.lower() != "x-request-id")


def take_all(participant: Participant, *, right: bool = True) -> Iterator[Any]:
    """Every trial of every check, before it is answered."""
    while participant.json("GET", "/session")["step"] == "check":
        check = participant.json("POST", "/check")
        yield check
        if check["kind"] == "level":
            participant.json("PUT", check["answer"], {"answer": "-20"})
        else:
            participant.answer_check(check, right=right or check["kind"] == "sound")


def test_what_is_sent_of_a_sound_is_equal_for_all_right_answers(
    client: FlaskClient, launched: Launched
) -> None:
    """Bytes of the message and of the head of the file, headers and lengths: one of each."""
    seen: dict[str, set[tuple[Any, ...]]] = {}
    rights: dict[str, set[str]] = {}
    for _ in range(3):
        participant = Participant(client, launched).open()
        for check in take_all(participant):
            message = participant.received[-1]
            sound = participant.send("GET", check["clip"])
            text = message.text.replace(name_of(check), "")
            text = text.replace(f'"number":{check["number"]}', "")
            headers = fixed_head(message)
            of_sound = (fixed_head(sound), sound.data[:44], len(sound.data))
            seen.setdefault(check["kind"], set()).add((text, headers, of_sound))
            rights.setdefault(check["kind"], set()).add(launched.right_answer(name_of(check)))
    assert all(len(rights[kind]) > 1 for kind in rights if kind not in ("level", "sound"))
    assert {kind: len(variants) for kind, variants in seen.items()} == dict.fromkeys(seen, 1)


def test_a_right_and_a_wrong_answer_get_the_same_receipt_until_the_check_ends(
    client: FlaskClient, launched: Launched
) -> None:
    said = []
    for right in (True, False):
        participant = Participant(client, launched).open()
        check = participant.json("POST", "/check")
        participant.answer_check(check, right=right)
        reply = participant.received[-1]
        said.append((reply.data, fixed_head(reply)))
    assert said[0] == said[1]
    assert b'"next"' in said[0][0]


def test_names_are_random_and_no_sound_comes_twice(client: FlaskClient, launched: Launched) -> None:
    participant = Participant(client, launched).open()
    names = [name_of(check) for check in take_all(participant)]
    assert len(set(names)) == len(names)
    assert {len(name) for name in names} == {24}
    assert len({name[:8] for name in names}) == len(names)


def test_the_right_answer_is_nowhere_in_what_is_sent_after_all_were_wrong(
    client: FlaskClient, launched: Launched
) -> None:
    participant = Participant(client, launched).open()
    for check in take_all(participant, right=False):
        allowed = {"kind", "number", "n_trials", "attempt", "answers", "intervals", "gain_range"}
        assert set(check) == allowed | {"clip", "answer"}
    for reply in participant.received:
        if reply.request.method == "PUT":
            assert set(reply.json) == {"outcome", "gain_db"}


def test_requests_of_checks_are_as_described(client: FlaskClient, launched: Launched) -> None:
    document = client.get("/api/v1/openapi.json").json
    participant = Participant(client, launched).open()
    assert document is not None
    for check in take_all(participant):
        participant.send("GET", check["clip"])
        participant.send("PUT", check["answer"], {"answer": "none of those"})
        participant.send("PUT", check["answer"], {"answer": 5})
    participant.send("POST", "/check")  # they are over
    assert {reply.status_code for reply in participant.received} == {200, 201, 400, 409}
    for reply in participant.received:
        require_described(document, reply)
