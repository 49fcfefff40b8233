"""Writing files so that a crash, a full disk or a second process leaves no half of one."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jndlab.errors import NoRoom, StoreError

_WRITING = ".writing-"
_REMEDIES = {
    errno.ENOSPC: "The disk is full: free some space, then do the same again.",
    errno.EDQUOT: "Your disk quota is used up: free some space, then do the same again.",
    errno.EROFS: "The file system is read-only: choose another folder.",
    errno.EACCES: "Permission denied: choose another folder, or check its owner.",
    errno.EPERM: "Permission denied: choose another folder, or check its owner.",
    errno.ENOTDIR: "A part of this path is a file: choose another folder.",
    errno.EEXIST: "A file of that name is in the way: choose another name.",
    errno.EISDIR: "A folder of that name is in the way: choose another name.",
    errno.ENAMETOOLONG: "The name is too long: choose a shorter one.",
}


def disk_error(path: Path | str, error: OSError) -> StoreError:
    """The error to show for an operating system's refusal to write ``path``."""
    remedy = _REMEDIES.get(error.errno or 0, "Choose another folder.")
    return StoreError(f"Cannot write {path}: {error.strerror or error}.", remedy)


def room_error(path: Path | str, error: OSError) -> StoreError | NoRoom:
    """The same for what somebody has sent: a full disk is told without the server's paths."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoRoom(
            "The disk of the server is full. What had arrived only in part was removed.",
            "Free some space on the server, or ask who looks after it; then do the same again.",
        )
    return disk_error(path, error)


def make_folder(path: Path) -> Path:
    """The folder, made with its parents if it was missing. Raises StoreError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(path, error) from None
    return path


def move_file(source: Path, target: Path) -> None:
    """Give what somebody has sent its place; folders are made. Raises StoreError, NoRoom."""
    make_folder(target.parent)
    try:
        source.replace(target)
    except OSError as error:
        raise room_error(target, error) from None


def write_atomically(
    path: Path, content: bytes, *, replace: bool = False, mode: int = 0o644
) -> None:
    """Write a whole file or none of it, and have it on the disk before returning.

    A file that exists already is kept unless ``replace``. Raises StoreError.
    """
    try:
        exists = path.exists()
    except OSError as error:
        raise disk_error(path, error) from None
    if exists and not path.is_file():
        raise StoreError(f"Cannot write {path}: it is no regular file.", "Name another file.")
    if exists and not replace:
        return
    with replacing(path, mode=mode, keep=not replace) as temporary:
        temporary.write_bytes(content)


def remove_half_written(folder: Path, *, older_s: float = 0.0) -> None:
    """Remove what processes that were killed have left of files they were writing.

    ``older_s``: only what was left alone for so many seconds, where another process may be writing.
    """
    newest = time.time() - older_s
    for path in folder.rglob(f"{_WRITING}*"):
        with suppress(OSError):
            if path.stat().st_mtime <= newest:
                path.unlink()


@contextmanager
def replacing(path: Path, *, mode: int = 0o644, keep: bool = False) -> Iterator[Path]:
    """An empty file to be filled in the block; it takes the place of ``path`` at its end.

    ``keep``: but not the place of a file that another process has put there meanwhile. After an
    error nothing of it is left, and what was at ``path`` is as it was. Raises StoreError.
    """
    make_folder(path.parent)
    temporary = None
    try:
        if path.exists() and not path.is_file():
            raise StoreError(f"Cannot write {path}: it is no regular file.", "Name another file.")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_WRITING)
        with os.fdopen(handle, "rb") as file:
            yield Path(temporary)
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        if keep and _linked(temporary, path):
            return
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise disk_error(path, error) from None
    finally:
        if temporary is not None:  # not renamed: an error, or Ctrl+C
            Path(temporary).unlink(missing_ok=True)


def _linked(temporary: str, path: Path) -> bool:
    """Give a file its name unless it is taken; whether this file system can do that."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def hold_lock(lock: Path) -> Iterator[bool]:
    """Whether this process alone holds ``lock``, for the length of the block.

    The file is made if it is missing, and removed at the end. The operating system frees the lock
    however the process ends. Raises StoreError if the file cannot be made.
    """
    if sys.platform == "win32":  # no such locks there
        yield True
        return
    import fcntl

    try:
        held = lock.open("w")
    except OSError as error:
        raise disk_error(lock, error) from None
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Opened just before another process removed it, the file would lock nothing.
            mine = os.path.samestat(os.fstat(held.fileno()), lock.stat())
        except OSError:
            mine = False
        try:
            yield mine
        finally:
            if mine:
                lock.unlink(missing_ok=True)
