"""A provider of identities, and the application that trusts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from jndlab.store.engine import Store
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.web.oidc.provider import CLIENT_ID, CLIENT_SECRET, Provider, RunningProvider
from tests.web.people import Person


@pytest.fixture
def provider() -> Iterator[Provider]:
    with RunningProvider() as provider:
        yield provider


@pytest.fixture
def app(launched: Launched, provider: Provider) -> Flask:
    settings = replace(
        launched.settings,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
    )
    return create_app(settings, launched.store)


@pytest.fixture
def store(launched: Launched) -> Store:
    return launched.store


@pytest.fixture
def someone(app: Flask) -> Person:
    return Person(app)
