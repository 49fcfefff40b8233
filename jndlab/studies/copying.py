"""A copy of a study: its newest text and all its sounds, as a new study of one's own."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from jndlab.audio.layout import MANIFEST
from jndlab.errors import StudyConflict
from jndlab.files import make_folder, room_error
from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.studies.deleting import delete_study
from jndlab.studies.drafts import create_study, current_draft, save_draft
from jndlab.studies.sound_files import SOUNDS, folder_lock, places_in
from jndlab.study.edit import set_value


def copy_study(
    store: Store, settings: Settings, study_id: int, *, slug: str, title: str, by: int | None
) -> int:
    """The row id of a copy, a draft that belongs to ``by``. Its plans are drawn anew.

    Raises StudyConflict if there is nothing to copy or the short name is in use.
    """
    with store.read() as db:
        draft = current_draft(db, study_id)
    if draft is None:
        raise StudyConflict(
            "There is nothing to copy yet.", "Send the baseline and a compressed version first."
        )
    text = set_value(draft.text, ("slug",), slug)
    text = set_value(text, ("title",), title)
    # Whoever knows the seed of a study that is over must not know the answers of the next one.
    text = set_value(text, ("seed",), secrets.randbelow(2**53))
    copy_id = create_study(store, slug=slug, title=title, by=by)
    source, target = settings.study_folder(study_id), settings.study_folder(copy_id)
    try:
        with folder_lock(source):
            for place in places_in(source / SOUNDS):
                _copy(source / SOUNDS / place.path, target / SOUNDS / place.path)
            if (source / MANIFEST).is_file():
                _copy(source / MANIFEST, target / MANIFEST)
        save_draft(store, settings, copy_id, text, based_on=0, by=by)
    except BaseException:
        delete_study(store, settings, copy_id, by=by, confirmed=slug)
        raise
    with store.write() as db:
        note_deed(db, "copied", study_id=study_id, user_id=by, copy=slug)
    return copy_id


def _copy(source: Path, target: Path) -> None:
    """A second name for the same bytes, which are never written into; else a copy of them."""
    make_folder(target.parent)
    try:
        os.link(source, target)
    except OSError:
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            target.unlink(missing_ok=True)
            raise room_error(target, error) from None
