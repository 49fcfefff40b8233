"""A study that is made in the browser: its drafts, its folder, and its launch from there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jndlab.audio.layout import MANIFEST
from jndlab.audio.stimuli import Progress
from jndlab.errors import DraftConflict, StudyConflict, StudyUnknown
from jndlab.files import make_folder, write_atomically
from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.models import DraftRow, MemberRow, StudyRow
from jndlab.store.studies import live_version, newest_version, study_by_slug
from jndlab.store.study_states import set_study_state, study_state
from jndlab.studies.freezing import (
    clips_held,
    go_live,
    render_version,
    require_rendered,
    store_version,
)
from jndlab.studies.launching import LaunchedStudy, new_study_row
from jndlab.studies.making import CheckedStudy, check_study
from jndlab.study.definition import SLUG_PATTERN, StudyDefinition
from jndlab.study.study_file import FILE_NAME, parse_study

Target = Literal["preview", "piloting", "running"]
"""What a launch is for; a preview makes a version that no participant meets."""


def create_study(store: Store, *, slug: str, title: str, by: int | None) -> int:
    """The row id of a new, empty study that belongs to the user ``by``.

    Raises StudyConflict if the slug is in use or cannot be one.
    """
    if not SLUG_PATTERN.fullmatch(slug):
        raise StudyConflict(
            f"{slug!r} cannot be the short name of a study.",
            "Use lower-case letters, digits and hyphens, at most 63.",
        )
    with store.write() as db:
        if study_by_slug(db, slug) is not None:
            raise StudyConflict(f"The short name {slug!r} is in use.", "Choose another one.")
        study = new_study_row(db, slug, title)
        db.add(study)
        db.flush()
        if by is not None:
            db.add(
                MemberRow(
                    study_id=study.id,
                    user_id=by,
                    role="owner",
                    added_by=by,
                    added_at=datetime.now(UTC),
                )
            )
        note_deed(db, "created", study_id=study.id, user_id=by)
        return study.id


def current_draft(db: Session, study_id: int) -> DraftRow | None:
    """The newest saved text of a study; None before the first one."""
    query = select(DraftRow).where(DraftRow.study_id == study_id)
    return db.scalars(query.order_by(DraftRow.number.desc()).limit(1)).one_or_none()


def drafts_of(db: Session, study_id: int) -> list[DraftRow]:
    """Every saved text of a study, the newest first."""
    query = select(DraftRow).where(DraftRow.study_id == study_id)
    return list(db.scalars(query.order_by(DraftRow.number.desc())))


def save_draft(
    store: Store,
    settings: Settings,
    study_id: int,
    text: str,
    *,
    based_on: int,
    by: int | None,
) -> int:
    """Save the text of the study file and write it into the study's folder; its number.

    ``based_on``: number of the draft that was looked at; 0 for none. Raises StudyError if the
    text is no study, DraftConflict if another draft was saved meanwhile, StudyConflict if it has
    the slug of another study.
    """
    definition = parse_study(text, source=FILE_NAME)
    _require_own_folders(definition)
    try:
        with store.write() as db:
            study = db.get_one(StudyRow, study_id)
            newest = db.scalar(
                select(func.max(DraftRow.number)).where(DraftRow.study_id == study_id)
            )
            if (newest or 0) != based_on:
                raise _saved_meanwhile()
            _take_name(db, study, definition)
            db.add(
                DraftRow(
                    study_id=study_id,
                    number=based_on + 1,
                    text=text,
                    saved_by=by,
                    saved_at=datetime.now(UTC),
                )
            )
            db.flush()
            # Inside the transaction: the file and the newest draft cannot differ.
            folder = settings.study_folder(study_id)
            make_folder(folder)
            write_atomically(folder / FILE_NAME, text.encode(), replace=True)
    except IntegrityError:
        raise _saved_meanwhile() from None
    return based_on + 1


def write_draft_file(store: Store, settings: Settings, study_id: int) -> None:
    """See to it that the study's folder holds the newest draft, which is what gets launched.

    A server that was killed, or a disk that was full, between the file and the end of the
    transaction has left a text there that nobody has saved.
    """
    with store.write() as db:
        draft = current_draft(db, study_id)
        path = settings.study_folder(study_id) / FILE_NAME
        if draft is not None and not (path.is_file() and path.read_bytes() == draft.text.encode()):
            write_atomically(path, draft.text.encode(), replace=True)


def launch_draft(
    store: Store,
    settings: Settings,
    study_id: int,
    *,
    target: Target,
    by: int | None,
    note: str = "",
    gate: str | None = None,
    checked: CheckedStudy | None = None,
    progress: Progress = lambda: None,
) -> LaunchedStudy:
    """Freeze the newest draft as a version, and let participants take it unless for a preview.

    ``note`` is wanted where participants took another version before; ``checked`` is the outcome
    of :func:`check_study`, if it was called just before. Raises StudyConflict,
    StudyError, AudioError.
    """
    folder = settings.study_folder(study_id)
    checked = checked or check_study(folder)
    stimuli = render_version(settings, folder, checked, progress=progress)
    with clips_held(store, settings, stimuli) as gone, store.write() as db:
        study = db.get(StudyRow, study_id)
        if study is None:
            raise StudyUnknown("This study was deleted meanwhile.", "Look at the list of studies.")
        require_rendered(gone)
        state = study_state(db, study_id)
        if target != "preview" and state in ("closed", "archived"):
            raise StudyConflict(f"This study is {state}.", "Open it again before you launch it.")
        if target == "piloting" and state not in ("draft", "piloting"):
            raise StudyConflict(
                "A study that has run cannot be piloted.", "Make a copy of it and pilot that."
            )
        before = live_version(db, study_id)
        version = store_version(
            db,
            study,
            checked.definition,
            stimuli,
            by=by,
            note=note,
            gate=gate,
            manifest=checked.manifest,
        )
        if target != "preview":
            if before not in (None, version) and state != "piloting" and not note.strip():
                raise StudyConflict(
                    "Participants have taken another version of this study.",
                    "Say in a sentence why it is changed; the report will quote it.",
                )
            go_live(version)
            set_study_state(db, study_id, target, by=by, note=note)
            note_deed(
                db,
                "launched",
                study_id=study_id,
                user_id=by,
                version=version.number,
                state=target,
                note=note,
            )
        db.flush()
        return LaunchedStudy(
            slug=study.slug,
            title=study.title,
            link=study.link,
            version=version.number,
            is_new=version is not before,
            findings=checked.findings,
        )


def has_unlaunched_changes(db: Session, study_id: int) -> bool:
    """Whether the newest draft says something else than the version that participants take."""
    draft, live = current_draft(db, study_id), live_version(db, study_id)
    if draft is None or live is None:
        return draft is not None
    return parse_study(draft.text).digest() != live.definition_digest


def _require_own_folders(definition: StudyDefinition) -> None:
    """Raise StudyConflict for sounds outside of the study's own folder.

    Whoever can write a study file could listen to every other sound on the server.
    """
    stimuli = definition.stimuli
    for folder in (stimuli.baseline, *(condition.folder for condition in stimuli.conditions)):
        if _is_outside(folder):
            raise StudyConflict(
                f"The folder {folder[:200]!r} is not inside the study.",
                "Sounds lie in sounds/baseline and in sounds/CONDITION here. Send them on the "
                "page of the sounds.",
            )
    for trap in definition.design.traps:
        if _is_outside(trap.sound):
            raise StudyConflict(
                f"The sound {trap.sound[:200]!r} of a trap trial is not inside the study.",
                "Name a file that lies below the study's own folder.",
            )
    if stimuli.manifest not in (None, MANIFEST):
        raise StudyConflict(
            f"The manifest {stimuli.manifest[:200]!r} is not the study's own.",
            f"Here it can only be {MANIFEST}, which comes with the sounds.",
        )


def _is_outside(place: str) -> bool:
    return any(
        path.is_absolute() or bool(path.anchor) or ".." in path.parts
        for path in (PurePosixPath(place), PureWindowsPath(place))
    )


def _take_name(db: Session, study: StudyRow, definition: StudyDefinition) -> None:
    if definition.slug != study.slug:
        if newest_version(db, study.id) is not None:
            raise StudyConflict(
                f"The short name of a launched study stays {study.slug!r}.",
                "Undo the change of 'slug', or make a copy of the study.",
            )
        if study_by_slug(db, definition.slug) is not None:
            raise StudyConflict(
                f"The short name {definition.slug!r} is in use.", "Choose another one."
            )
    study.slug, study.title = definition.slug, definition.title


def _saved_meanwhile() -> DraftConflict:
    return DraftConflict(
        "Somebody has saved this study while you were editing it. Nothing of theirs was changed.",
        "Compare the two texts, take over what you want to keep, and save again.",
    )
