"""Zip archives from somebody else: every entry is looked at before the first one is written.

An archive with one dangerous entry is refused as a whole, and each such entry is named with its
reason. What is written is counted while it is written: a header can lie about sizes.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jndlab.errors import ArchiveRefused
from jndlab.files import make_folder, room_error

MAX_ENTRIES = 5_000
MAX_RATIO = 100
"""More than so many bytes out of one are no sound: they are meant to fill a disk."""
SMALL = 64 * 1024
"""Below this many bytes any ratio is fine."""
MAX_DIRECTORY = 2 * 1024 * 1024
"""The list of entries at the end of an archive, which is read as a whole."""
NESTED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar")
PIECE = 64 * 1024
_END = b"PK\x05\x06"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file in an archive whose path is harmless."""

    name: str
    n_bytes: int
    """As its header says."""


def archive_entries(path: Path, *, max_bytes: int) -> list[Entry]:
    """The files of an archive. ArchiveRefused: it is none, or it has a dangerous entry.

    ``max_bytes``: the most that all files may take together.
    """
    with _opened(path) as archive:
        infos = archive.infolist()
        if len(infos) > MAX_ENTRIES:
            raise ArchiveRefused(
                f"The archive has {len(infos):,} entries; the limit is {MAX_ENTRIES:,}.",
                "Send several archives, or drop the folders themselves.",
            )
        refused = list(_refused(infos))
        if refused:
            raise refusal(refused)
        entries = [Entry(name=i.filename, n_bytes=i.file_size) for i in infos if not i.is_dir()]
    _require_small(sum(entry.n_bytes for entry in entries), max_bytes)
    return entries


def unpack(
    path: Path,
    targets: Mapping[str, Path],
    *,
    max_bytes: int,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write the named entries to their targets; folders are made. ``progress``: files written.

    The caller removes what was written if this raises: ArchiveRefused for an entry that is not
    what its header says, StoreError for a full disk.
    """
    written = 0
    with _opened(path) as archive:
        for number, (name, target) in enumerate(targets.items(), start=1):
            info = archive.getinfo(name)
            make_folder(target.parent)
            n_bytes = 0
            with _explained(name), archive.open(info) as source, _created(target) as file:
                while piece := source.read(PIECE):
                    n_bytes += len(piece)
                    written += len(piece)
                    _require_small(written, max_bytes)
                    if n_bytes > SMALL and n_bytes > MAX_RATIO * max(info.compress_size, 1):
                        raise refusal([(name, _packed_reason())])
                    _write(file, piece, target)
            progress(number)


def read_entry(path: Path, name: str, *, max_bytes: int) -> bytes:
    """The content of one small entry. ArchiveRefused: not there, or too large."""
    with _opened(path) as archive:
        try:
            info = archive.getinfo(name)
        except KeyError:
            raise ArchiveRefused(
                f"The archive has no {name}.", "Choose an archive that jndlab has written."
            ) from None
        with _explained(name), archive.open(info) as source:
            content = source.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise refusal([(name, f"is larger than {max_bytes:,} bytes")])
    return content


def refusal(refused: list[tuple[str, str]]) -> ArchiveRefused:
    """The error that names every refused entry with its reason."""
    count = "1 entry" if len(refused) == 1 else f"{len(refused):,} entries"
    name, reason = refused[0]
    return ArchiveRefused(
        f"The archive was refused because of {count}; nothing of it was taken. "
        f"{_shown(name)} {reason}.",
        "Make the archive anew, with plain files and folders only.",
        entries=tuple((_shown(name), reason) for name, reason in refused),
    )


def _refused(infos: list[zipfile.ZipInfo]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for info in infos:
        reason = _reason(info)
        folded = info.filename.rstrip("/").casefold()
        if reason is None and folded in seen:
            reason = "is there twice"
        seen.add(folded)
        if reason is not None:
            yield info.orig_filename, reason


def _reason(info: zipfile.ZipInfo) -> str | None:
    """Why an entry is dangerous; None if it is not."""
    name = info.orig_filename  # zipfile cuts the other one off at a zero byte
    parts = PurePosixPath(name).parts
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not name.isprintable() or not name:
        return "has control characters in its name"
    if name.startswith("/") or "\\" in name or ":" in name:
        return "has an absolute path, or one of another system"
    if ".." in parts or "." in name.split("/"):
        return "leads out of its folder"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is no regular file"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in an unusual way"
    if name.lower().endswith(NESTED):
        return "is an archive itself"
    if info.file_size > SMALL and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return _packed_reason()
    return None


def _packed_reason() -> str:
    return f"unpacks to more than {MAX_RATIO} times its size"


def _require_small(n_bytes: int, max_bytes: int) -> None:
    if n_bytes > max_bytes:
        raise ArchiveRefused(
            f"The archive unpacks to more than {max_bytes >> 20:,} MiB, for which there is no room "
            "in this study.",
            "Send less, or delete sounds that the study does not need.",
        )


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    _require_short_directory(path)
    with _explained(""):
        archive = zipfile.ZipFile(path)
    with archive:
        yield archive


def _require_short_directory(path: Path) -> None:
    """Raise ArchiveRefused before a list of millions of entries would be read into memory."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise ArchiveRefused("This is no zip archive, or it is cut off.", "Make it again.")
    n_entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    n_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
    if n_entries > MAX_ENTRIES or n_bytes > MAX_DIRECTORY:
        count = f"{n_entries:,}" if n_entries < 0xFFFF else "very many"
        raise ArchiveRefused(
            f"The archive has {count} entries; the limit is {MAX_ENTRIES:,}.",
            "Send several archives, or drop the folders themselves.",
        )


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn what the zip library raises for damaged input into an error that says so."""
    try:
        yield
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
        UnicodeDecodeError, ValueError, OverflowError,
        OSError,  # an offset before the beginning; writing has errors of its own
    ) as error:  # fmt: skip
        what = f"{_shown(name)} in the archive is damaged" if name else "The archive is damaged"
        raise ArchiveRefused(f"{what}: {error}.", "Make the archive again.") from None


@contextmanager
def _created(target: Path) -> Iterator[io.BufferedWriter]:
    try:
        file = target.open("xb")
    except OSError as error:
        raise room_error(target, error) from None
    with file:
        yield file


def _write(file: io.BufferedWriter, piece: bytes, target: Path) -> None:
    try:
        file.write(piece)
    except OSError as error:
        raise room_error(target, error) from None


def _shown(name: str) -> str:
    """A name from an archive, safe to show."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
    return f"“{shown[:120]}”"
