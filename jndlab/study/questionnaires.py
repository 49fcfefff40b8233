"""Questionnaires of a study: what the study file says of them, and what contradicts itself in it.

Answers are checked in :mod:`jndlab.study.questionnaire_answers`; when a questionnaire comes is
decided in :mod:`jndlab.study.flow`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from jndlab.study.section import Section

QuestionKind = Literal["choice", "scale", "number", "text"]
When = Literal["before", "between-blocks", "after"]

MAX_QUESTIONNAIRES = 20
MAX_QUESTIONS = 60
MAX_TEXT = 5000
MAX_ALL_TEXTS = 12_000
"""Characters of all texts of a questionnaire together: a request has to hold them."""

Path = tuple[str | int, ...]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Option = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^;\n]*[^;\s][^;\n]*$")]
End = Annotated[str, Field(min_length=1, max_length=80)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Question(Section):
    """One question of a questionnaire."""

    name: Slug
    """What the question is called in the exported table: lower-case letters, digits, hyphens."""
    kind: QuestionKind
    """choice: one of some options, or several; scale: points between two ends; number; text."""
    text: str = Field(min_length=1, max_length=1000)
    """The question as participants read it."""
    required: bool = True
    """Whether it has to be answered before the session goes on."""
    options: tuple[Option, ...] = Field(default=(), max_length=30)
    """Of a choice: what can be chosen, without semicolons. Exported as it stands here."""
    several: bool = False
    """Of a choice: whether more than one option can be chosen."""
    points: int = Field(default=5, ge=2, le=11)
    """Of a scale: how many points; the first one counts 1."""
    ends: tuple[End, End] | None = None
    """Of a scale: what its first and its last point mean."""
    min: Finite | None = None
    """Of a number: the smallest that is taken."""
    max: Finite | None = None
    """Of a number: the largest that is taken."""
    whole: bool = False
    """Of a number: whether it has to be a whole one."""
    unit: str = Field(default="", max_length=40)
    """Of a number: its unit, shown behind the field."""
    max_length: int = Field(default=1000, ge=1, le=MAX_TEXT)
    """Of a text: most characters."""


class Questionnaire(Section):
    """Some questions on one page, at one point of the session."""

    name: Slug
    """What the questionnaire is called in the exported table."""
    title: str = Field(min_length=1, max_length=200)
    """Heading of its page."""
    text: str = Field(default="", max_length=4000)
    """What stands above the questions. Blank lines separate paragraphs."""
    when: When
    """before: after the checks and before the first trial; between-blocks: after each block of
    the test but the last; after: after the last trial."""
    questions: tuple[Question, ...] = Field(min_length=1, max_length=MAX_QUESTIONS)
    """The questions, in this order."""


KEYS_OF_KINDS: dict[str, QuestionKind] = {
    "options": "choice",
    "several": "choice",
    "points": "scale",
    "ends": "scale",
    "min": "number",
    "max": "number",
    "whole": "number",
    "unit": "number",
    "max_length": "text",
}
"""Keys that have a meaning for one kind of question only."""


def questionnaire_problems(
    questionnaires: Sequence[Questionnaire],
) -> Iterator[tuple[Path, str, str]]:
    """Names that clash, keys of another kind, choices without options, limits that cross."""
    names: set[str] = set()
    for number, one in enumerate(questionnaires):
        path: Path = ("questionnaires", number)
        if one.name in names:
            message = f"two questionnaires are called {one.name!r}"
            yield (*path, "name"), message, "Give each its own name."
        names.add(one.name)
        asked: set[str] = set()
        for place, question in enumerate(one.questions):
            where: Path = (*path, "questions", place)
            if question.name in asked:
                message = f"two questions of {one.name} are called {question.name!r}"
                yield (*where, "name"), message, "Give each its own name."
            asked.add(question.name)
            yield from _question_problems(question, where)
        total = sum(q.max_length for q in one.questions if q.kind == "text")
        if total > MAX_ALL_TEXTS:
            message = f"the texts of {one.name} may have {total} characters together"
            remedy = f"At most {MAX_ALL_TEXTS}: use smaller max_length, or two questionnaires."
            yield (*path, "questions"), message, remedy


def _question_problems(question: Question, path: Path) -> Iterator[tuple[Path, str, str]]:
    for key, kind in KEYS_OF_KINDS.items():
        if key in question.model_fields_set and question.kind != kind:
            message = f"a question of kind {question.kind} has no {key}"
            yield (*path, key), message, f"Use it with kind: {kind}, or leave it out."
    if question.kind == "choice":
        if len(question.options) < 2:
            where = (*path, "options") if question.options else path
            yield where, "a choice needs two options or more", "List them under options."
        for index, option in enumerate(question.options):
            if option in question.options[:index]:
                message = f"the option {option!r} is listed twice"
                yield (*path, "options", index), message, "Remove one."
    if question.kind == "scale" and question.ends is None:
        remedy = "Add it, for example: ends: [not at all, very much]"
        yield path, "a scale needs a label for each of its ends", remedy
    if question.min is not None and question.max is not None and question.min > question.max:
        yield (*path, "min"), "min is larger than max: no number would do", "Swap them."
