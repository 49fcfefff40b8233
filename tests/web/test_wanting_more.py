"""Those who want more than they may: viewers, owners of other studies, cunning participants."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from jndlab.store.models import LinkRow, RecruitRow, SessionRow, StudyRow
from jndlab.store.rights import RIGHTS
from tests.store.launching import Launched
from tests.web.access import client_of, routes
from tests.web.participants import API, Participant, consent_to, response_body
from tests.web.programs import Program, program_of
from tests.web.test_crawler import Crawl, addresses, digest_of

MARKUP = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}"
IDS = {"PROLIFIC_PID": "5f3a9c1e2b7d4a6890abcdef", "STUDY_ID": "b" * 24, "SESSION_ID": "c" * 24}


def csrf_of(client: FlaskClient) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/studies").text)
    assert found is not None
    return found[1]


class Reader(Crawl):
    """A visitor who keeps every word."""

    def __init__(self, client: FlaskClient) -> None:
        super().__init__(client)
        self.words = self.pages = ""

    def read_all(self, app: Flask) -> str:
        for address in addresses(app):
            self.visit(address)
        for address in sorted(self.seen):
            with self.client.get(address) as response:
                text = response.get_data().decode("utf-8", "replace")
                self.words += text
                self.pages += text if response.mimetype == "text/html" else ""
        return self.words


@pytest.fixture
def busy(app: Flask, launched: Launched, simulate: Callable[[], None]) -> list[str]:
    """A study with personal links, a recruited session and a token; everything secret of it."""
    simulate()
    owner = program_of(app, launched.store, role="owner")
    owner.json("POST", "/studies/heron/links", {"kind": "personal", "number": 2})
    made = {"kind": "multiple", "recruiter": "prolific"}
    recruiting = owner.json("POST", "/studies/heron/links", made)["links"][0]["url"]
    token = recruiting.rpartition("/s/")[2].partition("?")[0]
    participant = Participant(app.test_client(), launched)
    opened = participant.json("POST", "/sessions", {**consent_to(token), "recruit": IDS})
    with launched.store.read() as db:
        links = list(db.scalars(select(LinkRow.token).where(LinkRow.kind != "preview")))
        plans = list(db.scalars(select(SessionRow.plan)))
        assert db.scalars(select(RecruitRow.external_id)).all() == [IDS["PROLIFIC_PID"]]
    seeds = re.findall(r'"seed": ?(\d{5,})', " ".join(plans))
    return [*links, owner.token, opened["token"], IDS["PROLIFIC_PID"], *seeds[:3]]


def test_a_viewer_finds_no_secret_on_any_page(
    app: Flask, launched: Launched, busy: list[str]
) -> None:
    words = Reader(client_of(app, launched.store, "viewer")).read_all(app)
    assert "Which is" in words
    assert [secret for secret in busy if secret in words] == []


def test_a_viewers_program_finds_none_either(
    app: Flask, launched: Launched, busy: list[str]
) -> None:
    viewer = program_of(app, launched.store, role="viewer")
    for _, method, address in routes(app):
        if method == "GET" and address.startswith(API):
            viewer.send("GET", address.removeprefix(API))
    words = "".join(answer.get_data().decode("utf-8", "replace") for answer in viewer.received)
    assert "Which is" in words
    assert [secret for secret in busy if secret in words] == []


def test_the_owner_finds_links_but_no_tokens(
    app: Flask, launched: Launched, busy: list[str]
) -> None:
    """So the test above would have seen them."""
    words = Reader(client_of(app, launched.store, "owner")).read_all(app)
    found = [secret for secret in busy if secret in words]
    assert len(found) >= 3


@pytest.mark.parametrize("role", ["outsider", "viewer", "analyst"])
def test_a_form_that_is_not_theirs_changes_nothing(
    app: Flask, launched: Launched, role: str
) -> None:
    client = client_of(app, launched.store, role)
    form = {
        "csrf_token": csrf_of(client), "state": "closed", "target": "live", "role": "owner",
        "name": "ann", "title": "mine", "confirm": "heron", "slug": "heron", "revoked": "1",
        "quota": "1", "deed": "remove", "kind": "multiple", "number": "1", "text": "slug: mine",
    }  # fmt: skip
    before = digest_of(launched.store)
    n_tried = 0
    for endpoint, method, address in routes(app, guarded=True):
        rule = app.view_functions[endpoint].jndlab_rule  # type: ignore[attr-defined]
        mine = {"outsider": (), "viewer": ("view",), "analyst": ("view", "analyse")}[role]
        if method == "GET" or endpoint.startswith("manage.") or rule in ("nobody", "signed-in"):
            continue
        if rule in mine:
            continue
        response = client.open(address, method=method, data=form)
        assert response.status_code in (403, 404), (endpoint, response.status)
        n_tried += 1
    assert n_tried > 25
    assert digest_of(launched.store) == before


@pytest.fixture
def stranger_to_heron(app: Flask, launched: Launched) -> Program:
    """The owner of another study on the same server."""
    program = program_of(app, launched.store, role="outsider")
    program.json("POST", "/studies", {"slug": "otter", "title": "Otter"})
    return program


def test_names_of_another_studys_things_name_nothing_in_ones_own(
    app: Flask, launched: Launched, stranger_to_heron: Program
) -> None:
    owner = program_of(app, launched.store, role="owner")
    link = owner.json("POST", "/studies/heron/links", {"kind": "multiple"})["links"][0]["id"]
    begun = owner.json(
        "POST", "/studies/heron/uploads", {"path": "bits/3/one.wav", "n_bytes": 100}
    )["name"]
    job = owner.json("POST", "/studies/heron/package", {})["id"]
    member = owner.json("GET", "/me")
    with launched.store.read() as db:
        user_id = member.get("id") or db.scalars(select(StudyRow.id)).first()
    before = digest_of(launched.store)
    other = stranger_to_heron
    part = {"headers": {"Upload-Offset": "0", "Content-Type": "application/octet-stream"}}
    for method, path, body, more in (
        ("PUT", f"/studies/otter/links/{link}", {"revoked": True}, {}),
        ("PUT", f"/studies/otter/members/{user_id}", {"role": "viewer"}, {}),
        ("DELETE", f"/studies/otter/members/{user_id}", None, {}),
        ("GET", f"/studies/otter/uploads/{begun}", None, {}),
        ("PATCH", f"/studies/otter/uploads/{begun}", None, {**part, "data": b"x" * 100}),
        ("DELETE", f"/studies/otter/uploads/{begun}", None, {}),
        ("POST", f"/studies/otter/uploads/{begun}/unpack", {}, {}),
        ("GET", f"/jobs/{job}", None, {}),
        ("GET", f"/jobs/{job}/files/package.zip", None, {}),
        ("GET", "/studies/otter/data/trials?version=1", None, {}),
        ("GET", "/studies/otter/reports/../../heron/x/html", None, {}),
        ("POST", "/studies/otter/sounds/restore", {"undo": "../heron"}, {}),
        ("GET", "/studies/otter/sounds/file?path=../../1/sounds/baseline/one.wav", None, {}),
    ):
        answer = other.send(method, path, body, **more)
        assert 400 <= answer.status_code < 500, (path, answer.status, answer.text)
    assert digest_of(launched.store) == before


def test_what_participants_write_is_text_on_every_page(app: Flask, launched: Launched) -> None:
    client = app.test_client()
    agent = {"User-Agent": f"Mozilla/5.0 {MARKUP}"}
    opened = client.post(f"{API}/sessions", json=consent_to(launched.link), headers=agent)
    participant = Participant(client, launched, token=opened.json["token"]).pass_sound_check()
    for kind in ("resumed", "audio-failed", "error"):
        participant.send("POST", "/events", {"kind": kind, "detail": MARKUP})
    trial = participant.trial()
    participant.send("PUT", f"/trials/{trial['number']}/response", response_body(MARKUP))
    participant.send(
        "PUT", f"/trials/{trial['number']}/response", response_body("A", key="k" * 8 + "<b>")
    )
    participant.answer(trial, "A")
    reader = Reader(client_of(app, launched.store, "owner"))
    assert "onerror=alert(1)" in reader.read_all(app)  # in the tables, and escaped on the pages
    crawl = Crawl(client_of(app, launched.store, "admin"))
    for address in addresses(app):
        crawl.visit(address)
    assert crawl.problems == []
    assert "<img src=x" not in reader.pages
    assert "<script>alert" not in reader.pages
    assert "alert(2)&lt;/script&gt;49" not in reader.pages


def test_a_link_reflects_nothing(app: Flask, launched: Launched) -> None:
    client = app.test_client()
    for address in (
        f"/s/{launched.link}?PROLIFIC_PID={MARKUP}",
        f"/s/{MARKUP}",
        f"/sign-in?next=https://elsewhere.example/{MARKUP}",
        f"/join/{MARKUP}",
    ):
        page = client.get(address).text
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "elsewhere.example" not in page


@pytest.mark.parametrize("scope", RIGHTS)
def test_a_narrow_token_makes_no_wider_one(app: Flask, launched: Launched, scope: str) -> None:
    """Tokens are made in the browser, with a cookie: no token leads there."""
    program = program_of(app, launched.store, role="admin", scope=scope)
    answer = program.client.post(
        "/account/tokens",
        data={"name": "wider", "scope": "own"},
        headers={"Authorization": f"Bearer {program.token}"},
    )
    assert answer.status_code in (302, 400)
    assert answer.headers.get("Location", "/sign-in") == "/sign-in"
