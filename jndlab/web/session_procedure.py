"""Who took part, who withdrew, and what they said of themselves, as sentences of the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from jndlab.export.questionnaires import answer_of
from jndlab.study.phrases import plural
from jndlab.study.questionnaire_answers import Value
from jndlab.study.questionnaires import Question, Questionnaire
from jndlab.study.rows import Row


def describe_sessions(sessions: Iterable[Row]) -> str:
    """How many sessions there were and how they ended; withdrawn ones are counted here only."""
    counts = Counter(row["session_state"] for row in sessions)
    ended = [
        (counts["finished"], "finished"),
        (counts["open"], "not finished"),
        (counts["screened-out"], "screened out"),
        (counts["withdrawn"], "withdrawn at the participant’s wish"),
    ]
    parts = ", ".join(f"{number} {word}" for number, word in ended if number)
    said = f"Sessions: {sum(number for number, _ in ended)} opened: {parts}."
    if counts["withdrawn"]:
        said += " The data of withdrawn sessions were deleted and are part of nothing below."
    return said


def describe_questionnaires(asked: Sequence[Questionnaire], answers: Sequence[Row]) -> list[str]:
    """A paragraph for each questionnaire: what was asked, and what the answers come to."""
    return [
        f"Questionnaire “{one.title}” ({one.when.replace('-', ' ')}): "
        + " ".join(_question(q, _values(one.name, q, answers)) for q in one.questions)
        for one in asked
    ]


def _values(questionnaire: str, question: Question, answers: Sequence[Row]) -> list[Value]:
    """The answers to a question; an earlier version may have asked another kind by that name."""
    asked = (questionnaire, question.name, question.kind)
    return [
        answer_of(question, row["value"])
        for row in answers
        if (row["questionnaire"], row["question"], row["question_kind"]) == asked
    ]


def _question(question: Question, values: Sequence[Value]) -> str:
    said = [value for value in values if value is not None]
    text = question.text if question.text.endswith(("?", ".", "!", ":")) else f"{question.text}:"
    return f"{text} {_summary(question, said)}."


def _summary(question: Question, values: Sequence[Value]) -> str:
    if not values:
        return "no answers"
    if question.kind == "choice":
        counts = Counter(
            option for value in values for option in (value if isinstance(value, list) else [value])
        )
        return ", ".join(f"{option} {counts[option]}" for option in question.options)
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if question.kind == "text" or not numbers:
        return plural(len(values), "answer")
    unit = f" {question.unit}" if question.unit else ""
    if question.kind == "scale" and question.ends is not None:
        unit = f" (1 {question.ends[0]}, {question.points} {question.ends[1]})"
    spread = f"{min(numbers):g} to {max(numbers):g}"
    return f"median {median(numbers):g}, {spread}{unit}, n = {len(numbers)}"
