"""A whole study as one archive: study file, sounds, and a manifest with the digest of each.

The archive of the same study is the same, byte by byte. Reading one takes all of it or nothing:
every digest is compared and every sound is looked at before any gets its place.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jndlab import __version__
from jndlab.audio.archives import refusal
from jndlab.audio.confined import archive_entries, check_received, read_entry, unpack
from jndlab.audio.layout import MANIFEST as MODELS
from jndlab.audio.manifest import read_manifest
from jndlab.audio.places import place_of
from jndlab.errors import ArchiveRefused, AudioError, StudyConflict
from jndlab.files import make_folder, room_error, write_atomically
from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.models import StudyRow
from jndlab.store.studies import study_by_slug
from jndlab.studies.drafts import current_draft, save_draft
from jndlab.studies.manifests import manifest_text
from jndlab.studies.sound_files import (
    SOUNDS,
    folder_lock,
    places_in,
    put_in_place,
    require_free,
    require_room,
    room_in,
)
from jndlab.studies.uploads import archive_path
from jndlab.study.edit import set_value, value_at
from jndlab.study.study_file import FILE_NAME, MAX_BYTES, parse_study

MANIFEST = "manifest.json"
FORMAT = "jndlab-study"
MAX_MANIFEST = 4 * 1024**2
_THE_SAME_TIME = (1980, 1, 1, 0, 0, 0)

Progress = Callable[[int, int], None]


class _File(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class _Manifest(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    format: str
    version: int
    jndlab: str = ""
    files: dict[str, _File] = Field(max_length=20_000)


def write_study_archive(
    store: Store,
    settings: Settings,
    study_id: int,
    target: Path,
    *,
    progress: Progress = lambda done, steps: None,
) -> None:
    """Write the newest draft and its sounds into ``target``. Raises StudyConflict: no draft."""
    with store.read() as db:
        draft = current_draft(db, study_id)
    if draft is None:
        raise StudyConflict(
            "There is nothing to put into an archive yet.",
            "Send the baseline and a compressed version first.",
        )
    folder = settings.study_folder(study_id) / SOUNDS
    places = places_in(folder)
    require_free(settings, sum((folder / place.path).stat().st_size for place in places))
    files: dict[str, dict[str, Any]] = {FILE_NAME: _facts(draft.text.encode())}
    make_folder(target.parent)
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_info(FILE_NAME), draft.text)
            models = settings.study_folder(study_id) / MODELS
            if models.is_file():
                files[MODELS] = _facts(models.read_bytes())
                archive.writestr(_info(MODELS), models.read_bytes())
            for number, place in enumerate(places, start=1):
                content = (folder / place.path).read_bytes()
                files[f"{SOUNDS}/{place.path}"] = _facts(content)
                archive.writestr(_info(f"{SOUNDS}/{place.path}"), content)
                progress(number, len(places))
            manifest = {"format": FORMAT, "version": 1, "jndlab": __version__, "files": files}
            archive.writestr(_info(MANIFEST), json.dumps(manifest, indent=1, sort_keys=True))
    except OSError as error:
        target.unlink(missing_ok=True)
        raise room_error(target, error) from None


def read_study_archive(
    store: Store,
    settings: Settings,
    study_id: int,
    name: str,
    *,
    by: int | None,
    progress: Progress = lambda done, steps: None,
) -> str:
    """Fill an empty study from an uploaded archive; its short name, the archive's own if free.

    Raises ArchiveRefused with every file that is not what the manifest says, StudyError for a
    study file that is wrong; nothing is taken then.
    """
    path = archive_path(store, settings, study_id, name)
    stage = path.with_suffix(".unpacked")
    shutil.rmtree(stage, ignore_errors=True)
    try:
        manifest, text = _look_into(path, settings, study_id)
        sounds = [entry for entry in manifest.files if entry != FILE_NAME]
        _unpack_checked(path, stage, manifest, sounds, room_in(settings, study_id), progress)
        return _take(store, settings, study_id, stage, sounds, text, by=by)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        path.unlink(missing_ok=True)


def _look_into(path: Path, settings: Settings, study_id: int) -> tuple[_Manifest, str]:
    sizes = {
        e.name: e.n_bytes for e in archive_entries(path, max_bytes=room_in(settings, study_id))
    }
    try:
        manifest = _Manifest.model_validate_json(read_entry(path, MANIFEST, max_bytes=MAX_MANIFEST))
    except ValidationError as error:
        raise ArchiveRefused(
            f"{MANIFEST} in the archive is not as it should be: {error.errors()[0]['msg']}.",
            "Export the study again.",
        ) from None
    if (manifest.format, manifest.version) != (FORMAT, 1):
        raise ArchiveRefused(
            f"This archive is no study of this version of jndlab ({manifest.format!r}, "
            f"{manifest.version}).",
            "Export it with the same version, or upgrade jndlab.",
        )
    wrong = [(entry, "is not in the archive") for entry in manifest.files if entry not in sizes]
    wrong += [
        (entry, f"is in the archive, but not in {MANIFEST}")
        for entry in sizes
        if entry not in manifest.files and entry != MANIFEST
    ]
    if FILE_NAME not in manifest.files:
        wrong.append((FILE_NAME, "is missing"))
    for entry in manifest.files:
        if entry not in (FILE_NAME, MODELS) and not _is_sound(entry):
            wrong.append((entry, "is no sound in its place"))
    if wrong:
        raise refusal(wrong)
    raw = read_entry(path, FILE_NAME, max_bytes=MAX_BYTES)
    if _facts(raw)["sha256"] != manifest.files[FILE_NAME].sha256:
        raise refusal([(FILE_NAME, "is not what the manifest says")])
    text = raw.decode("utf-8", errors="replace")
    parse_study(text)
    require_room(settings, study_id, sum(sizes.values()))
    return manifest, text


def _is_sound(entry: str) -> bool:
    try:
        return place_of(entry.removeprefix(f"{SOUNDS}/")).path == entry.removeprefix(f"{SOUNDS}/")
    except AudioError:
        return False


def _unpack_checked(
    path: Path,
    stage: Path,
    manifest: _Manifest,
    sounds: list[str],
    room: int,
    progress: Progress,
) -> None:
    targets = {entry: stage / entry for entry in sounds}
    n_steps = 2 * len(targets)
    unpack(path, targets, max_bytes=room, progress=lambda done: progress(done, n_steps))
    wrong = []
    for number, (entry, target) in enumerate(targets.items(), start=1):
        if _facts(target.read_bytes())["sha256"] != manifest.files[entry].sha256:
            wrong.append((entry, "is not what the manifest says"))
            continue
        try:
            if entry == MODELS:
                read_manifest(manifest_text(target))
            else:
                check_received(target, name=entry, within=stage)
        except AudioError as error:
            wrong.append((entry, error.message.removeprefix(entry).strip().rstrip(".")))
        progress(len(targets) + number, n_steps)
    if wrong:
        raise refusal(wrong)


def _take(
    store: Store,
    settings: Settings,
    study_id: int,
    stage: Path,
    sounds: list[str],
    text: str,
    *,
    by: int | None,
) -> str:
    folder = settings.study_folder(study_id)
    with store.read() as db:
        if current_draft(db, study_id) is not None or places_in(folder / SOUNDS):
            raise StudyConflict(
                "This study has something in it already.", "Import the archive as a new study."
            )
        own = db.get_one(StudyRow, study_id).slug
        wanted = str(value_at(text, ("slug",)))
        slug = wanted if study_by_slug(db, wanted) is None else own
    text = set_value(text, ("slug",), slug)
    with folder_lock(folder):
        for entry in sounds:
            if entry == MODELS:
                write_atomically(folder / MODELS, (stage / MODELS).read_bytes(), replace=True)
                continue
            put_in_place(stage / entry, folder / SOUNDS, place_of(entry.removeprefix(f"{SOUNDS}/")))
        try:
            save_draft(store, settings, study_id, text, based_on=0, by=by)
        except BaseException:
            shutil.rmtree(folder / SOUNDS, ignore_errors=True)
            raise
    with store.write() as db:
        note_deed(db, "imported", study_id=study_id, user_id=by, archive=FORMAT)
    return slug


def _facts(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _THE_SAME_TIME)
    info.external_attr = 0o644 << 16
    return info
