"""Queries about answers to questionnaires."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from jndlab.store.base import Base
from jndlab.store.models import QuestionnaireAnswerRow, SessionRow
from jndlab.store.prepared import Prepared
from jndlab.study.flow import Occasion
from jndlab.study.questionnaire_answers import Value

_ANSWERS = Base.metadata.tables["questionnaire_answers"]
_OCCASIONS = Prepared(
    select(_ANSWERS.c.questionnaire, _ANSWERS.c.block)
    .where(_ANSWERS.c.session_id == bindparam("session"))
    .distinct(),
    "session",
)


def answered_occasions(db: Session, session_id: int) -> frozenset[Occasion]:
    """The questionnaires that a session has answered."""
    answered = _OCCASIONS.run(db, {"session": session_id})
    return frozenset(Occasion(questionnaire=name, block=block) for name, block in answered)


def stored_values(db: Session, session_id: int, occasion: Occasion) -> dict[str, Value]:
    """What was answered to one questionnaire, by question; empty if it was not answered yet."""
    query = select(QuestionnaireAnswerRow).where(
        QuestionnaireAnswerRow.session_id == session_id,
        QuestionnaireAnswerRow.questionnaire == occasion.questionnaire,
        QuestionnaireAnswerRow.block == occasion.block,
    )
    rows = db.scalars(query.order_by(QuestionnaireAnswerRow.id))
    return {row.question: json.loads(row.value) for row in rows}


def add_values(
    db: Session,
    session: SessionRow,
    occasion: Occasion,
    values: Mapping[str, Value],
    *,
    key: str,
    at: datetime,
) -> None:
    """Store the answers to one questionnaire, a row for each question, also where it is empty."""
    db.add_all(
        QuestionnaireAnswerRow(
            session_id=session.id,
            questionnaire=occasion.questionnaire,
            block=occasion.block,
            question=question,
            value=json.dumps(value, ensure_ascii=False),
            key=key,
            answered_at=at,
        )
        for question, value in values.items()
    )


def answer_rows(db: Session, session_id: int) -> Sequence[QuestionnaireAnswerRow]:
    """Every answer of a session to a question, in the order in which they were stored."""
    query = select(QuestionnaireAnswerRow).where(QuestionnaireAnswerRow.session_id == session_id)
    return db.scalars(query.order_by(QuestionnaireAnswerRow.id)).all()
