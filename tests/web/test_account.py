"""The page of one's own account: password, second factor, browsers, tokens."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from flask import Flask

from jndlab.store.engine import Store
from jndlab.store.failed_sign_ins import MAX_FAILURES
from jndlab.store.tokens import token_user
from jndlab.web.browsers import browser_name
from tests.store.launching import Launched
from tests.store.people import PASSWORD
from tests.web.people import Person, alert, person, value_of

NEW = "another good password"


@pytest.fixture
def store(launched: Launched) -> Store:
    return launched.store


@pytest.fixture
def ann(app: Flask, store: Store) -> Person:
    return person(app, store, "ann")


def set_up(ann: Person) -> tuple[str, str]:
    """Turn the second factor on as the page wants it; returns the secret and the code used."""
    page = ann.get("/account/second-factor")
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert found is not None
    secret = found[1].replace(" ", "")
    code = pyotp.TOTP(secret).now()
    response = ann.post(
        "/account/second-factor", offer=value_of(page, "offer"), password=PASSWORD, code=code
    )
    assert "The second factor is on" in ann.to_account(response)
    return secret, code


def next_code(secret: str) -> str:
    """The code of the next half minute, which is taken already: clocks differ."""
    return pyotp.TOTP(secret).at(time.time() + 30)


# Password


def test_a_changed_password_signs_other_browsers_out_and_works(app: Flask, ann: Person) -> None:
    there = Person(app)
    there.sign_in("ann")
    page = ann.to_account(ann.post("/account/password", old=PASSWORD, new=NEW, again=NEW))
    assert "The password is changed" in page
    assert not there.is_in
    assert there.sign_in("ann").status_code == 403
    assert there.sign_in("ann", NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("x", NEW, NEW, "present password"),
        (PASSWORD, NEW, NEW + " ", "differ"),
        (PASSWORD, "tooshort!", "tooshort!", "too short"),
        (PASSWORD, "", "", "too short"),
    ],
)
def test_a_password_is_not_changed_by_mistake_or_by_a_passer_by(
    app: Flask, ann: Person, old: str, new: str, again: str, said: str
) -> None:
    response = ann.post("/account/password", old=old, new=new, again=again)
    assert response.status_code == 403
    assert said in alert(response)
    assert new == "" or new not in response.text
    assert Person(app).sign_in("ann").status_code == 302


def test_the_present_password_cannot_be_guessed_at_an_open_browser(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jndlab.store.users.is_right", lambda hashed, given: given == PASSWORD)
    for _ in range(MAX_FAILURES):
        assert ann.post("/account/password", old="x", new=NEW, again=NEW).status_code == 403
    assert ann.post("/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 429


# Second factor


def test_with_a_second_factor_a_code_is_asked_for_and_taken_once(app: Flask, ann: Person) -> None:
    secret, used = set_up(ann)
    there = Person(app)
    assert there.sign_in("ann").headers["Location"] == "/sign-in/code"
    assert not there.is_in
    assert "used before" in alert(there.post("/sign-in/code", code=used))
    response = there.post("/sign-in/code", code=next_code(secret))
    assert (response.status_code, response.headers["Location"]) == (302, "/studies")
    assert there.is_in


def test_a_code_without_a_password_before_it_leads_back_to_the_password(
    app: Flask, ann: Person
) -> None:
    secret, _ = set_up(ann)
    there = Person(app)
    assert there.get("/sign-in/code").headers["Location"] == "/sign-in"
    response = there.post("/sign-in/code", code=next_code(secret))
    assert response.status_code == 403
    assert not there.is_in


def test_wrong_codes_cannot_be_tried_for_ever(app: Flask, ann: Person) -> None:
    set_up(ann)
    there = Person(app)
    there.sign_in("ann")
    statuses = [
        there.post("/sign-in/code", code="no code").status_code for _ in range(MAX_FAILURES + 1)
    ]
    assert statuses == [403] * MAX_FAILURES + [429]


@pytest.mark.parametrize(("password", "code"), [("x", ""), (PASSWORD, ""), (PASSWORD, "000 000x")])
def test_a_second_factor_is_not_turned_on_by_mistake_or_by_a_passer_by(
    app: Flask, ann: Person, password: str, code: str
) -> None:
    offer = value_of(ann.get("/account/second-factor"), "offer")
    response = ann.post("/account/second-factor", offer=offer, password=password, code=code)
    assert response.status_code == 403
    assert "<svg" in response.text  # the same secret can be tried again
    assert Person(app).sign_in("ann").headers["Location"] == "/studies"


def test_a_secret_that_this_server_did_not_offer_to_this_user_is_refused(
    app: Flask, store: Store, ann: Person
) -> None:
    theirs = value_of(person(app, store, "bob").get("/account/second-factor"), "offer")
    for offer in ("", "x", theirs, theirs[:-1] + "x"):
        response = ann.post("/account/second-factor", offer=offer, password=PASSWORD, code="0")
        assert response.status_code == 400


def test_a_second_factor_is_turned_off_with_the_password_only(app: Flask, ann: Person) -> None:
    set_up(ann)
    assert ann.post("/account/second-factor/off", password="x").status_code == 403
    assert Person(app).sign_in("ann").headers["Location"] == "/sign-in/code"
    ann.to_account(ann.post("/account/second-factor/off", password=PASSWORD))
    assert Person(app).sign_in("ann").headers["Location"] == "/studies"


def test_the_qr_code_stands_in_the_page_without_styles_or_requests(ann: Person) -> None:
    page = ann.get("/account/second-factor").text
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert svg is not None
    assert "style=" not in svg[0]
    assert "http" not in svg[0].replace("http://www.w3.org/2000/svg", "")


# Browsers


def test_other_browsers_are_shown_and_signed_out(app: Flask, store: Store, ann: Person) -> None:
    others = [Person(app), Person(app)]
    for other in others:
        other.sign_in("ann")
    bob = person(app, store, "bob")
    page = ann.get("/account").text
    numbers = re.findall(r"/account/browsers/(\d+)/sign-out", page)
    assert len(numbers) == 2  # not the one that looks
    assert "this one" in page
    assert bob.post(f"/account/browsers/{numbers[0]}/sign-out").status_code == 400
    ann.to_account(ann.post(f"/account/browsers/{numbers[0]}/sign-out"))
    assert sorted(other.is_in for other in others) == [False, True]
    ann.to_account(ann.post("/account/browsers/sign-out"))
    assert not any(other.is_in for other in others)
    assert ann.is_in
    assert bob.is_in


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
            "Gecko) Version/17.5 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/130.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox on Linux",
        ),
        ("curl/8.5", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_go_by_the_names_that_people_know(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name


# Tokens


def test_a_token_is_shown_once_and_works_until_it_is_revoked(store: Store, ann: Person) -> None:
    response = ann.post("/account/tokens", name="my script", scope="analyse", lasts="30")
    token = value_of(response, "new-token")
    found = token_user(store, token)
    assert found is not None
    assert (found.user.name, found.user.scope) == ("ann", "analyse")
    page = ann.get("/account").text
    assert token not in page
    assert "my script" in page
    [number] = re.findall(r"/account/tokens/(\d+)/revoke", page)
    assert "my script" not in ann.to_account(ann.post(f"/account/tokens/{number}/revoke"))
    assert token_user(store, token) is None


def test_a_token_opens_no_page(app: Flask, ann: Person) -> None:
    token = value_of(ann.post("/account/tokens", name="n", scope="own", lasts=""), "new-token")
    client = app.test_client()
    client.set_cookie("jndlab_sign_in", token)
    assert client.get("/account", headers={"Authorization": f"Bearer {token}"}).status_code == 302


def test_nobody_revokes_the_token_of_somebody_else(app: Flask, store: Store, ann: Person) -> None:
    token = value_of(ann.post("/account/tokens", name="n", scope="view", lasts="365"), "new-token")
    [number] = re.findall(r"/account/tokens/(\d+)/revoke", ann.get("/account").text)
    bob = person(app, store, "bob", is_admin=True)
    assert bob.post(f"/account/tokens/{number}/revoke").status_code == 400
    assert bob.post(f"/account/tokens/{2**70}/revoke").status_code in (400, 404)
    assert token_user(store, token) is not None


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name": "n"},
        {"name": "n", "scope": "all"},
        {"name": "n", "scope": "view", "lasts": "9999"},
        {"name": "", "scope": "view"},
        {"name": "<b>" * 40, "scope": "view"},
    ],
    ids=str,
)
def test_a_token_that_cannot_be_made_is_refused_in_words(ann: Person, form: dict[str, str]) -> None:
    response = ann.post("/account/tokens", **form)
    assert response.status_code == 400
    assert alert(response)
    assert "jndlab_" not in re.sub("jndlab_(form|sign_in)", "", response.text)
