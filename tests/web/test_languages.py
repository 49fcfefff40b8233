"""The language of the participant's page: who chooses it, and what is translated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from jndlab.languages.tags import LANGUAGES
from jndlab.web.app import create_app
from tests.store.launching import Launched, make_template, open_copy


def page(client: FlaskClient, link: str, *, browser: str = "", query: str = "") -> str:
    answer = client.get(f"/s/{link}{query}", headers={"Accept-Language": browser})
    assert answer.status_code == 200
    return answer.text


def texts_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="texts">(.*?)</script>', html, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


@pytest.mark.parametrize(
    ("browser", "query", "tag"),
    [
        ("", "", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "", "de"),
        ("pt-BR,pt;q=0.9,fr;q=0.5,en;q=0.3", "", "fr"),
        ("zh-TW", "", "zh-Hant"),
        ("ja", "?lang=es", "es"),
        ("ja", "?lang=xx", "ja"),
        ("ja", "?lang=%00%22%3E", "ja"),
    ],
)
def test_the_link_comes_before_the_browser(
    client: FlaskClient, launched: Launched, browser: str, query: str, tag: str
) -> None:
    html = page(client, launched.link, browser=browser, query=query)
    assert f'<html lang="{tag}" dir="ltr">' in html


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_every_language_can_be_chosen_on_the_page(
    client: FlaskClient, launched: Launched, tag: str
) -> None:
    html = page(client, launched.link, query=f"?lang={tag}")
    for other in LANGUAGES.values():
        assert f'<a href="?lang={other.tag}" lang="{other.tag}" hreflang="{other.tag}"' in html
    assert html.count('aria-current="true"') == 1
    assert texts_of(html)["texts"]["right"]


def test_instructions_questions_and_errors_are_translated(
    client: FlaskClient, launched: Launched
) -> None:
    html = page(client, launched.link, query="?lang=de")
    assert "Ist X dasselbe wie A oder dasselbe wie B?" in html
    assert "Es dauert etwa" in html
    texts = texts_of(html)
    assert texts["texts"]["right"] == "Richtig."
    assert texts["errors"]["not-found"]["message"] == "Diese Sitzung ist hier nicht bekannt."


def test_a_wrong_link_is_explained_in_the_browsers_language(client: FlaskClient) -> None:
    answer = client.get("/s/nothing-here", headers={"Accept-Language": "fr"})
    assert answer.status_code == 404
    assert '<html lang="fr"' in answer.text
    assert "Il n’y a pas d’étude" in answer.text


def test_experimenters_pages_stay_english(client: FlaskClient) -> None:
    assert '<html lang="en"' in client.get("/sign-in", headers={"Accept-Language": "de"}).text


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study in German only, with words of its own."""
    return make_template(
        tmp_path_factory.mktemp("worded"),
        slug="worded",
        language="de",
        texts={
            "consent": "Own consent.",
            "overrides": {
                "de": {
                    "title": "Eigener Titel",
                    "consent": "Eigene Einwilligung.\n\nZweiter Absatz.",
                    "interface": {
                        "Begin": "Los <b>100 %</b>",
                        "Right.": "Genau!",
                        "X is A": "X gleich A & nicht B",
                    },
                },
                "fr": {"title": "Titre"},
            },
        },
    )


@pytest.fixture
def worded_page(worded: Path, tmp_path: Path) -> Iterator[str]:
    launched = open_copy(worded, tmp_path)
    client = create_app(launched.settings, launched.store).test_client()
    yield page(client, launched.link, browser="fr", query="?lang=es")
    launched.store.close()


def test_a_study_can_fix_the_language(worded_page: str) -> None:
    assert '<html lang="de"' in worded_page
    assert "?lang=" not in worded_page  # nothing to choose


def test_a_study_can_word_anything_differently(worded_page: str) -> None:
    assert "<title>Eigener Titel</title>" in worded_page
    assert "<p>Eigene Einwilligung.</p><p>Zweiter Absatz.</p>" in worded_page
    assert "Own consent." not in worded_page
    assert texts_of(worded_page)["texts"]["right"] == "Genau!"


def test_own_words_are_text_and_never_markup(worded_page: str) -> None:
    assert "Los &lt;b&gt;100 %&lt;/b&gt;" in worded_page
    assert "X gleich A &amp; nicht B" in worded_page
    assert "<b>100" not in worded_page
