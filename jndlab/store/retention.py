"""What is personal in a study, how long it is kept, and how it is erased when that time is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import and_, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from jndlab.store.links import ONE_SESSION
from jndlab.store.models import (
    EventRow,
    LinkRow,
    QuestionnaireAnswerRow,
    RecruitRow,
    SessionRow,
    StudyRow,
)
from jndlab.store.studies import definition_of, versions_of
from jndlab.store.withdrawal import delete_data

KeptThen = Literal["anonymise", "delete"]
"""anonymise: what tells who somebody is goes, the answers to trials stay. delete: everything that
participants gave goes."""

TYPED = ("text", "number")
"""Kinds of question whose answers are in people's own words, or may single somebody out."""
_EMPTY = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """How much there is in a study that tells who somebody is."""

    n_recruits: int
    """Ids of recruiters."""
    n_browsers: int
    """Sessions with what the browser calls itself."""
    n_events: int
    n_typed: int
    """Texts and numbers in questionnaires."""
    n_labels: int
    """Links for one person that say for whom."""

    @property
    def is_nothing(self) -> bool:
        """Whether nothing of it is left."""
        return not any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long the personal data of a study are kept."""

    until: date | None
    """To the end of that day, UTC; None: for good."""
    then: KeptThen
    done_at: datetime | None
    """When they were anonymised or deleted."""

    def is_over(self, today: date) -> bool:
        """Whether the time has come."""
        return self.until is not None and self.until < today

    def days_left(self, today: date) -> int | None:
        """Days until then; None if it is for good or done."""
        if self.until is None or self.done_at is not None:
            return None
        return max(0, (self.until - today).days + 1)


def retention_of(study: StudyRow) -> Retention:
    """How long what is personal in a study is kept."""
    until = None if study.keep_until is None else date.fromisoformat(study.keep_until)
    return Retention(until=until, then=kept_then(study.kept_then), done_at=study.kept_at)


def kept_then(word: str | None) -> KeptThen:
    """What becomes of data, in a word; anonymise where it is another one, or none."""
    return "delete" if word == "delete" else "anonymise"


def studies_whose_time_is_over(db: Session, today: date) -> Sequence[StudyRow]:
    """Studies with data that should be gone: nothing was done yet, or somebody came since."""
    later = (
        select(SessionRow.id)
        .where(SessionRow.study_id == StudyRow.id, SessionRow.opened_at > StudyRow.kept_at)
        .exists()
    )
    query = select(StudyRow).where(
        StudyRow.keep_until < today.isoformat(), or_(StudyRow.kept_at.is_(None), later)
    )
    return db.scalars(query.order_by(StudyRow.id)).all()


def personal_in(db: Session, study: StudyRow) -> Personal:
    """How much personal data a study holds."""
    mine = SessionRow.study_id == study.id
    people = SessionRow.kind != "simulated"
    n_browsers = select(func.count()).where(mine, people, SessionRow.user_agent != "")
    events = select(func.count()).select_from(EventRow).join(SessionRow).where(mine)
    typed = select(func.count()).select_from(QuestionnaireAnswerRow).join(SessionRow)
    labels = select(func.count()).where(LinkRow.study_id == study.id, *_LABELLED)
    recruits = select(func.count()).where(RecruitRow.study_id == study.id)
    return Personal(
        n_recruits=db.execute(recruits).scalar_one(),
        n_browsers=db.execute(n_browsers).scalar_one(),
        n_events=db.execute(events).scalar_one(),
        n_typed=db.execute(typed.where(mine, _typed_in(db, study))).scalar_one(),
        n_labels=db.execute(labels).scalar_one(),
    )


def erase_personal(db: Session, study: StudyRow) -> Personal:
    """Erase what tells who somebody is; how much it was. Trials and answers stay as they are.

    Nobody can go on with a session afterwards, nor withdraw from it: its token is erased, too.
    """
    found = personal_in(db, study)
    mine = select(SessionRow.id).where(SessionRow.study_id == study.id)
    db.execute(delete(RecruitRow).where(RecruitRow.study_id == study.id))
    db.execute(delete(EventRow).where(EventRow.session_id.in_(mine)))
    db.execute(
        update(QuestionnaireAnswerRow)
        .where(QuestionnaireAnswerRow.session_id.in_(mine), _typed_in(db, study))
        .values(value=_EMPTY)
        .execution_options(synchronize_session=False)
    )
    _forget_tokens(db, study)
    db.execute(update(LinkRow).where(LinkRow.study_id == study.id, *_LABELLED).values(label=""))
    return found


def erase_everything(db: Session, study: StudyRow, at: datetime) -> int:
    """Delete what participants gave, as if each of them had withdrawn; how many sessions it was."""
    erase_personal(db, study)
    query = select(SessionRow).where(
        SessionRow.study_id == study.id, SessionRow.state != "withdrawn"
    )
    n_sessions = 0
    for session in db.scalars(query.order_by(SessionRow.id)).all():
        delete_data(db, session, at)
        n_sessions += 1
    return n_sessions


def today_utc() -> date:
    """The day by which it is decided whether a time is over."""
    return datetime.now(UTC).date()


_LABELLED = (LinkRow.kind.in_(ONE_SESSION), LinkRow.label != "")


def _forget_tokens(db: Session, study: StudyRow) -> None:
    """No digest of a token begins like this, so nobody's browser opens the session any more."""
    erased = literal("erased-") + SessionRow.public_id
    db.execute(
        update(SessionRow)
        .where(SessionRow.study_id == study.id)
        .values(
            user_agent="",
            token_digest=case(
                (SessionRow.kind == "simulated", SessionRow.token_digest), else_=erased
            ),
        )
        .execution_options(synchronize_session=False)
    )
    db.expire_all()


def _typed_in(db: Session, study: StudyRow) -> Any:
    """Answers that hold something to questions of the kinds that people type an answer to."""
    asked = {
        (questionnaire.name, question.name)
        for version in versions_of(db, study.id)
        for questionnaire in definition_of(version).questionnaires
        for question in questionnaire.questions
        if question.kind in TYPED
    }
    one_of = or_(
        False,
        *(
            and_(
                QuestionnaireAnswerRow.questionnaire == name,
                QuestionnaireAnswerRow.question == question,
            )
            for name, question in sorted(asked)
        ),
    )
    return and_(QuestionnaireAnswerRow.value != _EMPTY, one_of)
