"""Questionnaires in a study file: what is refused, and where."""

from __future__ import annotations

from typing import Any

import pytest

from jndlab.errors import StudyError
from tests.builders import make_definition


def one(*questions: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    """A questionnaire of these questions, each filled up to a valid one."""
    filled = [
        {"name": f"q{n}", "kind": "text", "text": "Well?"} | q for n, q in enumerate(questions)
    ]
    return {
        "name": "after",
        "title": "A few questions",
        "when": "after",
        "questions": filled,
    } | overrides


CHOICE = {"kind": "choice", "options": ["wired", "wireless"]}
SCALE = {"kind": "scale", "ends": ["not at all", "very much"]}

WRONG = [
    ([one({}), one({})], "two questionnaires are called 'after'"),
    ([one({"name": "same"}, {"name": "same"})], "two questions of after are called 'same'"),
    ([one({"kind": "choice"})], "a choice needs two options or more"),
    ([one({"kind": "choice", "options": ["one"]})], "a choice needs two options or more"),
    ([one({"kind": "choice", "options": ["one", "one"]})], "'one' is listed twice"),
    ([one({"kind": "choice", "options": ["one; two", "three"]})], "options[0]"),
    ([one({"kind": "scale"})], "a label for each of its ends"),
    ([one(SCALE | {"points": 1})], "points"),
    ([one(SCALE | {"points": 12})], "points"),
    ([one({"kind": "number", "min": 3, "max": 2})], "min is larger than max"),
    ([one({"kind": "number", "max_length": 3})], "a question of kind number has no max_length"),
    ([one({"options": ["a", "b"]})], "a question of kind text has no options"),
    ([one({"kind": "slider"})], "'slider'"),
    ([one({}, when="during")], "'during'"),
    ([one({}, name="After Test")], "'After Test'"),
    ([one(*[{"max_length": 4001}] * 3)], "may have 12003 characters together"),
    ([one()], "questions"),
]


@pytest.mark.parametrize(("questionnaires", "message"), WRONG)
def test_what_cannot_be_asked_is_refused_with_its_place(
    questionnaires: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(StudyError) as caught:
        make_definition(questionnaires=questionnaires)
    problem = caught.value.problems[0]
    assert message in str(problem)
    assert problem.location is not None
    assert problem.remedy


def test_every_kind_of_question_is_taken() -> None:
    asked = one(
        CHOICE,
        CHOICE | {"several": True, "required": False},
        SCALE | {"points": 11},
        {"kind": "number", "min": 16, "max": 120, "whole": True, "unit": "years"},
        {"kind": "text", "max_length": 200},
    )
    (questionnaire,) = make_definition(questionnaires=[asked]).questionnaires
    assert [question.kind for question in questionnaire.questions] == [
        "choice",
        "choice",
        "scale",
        "number",
        "text",
    ]


def test_its_texts_can_be_worded_in_other_languages() -> None:
    words = {"de": {"interface": {"wired": "mit Kabel", "A few questions": "Einige Fragen"}}}
    make_definition(questionnaires=[one(CHOICE)], texts={"overrides": words})
    words["de"]["interface"]["cordless"] = "kabellos"
    with pytest.raises(StudyError, match="no page says 'cordless'"):
        make_definition(questionnaires=[one(CHOICE)], texts={"overrides": words})


def test_examples_must_be_sounds_of_the_study() -> None:
    good = {"item": "one", "condition": "bits", "level": 1, "caption": "Coarse"}
    assert make_definition(examples=[good, {"item": "two", "caption": "Fine"}]).examples
    for change, message in (
        ({"item": "nine"}, "no item 'nine'"),
        ({"condition": "nine"}, "no condition 'nine'"),
        ({"level": 9}, "bits has no such level"),
        ({"condition": "baseline"}, "the baseline has no level"),
    ):
        with pytest.raises(StudyError, match=message):
            make_definition(examples=[good | change])


def test_a_criterion_cannot_look_at_more_trials_than_the_practice_has() -> None:
    with pytest.raises(StudyError, match="looks at 5 trials"):
        make_definition(
            design={"practice_trials": 4, "practice_criterion": {"share": 0.8, "last": 5}}
        )
