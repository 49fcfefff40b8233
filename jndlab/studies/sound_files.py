"""The folder of sounds of a study that is made in the browser: what is there, deleting, undoing."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jndlab.audio.fill_table import FillTable, fill_table
from jndlab.audio.places import Place, is_condition_name, place_of
from jndlab.errors import AudioError, NoRoom, StudyConflict, StudyUnknown, TooLarge
from jndlab.files import make_folder, move_file
from jndlab.settings import Settings

SOUNDS = "sounds"
TRASH = "trash"
TOKEN_BYTES = 8
KEPT_DELETIONS = 10
"""So many deletions can be undone; older ones are gone for good."""
QUOTA_BYTES = 8 * 1024**3
"""The most that the sounds of one study may take."""
KEEP_FREE_BYTES = 512 * 1024**2
"""So much of the disk is left to answers and everything else."""

_locks: dict[Path, threading.RLock] = {}
_locks_lock = threading.Lock()


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """One at a time changes the sounds of a study."""
    with _locks_lock:
        lock = _locks.setdefault(folder.resolve(), threading.RLock())
    with lock:
        yield


def sounds_folder(settings: Settings, study_id: int) -> Path:
    """Where the sounds of a study lie."""
    return settings.study_folder(study_id) / SOUNDS


def places_in(folder: Path) -> list[Place]:
    """The places of the sound files in a folder of sounds. Other files are passed over."""
    found = []
    for pattern in ("*/*", "*/*/*"):
        for path in folder.glob(pattern):
            try:
                place = place_of(path.relative_to(folder).as_posix())
            except AudioError:
                continue
            if path.is_file():
                found.append(place)
    return sorted(found, key=lambda place: place.path)


def table_of(settings: Settings, study_id: int) -> FillTable:
    """Which sounds a study has, and which are missing."""
    return fill_table(places_in(sounds_folder(settings, study_id)))


def sound_path(settings: Settings, study_id: int, path: str) -> Path:
    """The file at a place. Raises AudioError for no place, StudyUnknown if nothing is there."""
    place = place_of(path)
    folder = sounds_folder(settings, study_id) / place.folder
    for ending in (place.ending, ".wav", ".flac"):
        file = folder / f"{place.item}{ending}"
        if file.is_file():
            return file
    raise StudyUnknown(f"There is no sound {place.path}.", "Load the page again.")


def bytes_in(folder: Path) -> int:
    """What the files below a folder take."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # finished, or deleted, just now
            continue
    return total


def room_in(settings: Settings, study_id: int) -> int:
    """How many bytes more a study may take."""
    folder = settings.study_folder(study_id)
    return max(0, QUOTA_BYTES - (bytes_in(folder) if folder.is_dir() else 0))


def require_room(settings: Settings, study_id: int, n_bytes: int) -> None:
    """Raise TooLarge if a study would hold too much, NoRoom if the disk would be full."""
    if n_bytes > room_in(settings, study_id):
        raise TooLarge(
            f"The sounds of a study may take {QUOTA_BYTES >> 30} GiB together; there is no room "
            "for this file.",
            "Delete sounds that the study does not need, or make a study of fewer items.",
        )
    require_free(settings, n_bytes)


def require_free(settings: Settings, n_bytes: int) -> None:
    """Raise NoRoom if so much would take the part of the disk that is left to answers."""
    make_folder(settings.data)
    if shutil.disk_usage(settings.data).free - n_bytes < KEEP_FREE_BYTES:
        raise NoRoom(
            "The disk of the server is full; nothing was sent.",
            "Free some space on the server, or ask who looks after it; then do the same again.",
        )


def delete_sounds(settings: Settings, study_id: int, target: str) -> tuple[str, int]:
    """Move a file, a level or a condition out of the way: what undoes it, and how many files.

    ``target``: ``baseline``, ``CONDITION``, ``CONDITION/LEVEL`` or the path of a file. Raises
    StudyUnknown if there is nothing.
    """
    folder = settings.study_folder(study_id)
    sounds = folder / SOUNDS
    with folder_lock(folder):
        doomed = [
            place.path
            for place in places_in(sounds)
            if target in (place.path, place.folder, place.condition)
        ]
        if not doomed:
            raise StudyUnknown(f"There is no sound {target[:200]!r}.", "Load the page again.")
        token = secrets.token_hex(TOKEN_BYTES)
        for path in doomed:
            move_file(sounds / path, folder / TRASH / token / path)
        _prune(sounds)
        _forget_oldest(folder / TRASH)
    return token, len(doomed)


def restore_sounds(settings: Settings, study_id: int, token: str) -> list[Place]:
    """Undo a deletion; the places that are filled again. What has come there since stays."""
    folder = settings.study_folder(study_id)
    trash = folder / TRASH / token
    with folder_lock(folder):
        if not (token.isalnum() and len(token) == 2 * TOKEN_BYTES and trash.is_dir()):
            raise StudyUnknown(
                "This deletion cannot be undone any more.", "Drop the files once more."
            )
        restored = []
        for place in places_in(trash):
            target = folder / SOUNDS / place.path
            if not target.exists():
                move_file(trash / place.path, target)
                restored.append(place)
        shutil.rmtree(trash, ignore_errors=True)
    return restored


def rename_condition(settings: Settings, study_id: int, old: str, new: str) -> None:
    """Give the folder of a condition another name. StudyConflict: the name is in use, or none."""
    folder = settings.study_folder(study_id)
    sounds = folder / SOUNDS
    if not is_condition_name(new):
        raise StudyConflict(
            f"A condition cannot be called {new[:100]!r}.",
            "Use letters, digits, '.', '_', '-' and spaces, beginning with a letter or digit.",
        )
    with folder_lock(folder):
        if old not in {place.condition for place in places_in(sounds) if place.level is not None}:
            raise StudyUnknown(f"There is no condition {old[:100]!r}.", "Load the page again.")
        if new != old and (sounds / new).exists() and not (sounds / new).samefile(sounds / old):
            raise StudyConflict(
                f"There is another condition {new!r}.", "Choose a name that is not in use."
            )
        move_file(sounds / old, sounds / new)


def put_in_place(source: Path, sounds: Path, place: Place) -> None:
    """Give a checked file its place; a file that was there, of either format, is replaced."""
    move_file(source, sounds / place.path)
    for ending in {".wav", ".flac"} - {place.ending}:
        (sounds / place.folder / f"{place.item}{ending}").unlink(missing_ok=True)


def _prune(sounds: Path) -> None:
    """Take away the folders that nothing is in any more."""
    for path in sorted(sounds.rglob("*"), key=lambda path: len(path.parts), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _forget_oldest(trash: Path) -> None:
    kept = sorted(trash.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[:-KEPT_DELETIONS]:
        shutil.rmtree(path, ignore_errors=True)
