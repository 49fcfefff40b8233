"""Catalogues: reading, plural forms, a study's own words."""

from __future__ import annotations

import pytest

from jndlab.languages.catalogue import catalogue_of, messages, placeholders
from jndlab.languages.tags import LANGUAGES, Language

ONE, MANY = "It takes about %(n)s minute.", "It takes about %(n)s minutes."


def test_english_is_as_it_is_written() -> None:
    english = catalogue_of(LANGUAGES["en"])
    assert english.gettext("Begin") == "Begin"
    assert english.plural_forms(ONE, MANY) == {"one": ONE, "other": MANY}


def test_german_is_translated_and_unknown_texts_come_back() -> None:
    german = catalogue_of(LANGUAGES["de"])
    assert german.gettext("Begin") == "Beginnen"
    assert german.gettext("No such text") == "No such text"
    assert german.ngettext(ONE, MANY, 1).endswith("Minute.")
    assert german.ngettext(ONE, MANY, 0).endswith("Minuten.")


@pytest.mark.parametrize(
    ("tag", "categories"),
    [
        ("en", {"one", "other"}),
        ("de", {"one", "other"}),
        ("fr", {"one", "many", "other"}),
        ("es", {"one", "many", "other"}),
        ("ja", {"other"}),
        ("zh-Hans", {"other"}),
        ("zh-Hant", {"other"}),
    ],
)
def test_plural_forms_bear_the_names_that_browsers_use(tag: str, categories: set[str]) -> None:
    language: Language = LANGUAGES[tag]  # type: ignore[index]
    assert set(catalogue_of(language).plural_forms(ONE, MANY)) == categories


def test_a_study_words_a_text_in_its_own_way() -> None:
    own = {"Begin": "Auf geht’s", MANY: "Etwa %(n)s Minuten"}
    german = catalogue_of(LANGUAGES["de"], own)
    assert german.gettext("Begin") == "Auf geht’s"
    assert german.gettext("Stop") == "Anhalten"
    assert german.ngettext(ONE, MANY, 5) == "Etwa %(n)s Minuten"
    assert german.ngettext(ONE, MANY, 1) == "Es dauert etwa %(n)s Minute."


def test_every_text_is_known_with_its_placeholders() -> None:
    assert messages()["Trial %(place)s of %(total)s"] == {"place", "total"}
    assert messages()["Begin"] == frozenset()
    assert messages()[MANY] == messages()[ONE] == {"n"}


def test_placeholders_of_a_text_without_any() -> None:
    assert placeholders("100 %") == frozenset()
