"""Moving all rows from one database into another and looking whether they have arrived.

All or nothing: the rows are copied in one transaction, read again within it, compared, and only
then committed. Cut off at any moment, the target is as empty as before.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, text

from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store.copying import (
    Facts,
    OnRows,
    copy_tables,
    count_rows,
    describe_tables,
    read_revision,
    require_equal,
)
from jndlab.store.databases import explained, name_of
from jndlab.store.engine import WRITERS, Store, connect_store, open_store


def move_rows(
    source: Store,
    target: Settings,
    *,
    on_rows: OnRows = lambda n: None,
    on_compare: Callable[[], None] = lambda: None,
) -> Facts:
    """Copy every row of ``source``, whose schema is the newest, into the empty database ``target``.

    A new SQLite file appears when it is whole. Raises StoreError if the target is not empty, does
    not take a row, or does not give back what it was given.
    """
    require_empty(target)
    if target.database_url:
        with open_store(target) as store:
            return _fill(source, store, on_rows, on_compare)
    path = target.database
    with TemporaryDirectory(dir=path.parent, prefix=".moving-") as folder:
        there = replace(target, data=Path(folder))
        with open_store(there) as store:
            facts = _fill(source, store, on_rows, on_compare)
        there.database.replace(path)
    return facts


def require_empty(target: Settings) -> None:
    """Raise StoreError if there is anything in a database that is to be filled."""
    if not target.database_url:
        if target.database.exists():
            raise StoreError(
                f"There is a database already: {target.database}.",
                "Move it (and jndlab.db-wal beside it) to another folder first.",
            )
        return
    with closing(connect_store(target)) as store, explained(store.engine), store.read() as db:
        filled = [name for name, n_rows in count_rows(db.connection()).items() if n_rows]
    if filled:
        raise StoreError(
            f"{name_of(store.engine)} is not empty: there are rows in {', '.join(filled[:5])}"
            f"{' and others' if len(filled) > 5 else ''}.",
            "Make an empty database, and name that one.",
        )


def require_nobody_else(store: Store) -> None:
    """Raise StoreError if others are connected with a PostgreSQL database."""
    if store.dialect != "postgresql":
        return
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with store.read() as db:
        n_others = db.execute(query).scalar_one()
    if n_others:
        raise StoreError(
            f"{n_others} other connections use the database {name_of(store.engine)}.",
            "Stop its servers first: what they stored after the copy would be left behind.",
        )


def _fill(source: Store, target: Store, on_rows: OnRows, on_compare: Callable[[], None]) -> Facts:
    with (
        explained(source.engine),
        source.read() as reading,
        explained(target.engine),
        target.engine.begin() as writing,
    ):
        if target.dialect == "postgresql":  # no server of ours writes there meanwhile
            writing.execute(text(f"SELECT pg_advisory_xact_lock({WRITERS})"))
        _require_same_schema(reading.connection(), writing)
        facts = copy_tables(reading.connection(), writing, on_rows=on_rows)
        on_compare()
        found = describe_tables(writing, on_rows=on_rows)
        require_equal(facts, found, what=f"What has arrived in {name_of(target.engine)}")
    return facts


def _require_same_schema(source: Connection, target: Connection) -> None:
    one, other = read_revision(source), read_revision(target)
    if one != other:
        raise StoreError(
            f"The schemas differ: {one} here, {other} there.", "Run first: jndlab db upgrade"
        )
