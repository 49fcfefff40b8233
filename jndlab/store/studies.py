"""Queries about studies and their stimuli."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jndlab.audio.stimuli import Stimulus
from jndlab.errors import StudyUnknown, TokenInvalid
from jndlab.languages.marks import N_
from jndlab.store.deeds import DELETED
from jndlab.store.models import (
    AnswerRow,
    DeedRow,
    PresentedRow,
    SessionRow,
    StimulusRow,
    StudyRow,
    VersionRow,
)
from jndlab.study.definition import StudyDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyProgress:
    """How far a study has come, for one kind of session."""

    n_open: int
    n_finished: int
    n_screened_out: int
    n_withdrawn: int
    n_answers: int
    last_answer_at: datetime | None


def study_by_slug(db: Session, slug: str) -> StudyRow | None:
    """The study of that slug, if there is one."""
    return db.scalars(select(StudyRow).where(StudyRow.slug == slug)).one_or_none()


def require_study(db: Session, slug: str) -> StudyRow:
    """The study of that slug. Raises StudyUnknown if there is none here."""
    study = study_by_slug(db, slug)
    if study is None:
        known = ", ".join(row.slug for row in all_studies(db)) or "none"
        raise StudyUnknown(
            f"There is no study {slug!r} in this data folder.",
            f"Launch it with: jndlab serve FOLDER. Studies here: {known}.",
        )
    return study


def study_by_link(db: Session, link: str) -> StudyRow:
    """The study of a participants' link. Raises TokenInvalid."""
    study = db.scalars(select(StudyRow).where(StudyRow.link == link)).one_or_none()
    if study is None:
        raise TokenInvalid(
            N_("There is no study at this link."), N_("Check that you copied all of it.")
        )
    return study


def next_study_id(db: Session) -> int:
    """A number that no study has or had. Call it inside a write transaction.

    The database would give the number of a deleted study to the next one, and with it what a job
    that was cut off, or a page that is still open, does to its folder.
    """
    details = db.scalars(select(DeedRow.detail).where(DeedRow.deed == DELETED))
    deleted = [int(json.loads(detail).get("study", 0)) for detail in details]
    return 1 + max(db.scalar(select(func.max(StudyRow.id))) or 0, *deleted, 0)


def all_studies(db: Session) -> Sequence[StudyRow]:
    """Every study, the newest first."""
    return db.scalars(select(StudyRow).order_by(StudyRow.created_at.desc(), StudyRow.id)).all()


def versions_of(db: Session, study_id: int) -> Sequence[VersionRow]:
    """The frozen versions of a study, the first one first; none for a draft."""
    query = select(VersionRow).where(VersionRow.study_id == study_id)
    return db.scalars(query.order_by(VersionRow.number)).all()


def newest_version(db: Session, study_id: int) -> VersionRow | None:
    """The version that was frozen last, live or only tried out."""
    query = select(VersionRow).where(VersionRow.study_id == study_id)
    return db.scalars(query.order_by(VersionRow.number.desc()).limit(1)).one_or_none()


def live_version(db: Session, study_id: int) -> VersionRow | None:
    """The version that participants take; None as long as the study was never launched."""
    query = (
        select(VersionRow)
        .where(VersionRow.study_id == study_id, VersionRow.live_since.is_not(None))
        .order_by(VersionRow.number.desc())
        .limit(1)
    )
    return db.scalars(query).one_or_none()


def require_version(db: Session, study_id: int, number: int | None = None) -> VersionRow:
    """The version of that number; without one, the live version, else the newest.

    Raises StudyUnknown if there is none.
    """
    if number is None:
        version = live_version(db, study_id) or newest_version(db, study_id)
    else:
        known = versions_of(db, study_id)
        version = next((row for row in known if row.number == number), None)
    if version is None:
        what = "has not been launched yet" if number is None else f"has no version {number}"
        raise StudyUnknown(f"The study {what}.", "Launch it first, or name another version.")
    return version


def definition_of(version: VersionRow) -> StudyDefinition:
    """The frozen definition of a version."""
    return parsed_definition(version.definition)


@lru_cache(maxsize=32)
def parsed_definition(text: str) -> StudyDefinition:
    """The definition that a version holds; the same text is parsed once."""
    return StudyDefinition.from_json(text)


def add_stimuli(version: VersionRow, stimuli: Sequence[Stimulus]) -> None:
    """Attach the rendered clips to a version that is about to be stored."""
    version.stimuli = [StimulusRow(**asdict(stimulus)) for stimulus in stimuli]


def clip_of(db: Session, version_id: int, *, item: str, condition: str, level: float | None) -> str:
    """Digest of the clip that plays ``item`` at that level; baseline and traps have no level."""
    query = select(StimulusRow.clip).where(
        StimulusRow.version_id == version_id,
        StimulusRow.item == item,
        StimulusRow.condition == condition,
        StimulusRow.level.is_(None) if level is None else StimulusRow.level == level,
    )
    return db.scalars(query).one()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSize:
    """Means over the clips of a version."""

    seconds: float
    megabytes: float
    """As they are sent: 24 bits a sample."""


def clip_size(db: Session, version_id: int) -> ClipSize:
    """How long and how large the clips of a version are."""
    seconds, samples = db.execute(
        select(
            func.avg(StimulusRow.n_frames * 1.0 / StimulusRow.rate_hz),
            func.avg(StimulusRow.n_frames * 1.0 * StimulusRow.n_channels),
        ).where(StimulusRow.version_id == version_id)
    ).one()
    return ClipSize(seconds=float(seconds), megabytes=3e-6 * float(samples))


def progress_of(db: Session, study_id: int, *, kind: str) -> StudyProgress:
    """Counts over the sessions of one kind."""
    by_state = (
        select(SessionRow.state, func.count().label("number"))
        .where(SessionRow.study_id == study_id, SessionRow.kind == kind)
        .group_by(SessionRow.state)
    )
    states = {row.state: row.number for row in db.execute(by_state)}
    n_answers, last = db.execute(
        select(func.count(), func.max(AnswerRow.answered_at))
        .join(AnswerRow.presented)
        .join(PresentedRow.session)
        .where(SessionRow.study_id == study_id, SessionRow.kind == kind)
    ).one()
    return StudyProgress(
        n_open=states.get("open", 0),
        n_finished=states.get("finished", 0),
        n_screened_out=states.get("screened-out", 0),
        n_withdrawn=states.get("withdrawn", 0),
        n_answers=n_answers,
        last_answer_at=last,
    )
