"""Copying all rows of one database into another, and telling whether two hold the same rows.

Tables and columns are read from the databases themselves, so that it works on any revision of the
schema. Times are text everywhere (:class:`jndlab.store.base.UtcTime`): what is copied is what is
stored, and nothing is read and written anew on the way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    collate,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from jndlab.errors import StoreError

VERSION_TABLE = "alembic_version"
ROWS_AT_A_TIME = 2000

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class TableFacts:
    """How many rows a table has, and the digest of them all."""

    n_rows: int
    digest: str
    """SHA-256 (hex) of the names of the columns and of each row, as lists in JSON, one a line;
    columns by name, rows by primary key. The same on every database."""


Facts = dict[str, TableFacts]
"""By the name of the table."""
OnRows = Callable[[int], None]
"""Told of so many more rows."""


def read_tables(connection: Connection) -> list[Table]:
    """The tables of a database, but for Alembic's own; those that are pointed at come first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def read_revision(connection: Connection) -> str | None:
    """The revision of the schema; None where there is none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return None if found is None else str(found)


def describe_tables(connection: Connection, *, on_rows: OnRows = lambda n: None) -> Facts:
    """Count and digest of every table."""
    return {
        table.name: _describe(table, _rows(connection, table), on_rows)
        for table in read_tables(connection)
    }


def count_rows(connection: Connection) -> dict[str, int]:
    """The number of rows of every table."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in read_tables(connection)
    }


def copy_tables(
    source: Connection, target: Connection, *, on_rows: OnRows = lambda n: None
) -> Facts:
    """Copy every row into the empty tables of ``target``; count and digest of what was read.

    Both have the same revision of the schema. Nothing is committed here. Raises StoreError naming
    the table whose rows the target does not take.
    """
    there = {table.name: table for table in read_tables(target)}
    facts = {}
    for table in read_tables(source):
        reading = _Reading(table, _rows(source, table), on_rows)
        try:
            _insert(target, there[table.name], reading)
        except (SQLAlchemyError, ValueError) as error:
            raise _not_taken(table, error) from error
        except Exception as error:  # the drivers' own, which share no class
            if type(error).__module__.partition(".")[0] not in ("psycopg", "sqlite3"):
                raise
            raise _not_taken(table, error) from error
        facts[table.name] = reading.facts()
    if target.dialect.name == "postgresql":
        continue_numbers(target)
    return facts


def require_equal(expected: Facts, found: Facts, *, what: str) -> None:
    """Raise StoreError, which says where, if two databases do not hold the same rows."""
    problems = []
    for name in sorted(expected.keys() | found.keys()):
        one, other = expected.get(name), found.get(name)
        if one is None or other is None:
            problems.append(f"table {name} is {'not expected' if one is None else 'missing'}")
        elif one.n_rows != other.n_rows:
            problems.append(f"table {name} has {other.n_rows} rows instead of {one.n_rows}")
        elif one.digest != other.digest:
            problems.append(f"table {name} has other contents")
    if problems:
        raise StoreError(
            f"{what} differs: {'; '.join(problems)}.",
            "Do not use it. Make it anew; if it differs again, check the disk.",
        )


def continue_numbers(target: Connection) -> None:
    """Let the next row of each table get the number after the highest; PostgreSQL counts apart."""
    for table in read_tables(target):
        for column in table.primary_key.columns:
            query = select(func.pg_get_serial_sequence(f'"{table.name}"', column.name))
            sequence = target.execute(query).scalar()
            if sequence is not None:
                highest = target.execute(select(func.max(column))).scalar() or 0
                target.execute(select(func.setval(sequence, highest + 1, False)))


def _not_taken(table: Table, error: Exception) -> StoreError:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return StoreError(
        f"The rows of table {table.name} cannot be copied: {reason}.",
        "Nothing was changed. Mend that row, then do the same again.",
    )


def _folded(value: Any) -> Any:
    """A zero below zero as zero: PostgreSQL keeps its sign, and SQLite does not."""
    return value + 0.0 if isinstance(value, float) else value


class _Reading:
    """Rows on their way: counted and digested as they pass."""

    def __init__(self, table: Table, rows: Iterator[Row[Any]], on_rows: OnRows) -> None:
        self.columns = [column.name for column in _columns(table)]
        self._rows = rows
        self._on_rows = on_rows
        self._digest = hashlib.sha256(f"{_encode(self.columns)}\n".encode())
        self._n_rows = 0

    def __iter__(self) -> Iterator[Any]:
        before = 0
        for row in self._rows:
            self._digest.update(f"{_encode(tuple(map(_folded, row)))}\n".encode())
            self._n_rows += 1
            if self._n_rows - before == ROWS_AT_A_TIME:
                self._on_rows(self._n_rows - before)
                before = self._n_rows
            yield row
        self._on_rows(self._n_rows - before)

    def facts(self) -> TableFacts:
        return TableFacts(self._n_rows, self._digest.hexdigest())


def _describe(table: Table, rows: Iterator[Row[Any]], on_rows: OnRows) -> TableFacts:
    reading = _Reading(table, rows, on_rows)
    for _ in reading:
        pass
    return reading.facts()


def _columns(table: Table) -> list[Any]:
    return sorted(table.columns, key=lambda column: column.name)


def _rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """All rows, without having them in memory; in an order that every database gives alike."""
    query: Select[Any] = select(*_columns(table)).order_by(
        *(
            collate(column, "C") if _sorts_by_language(connection, column) else column
            for column in table.primary_key.columns
        )
    )
    yield from connection.execute(query, execution_options={"yield_per": ROWS_AT_A_TIME})


def _sorts_by_language(connection: Connection, column: Any) -> bool:
    return connection.dialect.name == "postgresql" and isinstance(column.type, Text)


def _insert(target: Connection, table: Table, reading: _Reading) -> None:
    names = ", ".join(f'"{name}"' for name in reading.columns)
    driver: Any = target.connection.driver_connection
    if target.dialect.name == "postgresql":
        with (
            driver.cursor() as cursor,
            cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy,
        ):
            for row in reading:
                copy.write_row(tuple(row))
    else:
        marks = ", ".join("?" for _ in reading.columns)
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
        driver.executemany(statement, map(tuple, reading))
