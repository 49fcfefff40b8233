"""Browsers of people who have accounts, which fill in forms as a browser does."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jndlab.store.engine import Store
from jndlab.store.sign_ins import begin_sign_in
from jndlab.web.experimenter.blueprint import COOKIE
from tests.store.people import PASSWORD, make_user


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, address: str, **more: Any) -> TestResponse:
        return self.client.get(address, **more)

    def post(self, address: str, **form: str) -> TestResponse:
        """Send a form with the token that any page of this browser has."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/sign-in").text)
        assert found is not None
        return self.client.post(address, data={"csrf_token": found[1], **form})

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/sign-in", name=name, password=password)

    @property
    def is_in(self) -> bool:
        """Whether the server knows this browser."""
        return self.get("/account").status_code == 200

    def to_account(self, response: TestResponse) -> str:
        """The page that a form led to; fails if it was refused."""
        assert response.status_code == 302, alert(response)
        return self.get(response.headers["Location"]).text


def person(app: Flask, store: Store, name: str, *, is_admin: bool = False) -> Person:
    """Somebody new with an account, signed in."""
    known = Person(app)
    user_id = make_user(store, name, is_admin=is_admin)
    known.client.set_cookie(COOKIE, begin_sign_in(store, user_id, user_agent="a test"))
    return known


def alert(response: TestResponse) -> str:
    """What the page says went wrong."""
    found = re.search(r'role="alert">(.*?)</p>', response.text, re.DOTALL)
    return "" if found is None else re.sub(r"<[^>]+>|\s+", " ", found[1]).strip()


def value_of(response: TestResponse, field: str) -> str:
    """The value of an input by its id or name."""
    found = re.search(rf'<input[^>]*(?:id|name)="{field}"[^>]*value="([^"]*)"', response.text)
    assert found is not None, f"no field {field}"
    return found[1]
