"""A place that keeps whole files by name: what it can do, and how a folder does it."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jndlab.errors import StoreError
from jndlab.files import remove_half_written, write_atomically

DAY_SECONDS = 86_400.0
"""A file that was being written so long ago will not be finished."""


class Shelf(Protocol):
    """Whole files by name. Names are paths with ``/`` and come from digests or from chance."""

    def read(self, name: str) -> bytes | None:
        """The file; None if there is none of that name. Raises StoreError."""

    def write(self, name: str, content: bytes, *, replace: bool = False) -> None:
        """Keep a file; it is safe when this returns. Raises StoreError.

        Without ``replace`` what is there may stay: the same name means the same content.
        """

    def missing(self, names: Iterable[str]) -> set[str]:
        """Which of the names have no file. Raises StoreError."""

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; those that are gone already are no error. Raises StoreError."""

    def names(self, under: str = "") -> Iterator[str]:
        """The names of all files, or of those under a folder. Raises StoreError."""

    def tidy(self) -> None:
        """Remove what processes that were killed have left half-written."""


@dataclass(frozen=True, slots=True)
class FolderShelf:
    """A folder with plain files."""

    folder: Path

    def read(self, name: str) -> bytes | None:
        """The file; None if there is none of that name."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(error) from error

    def write(self, name: str, content: bytes, *, replace: bool = False) -> None:
        """Keep a file; it is on the disk when this returns."""
        write_atomically(self.folder / name, content, replace=replace)

    def missing(self, names: Iterable[str]) -> set[str]:
        """Which of the names have no file."""
        return {name for name in names if not (self.folder / name).is_file()}

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; what cannot be deleted is litter and no more."""
        for name in names:
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()

    def names(self, under: str = "") -> Iterator[str]:
        """The names of all files, or of those under a folder; hidden ones left out."""
        for path in sorted((self.folder / under).rglob("*")):
            name = path.relative_to(self.folder)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                yield name.as_posix()

    def tidy(self) -> None:
        """Remove half-written files that were left alone for a day."""
        remove_half_written(self.folder, older_s=DAY_SECONDS)


def _unreadable(error: OSError) -> StoreError:
    reason = error.strerror or errno.errorcode.get(error.errno or 0, "unknown")
    return StoreError(
        f"A clip cannot be read from the data folder: {reason}.",
        "Restore the folder 'clips' from a backup.",
    )
