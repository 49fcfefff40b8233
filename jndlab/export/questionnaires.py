"""The answers to questionnaires as a tidy table."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jndlab.export.tidy import shared_columns
from jndlab.store import sessions as session_rows
from jndlab.store.engine import Store
from jndlab.store.questionnaires import answer_rows
from jndlab.store.studies import definition_of, require_study
from jndlab.study.questionnaire_answers import Value
from jndlab.study.rows import Cell, Row
from jndlab.study.trials import Column

QUESTIONNAIRES_TITLE = "jndlab questionnaires: one row per question that was asked"
SEPARATOR = "; "
"""Between several chosen options, none of which holds a semicolon."""

QUESTIONNAIRE_COLUMNS: tuple[Column, ...] = (
    *shared_columns("study", "study_digest", "session"),
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
    with store.read() as db:
        study = require_study(db, slug)
        asked = {
            (one.name, question.name): (one.when, question.kind)
            for one in definition_of(study).questionnaires
            for question in one.questions
        }
        for session in session_rows.sessions_of(db, study.id, kinds=["participant"]):
            for row in answer_rows(db, session.id):
                when, kind = asked[row.questionnaire, row.question]
                yield {
                    "study": slug,
                    "study_digest": study.digest,
                    "session": session.public_id,
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


def _cell(value: Value) -> Cell:
    return SEPARATOR.join(value) if isinstance(value, list) else value
