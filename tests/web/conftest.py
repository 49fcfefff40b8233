"""The application around a launched study whose every name would be noticed if it got out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jndlab.sessions import release_trial, store_answer
from jndlab.store.users import set_password
from jndlab.web.app import create_app
from tests.store.launching import Launched, make_response, make_template, open_copy
from tests.web.participants import Participant

DESIGN = {"trials_per_level": 2, "practice_trials": 2, "identical_trials": 2, "gross_trials": 1}
NAME, PASSWORD = "ann", "three unrelated words"


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A data folder with a launched study, by paradigm."""
    return {
        paradigm: make_template(
            tmp_path_factory.mktemp(paradigm),
            slug="heron",
            title="Which is <which>?",
            paradigm=paradigm,
            items=["zebrafinch", "quokkahop"],
            condition={
                "name": "kestrelcut",
                "folder": "kestrelcut",
                "levels": [1.375, 2.625],
                "unit": "gizmos",
            },
            design=DESIGN,
        )
        for paradigm in ("abx", "two-interval")
    }


@pytest.fixture
def launched(templates: dict[str, Path], tmp_path: Path) -> Iterator[Launched]:
    """A launched ABX study of 9 trials."""
    launched = open_copy(templates["abx"], tmp_path)
    yield launched
    launched.store.close()


@pytest.fixture(params=["abx", "two-interval"])
def either(
    templates: dict[str, Path], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Launched]:
    """A launched study of each paradigm in turn."""
    launched = open_copy(templates[request.param], tmp_path)
    yield launched
    launched.store.close()


@pytest.fixture
def app(launched: Launched) -> Flask:
    return create_app(launched.settings, launched.store)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def participant(client: FlaskClient, launched: Launched) -> Participant:
    """A participant who has passed the sound check."""
    return Participant(client, launched).open().pass_sound_check()


@pytest.fixture
def csrf() -> Callable[[str], str]:
    """The form token on a page."""

    def find(page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None, page
        return found[1]

    return find


@pytest.fixture
def signed_in(app: Flask, launched: Launched, csrf: Callable[[str], str]) -> FlaskClient:
    """A client of its own whose experimenter has signed in."""
    set_password(launched.store, NAME, PASSWORD)
    client = app.test_client()
    form = {
        "csrf_token": csrf(client.get("/sign-in").text),
        "name": NAME,
        "password": PASSWORD,
    }
    assert client.post("/sign-in", data=form).status_code == 302
    return client


@pytest.fixture
def simulate(launched: Launched) -> Callable[[], None]:
    """Let four simulated listeners take the study, without a network."""

    def take() -> None:
        for _ in range(4):
            token = launched.open()
            for trial in launched.plan(token).trials:
                release_trial(launched.store, token)
                response = make_response(trial.correct_response if trial.number % 4 else "A")
                store_answer(launched.store, token, trial.number, response, key="simulated")

    return take
