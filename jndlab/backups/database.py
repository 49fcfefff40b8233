"""Copying the database of a running server into one SQLite file, in the state of one moment."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from jndlab.errors import StoreError
from jndlab.store.copying import Facts, OnRows, copy_tables, describe_tables, read_revision
from jndlab.store.databases import explained, name_of, sqlite_engine
from jndlab.store.engine import Store
from jndlab.store.schema import KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedDatabase:
    """What was copied."""

    at: datetime
    """Nothing that was stored before is missing."""
    schema: str
    tables: Facts
    """Of the database itself, read in the very state that was copied."""


def copy_database(
    store: Store, target: Path, *, on_rows: OnRows = lambda n: None
) -> CopiedDatabase:
    """Copy the database while others go on writing to it. ``target`` does not exist yet.

    Raises StoreError, for instance when the disk is full.
    """
    at = datetime.now(UTC)
    with explained(store.engine), store.read() as db:
        connection = db.connection()
        schema = _require_known(store, connection)
        try:
            if store.dialect == "sqlite":
                _copy_pages(connection, target)
                tables = describe_tables(connection, on_rows=on_rows)
            else:
                tables = _copy_rows(connection, target, schema, on_rows)
            close_for_good(target)
        except sqlite3.Error as error:
            raise StoreError(
                f"The database cannot be copied to {target.parent}: {error}.",
                "Look whether the disk is full, or choose another folder.",
            ) from error
    return CopiedDatabase(at=at, schema=schema, tables=tables)


def close_for_good(path: Path) -> None:
    """Fold the log of a SQLite file into it: afterwards it is one file and nothing beside it."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    finally:
        connection.close()
    if mode != "delete":
        raise StoreError(f"{path} is used by another process.", "End it, and try again.")


def _require_known(store: Store, connection: Connection) -> str:
    schema = read_revision(connection)
    if schema is None:
        raise StoreError(
            f"There is no database in {name_of(store.engine)}.",
            "Name the data folder with --data, or set JNDLAB_DATABASE_URL.",
        )
    if schema not in KNOWN:
        raise StoreError(
            f"{name_of(store.engine)} was written by a newer jndlab (schema {schema}).",
            "Upgrade jndlab: pip install --upgrade jndlab",
        )
    return schema


def _copy_pages(connection: Connection, target: Path) -> None:
    """SQLite's own copy, within the transaction that is open: what is read later is the same."""
    connection.execute(text("SELECT count(*) FROM sqlite_master"))  # the transaction's state is set
    source: Any = connection.connection.driver_connection
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        source.backup(copy)
    finally:
        copy.close()


def _copy_rows(connection: Connection, target: Path, schema: str, on_rows: OnRows) -> Facts:
    from jndlab.store.migrate import upgrade

    engine = sqlite_engine(target)
    try:
        with explained(engine):
            upgrade(engine, schema)
            with engine.begin() as copy:
                return copy_tables(connection, copy, on_rows=on_rows)
    finally:
        engine.dispose()
