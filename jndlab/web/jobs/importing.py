"""The jobs that look into a study of another tool, and that make a study of it.

Both read the same uploaded archive: the first tells what would be carried over, so that whoever
imports can say what the files do not; the second does it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab.audio.confined import archive_entries, check_received, unpack
from jndlab.audio.places import place_of
from jndlab.audio.reading import ENDINGS
from jndlab.errors import AudioError, JndlabError, StudyConflict
from jndlab.importing import Imported, ImportOptions, import_study, write_study
from jndlab.importing.documents import ENDINGS as CONFIGURATIONS
from jndlab.importing.writing import SOUNDS
from jndlab.store.deeds import note_deed
from jndlab.store.models import StudyRow
from jndlab.studies.drafts import current_draft, save_draft
from jndlab.studies.sound_files import (
    folder_lock,
    places_in,
    put_in_place,
    require_room,
    room_in,
    sounds_folder,
)
from jndlab.studies.uploads import archive_path
from jndlab.study.study_file import FILE_NAME
from jndlab.web.jobs.import_words import in_words_of_the_page

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

MOST_SHOWN = 400
SHORT_NAME = "slug"
"""What an import calls the key of a study file that is the study's name in addresses."""
MOST_NAMED = 5


def run_look(job: Job) -> dict[str, Any]:
    """Options: name of the upload, told. Result: what would be carried over and what not."""
    with _unpacked(job) as (folder, others):
        told = in_words_of_the_page(_import(job, folder).to_dict())
    _keep_short_name(told)
    if others:
        told["not_carried"].append(_others_entry(others))
    for name in ("carried", "not_carried", "sounds"):
        told[f"n_{name}"] = len(told[name])
        told[name] = told[name][:MOST_SHOWN]
    return {"found": told}


def run_take(job: Job) -> dict[str, Any]:
    """Options: name of the upload, told. Makes the draft. Result: notes to be looked at."""
    study_id = job.require_study_id()
    with job.store.read() as db:
        slug = db.get_one(StudyRow, study_id).slug
        draft = current_draft(db, study_id)
    _require_empty(job, has_draft=draft is not None)
    with _unpacked(job) as (folder, _):
        imported = _import(job, folder)
        _check_sounds(job, imported, folder)
        made = folder.with_suffix(".study")
        try:
            _, notes = write_study(imported, made, slug=slug)
            text = (made / FILE_NAME).read_text(encoding="utf-8")
            sounds = sounds_folder(job.settings, study_id)
            with folder_lock(job.settings.study_folder(study_id)):
                for clip in imported.clips:
                    put_in_place(made / SOUNDS / clip.place, sounds, place_of(clip.place))
            save_draft(job.store, job.settings, study_id, text, based_on=0, by=job.created_by)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    with job.store.write() as db:
        note_deed(db, "imported", study_id=study_id, user_id=job.created_by, format=imported.format)
    archive_path(job.store, job.settings, study_id, job.options["name"]).unlink(missing_ok=True)
    return {"slug": slug, "notes": in_words_of_the_page([*imported.notes, *notes])}


def _require_empty(job: Job, *, has_draft: bool) -> None:
    sounds = sounds_folder(job.settings, job.require_study_id())
    if has_draft or (sounds.is_dir() and places_in(sounds)):
        raise StudyConflict(
            "This study has content of its own already.", "Import into a new one, with Import."
        )


@contextmanager
def _unpacked(job: Job) -> Iterator[tuple[Path, list[str]]]:
    """A folder with the configurations and sounds of the archive, and the names of the rest."""
    study_id = job.require_study_id()
    archive = archive_path(job.store, job.settings, study_id, job.options["name"])
    room = room_in(job.settings, study_id)
    entries = archive_entries(archive, max_bytes=room)
    wanted = [e for e in entries if Path(e.name).suffix.lower() in (*ENDINGS, *CONFIGURATIONS)]
    others = [entry.name for entry in entries if entry not in wanted]
    require_room(job.settings, study_id, 2 * sum(entry.n_bytes for entry in wanted))
    stage = archive.with_name(f"{job.public_id}.look")
    shutil.rmtree(stage, ignore_errors=True)
    try:
        unpack(
            archive,
            {entry.name: stage / entry.name for entry in wanted},
            max_bytes=room,
            progress=lambda done: job.progress(done, len(wanted)),
        )
        stage.mkdir(exist_ok=True)
        yield stage, others
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _import(job: Job, folder: Path) -> Imported:
    told = job.options.get("told", {})
    options = ImportOptions(
        baseline=told.get("baseline") or None,
        levels={name: (place[0], float(place[1])) for name, place in told.get("levels", [])},
        unit=told.get("unit") or None,
        paradigm=told.get("paradigm") or None,
        compression=told.get("compression") or None,
        take_ratings=bool(told.get("take_ratings")),
        follow_links=False,
    )
    try:
        return import_study(folder, options, boundary=folder)
    except JndlabError as error:
        message = error.message.replace(f"{folder}/", "").replace(str(folder), "the archive")
        error.message = in_words_of_the_page(message)
        error.remedy = in_words_of_the_page(error.remedy)
        raise


def _check_sounds(job: Job, imported: Imported, folder: Path) -> None:
    """Raise AudioError that names the sounds that cannot be used."""
    problems = []
    for number, clip in enumerate(imported.clips, start=1):
        name = clip.source.relative_to(folder.absolute()).as_posix()
        try:
            check_received(clip.source, name=name, within=folder)
        except AudioError as error:
            problems.append(error.message)
        job.progress(number, len(imported.clips))
    if problems:
        more = f" And {len(problems) - MOST_NAMED} more." if len(problems) > MOST_NAMED else ""
        raise AudioError(
            f"{' '.join(problems[:MOST_NAMED])}{more}", "Mend them, and send the archive again."
        )


def _keep_short_name(told: dict[str, Any]) -> None:
    """The study has its name already when its archive comes."""
    for entry in [one for one in told["carried"] if one["became"] == SHORT_NAME]:
        told["carried"].remove(entry)
        told["not_carried"].insert(
            0,
            {
                "what": entry["what"],
                "where": entry["where"],
                "why": "The study has a short name of its own.",
                "remedy": "Change it in its design.",
            },
        )


def _others_entry(others: list[str]) -> dict[str, str]:
    more = f" and {len(others) - MOST_NAMED} others" if len(others) > MOST_NAMED else ""
    return {
        "what": f"other files: {', '.join(others[:MOST_NAMED])}{more}",
        "where": "the archive",
        "why": "Only the configuration and WAV or FLAC sounds are read.",
        "remedy": "",
    }
