"""Going to the provider and back, as a browser does."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests
from werkzeug.test import TestResponse

from jndlab.store.engine import Store
from jndlab.store.models import UserRow
from tests.store.people import make_user
from tests.web.people import Person, alert


def link(store: Store, name: str, subject: str) -> int:
    """A user whom the provider knows."""
    user_id = make_user(store, name)
    with store.write() as db:
        db.get_one(UserRow, user_id).oidc_subject = subject
    return user_id


def to_provider(someone: Person, address: str = "/sign-in/elsewhere") -> str:
    """Where the provider is, as the browser is told."""
    response = someone.get(address)
    while response.headers.get("Location", "").startswith("/"):
        response = someone.get(response.headers["Location"])
    assert response.status_code == 302, alert(response)
    return str(response.headers["Location"])


def back(someone: Person, at_provider: str) -> TestResponse:
    """Go to the provider over the network and come back with what it says."""
    answer = requests.get(at_provider, allow_redirects=False, timeout=30)
    address = urlsplit(answer.headers["Location"])
    return someone.get(f"{address.path}?{address.query}")


def round_trip(someone: Person, address: str = "/sign-in/elsewhere") -> TestResponse:
    return back(someone, to_provider(someone, address))
