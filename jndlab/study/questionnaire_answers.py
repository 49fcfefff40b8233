"""Answers to a questionnaire: what is taken, and what is wrong with the rest, question by question.

Everything comes as text, as it was typed or chosen; what is stored is the value it means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jndlab.study.questionnaires import Question, Questionnaire

Given = str | list[str] | None
"""What was chosen or typed; a list where several options can be chosen."""
Value = str | int | float | list[str] | None
"""None: left empty."""
Fault = Literal[
    "missing", "not-offered", "not-a-number", "not-whole", "too-small", "too-large", "too-long"
]

_NUMBER = re.compile(r"[+-]?(\d{1,15}([.,]\d{0,15})?|[.,]\d{1,15})")
_MAX_TYPED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with the answer to one question."""

    question: str
    fault: Fault
    limit: float | None = None
    """The limit that was passed, if the fault is that."""


def check_answers(
    questionnaire: Questionnaire, given: Mapping[str, Given]
) -> tuple[dict[str, Value], tuple[Problem, ...]]:
    """The value of every question, in order, and the problems, which must be none to store them.

    Names that the questionnaire does not know are problems as well.
    """
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for question in questionnaire.questions:
        found = _read(question, given.get(question.name))
        if isinstance(found, Problem):
            problems.append(found)
        else:
            values[question.name] = found
    known = {question.name for question in questionnaire.questions}
    problems += [Problem(question=name, fault="not-offered") for name in given if name not in known]
    return values, tuple(problems)


def _read(question: Question, given: Given) -> Value | Problem:
    if isinstance(given, list):
        if question.kind != "choice" or not question.several:
            return Problem(question=question.name, fault="not-offered")
        return _read_several(question, given)
    text = _clean(given or "")
    if not text:
        return _empty(question)
    match question.kind:
        case "choice":
            if question.several:
                return _read_several(question, [text])
            return text if text in question.options else _refused(question)
        case "scale":
            offered = {str(point): point for point in range(1, question.points + 1)}
            return offered.get(text) or _refused(question)
        case "number":
            return _read_number(question, text)
        case "text":
            if len(text) > question.max_length:
                return Problem(question=question.name, fault="too-long", limit=question.max_length)
            return text


def _read_several(question: Question, given: list[str]) -> Value | Problem:
    if not given:
        return _empty(question)
    if any(option not in question.options for option in given):
        return _refused(question)
    return [option for option in question.options if option in given]


def _read_number(question: Question, text: str) -> Value | Problem:
    # Full-width digits, the minus sign of typographers, a comma for the decimal point.
    plain = unicodedata.normalize("NFKC", text[:_MAX_TYPED]).replace("−", "-").strip()
    if len(text) > _MAX_TYPED or not _NUMBER.fullmatch(plain):
        return Problem(question=question.name, fault="not-a-number")
    number = float(plain.replace(",", "."))
    if question.whole and not number.is_integer():
        return Problem(question=question.name, fault="not-whole")
    if question.min is not None and number < question.min:
        return Problem(question=question.name, fault="too-small", limit=question.min)
    if question.max is not None and number > question.max:
        return Problem(question=question.name, fault="too-large", limit=question.max)
    return int(number) if number.is_integer() else number


def _empty(question: Question) -> Problem | None:
    return Problem(question=question.name, fault="missing") if question.required else None


def _refused(question: Question) -> Problem:
    return Problem(question=question.name, fault="not-offered")


def _clean(text: str) -> str:
    """Less what no database and no spreadsheet likes: control characters but line breaks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ["".join(c for c in line if unicodedata.category(c) != "Cc") for line in lines]
    return "\n".join(kept).strip()
