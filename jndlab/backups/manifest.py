"""What a backup says of itself: how it was made, what is in it, and whether it is whole.

A backup is a folder ``jndlab-TIME``. In it lie ``data``, which is a data folder as the server has
it, ``SHA256SUMS`` over every file of it, and ``backup.json``. The database is a SQLite file there,
whatever it is at the server: one form that can be looked into, and put back into either.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store.copying import Facts, TableFacts

FORMAT = 1
DATA = "data"
MANIFEST = "backup.json"
SUMS = "SHA256SUMS"
UNFINISHED = ".unfinished-"
"""A backup that is being made, or was cut off: nothing takes such a folder for one."""
NAME = re.compile(r"jndlab-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of ``backup.json``."""

    made_at: str
    """When the copy of the database began, ISO 8601, UTC: the state that it holds."""
    jndlab_version: str
    schema: str
    """Revision of the database's schema."""
    database: str
    """What it was at the server: sqlite or postgresql."""
    deployment: str
    """Tells backups of one data folder from those of another."""
    plan_key: str
    """Public key of the plans; empty: none was made yet."""
    n_files: int
    n_bytes: int
    missing_clips: tuple[str, ...]
    """Sounds that the database names and that were nowhere when the backup was made."""
    tables: dict[str, tuple[int, str]]
    """Rows and digest of each table: of the server's database, not of the copy."""

    def facts(self) -> Facts:
        """The tables as :func:`jndlab.store.copying.describe_tables` gives them."""
        return {name: TableFacts(n_rows, digest) for name, (n_rows, digest) in self.tables.items()}

    def to_json(self) -> str:
        """The text of ``backup.json``."""
        return json.dumps({"jndlab_backup": FORMAT, **asdict(self)}, indent=1) + "\n"


def read_manifest(backup: Path) -> Manifest:
    """What a folder says of itself. Raises StoreError if it is no whole backup."""
    if backup.name.startswith(UNFINISHED):
        raise StoreError(
            f"{backup} is a backup that was cut off: it is not whole.", "Take another one."
        )
    try:
        content: dict[str, Any] = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
        version = content.pop("jndlab_backup")
    except (OSError, ValueError, KeyError, AttributeError):
        raise StoreError(
            f"{backup} is no backup: it has no {MANIFEST} that can be read.",
            f"Name a folder that jndlab backup has made, such as {backup}/jndlab-...",
        ) from None
    if version != FORMAT:
        raise StoreError(
            f"{backup} is a backup of form {version}; this jndlab knows form {FORMAT}.",
            "Upgrade jndlab: pip install --upgrade jndlab",
        )
    try:
        content["missing_clips"] = tuple(content["missing_clips"])
        content["tables"] = {name: (int(n), str(d)) for name, (n, d) in content["tables"].items()}
        return Manifest(**content)
    except (TypeError, KeyError, ValueError, AttributeError):
        raise StoreError(
            f"{backup / MANIFEST} lacks what a backup says of itself.", "Take another backup."
        ) from None


def all_backups(folder: Path, *, deployment: str | None = None) -> list[Path]:
    """The whole backups in a folder, the newest first; of one deployment, or all."""
    found: list[tuple[str, Path]] = []
    if not folder.is_dir():
        return []
    for path in sorted(folder.iterdir(), reverse=True):
        if NAME.fullmatch(path.name) is None:
            continue
        try:
            manifest = read_manifest(path)
        except StoreError:
            continue
        if deployment is None or manifest.deployment == deployment:
            found.append((manifest.made_at, path))
    return [path for _, path in sorted(found, reverse=True)]


def free_name(folder: Path, made_at: datetime) -> Path:
    """Where a backup of that time goes."""
    stem = f"jndlab-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = [stem, *(f"{stem}-{n}" for n in range(2, 1000))]
    return next(folder / name for name in names if not (folder / name).exists())


def deployment_of(settings: Settings) -> str:
    """A short name of a data folder that tells nothing: it outlives a move and a restore."""
    try:
        key = (settings.data / "secret-key").read_bytes()
    except OSError:
        key = str(settings.data.resolve()).encode()
    return hashlib.sha256(b"jndlab backup:" + key).hexdigest()[:16]


def public_plan_key(data: Path) -> str:
    """The public key that belongs to the private one in a data folder; empty without one."""
    from jndlab.store.signing import KEY_FILE, plan_key

    return plan_key(data).public if (data / KEY_FILE).exists() else ""
