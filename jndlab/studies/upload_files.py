"""What has arrived of a file that is being sent: ``uploads/NAME.part`` of the study's folder.

Its size is how far it is: whatever was cut off, the server knows where to go on.
"""

from __future__ import annotations

import hashlib
import os
from io import FileIO
from pathlib import Path
from typing import Protocol

from jndlab.errors import RequestInvalid, UploadConflict
from jndlab.files import make_folder, room_error
from jndlab.settings import Settings
from jndlab.store.models import UploadRow
from jndlab.studies.sound_files import require_free

UPLOADS = "uploads"
PIECE_BYTES = 4 * 1024**2
"""A digest of a file covers the digests of pieces so long: a browser need not hold it all."""
READ_BYTES = 64 * 1024


class Stream(Protocol):
    """What parts of a file are read from."""

    def read(self, size: int, /) -> bytes: ...


def part_path(settings: Settings, row: UploadRow) -> Path:
    """Where that which has arrived of a file lies."""
    return settings.study_folder(row.study_id) / UPLOADS / f"{row.name}.part"


def size_of(part: Path) -> int:
    """In bytes; 0 where there is nothing."""
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def piecewise_digest(path: Path, n_bytes: int) -> str:
    """SHA-256 (hex) over the SHA-256 of each piece of the first ``n_bytes``."""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while n_bytes > 0 and (piece := file.read(min(PIECE_BYTES, n_bytes))):
            whole.update(hashlib.sha256(piece).digest())
            n_bytes -= len(piece)
    return whole.hexdigest()


def append(settings: Settings, row: UploadRow, offset: int, stream: Stream) -> None:
    """Append what comes, which goes on at ``offset``, to what is here of a file."""
    part = part_path(settings, row)
    size = size_of(part)
    if offset != size:
        raise UploadConflict(
            f"The next byte of this file is number {size}, not {offset}.",
            "Go on from there.",
            offset=size,
        )
    # Once more: many files can be begun before any of them takes room.
    require_free(settings, row.n_bytes - size)
    make_folder(part.parent)
    with _opened(part) as file:
        while piece := stream.read(READ_BYTES):
            size += len(piece)
            if size > row.n_bytes:
                file.truncate(offset)
                raise RequestInvalid(
                    f"The file is longer than the {row.n_bytes:,} bytes that were announced.",
                    "Begin it anew with its right size.",
                )
            try:
                while piece:
                    piece = piece[file.write(piece) :]
            except OSError as error:
                file.truncate(offset)  # takes no room, whatever the disk
                raise room_error(part, error) from None


def sync(part: Path) -> None:
    """Make what was written outlast a power cut."""
    with part.open("rb") as file:
        os.fsync(file.fileno())


def _opened(part: Path) -> FileIO:
    """For appending, without a buffer that could not be emptied on a full disk."""
    try:
        return part.open("ab", buffering=0)
    except OSError as error:
        raise room_error(part, error) from None
