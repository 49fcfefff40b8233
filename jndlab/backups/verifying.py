"""Whether a backup is whole: every file read again, the database put back and compared."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select, text

from jndlab.backups.copying_files import DATABASE, digest_of_file, read_sums
from jndlab.backups.manifest import DATA, SUMS, Manifest, public_plan_key, read_manifest
from jndlab.errors import StoreError
from jndlab.files import make_folder
from jndlab.settings import Settings
from jndlab.store.copying import describe_tables, require_equal
from jndlab.store.databases import explained
from jndlab.store.engine import Store, connect_store, open_store
from jndlab.store.models import SessionRow
from jndlab.store.schema import HEAD, KNOWN
from jndlab.store.signing import is_signed, plan_statement

TAKE_ANOTHER = "Do not rely on it: take another backup, and check the disk that it lies on."


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at."""

    made_at: datetime
    n_files: int
    n_bytes: int
    n_tables: int
    n_rows: int
    warnings: tuple[str, ...]
    """What is wrong with the data folder itself, of which this is a true copy."""


def verify_backup(backup: Path, manifest: Manifest, *, scratch: Path) -> Verified:
    """Read every file of a backup again, and put its database back into the folder ``scratch``.

    There the rows of every table are counted and digested, and have to be those of the server's
    database; the schema is brought up to date, as a server would. ``scratch`` is removed
    afterwards. Raises StoreError that says what is wrong.
    """
    n_bytes = require_files(backup, manifest)
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        there = Settings(data=make_folder(scratch))
        shutil.copyfile(backup / DATA / DATABASE, there.database)
        n_tables, n_rows = require_database(there, manifest)
        with open_store(there, create=False) as store:
            warnings = [*_of_clips(manifest), *_of_key(store, manifest)]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Verified(
        made_at=datetime.fromisoformat(manifest.made_at),
        n_files=manifest.n_files,
        n_bytes=n_bytes,
        n_tables=n_tables,
        n_rows=n_rows,
        warnings=tuple(warnings),
    )


def verify_again(backup: Path) -> Verified:
    """The same for a backup of any age, whose folder may be read-only. Raises StoreError."""
    manifest = read_manifest(backup)
    with TemporaryDirectory(prefix="jndlab-verify-") as folder:
        return verify_backup(backup, manifest, scratch=Path(folder, "data"))


def require_files(backup: Path, manifest: Manifest) -> int:
    """Raise StoreError unless every file is there, unchanged; returns how many bytes they have."""
    n_bytes = 0
    sums = read_sums(backup / SUMS)
    if len(sums) != manifest.n_files or DATABASE not in sums:
        raise StoreError(f"{backup / SUMS} does not list the files of the backup.", TAKE_ANOTHER)
    for name, digest in sums.items():
        path = backup / DATA / name
        try:
            found = digest_of_file(path)
            n_bytes += path.stat().st_size
        except OSError as error:
            raise StoreError(
                f"{path} cannot be read: {error.strerror or error}.", TAKE_ANOTHER
            ) from None
        if found != digest:
            raise StoreError(f"{path} has changed since the backup was made.", TAKE_ANOTHER)
    if public_plan_key(backup / DATA) != manifest.plan_key:
        raise StoreError(
            f"The key {backup / DATA / 'plan-key'} is not the one that signed the plans.",
            TAKE_ANOTHER,
        )
    return n_bytes


def require_database(settings: Settings, manifest: Manifest) -> tuple[int, int]:
    """Raise StoreError unless the database there is the one that was backed up.

    Returns the number of tables and of rows.
    """
    with closing(connect_store(settings)) as store, explained(store.engine):
        schema = store.revision()
        if schema not in KNOWN:
            raise StoreError(
                f"The backup was made by a newer jndlab (schema {schema}, here {HEAD}).",
                "Upgrade jndlab: pip install --upgrade jndlab",
            )
        with store.read() as db:
            broken = db.execute(text("PRAGMA integrity_check")).scalar_one()
            if broken != "ok":
                raise StoreError(f"The database of the backup is damaged: {broken}.", TAKE_ANOTHER)
            dangling = db.execute(text("PRAGMA foreign_key_check")).first()
            if dangling is not None:
                raise StoreError(f"A row of table {dangling[0]} points at nothing.", TAKE_ANOTHER)
            facts = describe_tables(db.connection())
        require_equal(manifest.facts(), facts, what="The database of the backup")
        return len(facts), sum(table.n_rows for table in facts.values())


def _of_clips(manifest: Manifest) -> list[str]:
    if not manifest.missing_clips:
        return []
    return [
        f"{len(manifest.missing_clips)} rendered sounds are missing in the data folder; launching "
        "their study again renders them."
    ]


def _of_key(store: Store, manifest: Manifest) -> list[str]:
    """Whether the key of the data folder is the one with which plans are signed."""
    with store.read() as db:
        query = select(SessionRow).where(SessionRow.plan_signature.is_not(None))
        newest = db.scalars(query.order_by(SessionRow.id.desc()).limit(1)).one_or_none()
        if newest is None or newest.plan_signature is None:
            return []
        statement = plan_statement(newest, study_digest=newest.version.digest)
        if manifest.plan_key and is_signed(manifest.plan_key, statement, newest.plan_signature):
            return []
    return [
        "The plan of the newest session was signed with another key than the plan-key in the data "
        "folder: put the right one back, or new sessions are signed with another one."
    ]
