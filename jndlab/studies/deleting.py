"""Deleting a study: its rows, its folder, and the clips that no other study plays."""

from __future__ import annotations

import contextlib
import shutil

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jndlab.clips import delete_clips, open_clips
from jndlab.errors import StoreError, StudyConflict
from jndlab.settings import Settings
from jndlab.store.deeds import DELETED, note_deed
from jndlab.store.engine import Store
from jndlab.store.models import (
    AnswerRow,
    CheckTrialRow,
    DeedRow,
    DraftRow,
    EventRow,
    GateReasonRow,
    InvitationRow,
    JobRow,
    LinkRow,
    MemberRow,
    PresentedRow,
    QuestionnaireAnswerRow,
    RecruitRow,
    ReleasedClipRow,
    ResumeRow,
    SessionRow,
    StimulusRow,
    StudyRow,
    StudyStateRow,
    UploadRow,
    VersionRow,
)
from jndlab.store.study_states import StudyState, study_state

DELETABLE: tuple[StudyState, ...] = ("draft", "archived")
_OF_A_PRESENTED_TRIAL = (ReleasedClipRow, AnswerRow)
_OF_A_SESSION = (CheckTrialRow, EventRow, QuestionnaireAnswerRow, ResumeRow, RecruitRow)
_OF_A_STUDY = (
    StudyStateRow,
    DraftRow,
    UploadRow,
    GateReasonRow,
    JobRow,
    MemberRow,
    InvitationRow,
)


def delete_study(
    store: Store, settings: Settings, study_id: int, *, by: int | None, confirmed: str
) -> None:
    """Delete a study with everything that belongs to it. There is no undo.

    ``confirmed``: its short name, as somebody typed it who means it. Raises StudyConflict if it
    is another, or if the study is neither a draft nor archived.
    """
    with store.write() as db:
        study = db.get_one(StudyRow, study_id)
        state = study_state(db, study_id)
        if state not in DELETABLE:
            raise StudyConflict(
                f"The study is {state}, and only a draft or an archived study can be deleted.",
                "Close and archive it first. Export its data before you delete it.",
            )
        if confirmed != study.slug:
            raise StudyConflict(
                "The short name that was typed is not the study's.",
                f"Type {study.slug} to delete it with all its data.",
            )
        clips = _delete_rows(db, study)
        jobs = _delete_study_rows(db, study, by)
    # Files go after the rows are gone for good: cut off here, they are only litter.
    _delete_clips(store, settings, clips)
    for folder in [
        settings.study_folder(study_id),
        settings.data / "reports" / str(study_id),
        *(settings.data / "jobs" / job for job in jobs),
    ]:
        shutil.rmtree(folder, ignore_errors=True)


def _delete_clips(store: Store, settings: Settings, clips: set[str]) -> None:
    """Delete clips, but for those that a study plays which was launched meanwhile.

    Launches look whether their clips are there while they hold the same lock.
    """
    with store.write() as db:
        clips -= set(db.scalars(select(StimulusRow.clip).where(StimulusRow.clip.in_(clips))))
        with contextlib.suppress(StoreError):  # of an object store that is away: litter
            delete_clips(open_clips(settings), clips)


def _delete_rows(db: Session, study: StudyRow) -> set[str]:
    """Delete sessions and versions; the clips that nobody plays any more."""
    sessions = select(SessionRow.id).where(SessionRow.study_id == study.id)
    presented = select(PresentedRow.id).where(PresentedRow.session_id.in_(sessions))
    for model in _OF_A_PRESENTED_TRIAL:
        db.execute(delete(model).where(model.presented_id.in_(presented)))
    db.execute(delete(PresentedRow).where(PresentedRow.session_id.in_(sessions)))
    for one in _OF_A_SESSION:
        db.execute(delete(one).where(one.session_id.in_(sessions)))
    db.execute(delete(SessionRow).where(SessionRow.study_id == study.id))
    versions = select(VersionRow.id).where(VersionRow.study_id == study.id)
    mine = set(db.scalars(select(StimulusRow.clip).where(StimulusRow.version_id.in_(versions))))
    db.execute(delete(StimulusRow).where(StimulusRow.version_id.in_(versions)))
    shared = set(db.scalars(select(StimulusRow.clip).where(StimulusRow.clip.in_(mine))))
    db.execute(delete(VersionRow).where(VersionRow.study_id == study.id))
    return mine - shared


def _delete_study_rows(db: Session, study: StudyRow, by: int | None) -> list[str]:
    """Delete the study itself; the public ids of its jobs. Its deeds stay, without it."""
    jobs = list(db.scalars(select(JobRow.public_id).where(JobRow.study_id == study.id)))
    db.execute(delete(LinkRow).where(LinkRow.study_id == study.id))
    for model in _OF_A_STUDY:
        db.execute(delete(model).where(model.study_id == study.id))
    db.execute(update(DeedRow).where(DeedRow.study_id == study.id).values(study_id=None))
    note_deed(db, DELETED, user_id=by, slug=study.slug, title=study.title, study=study.id)
    db.execute(delete(StudyRow).where(StudyRow.id == study.id))
    return jobs
