"""Files on their way into a study: begun, sent in parts, gone on with, checked, put in place.

A whole file is checked before it gets its place, so that nothing half-written ever has one.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.audio.confined import check_received
from jndlab.audio.places import place_of
from jndlab.audio.received import MAX_BYTES
from jndlab.errors import AudioError, StudyUnknown, TooLarge, UploadConflict
from jndlab.files import move_file
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import UploadRow
from jndlab.studies.sound_files import (
    folder_lock,
    put_in_place,
    require_room,
    sound_path,
    sounds_folder,
)
from jndlab.studies.upload_files import (
    Stream,
    append,
    part_path,
    piecewise_digest,
    size_of,
    sync,
)

ARCHIVE = "archive.zip"
"""The path of an upload that is no sound but a zip archive of some."""
MAX_ARCHIVE_BYTES = 4 * 1024**3
KEPT = timedelta(days=7)
"""A file that was begun so long ago is not gone on with."""
_locks = [threading.Lock() for _ in range(64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """How far a file has come."""

    name: str
    """Opaque; empty for a file that is there already and was not sent through here."""
    path: str
    n_bytes: int
    offset: int
    """So many bytes are here."""
    digest: str
    """Of what is here (:func:`piecewise_digest`), so that a browser can tell if it is the same
    file; empty where nothing is here."""
    is_complete: bool


def begin_upload(
    store: Store,
    settings: Settings,
    study_id: int,
    path: str,
    n_bytes: int,
    *,
    by: int | None,
    replace: bool = False,
) -> Upload:
    """Begin a file, or find one that was begun or is there already.

    A file of the same path and size that is in its place comes back as complete: whoever sends it
    compares the digests, and asks to ``replace`` it if they differ. Raises AudioError for a path
    that is no place, TooLarge, NoRoom.
    """
    _require_size(path, n_bytes)
    if path != ARCHIVE:
        path = place_of(path).path
        there = None if replace else _in_place(settings, study_id, path, n_bytes)
        if there is not None:
            return there
    with store.write() as db:
        begun = _begun(db, settings, study_id, path, n_bytes)
        if begun is None:
            require_room(settings, study_id, n_bytes)
            begun = UploadRow(
                name=secrets.token_urlsafe(16),
                study_id=study_id,
                path=path,
                n_bytes=n_bytes,
                created_by=by,
                created_at=datetime.now(UTC),
            )
            db.add(begun)
    return _state(settings, begun)


def upload_state(store: Store, settings: Settings, study_id: int, name: str) -> Upload:
    """How far a file is. Raises StudyUnknown if none of that name was begun."""
    with store.read() as db:
        return _state(settings, _row(db, study_id, name))


def receive_part(
    store: Store, settings: Settings, study_id: int, name: str, offset: int, stream: Stream
) -> Upload:
    """Append what comes to a file; with its last byte the file is checked and gets its place.

    Raises UploadConflict with the right offset for a part of another place, AudioError for a
    whole file that is no usable sound (it is removed), NoRoom for a full disk.
    """
    with store.read() as db:
        row = _row(db, study_id, name)
    if row.completed_at is not None:
        return _state(settings, row)
    lock = _locks[hash(name) % len(_locks)]
    if not lock.acquire(timeout=1.0):
        raise UploadConflict(
            "Another page is sending this file.",
            "Go on there, or close that page.",
            offset=size_of(part_path(settings, row)),
        )
    try:
        append(settings, row, offset, stream)
        if size_of(part_path(settings, row)) == row.n_bytes:
            _finish(store, settings, row)
    finally:
        lock.release()
    with store.read() as db:
        return _state(settings, _row(db, study_id, name))


def abandon_upload(store: Store, settings: Settings, study_id: int, name: str) -> None:
    """Forget a file that was begun, and what is here of it."""
    with store.write() as db:
        row = _row(db, study_id, name)
        part_path(settings, row).unlink(missing_ok=True)
        if row.completed_at is None:
            db.delete(row)


def archive_path(store: Store, settings: Settings, study_id: int, name: str) -> Path:
    """A whole archive that was sent. Raises StudyUnknown."""
    with store.read() as db:
        row = _row(db, study_id, name)
    path = part_path(settings, row).with_suffix(".zip")
    if row.path != ARCHIVE or row.completed_at is None or not path.is_file():
        raise StudyUnknown("There is no such archive any more.", "Send it again.")
    return path


def _require_size(path: str, n_bytes: int) -> None:
    limit = MAX_ARCHIVE_BYTES if path == ARCHIVE else MAX_BYTES
    if n_bytes > limit:
        what = "An archive" if path == ARCHIVE else "A sound file"
        raise TooLarge(
            f"{what} may have {limit >> 20:,} MiB; this one has {n_bytes >> 20:,}.",
            "Send several archives." if path == ARCHIVE else "Cut it into single utterances.",
        )
    if n_bytes < 1:
        raise AudioError(f"{path} is empty.", "Render it again.")


def _in_place(settings: Settings, study_id: int, path: str, n_bytes: int) -> Upload | None:
    try:
        file = sound_path(settings, study_id, path)
        if file.suffix != Path(path).suffix or file.stat().st_size != n_bytes:
            return None
        digest = piecewise_digest(file, n_bytes)
    except (StudyUnknown, FileNotFoundError):
        return None
    return Upload(
        name="", path=path, n_bytes=n_bytes, offset=n_bytes, digest=digest, is_complete=True
    )


def _begun(
    db: Session, settings: Settings, study_id: int, path: str, n_bytes: int
) -> UploadRow | None:
    """The newest unfinished upload of this file. Those of other sizes, and old ones, go."""
    query = select(UploadRow).where(
        UploadRow.study_id == study_id, UploadRow.completed_at.is_(None)
    )
    found = None
    for row in db.scalars(query.order_by(UploadRow.id)):
        is_old = row.created_at < datetime.now(UTC) - KEPT
        if row.path == path and row.n_bytes == n_bytes and not is_old:
            found = row
        elif is_old or (row.path == path and path != ARCHIVE):
            part_path(settings, row).unlink(missing_ok=True)
            db.delete(row)
    return found


def _finish(store: Store, settings: Settings, row: UploadRow) -> None:
    part = part_path(settings, row)
    try:
        if row.path == ARCHIVE:
            move_file(part, part.with_suffix(".zip"))
        else:
            check_received(part, name=row.path)
            sync(part)
            with folder_lock(settings.study_folder(row.study_id)):
                sounds = sounds_folder(settings, row.study_id)
                put_in_place(part, sounds, place_of(row.path))
    except AudioError:
        abandon_upload(store, settings, row.study_id, row.name)
        raise
    with store.write() as db:
        db.get_one(UploadRow, row.id).completed_at = datetime.now(UTC)


def _row(db: Session, study_id: int, name: str) -> UploadRow:
    query = select(UploadRow).where(UploadRow.study_id == study_id, UploadRow.name == name)
    row = db.scalars(query).one_or_none()
    if row is None:
        raise StudyUnknown("No such file was begun.", "Begin it anew.")
    return row


def _state(settings: Settings, row: UploadRow) -> Upload:
    offset = (
        row.n_bytes if row.completed_at else min(size_of(part_path(settings, row)), row.n_bytes)
    )
    digest = ""
    if offset and row.completed_at is None:
        digest = piecewise_digest(part_path(settings, row), offset)
    return Upload(
        name=row.name,
        path=row.path,
        n_bytes=row.n_bytes,
        offset=offset,
        digest=digest,
        is_complete=row.completed_at is not None,
    )
