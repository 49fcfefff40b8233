"""Answers to a questionnaire: typed and chosen text becomes values, or problems by question."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jndlab.study.questionnaire_answers import Problem, check_answers
from jndlab.study.questionnaires import Questionnaire

CHOICE = {"kind": "choice", "options": ["wired", "wireless", "none"]}
SEVERAL = CHOICE | {"several": True}
SCALE = {"kind": "scale", "ends": ["not at all", "very much"], "points": 7}
AGE = {"kind": "number", "min": 16, "max": 120, "whole": True}
TEXT = {"kind": "text", "max_length": 10}


def ask(**question: Any) -> Questionnaire:
    """A questionnaire of one question, called q."""
    asked = {"name": "q", "text": "Well?"} | question
    content = {"name": "one", "title": "One", "when": "after", "questions": [asked]}
    return Questionnaire.model_validate_json(json.dumps(content))


@pytest.mark.parametrize(
    ("question", "given", "value"),
    [
        (CHOICE, "wired", "wired"),
        (SEVERAL, ["none", "wired"], ["wired", "none"]),
        (SEVERAL, "wired", ["wired"]),
        (SEVERAL, ["wired", "wired"], ["wired"]),
        (SCALE, "1", 1),
        (SCALE, "7", 7),
        (AGE, "16", 16),
        (AGE, " 120 ", 120),
        (AGE, "４２", 42),
        (AGE, "42.0", 42),
        ({"kind": "number"}, "-2,5", -2.5),
        ({"kind": "number"}, "−3", -3),
        ({"kind": "number"}, ".5", 0.5),
        (TEXT, " fine\x00\r\n", "fine"),
        (TEXT, "one\r\ntwo", "one\ntwo"),
        (TEXT, "0123456789", "0123456789"),
    ],
)
def test_what_was_given_becomes_the_value_it_means(
    question: dict[str, Any], given: Any, value: Any
) -> None:
    assert check_answers(ask(**question), {"q": given}) == ({"q": value}, ())


@pytest.mark.parametrize(
    ("question", "given", "fault", "limit"),
    [
        (CHOICE, "cordless", "not-offered", None),
        (CHOICE, ["wired"], "not-offered", None),
        (SEVERAL, ["wired", "cordless"], "not-offered", None),
        (SCALE, "0", "not-offered", None),
        (SCALE, "8", "not-offered", None),
        (SCALE, "3.5", "not-offered", None),
        (AGE, "forty", "not-a-number", None),
        (AGE, "1e2", "not-a-number", None),
        (AGE, "nan", "not-a-number", None),
        (AGE, "1,000,000", "not-a-number", None),
        (AGE, "9" * 5000, "not-a-number", None),
        (AGE, "42.5", "not-whole", None),
        (AGE, "15", "too-small", 16),
        (AGE, "121", "too-large", 120),
        (TEXT, "0123456789a", "too-long", 10),
        (TEXT, ["a list"], "not-offered", None),
    ],
)
def test_what_cannot_be_is_a_problem_of_its_question(
    question: dict[str, Any], given: Any, fault: Any, limit: float | None
) -> None:
    problem = Problem(question="q", fault=fault, limit=limit)
    assert check_answers(ask(**question), {"q": given}) == ({}, (problem,))


@pytest.mark.parametrize("question", [CHOICE, SEVERAL, SCALE, AGE, TEXT])
@pytest.mark.parametrize("given", [{}, {"q": None}, {"q": ""}, {"q": " \n"}])
def test_an_empty_answer_is_a_problem_only_where_one_is_required(
    question: dict[str, Any], given: dict[str, Any]
) -> None:
    missing = Problem(question="q", fault="missing")
    assert check_answers(ask(**question), given) == ({}, (missing,))
    assert check_answers(ask(**question, required=False), given) == ({"q": None}, ())


def test_no_box_ticked_is_empty() -> None:
    assert check_answers(ask(**SEVERAL, required=False), {"q": []}) == ({"q": None}, ())


def test_a_question_that_is_not_asked_is_a_problem() -> None:
    values, problems = check_answers(ask(**TEXT), {"q": "yes", "other": "no"})
    assert values == {"q": "yes"}
    assert problems == (Problem(question="other", fault="not-offered"),)
