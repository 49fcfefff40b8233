"""Preregistration in the browser: what can be registered, the document, what stays secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jndlab.studies.lifecycle import change_state
from jndlab.study.registration import content_digest
from jndlab.web.app import create_app
from tests.store.launching import Launched, make_template, open_copy
from tests.web.access import client_of
from tests.web.listeners import take

PAGE = "/studies/heron/registration"
SEED = 123_456_789_012
PLAN = {"alpha": 0.01, "sample_size": 24, "bound_reason": "<b>Agreed</b> upon."}


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planned")
    return make_template(folder, slug="heron", seed=SEED, analysis=PLAN)


@pytest.fixture
def study(planned: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(planned, tmp_path)
    yield launched
    launched.store.close()


@pytest.fixture
def site(study: Launched) -> Flask:
    return create_app(study.settings, study.store)


@pytest.fixture
def owner(site: Flask, study: Launched) -> FlaskClient:
    return client_of(site, study.store, "owner")


@pytest.fixture
def register(owner: FlaskClient, csrf: Callable[[str], str]) -> Callable[..., Any]:
    def send(version: str = "1") -> Any:
        form = {"csrf_token": csrf(owner.get(PAGE).text), "version": version}
        return owner.post(PAGE, data=form)

    return send


def test_the_plan_is_shown_registered_and_published(
    owner: FlaskClient, register: Callable[..., Any]
) -> None:
    before = owner.get(PAGE).text
    assert "Register version 1" in before
    assert "&lt;b&gt;Agreed&lt;/b&gt; upon." in before
    assert owner.get(f"{PAGE}/1/md").status_code == 400
    assert register().headers["Location"] == PAGE
    page = owner.get(PAGE).text
    assert "Register version 1" not in page
    assert "aspredicted.org" in page
    text = owner.get(f"{PAGE}/1/md")
    document = json.loads(owner.get(f"{PAGE}/1/json").text)
    assert text.mimetype == "text/markdown"
    assert 'filename="heron-registration-v1.md"' in text.headers["Content-Disposition"]
    digest = content_digest(document["content"])
    assert digest == document["sha256"]
    assert digest in page
    assert digest in text.text
    assert "Stimuli:" in text.text
    for published in (page, text.text, json.dumps(document)):
        assert str(SEED) not in published
    assert "was registered" in owner.get("/studies/heron").text


def test_seed_and_salt_are_told_when_the_study_is_over(
    owner: FlaskClient, register: Callable[..., Any], study: Launched
) -> None:
    register()
    assert "when the study is closed" in owner.get(PAGE).text
    change_state(study.store, 1, "closed")
    page = owner.get(PAGE).text
    assert f"<code>{SEED}</code>" in page
    assert "Salt" in page


def test_with_answers_the_page_says_why_not_and_what_to_do(
    owner: FlaskClient, register: Callable[..., Any], study: Launched, csrf: Callable[[str], str]
) -> None:
    token = csrf(owner.get(PAGE).text)
    take(study, 1, n_trials=2)
    page = owner.get(PAGE).text
    assert "People have given 2 answers to version 1" in page
    assert "Register version 1" not in page
    refused = owner.post(PAGE, data={"csrf_token": token, "version": "1"})
    assert refused.status_code == 409
    assert "new version" in refused.text


@pytest.mark.parametrize("version", ["", "0", "7", "x", "-1", "9" * 30])
def test_a_version_that_there_is_not_is_refused(register: Callable[..., Any], version: str) -> None:
    assert register(version).status_code in (400, 404)


@pytest.mark.parametrize("path", ["7/md", "1/exe", "0/json"])
def test_a_document_that_there_is_not_is_refused(
    owner: FlaskClient, register: Callable[..., Any], path: str
) -> None:
    register()
    assert owner.get(f"{PAGE}/{path}").status_code in (400, 404)


@pytest.mark.parametrize("role", ["viewer", "analyst", "editor"])
def test_only_an_owner_registers(site: Flask, study: Launched, role: str) -> None:
    client = client_of(site, study.store, role)
    assert client.get(PAGE).status_code == 403
    assert "registration" not in client.get("/studies/heron").text
