"""Questions of other tools -> questions of a study's questionnaires."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from jndlab.importing.naming import clean_name
from jndlab.importing.words import plain_text

MOST_OPTIONS = 30
MOST_TEXT = 1000


def question_name(text: str, taken: Collection[str]) -> str:
    """A name that the study file takes and no other question has.

    >>> question_name("E-mail!", []), question_name("2nd", ["q-2nd"])
    ('e-mail', 'q-2nd-2')
    """
    slug = re.sub(r"[^a-z0-9_-]+", "-", clean_name(text).lower()).strip("-_")
    slug = (slug if re.match(r"[a-z]", slug) else f"q-{slug}".strip("-"))[:34].strip("-_")
    number, name = 1, slug
    while name in taken:
        number += 1
        name = f"{slug}-{number}"
    return name


def free_text(name: str, text: str, *, required: bool, long: bool = False) -> dict[str, Any]:
    """A question that is answered in words."""
    limit = {"max_length": 2000} if long else {"max_length": 200}
    return {**_asked(name, text, required), "kind": "text", **limit}


def choice(name: str, text: str, options: list[str], *, required: bool) -> dict[str, Any] | None:
    """A question with options. None: fewer than two different ones, or too many."""
    shown = list(dict.fromkeys(filter(None, map(_option, options))))
    if not 2 <= len(shown) <= MOST_OPTIONS:
        return None
    return {**_asked(name, text, required), "kind": "choice", "options": shown}


def number(name: str, text: str, *, low: object, high: object, required: bool) -> dict[str, Any]:
    """A question that is answered with a number between two limits, where there are any."""
    limits = {
        key: value
        for key, value in (("min", _finite(low)), ("max", _finite(high)))
        if value is not None
    }
    return {**_asked(name, text, required), "kind": "number", **limits}


def questionnaire(
    name: str, title: str, when: str, questions: list[dict[str, Any]], *, text: str = ""
) -> dict[str, Any]:
    """A page of questions."""
    page = {"name": name, "title": title, "when": when, "questions": questions}
    return {**page, "text": text} if text else page


def _asked(name: str, text: str, required: bool) -> dict[str, Any]:
    words = " ".join(plain_text(text).split())[:MOST_TEXT]
    return {"name": name, "text": words or name, "required": required}


def _option(text: str) -> str:
    return " ".join(plain_text(text).replace(";", ",").split())[:200]


def _finite(value: object) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e15 else None
