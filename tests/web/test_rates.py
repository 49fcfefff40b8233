"""Too much of the same: many sessions from one address, many guesses, a program that runs away."""

from __future__ import annotations

import re
import secrets
import sys
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jndlab.settings import Settings
from jndlab.store import rates
from jndlab.store.models import SessionRow
from jndlab.store.users import set_password
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.store.recruiting import add_link
from tests.web.jobs import hold_jobs
from tests.web.participants import API
from tests.web.programs import Program, program_of

ANYBODY, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Smaller limits, so that a test meets them."""
    blueprint_module = sys.modules["jndlab.web.manage.blueprint"]  # the package has its blueprint
    monkeypatch.setattr("jndlab.web.api.OPENINGS", replace(rates.OPENINGS, most=3))
    monkeypatch.setattr(blueprint_module, "REQUESTS", replace(rates.REQUESTS, most=3))
    monkeypatch.setattr("jndlab.store.sign_ins.MAX_FROM_ADDRESS", 4)
    monkeypatch.setattr("jndlab.store.sign_ins.is_right", lambda hashed, given: given == "right")


def open_one(client: FlaskClient, link: str, address: str, **more: object) -> int:
    answer = client.post(
        f"{API}/sessions",
        json={"link": link, "consent": True, **more},
        environ_overrides={"REMOTE_ADDR": address},
    )
    if answer.status_code == 429:
        assert answer.json["error"]["code"] == "too-many-requests"
        assert 0 < int(answer.headers["Retry-After"]) <= 3600
    return answer.status_code


@pytest.mark.usefixtures("few")
def test_one_address_cannot_fill_a_study_with_sessions(
    client: FlaskClient, launched: Launched
) -> None:
    opened = [open_one(client, launched.link, ANYBODY) for _ in range(5)]
    assert opened == [201, 201, 201, 429, 429]
    assert open_one(client, launched.link, ELSEWHERE) == 201
    with launched.store.read() as db:
        assert db.scalar(select(func.count()).select_from(SessionRow)) == 4


def test_a_lecture_hall_behind_one_address_meets_no_limit(
    client: FlaskClient, launched: Launched
) -> None:
    """300 people, each of whose first request gets lost; and some of them begin on two devices."""
    hall = [secrets.token_hex(16) for _ in range(300)]
    asked = [open_one(client, launched.link, ANYBODY, token=token) for token in [*hall, *hall]]
    assert set(asked) == {201}
    others = [secrets.token_hex(16) for _ in range(20)]
    assert {open_one(client, launched.link, ANYBODY, token=token) for token in others} == {201}
    assert rates.OPENINGS.most >= 2 * len(hall)
    assert rates.OPENINGS.seconds <= 600  # who meets it all the same waits no longer


@pytest.mark.usefixtures("few")
def test_who_has_a_session_is_not_counted_by_address(
    client: FlaskClient, launched: Launched
) -> None:
    tokens = [secrets.token_hex(16) for _ in range(4)]
    opened = [open_one(client, launched.link, ANYBODY, token=token) for token in tokens]
    assert opened == [201, 201, 201, 429]
    assert {open_one(client, launched.link, ANYBODY, token=tokens[0]) for _ in range(5)} == {201}

    def ask(method: str, path: str, **more: object) -> int:
        return client.open(
            f"{API}{path}",
            method=method,
            headers={"Authorization": f"Bearer {tokens[1]}"},
            environ_overrides={"REMOTE_ADDR": ANYBODY},
            **more,  # type: ignore[arg-type]
        ).status_code

    assert {ask("GET", "/session") for _ in range(20)} == {200}
    assert {ask("POST", "/events", json={"kind": "hidden"}) for _ in range(20)} == {200}
    # A token that nobody has is no way past the limit.
    assert open_one(client, launched.link, ANYBODY, token=secrets.token_hex(16)) == 429


@pytest.mark.usefixtures("few")
def test_a_personal_link_is_counted_when_it_is_opened_first(
    client: FlaskClient, launched: Launched
) -> None:
    links = [add_link(launched, "personal", label=f"P{n}") for n in range(4)]
    assert [open_one(client, link, ANYBODY) for link in links] == [201, 201, 201, 429]
    assert {open_one(client, links[0], ANYBODY) for _ in range(5)} == {201}


@pytest.mark.usefixtures("few")
def test_the_second_server_knows_what_the_first_one_has_counted(launched: Launched) -> None:
    servers = [create_app(launched.settings, launched.store).test_client() for _ in range(2)]
    opened = [open_one(servers[n % 2], launched.link, ANYBODY) for n in range(5)]
    assert opened == [201, 201, 201, 429, 429]


@pytest.mark.usefixtures("few")
def test_the_addresses_of_one_network_count_as_one(client: FlaskClient, launched: Launched) -> None:
    opened = [open_one(client, launched.link, f"2001:db8:1:2::{n:x}") for n in range(5)]
    assert opened == [201, 201, 201, 429, 429]
    assert open_one(client, launched.link, "2001:db8:1:3::1") == 201


@pytest.mark.usefixtures("few")
def test_this_machine_and_simulated_listeners_are_not_counted(
    client: FlaskClient, launched: Launched
) -> None:
    assert {open_one(client, launched.link, "127.0.0.1") for _ in range(5)} == {201}
    key = launched.study.simulation_key()
    made = [open_one(client, launched.link, ANYBODY, simulation=key) for _ in range(5)]
    assert set(made) == {201}


@pytest.mark.usefixtures("few")
def test_what_a_client_says_about_its_address_counts_behind_our_proxy_only(
    client: FlaskClient, launched: Launched
) -> None:
    def status(client: FlaskClient, said: str) -> int:
        return client.post(
            f"{API}/sessions",
            json={"link": launched.link, "consent": True},
            headers={"X-Forwarded-For": said},
            environ_overrides={"REMOTE_ADDR": ANYBODY},
        ).status_code

    assert [status(client, f"192.0.2.{n}") for n in range(4)] == [201, 201, 201, 429]
    public = Settings(data=launched.settings.data, public_url="https://study.example")
    behind = create_app(public, launched.store).test_client()
    # The proxy appends whom it sees; what the client wrote stands before that.
    assert [status(behind, f"192.0.2.{n}, {ELSEWHERE}") for n in range(4)] == [201, 201, 201, 429]


@pytest.mark.usefixtures("few")
def test_a_program_that_runs_away_is_stopped_and_others_go_on(
    app: Flask, launched: Launched
) -> None:
    program = program_of(app, launched.store, role="viewer")
    assert [program.send("GET", "/me").status_code for _ in range(5)] == [200] * 3 + [429] * 2
    assert program_of(app, launched.store, role="owner").send("GET", "/me").status_code == 200


@pytest.mark.usefixtures("few")
def test_many_names_are_not_tried_from_one_address(app: Flask, launched: Launched) -> None:
    set_password(launched.store, "ann", "three unrelated words")
    client = app.test_client()
    page = client.get("/sign-in").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]

    def attempt(name: str, password: str, address: str) -> int:
        form = {"csrf_token": token, "name": name, "password": password}
        other = app.test_client() if password == "right" else client
        if other is not client:
            form["csrf_token"] = re.findall(
                r'name="csrf_token" value="([^"]+)"', other.get("/sign-in").text
            )[0]
        return other.post(
            "/sign-in", data=form, environ_overrides={"REMOTE_ADDR": address}
        ).status_code

    assert [attempt("ann", "right", ANYBODY) for _ in range(6)] == [302] * 6
    guesses = [attempt(f"name {n}", "guess", ANYBODY) for n in range(6)]
    assert guesses == [403] * 4 + [429] * 2
    assert attempt("ann", "right", ANYBODY) == 429
    assert attempt("ann", "right", ELSEWHERE) == 302


def test_nobody_can_fill_the_queue_of_jobs(
    app: Flask, launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    monkeypatch.setattr("jndlab.web.jobs.queue.MOST_WAITING", 3)
    viewer = program_of(app, launched.store, role="owner")

    def ask(program: Program, n_listeners: int) -> int:
        body = {"target": "piloting", "note": str(n_listeners)}
        return program.send("POST", "/studies/heron/launch", body).status_code

    assert [ask(viewer, n) for n in (10, 11, 12, 13, 12)] == [202, 202, 202, 429, 202]
    assert ask(program_of(app, launched.store, role="editor"), 14) == 202
