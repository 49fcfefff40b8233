"""Deleting a study: its rows, its folder, and the clips that no other study plays."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jndlab.clips import delete_clips, open_clips
from jndlab.errors import StoreError, StudyConflict
from jndlab.files import write_atomically
from jndlab.settings import Settings
from jndlab.store.clips_lock import alone_with_clips
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
UNDER_WAY_SECONDS = 3600.0
"""So old a list of clips is no longer of a deletion that is under way."""
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
        # The list of clips is there before the rows are gone, the clips go afterwards: cut off in
        # between, no study lacks a clip, and the next sweep deletes what is in the list.
        clips = _delete_rows(db, study)
        listed = _list_clips(settings, study_id, clips)
        jobs = _delete_study_rows(db, study, by)
    with contextlib.suppress(StoreError):  # an object store that is away: a sweep tries again
        _delete_clips(store, settings, clips)
        listed.unlink(missing_ok=True)
    # So do other files: cut off here, they are only litter.
    for folder in [
        settings.study_folder(study_id),
        settings.data / "reports" / str(study_id),
        *(settings.job_folder(job) for job in jobs),
    ]:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_clips(store: Store, settings: Settings) -> None:
    """Delete the clips of studies whose deletion was cut off. Raises StoreError."""
    if not settings.clips_to_delete.is_dir():
        return
    newest = time.time() - UNDER_WAY_SECONDS
    for listed in sorted(settings.clips_to_delete.iterdir()):
        if listed.name.isdecimal() and listed.stat().st_mtime < newest:
            _delete_clips(store, settings, set(listed.read_text().split()))
            listed.unlink(missing_ok=True)


def _list_clips(settings: Settings, study_id: int, clips: set[str]) -> Path:
    """Write down which clips are to be deleted, for a sweep; a full disk hinders no deletion."""
    listed = settings.clips_to_delete / str(study_id)
    if clips:
        with contextlib.suppress(StoreError):
            write_atomically(listed, "\n".join(sorted(clips)).encode(), replace=True)
    return listed


def _delete_clips(store: Store, settings: Settings, clips: set[str]) -> None:
    """Delete clips, but for those that a study plays, perhaps one that was launched meanwhile.

    Launches look whether their clips are there, and commit, while they hold the same lock: one
    that came before is seen here, and one that comes later sees what is missing.
    """
    with alone_with_clips(store):
        with store.read() as db:
            played = set(db.scalars(select(StimulusRow.clip).distinct()))
        delete_clips(open_clips(settings), clips - played)


def _delete_rows(db: Session, study: StudyRow) -> set[str]:
    """Delete sessions and versions; the clips that they played, which others may play, too."""
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
    db.execute(delete(VersionRow).where(VersionRow.study_id == study.id))
    return mine


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
