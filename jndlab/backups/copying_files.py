"""The files of a data folder: which belong into a backup, copied, and read again."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jndlab.errors import StoreError
from jndlab.files import disk_error

DATABASE = "jndlab.db"
_PIECE = 1024 * 1024
_OF_A_RUNNING_SERVER = ("running-at", "server.lock", "worker.lock")
_NOT_KEPT = ("released",)
"""Folders at the top whose files live for minutes."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file in a backup."""

    path: str
    """Relative to the data folder, with slashes."""
    digest: str
    n_bytes: int


def files_of(data: Path) -> Iterator[Path]:
    """The files that belong into a backup beside the database, in a fixed order.

    Not those that say something of the server that runs, and nothing that is still being written.
    """
    for folder, names, files in os.walk(data):
        skipped = _NOT_KEPT if Path(folder) == data else ()
        names[:] = sorted(name for name in names if name[0] != "." and name not in skipped)
        for name in sorted(files):
            transient = name.startswith((".", DATABASE)) or name in _OF_A_RUNNING_SERVER
            path = Path(folder, name)
            if not transient and path.is_file() and not path.is_symlink():
                yield path.relative_to(data)


def copy_file(source: Path, target: Path, *, like: Path | None = None) -> FileFacts | None:
    """Copy a file, or link it to the same file in an earlier backup; its digest as it was read.

    ``like``: that file. It is the same if size and time of the last change are. None if the source
    is gone: somebody has just deleted it.
    """
    try:
        state = source.stat()
    except FileNotFoundError:
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    if like is not None and _is_unchanged(state, like):
        try:
            target.hardlink_to(like)
            return FileFacts(target.name, digest_of_file(target), state.st_size)
        except OSError:  # a file system without links, or with too many
            target.unlink(missing_ok=True)
    digest, n_bytes = hashlib.sha256(), 0
    try:
        with source.open("rb") as reading, target.open("xb") as writing:
            while piece := reading.read(_PIECE):
                writing.write(piece)
                digest.update(piece)
                n_bytes += len(piece)
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return None
    shutil.copystat(source, target)
    return FileFacts(target.name, digest.hexdigest(), n_bytes)


def digest_of_file(path: Path) -> str:
    """SHA-256 (hex) of a file as it lies on the disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(path: Path, files: list[FileFacts]) -> None:
    """The digests in the form of ``sha256sum``, which can check them without jndlab."""
    lines = [f"{file.digest}  data/{file.path}\n" for file in files]
    path.write_text("".join(sorted(lines, key=lambda line: line[66:])), encoding="utf-8")


def read_sums(path: Path) -> dict[str, str]:
    """Digests by path relative to the data folder. Raises StoreError if they cannot be read."""
    sums = {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        lines = ["unreadable"]
    for line in lines[:-1] or ["empty"]:
        digest, _, name = line.partition("  data/")
        inside = Path(name)
        if len(digest) != 64 or not name or inside.is_absolute() or ".." in inside.parts:
            raise StoreError(
                f"{path} is damaged or does not belong to a backup.", "Take another backup."
            )
        sums[name] = digest
    return sums


def make_durable(folder: Path) -> None:
    """Return when everything below a folder is on the disk, names included."""
    try:
        for at, _, files in os.walk(folder):
            for path in [Path(at), *(Path(at, name) for name in files)]:
                handle = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
    except OSError as error:
        raise disk_error(folder, error) from None


def _is_unchanged(state: os.stat_result, like: Path) -> bool:
    try:
        other = like.stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (other.st_size, other.st_mtime_ns)
