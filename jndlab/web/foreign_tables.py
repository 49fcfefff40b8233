"""Tables of trials that experimenters send to be analysed: kept some days, for their owners."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from jndlab.errors import DataError, StudyUnknown, TooLarge
from jndlab.files import make_folder, write_atomically
from jndlab.settings import Settings

MAX_BYTES = 16 * 1024**2
MOST_TABLES = 50
"""Of one person; the oldest go first."""
KEPT_DAYS = 7
HEAD_BYTES = 64 * 1024
"""So much of a table is looked at to show its first rows."""
_NAME = re.compile(r"[^A-Za-z0-9._ -]+")
_TOKEN = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTable:
    """A table that was sent."""

    token: str
    name: str
    """As its owner calls the file."""
    path: Path


def keep_table(settings: Settings, user_id: int, name: str, content: bytes) -> ForeignTable:
    """Keep a table for whoever sent it. Raises TooLarge, DataError, StoreError."""
    if len(content) > MAX_BYTES:
        raise TooLarge(
            f"A table may have {MAX_BYTES >> 20} MiB.",
            "Leave out columns that are not needed, or use jndlab report-trials.",
        )
    if not content.strip():
        raise DataError("The file is empty.", "Choose a CSV file with a row per trial.")
    folder = _folder(settings, user_id)
    make_folder(folder)
    _forget_old(folder)
    token = secrets.token_hex(12)
    plain = _NAME.sub("-", Path(name.replace("\\", "/")).name).strip("-. ")[:80] or "table.csv"
    path = folder / f"{token}-{plain}"
    write_atomically(path, content)
    return ForeignTable(token=token, name=plain, path=path)


def require_table(settings: Settings, user_id: int, token: str) -> ForeignTable:
    """A table of one's own. Raises StudyUnknown."""
    found = []
    if _TOKEN.fullmatch(token):
        found = list(_folder(settings, user_id).glob(f"{token}-*"))
    if not found:
        raise StudyUnknown("There is no such table any more.", "Send it again.")
    return ForeignTable(token=token, name=found[0].name[len(token) + 1 :], path=found[0])


def head_of(table: ForeignTable, folder: Path) -> Path:
    """A file with the first rows of a table, whole lines only."""
    with table.path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if len(head) == HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head
    path = folder / table.name
    path.write_bytes(head)
    return path


def _folder(settings: Settings, user_id: int) -> Path:
    return settings.data / "tables" / str(user_id)


def _forget_old(folder: Path) -> None:
    oldest = time.time() - KEPT_DAYS * 86_400
    paths = sorted(folder.glob("*-*"), key=lambda path: path.stat().st_mtime_ns)
    for path in paths[: max(0, len(paths) - MOST_TABLES + 1)]:
        path.unlink(missing_ok=True)
    for path in paths:
        if path.exists() and path.stat().st_mtime < oldest:
            path.unlink()
