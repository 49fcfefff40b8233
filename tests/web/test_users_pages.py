"""Administrators' pages, invitations, and the page of a study's people."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from jndlab.store.engine import Store
from jndlab.store.members import members_of
from tests.store.launching import Launched
from tests.store.people import PASSWORD
from tests.web.people import Person, alert, person, value_of


@pytest.fixture
def store(launched: Launched) -> Store:
    return launched.store


@pytest.fixture
def boss(app: Flask, store: Store) -> Person:
    return person(app, store, "boss", is_admin=True)


def number_of(boss: Person, name: str) -> int:
    found = re.search(rf'href="/users/(\d+)">{re.escape(name)}<', boss.get("/users").text)
    assert found is not None
    return int(found[1])


def invitation(someone: Person, address: str, **form: str) -> str:
    """Make an invitation; returns the address of its page."""
    response = someone.post(address, **form)
    assert response.status_code == 200, alert(response)
    link = value_of(response, "new-link")
    assert link not in someone.get(address.removesuffix("/invite")).text  # shown once
    return link.removeprefix("http://localhost")


def roles(store: Store) -> dict[str, str]:
    with store.read() as db:
        return {member.name: member.role for member in members_of(db, 1)}


# Invitations


def test_who_is_invited_makes_an_account_and_is_in(app: Flask, boss: Person) -> None:
    address = invitation(boss, "/users/invite", label="for Dot")
    assert "for Dot" in boss.get("/users").text
    dot = Person(app)
    assert "boss" in dot.get(address).text
    response = dot.post(address, name="dot", password=PASSWORD, again=PASSWORD)
    assert (response.status_code, response.headers["Location"]) == (302, "/studies")
    assert dot.is_in
    assert dot.get("/users").status_code == 403
    assert "for Dot" not in boss.get("/users").text
    other = Person(app)
    assert other.get(address).status_code == 404
    assert other.post(address, name="eve", password=PASSWORD, again=PASSWORD).status_code == 404
    assert not other.is_in


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"name": "boss", "password": PASSWORD, "again": PASSWORD}, 409, "user name"),
        ({"name": "", "password": PASSWORD, "again": PASSWORD}, 403, "cannot be used"),
        ({"name": "a\u202eb", "password": PASSWORD, "again": PASSWORD}, 403, "cannot be used"),
        ({"name": "dot", "password": "short", "again": "short"}, 403, "too short"),
        ({"name": "dot", "password": PASSWORD, "again": "x"}, 403, "differ"),
        ({}, 403, ""),
    ],
    ids=str,
)
def test_what_cannot_be_an_account_is_refused_and_the_link_still_works(
    app: Flask, boss: Person, form: dict[str, str], status: int, said: str
) -> None:
    address = invitation(boss, "/users/invite")
    dot = Person(app)
    response = dot.post(address, **form)
    assert response.status_code == status
    assert said in alert(response)
    assert not dot.is_in
    assert dot.post(address, name="dot", password=PASSWORD, again=PASSWORD).status_code == 302


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "ü", "..%2fusers"])
def test_a_link_that_is_none_is_not_found(app: Flask, token: str) -> None:
    assert Person(app).get(f"/invitations/{token}").status_code == 404


def test_a_withdrawn_invitation_works_no_more(app: Flask, boss: Person) -> None:
    address = invitation(boss, "/users/invite")
    [number] = re.findall(r"/users/invitations/(\d+)/withdraw", boss.get("/users").text)
    assert boss.post(f"/users/invitations/{number}/withdraw").status_code == 302
    assert Person(app).get(address).status_code == 404


def test_an_account_made_by_an_administrators_invitation_is_one(app: Flask, boss: Person) -> None:
    address = invitation(boss, "/users/invite", admin="yes")
    dot = Person(app)
    dot.post(address, name="dot", password=PASSWORD, again=PASSWORD)
    assert dot.get("/users").status_code == 200


def test_who_signs_in_to_take_up_an_invitation_comes_back_to_it(
    app: Flask, store: Store, boss: Person
) -> None:
    person(app, store, "ann")
    address = invitation(boss, "/studies/heron/people/invite", role="analyst")
    ann = Person(app)
    ann.get(address)
    assert ann.sign_in("ann").headers["Location"] == address
    assert "Accept as ann" in ann.get(address).text
    assert ann.post(f"{address}/join").headers["Location"] == "/studies/heron"
    assert roles(store) == {"ann": "analyst"}
    ann.post("/sign-out")
    assert ann.sign_in("ann").headers["Location"] == "/studies"


def test_an_invitation_to_a_study_shows_its_title_as_text(app: Flask, boss: Person) -> None:
    page = Person(app).get(invitation(boss, "/studies/heron/people/invite", role="viewer")).text
    assert "Which is &lt;which&gt;?" in page
    assert "<which>" not in page


# Users


def test_a_disabled_user_is_out_at_once_and_comes_back(
    app: Flask, store: Store, boss: Person
) -> None:
    ann = person(app, store, "ann")
    address = f"/users/{number_of(boss, 'ann')}"
    boss.post(address, deed="disable")
    assert not ann.is_in
    assert "disabled" in alert(ann.sign_in("ann"))
    boss.post(address, deed="enable")
    assert ann.sign_in("ann").status_code == 302


def test_administrators_are_made_and_unmade_but_one_stays(
    app: Flask, store: Store, boss: Person
) -> None:
    ann = person(app, store, "ann")
    own = f"/users/{number_of(boss, 'boss')}"
    refused = boss.post(own, deed="unmake-admin")
    assert refused.status_code == 409
    assert "only administrator" in alert(refused)
    boss.post(f"/users/{number_of(boss, 'ann')}", deed="make-admin")
    assert ann.get("/users").status_code == 200
    assert boss.post(own, deed="unmake-admin").headers["Location"] == "/studies"
    assert boss.get("/users").status_code == 403


@pytest.mark.parametrize("deed", ["", "delete", "DISABLE"])
def test_an_unknown_deed_is_refused(boss: Person, deed: str) -> None:
    assert boss.post(f"/users/{number_of(boss, 'boss')}", deed=deed).status_code == 400


@pytest.mark.parametrize("number", ["999", "0", str(2**70)])
def test_a_user_that_is_not_there_is_an_error_in_words(boss: Person, number: str) -> None:
    assert boss.get(f"/users/{number}").status_code in (400, 404)
    assert boss.post(f"/users/{number}", deed="disable").status_code in (400, 404, 405)


# People of a study


def test_an_owner_adds_changes_and_removes_members(app: Flask, store: Store, boss: Person) -> None:
    ann, bob = person(app, store, "ann"), person(app, store, "bob")
    people = "/studies/heron/people"
    assert bob.get(people).status_code == 404
    assert boss.post(people, name=" ann ", role="owner").status_code == 302
    assert ann.post(people, name="bob", role="viewer").status_code == 302
    assert "Add somebody" in ann.get(people).text
    assert "Add somebody" not in bob.get(people).text
    assert bob.post(people, name="boss", role="viewer").status_code == 403
    number = number_of(boss, "bob")
    assert ann.post(f"{people}/{number}", role="analyst").status_code == 302
    assert roles(store) == {"ann": "owner", "bob": "analyst"}
    assert ann.post(f"{people}/{number}", deed="hand-over").status_code == 302
    assert roles(store) == {"bob": "owner", "ann": "editor"}
    assert ann.post(f"{people}/{number}", deed="remove").status_code == 403
    assert bob.post(f"{people}/{number_of(boss, 'ann')}", deed="remove").status_code == 302
    assert ann.get(people).status_code == 404


def test_the_last_owner_cannot_leave(app: Flask, store: Store, boss: Person) -> None:
    ann = person(app, store, "ann")
    boss.post("/studies/heron/people", name="ann", role="owner")
    address = f"/studies/heron/people/{number_of(boss, 'ann')}"
    for form in ({"deed": "remove"}, {"role": "viewer"}):
        refused = ann.post(address, **form)
        assert refused.status_code == 409
        assert "at least one owner" in alert(refused)
    boss.post("/studies/heron/people", name="boss", role="owner")
    assert ann.post(address, deed="remove").headers["Location"] == "/studies"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"name": "nobody", "role": "viewer"}, 409),
        ({"name": "boss", "role": "king"}, 400),
        ({"name": "boss"}, 400),
        ({}, 400),
        ({"name": "<script>", "role": "viewer"}, 409),
    ],
    ids=str,
)
def test_a_member_who_cannot_be_added_is_refused_in_words(
    store: Store, boss: Person, form: dict[str, str], status: int
) -> None:
    response = boss.post("/studies/heron/people", **form)
    assert response.status_code == status
    assert alert(response)
    assert "<script>" not in response.text
    assert roles(store) == {}


def test_a_new_person_is_invited_straight_to_the_study(
    app: Flask, store: Store, boss: Person
) -> None:
    ann = person(app, store, "ann")
    boss.post("/studies/heron/people", name="ann", role="owner")
    address = invitation(ann, "/studies/heron/people/invite", role="editor", label="Dot")
    assert "Dot" in ann.get("/studies/heron/people").text
    dot = Person(app)
    dot.post(address, name="dot", password=PASSWORD, again=PASSWORD)
    assert roles(store)["dot"] == "editor"
    assert dot.get("/studies/heron/people").status_code == 200
    assert dot.post("/studies/heron/people/invite", role="viewer").status_code == 403


def test_the_invitation_of_an_owner_who_left_works_no_more(
    app: Flask, store: Store, boss: Person
) -> None:
    ann = person(app, store, "ann")
    boss.post("/studies/heron/people", name="ann", role="owner")
    address = invitation(ann, "/studies/heron/people/invite", role="editor")
    boss.post(f"/studies/heron/people/{number_of(boss, 'ann')}", deed="remove")
    assert Person(app).get(address).status_code == 404


def test_a_study_without_members_says_why_and_what_to_do(boss: Person) -> None:
    page = boss.get("/studies/heron/people").text
    assert "no members" in page
    assert "Add those" in page
