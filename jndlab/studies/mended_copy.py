"""A copy of a study in the browser, with its sounds mended: a draft of its own.

Nothing of the study itself is replaced; whoever does not like the copy deletes it.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from jndlab.audio.checking import Progress
from jndlab.audio.layout import MANIFEST
from jndlab.audio.mended_files import MendedFile
from jndlab.audio.places import Place
from jndlab.errors import StudyConflict
from jndlab.files import move_file
from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.studies import study_by_slug
from jndlab.studies.deleting import delete_study
from jndlab.studies.drafts import create_study, save_draft
from jndlab.studies.mending import TABLE, MendedStudy, mend_study
from jndlab.studies.sound_files import SOUNDS, bytes_in, require_free
from jndlab.study.edit import set_value
from jndlab.study.study_file import FILE_NAME, load_study
from jndlab.study.trials import BASELINE, TRAP

MAX_NUMBER = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedCopy:
    """A new draft, and what was done to its sounds."""

    slug: str
    study_id: int
    files: tuple[MendedFile, ...]


def make_mended_copy(
    store: Store,
    settings: Settings,
    study_id: int,
    *,
    work: Path,
    by: int | None,
    progress: Progress = lambda: None,
) -> MendedCopy:
    """Mend the sounds of a study into a new one that belongs to ``by``; ``progress`` is per item.

    ``work`` is a folder on the same disk for the time being. Raises StudyConflict, StudyError,
    AudioError, StoreError, NoRoom.
    """
    folder = settings.study_folder(study_id)
    require_free(settings, 2 * bytes_in(folder / SOUNDS))  # 16 bits become 24
    mended = mend_study(folder, work, progress=progress)
    if not mended.changed:
        raise StudyConflict(
            "Nothing here can be mended by a program.",
            "Look at the findings: render the sounds again, or write why they are right.",
        )
    study = load_study(folder)
    title = f"{study.title[:190]} (mended)"
    with store.read() as db:
        slug = next(
            name
            for number in range(1, MAX_NUMBER)
            if study_by_slug(db, name := _name(study.slug, number)) is None
        )
    text = _text(mended, slug=slug, title=title)
    copy_id = create_study(store, slug=slug, title=title, by=by)
    try:
        _move_in(mended, settings.study_folder(copy_id))
        save_draft(store, settings, copy_id, text, based_on=0, by=by)
    except BaseException:
        delete_study(store, settings, copy_id, by=by, confirmed=slug)
        raise
    with store.write() as db:
        note_deed(
            db,
            "made a mended copy",
            study_id=study_id,
            user_id=by,
            copy=slug,
            changed=len(mended.changed),
        )
    return MendedCopy(slug=slug, study_id=copy_id, files=mended.files)


def _name(slug: str, number: int) -> str:
    ending = "-mended" if number == 1 else f"-mended-{number}"
    return slug[: 63 - len(ending)].rstrip("-") + ending


def _text(mended: MendedStudy, *, slug: str, title: str) -> str:
    """The study file of the copy, with its sounds where the browser's pages look for them."""
    study = load_study(mended.folder)
    text = (mended.folder / FILE_NAME).read_text(encoding="utf-8")
    text = set_value(text, ("slug",), slug)
    text = set_value(text, ("title",), title)
    # Whoever knows the seed of a study that is over must not know the answers of the next one.
    text = set_value(text, ("seed",), secrets.randbelow(2**53))
    text = set_value(text, ("stimuli", "baseline"), f"{SOUNDS}/{BASELINE}")
    for number, condition in enumerate(study.stimuli.conditions):
        place = ("stimuli", "conditions", number, "folder")
        text = set_value(text, place, f"{SOUNDS}/{condition.name}")
    for number, trap in enumerate(study.design.traps):
        text = set_value(text, ("design", "traps", number, "sound"), f"{SOUNDS}/{trap.sound}")
    return text


def _move_in(mended: MendedStudy, folder: Path) -> None:
    for one in mended.files:
        place = Place(
            condition=one.condition,
            level=one.level,
            item=one.item,
            ending=Path(one.path).suffix.lower(),
        )
        move_file(mended.folder / one.path, folder / SOUNDS / place.path)
    for sound in sorted((mended.folder / TRAP).glob("*")):
        move_file(sound, folder / SOUNDS / TRAP / sound.name)
    for name in (MANIFEST, TABLE):
        move_file(mended.folder / name, folder / name)
    shutil.rmtree(mended.folder, ignore_errors=True)
