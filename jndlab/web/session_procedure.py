"""Who took part, who withdrew, and what they said of themselves, as sentences of the report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from statistics import median

from jndlab.export.tidy import BOTH_KINDS
from jndlab.store import sessions as session_rows
from jndlab.store.engine import Store
from jndlab.store.questionnaires import answer_rows
from jndlab.store.studies import definition_of, progress_of, require_study
from jndlab.study.questionnaire_answers import Value
from jndlab.study.questionnaires import Question
from jndlab.study.trials import SessionKind


def describe_sessions(store: Store, slug: str, *, kind: SessionKind = BOTH_KINDS[0]) -> str:
    """How many sessions there were and how they ended; withdrawn ones are counted here only."""
    with store.read() as db:
        counts = progress_of(db, require_study(db, slug).id, kind=kind)
    ended = [
        (counts.n_finished, "finished"),
        (counts.n_open, "not finished"),
        (counts.n_screened_out, "screened out"),
        (counts.n_withdrawn, "withdrawn at the participant’s wish"),
    ]
    parts = ", ".join(f"{number} {word}" for number, word in ended if number)
    said = f"Sessions: {sum(number for number, _ in ended)} opened: {parts}."
    if counts.n_withdrawn:
        said += " The data of withdrawn sessions were deleted and are part of nothing below."
    return said


def describe_questionnaires(store: Store, slug: str) -> list[str]:
    """A paragraph for each questionnaire: what was asked, and what the answers come to."""
    with store.read() as db:
        study = require_study(db, slug)
        asked = definition_of(study).questionnaires
        given: dict[tuple[str, str], list[Value]] = {}
        for session in session_rows.sessions_of(db, study.id, kinds=["participant"]):
            for row in answer_rows(db, session.id):
                key = (row.questionnaire, row.question)
                given.setdefault(key, []).append(json.loads(row.value))
    return [
        f"Questionnaire “{one.title}” ({one.when.replace('-', ' ')}): "
        + " ".join(_question(q, given.get((one.name, q.name), [])) for q in one.questions)
        for one in asked
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
        return "1 answer" if len(values) == 1 else f"{len(values)} answers"
    unit = f" {question.unit}" if question.unit else ""
    if question.kind == "scale" and question.ends is not None:
        unit = f" (1 {question.ends[0]}, {question.points} {question.ends[1]})"
    spread = f"{min(numbers):g} to {max(numbers):g}"
    return f"median {median(numbers):g}, {spread}{unit}, n = {len(numbers)}"
