"""A study's own words, by language."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from jndlab.errors import StudyError
from jndlab.study.study_file import parse_study
from jndlab.study.texts import Texts, Wording, own_texts
from tests.builders import make_definition, make_study_text

TEXT = make_study_text()  # it ends within the section `texts`


def problem_of(lines: str) -> str:
    with pytest.raises(StudyError) as caught:
        parse_study(TEXT + lines, source="my.yaml")
    [problem] = caught.value.problems
    return str(problem)


def overrides(lines: str) -> str:
    return "  overrides:\n" + "\n".join(f"    {line}" for line in lines.split("\n")) + "\n"


def test_a_study_without_other_languages_keeps_the_digest_it_always_had() -> None:
    plain = make_definition()
    assert "overrides" not in TEXT
    assert plain.language is None
    assert parse_study(TEXT + "  overrides: {}\n").digest() == plain.digest()


def test_texts_that_a_language_does_not_word_stay() -> None:
    texts = Texts(
        contact="ann@example.org", overrides={"de": Wording(consent="Bitte hören Sie zu.")}
    )
    assert texts.in_language("de").consent == "Bitte hören Sie zu."
    assert texts.in_language("de").contact == "ann@example.org"
    assert texts.in_language("fr").consent == texts.consent


def test_gettexts_spelling_of_a_language_is_understood() -> None:
    study = parse_study(TEXT + overrides("zh_Hant:\n  interface:\n    Begin: 開始吧"))
    assert study.texts.interface_in("zh-Hant") == {"Begin": "開始吧"}
    assert study.texts.interface_in("ja") == {}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("language: klingon", ["language cannot be 'klingon'", "Use 'en', 'de', 'fr'"]),
        ("language: [de]", ["language cannot be a list", "'zh-Hant'"]),
    ],
)
def test_a_wrong_language_is_refused(lines: str, words: list[str]) -> None:
    shown = problem_of(lines + "\n")
    assert "my.yaml:28:1" in shown
    for word in words:
        assert word in shown


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("dee:\n  title: Hallo", ["texts.overrides.dee cannot be 'dee'", "Use 'en', 'de'"]),
        ("de:\n  titel: Hallo", ["unknown key 'titel'", "Did you mean 'title'?"]),
        ("de:\n  interface:\n    Begn: Los", ["no page says 'Begn'", "Did you mean 'Begin'?"]),
        ("de:\n  interface:\n    Begin: ''", ["'Begin' would be empty", "leave the key out"]),
        (
            'de:\n  interface:\n    "Trial %(place)s of %(total)s": Nr. %(number)s',
            ["unknown placeholder: number", "%(place)s, %(total)s"],
        ),
        ("de:\n  interface:\n    Begin: Los %(n)s", ["Placeholders of this text: none"]),
    ],
)
def test_a_wrong_override_is_refused_where_it_stands(lines: str, words: list[str]) -> None:
    shown = problem_of(overrides(lines))
    for word in words:
        assert word in shown


class _Question(BaseModel):
    text: str
    options: tuple[str, ...] = ()


class _Study(BaseModel):
    title: str = "Not this one"
    questionnaires: tuple[_Question, ...]


def test_texts_of_questionnaires_can_be_worded_too() -> None:
    questions = (_Question(text="How old\nare you?\n\nRoughly.", options=("Old", "Young")),)
    found = own_texts(_Study(questionnaires=questions))
    assert found == {"How old are you?", "Roughly.", "Old", "Young"}
