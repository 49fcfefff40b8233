"""Statements that come with every answer, given to SQLite's driver as they are.

SQLAlchemy looks a statement up among the compiled ones and lays out its values and its result anew
each time, which costs more than what the driver does with it. Here that is done once. On
PostgreSQL, where the way to the server costs more, SQLAlchemy does it.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Dialect, Insert, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]


DRIVER = "jndlab_driver"
"""In the ``info`` of a session: SQLite's own connection, in a transaction that is open already."""


class Prepared:
    """A statement of tables, not of mapped classes. ``names``: those of its values."""

    def __init__(self, statement: Select[Any] | Insert | Update, *names: str) -> None:
        self._statement = statement
        self._names = names

    def run(self, db: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """What it gives, as rows with names; nothing for a statement that changes.

        Raises sqlalchemy.exc.DBAPIError.
        """
        driver = db.info.get(DRIVER)
        if driver is not None:
            return self._sqlite.run(driver, values)
        connection = db.connection()
        if connection.dialect.name == "sqlite":
            return self._sqlite.run(connection.connection.driver_connection, values)
        result = connection.execute(self._statement, values)
        return result.all() if result.returns_rows else ()

    def run_all(self, db: Session, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of ``many``. Raises sqlalchemy.exc.DBAPIError."""
        if db.info.get(DRIVER) is not None or db.connection().dialect.name == "sqlite":
            for values in many:
                self.run(db, values)
        else:
            db.connection().execute(self._statement, many)

    @cached_property
    def _sqlite(self) -> _ForSQLite:
        return _ForSQLite(self._statement, self._names)


class _ForSQLite:
    """The text of a statement, the order of its values, and how they and the results are converted:
    the types' own functions, as SQLAlchemy would call them."""

    def __init__(self, statement: Select[Any] | Insert | Update, names: Sequence[str]) -> None:
        dialect = sqlite.dialect()
        compiled = statement.compile(dialect=dialect, column_keys=names)
        self._text = str(compiled)
        # A value that is not given is an error then, and no NULL.
        self._constants = {
            name: value for name, value in compiled.params.items() if name not in names
        }
        self._values = [
            (name, _to_database(compiled.binds[name].type, dialect))
            for name in compiled.positiontup or ()
        ]
        columns = statement.exported_columns
        self._results = [_from_database(column.type, dialect) for column in columns]
        self._row = _row_type([str(column.key) for column in columns])

    def run(self, driver: Any, values: Mapping[str, Any]) -> list[Any]:
        given = {**self._constants, **values} if self._constants else values
        bound = [given[name] if to is None else to(given[name]) for name, to in self._values]
        found = run_text(driver, self._text, bound)
        return [
            self._row._make(
                value if convert is None else convert(value)
                for convert, value in zip(self._results, row, strict=True)
            )
            for row in found
        ]


def _row_type(names: Sequence[str]) -> Any:
    return namedtuple("Row", names)


def run_text(driver: Any, text: str, values: Sequence[Any] = ()) -> list[Any]:
    """The rows that a statement of SQLite gives. Raises sqlalchemy.exc.DBAPIError."""
    try:
        return list(driver.execute(text, values))
    except sqlite3.Error as error:
        raise DBAPIError.instance(text, None, error, sqlite3.Error, hide_parameters=True) from error


def _to_database(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_database(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
