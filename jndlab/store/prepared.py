"""Statements that come with every answer, given to the database's driver as they are.

SQLAlchemy looks a statement up among the compiled ones and lays out its values and its result anew
each time, which costs more than what the driver does with it. Here that is done once.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Dialect, Insert, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg as postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]
Statement = Select[Any] | Insert | Update

_DOUBLE = 701
"""PostgreSQL's number of the type of a result, for which only the one of fractions is asked."""
DRIVER = "jndlab_driver"
"""In the ``info`` of a session: its driver's own connection, in a transaction that is open."""


class Prepared:
    """A statement of tables, not of mapped classes. ``names``: those of its values."""

    def __init__(self, statement: Statement, *names: str) -> None:
        self._statement = statement
        self._names = names

    def run(self, db: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """What it gives, as rows with names; nothing for a statement that changes.

        Raises sqlalchemy.exc.DBAPIError.
        """
        driver = driver_of(db)
        form = self._sqlite if isinstance(driver, sqlite3.Connection) else self.postgresql
        return form.run(driver, values)

    @cached_property
    def _sqlite(self) -> _Form:
        return _Form(self._statement, self._names, sqlite.dialect(paramstyle="named"))

    @cached_property
    def postgresql(self) -> _Form:
        """As PostgreSQL takes it."""
        return _Form(self._statement, self._names, postgresql.dialect())  # type: ignore[no-untyped-call]


class Together:
    """Statements that change different tables, and read nothing that another of them changes: one
    after the other on SQLite, on PostgreSQL all at once, since each way to it costs more than the
    statement does."""

    def __init__(self, *statements: Prepared) -> None:
        self._statements = statements

    def run(self, db: Session, *values: Mapping[str, Any]) -> None:
        """Run each with its values. Raises sqlalchemy.exc.DBAPIError."""
        driver = driver_of(db)
        if isinstance(driver, sqlite3.Connection):
            for statement, own in zip(self._statements, values, strict=True):
                statement.run(db, own)
            return
        bound = {}
        for place, (statement, own) in enumerate(zip(self._statements, values, strict=True)):
            for name, value in statement.postgresql.bind(own).items():
                bound[f"{place}_{name}"] = value
        run_text(driver, self._postgresql_text, bound)

    @cached_property
    def _postgresql_text(self) -> str:
        texts = [
            statement.postgresql.text.replace("%(", f"%({place}_")
            for place, statement in enumerate(self._statements)
        ]
        others = ", ".join(f"part_{place} AS ({text})" for place, text in enumerate(texts[:-1]))
        return f"WITH {others} {texts[-1]}" if others else texts[-1]


def driver_of(db: Session) -> Any:
    """The driver's own connection of a session, in a transaction."""
    driver = db.info.get(DRIVER)
    return db.connection().connection.driver_connection if driver is None else driver


class _Form:
    """A statement as one database takes it: its text, and how values and results are converted, by
    the types' own functions, as SQLAlchemy would call them."""

    def __init__(self, statement: Statement, names: Sequence[str], dialect: Dialect) -> None:
        columns = statement.exported_columns
        if isinstance(statement, Insert) and not columns:
            statement = statement.inline()  # else PostgreSQL is made to give back the new id
        compiled = statement.compile(dialect=dialect, column_keys=names)
        self.text = str(compiled)
        # A value that is not given is an error then, and no NULL.
        self._constants = {
            name: value for name, value in compiled.params.items() if name not in names
        }
        self._values = [
            (name, _to_database(bind.type, dialect)) for bind, name in compiled.bind_names.items()
        ]
        self._results = [_from_database(column.type, dialect) for column in columns]
        self._row = _row_type([str(column.key) for column in columns])

    def bind(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as the driver takes them."""
        given = {**self._constants, **values} if self._constants else values
        return {name: given[name] if to is None else to(given[name]) for name, to in self._values}

    def run(self, driver: Any, values: Mapping[str, Any]) -> list[Any]:
        return [
            self._row(
                *[
                    value if convert is None else convert(value)
                    for convert, value in zip(self._results, row, strict=True)
                ]
            )
            for row in run_text(driver, self.text, self.bind(values))
        ]


def _row_type(names: Sequence[str]) -> Any:
    return namedtuple("Row", names)


def run_text(driver: Any, text: str, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """The rows that a statement gives. Raises sqlalchemy.exc.DBAPIError."""
    if isinstance(driver, sqlite3.Connection):
        try:
            return driver.execute(text, values or {}).fetchall()
        except sqlite3.Error as error:
            raise _explicable(text, error, sqlite3.Error) from error
    import psycopg

    try:
        cursor = driver.execute(text, values, prepare=True)
        return () if cursor.description is None else cursor.fetchall()
    except psycopg.Error as error:
        raise _explicable(text, error, psycopg.Error) from error


def _explicable(text: str, error: Exception, of_driver: type[Exception]) -> BaseException:
    """The error as SQLAlchemy would raise it, without the values."""
    return DBAPIError.instance(text, None, error, of_driver, hide_parameters=True)


def _to_database(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_database(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, _DOUBLE)
