"""The answers to questionnaires as a tidy table."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jndlab.export.snapshot import Snapshot, snapshot_of
from jndlab.export.tidy import shared_columns
from jndlab.store.engine import Store
from jndlab.store.questionnaires import answer_rows
from jndlab.study.definition import StudyDefinition
from jndlab.study.questionnaire_answers import Value
from jndlab.study.questionnaires import Question
from jndlab.study.rows import Cell, Row
from jndlab.study.trials import Column

QUESTIONNAIRES_TITLE = "jndlab questionnaires: one row per question that was asked"
SEPARATOR = "; "
"""Between several chosen options, none of which holds a semicolon."""

QUESTIONNAIRE_COLUMNS: tuple[Column, ...] = (
    *shared_columns("study", "study_digest", "session", "session_kind"),
    Column(
        name="session_state",
        type="text",
        required=True,
        values=("open", "finished"),
        description="State of the session at the time of the export.",
    ),
    *shared_columns("participant"),
    Column(
        name="questionnaire",
        type="text",
        required=True,
        description="Name of the questionnaire in the study file.",
    ),
    Column(
        name="when",
        type="text",
        required=True,
        values=("before", "between-blocks", "after"),
        description="When it was asked.",
    ),
    Column(
        name="block",
        type="integer",
        required=True,
        description="The block it came after, as in the table of trials; 0 before the first one.",
    ),
    Column(
        name="question",
        type="text",
        required=True,
        description="Name of the question in the study file.",
    ),
    Column(
        name="question_kind",
        type="text",
        required=True,
        values=("choice", "scale", "number", "text"),
        description="What kind of answer it takes.",
    ),
    Column(
        name="value",
        type="text",
        description="The answer: an option as the study file words it, whatever the language of "
        "the page; several options joined by '; '; a point of a scale, from 1; a number with a "
        "decimal point; or a text. Empty where it was left empty.",
    ),
    Column(
        name="answered_at",
        type="time",
        required=True,
        description="When the server stored the answer, UTC, ISO 8601.",
    ),
)
"""The export of the questionnaires: one row per question, these columns in this order."""


def questionnaire_rows(store: Store, slug: str) -> Iterator[Row]:
    """One row per question that was asked, session by session. Raises StudyUnknown."""
    with snapshot_of(store, slug) as snapshot:
        yield from questionnaires_in(snapshot)


def questionnaires_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per question that people were asked, session by session."""
    asked = {version: _asked(one) for version, one in snapshot.definitions.items()}
    for session in snapshot.sessions(people=True):
        for row in answer_rows(snapshot.db, session.id):
            when, kind = asked[session.version_id][row.questionnaire, row.question]
            yield {
                "study": snapshot.slug,
                "study_digest": snapshot.digest_of(session),
                "session": session.public_id,
                "session_kind": session.kind,
                "session_state": session.state,
                "participant": session.participant,
                "questionnaire": row.questionnaire,
                "when": when,
                "block": row.block,
                "question": row.question,
                "question_kind": kind,
                "value": _cell(json.loads(row.value)),
                "answered_at": row.answered_at.isoformat(timespec="milliseconds"),
            }


def _asked(definition: StudyDefinition) -> dict[tuple[str, str], tuple[str, str]]:
    """When each question is asked, and its kind."""
    return {
        (one.name, question.name): (one.when, question.kind)
        for one in definition.questionnaires
        for question in one.questions
    }


def _cell(value: Value) -> Cell:
    if isinstance(value, list):
        return SEPARATOR.join(value) or None
    return None if value is None or value == "" else str(value)


def answer_of(question: Question, cell: Cell) -> Value:
    """The answer that a cell of column value holds."""
    if cell is None:
        return None
    if question.kind == "choice":
        return str(cell).split(SEPARATOR) if question.several else str(cell)
    return str(cell) if question.kind == "text" else float(cell)
