"""One writer and one flush for many: how threads share a transaction of SQLite.

SQLite has one writer at a time, and each commit waits for the disk. Here the threads that want to
write take turns in one open transaction, each in a savepoint of its own; whoever finds nobody
waiting behind it commits, and with it everybody who wrote before. A single writer commits at once;
a hundred share a flush, and none of them is told that it is stored before it is.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from jndlab.errors import StoreError
from jndlab.store.prepared import DRIVER, run_text


@dataclass(eq=False)
class _Group:
    """Writers whose changes are flushed together."""

    connection: Connection
    over: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        self.driver: Any = self.connection.connection.driver_connection

    def is_open(self) -> bool:
        """Whether its transaction still is: to commit one that is gone is no error there."""
        return not self.connection.invalidated and bool(self.driver.in_transaction)


class GroupCommit:
    """The one writer of an SQLite database, for all threads of this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._n_waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def shared(self) -> Iterator[Session]:
        """Write together with others; left when what was written is on the disk.

        An error in the block undoes this writer's changes only. Raises what the commit raised, to
        everybody whose changes were in it.
        """
        with self._my_turn():
            group = self._group = self._group or self._begin()
            try:
                with _savepoint(group) as db:
                    yield db
            except BaseException as error:
                first = _first(error)
                self._drop_if_undone(first)
                if first is not error:
                    raise first from None
                raise
            finally:
                if not self._n_waiting:
                    self._commit()
        group.over.wait()
        if group.failure is not None:
            raise group.failure

    @contextmanager
    def alone(self) -> Iterator[Session]:
        """Write in a transaction of one's own; left when what was written is on the disk."""
        with self._my_turn():
            self._commit()
            with Session(self._engine, expire_on_commit=False) as db:
                db.connection(execution_options={"jndlab_writes": True})
                yield db
                db.commit()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        with self._counting:
            self._n_waiting += 1
        self._turn.acquire()
        with self._counting:
            self._n_waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    def _begin(self) -> _Group:
        connection = self._engine.connect().execution_options(jndlab_writes=True)
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return _Group(connection)

    def _drop_if_undone(self, error: BaseException) -> None:
        """Where SQLite undid the whole transaction (a full disk), nobody's changes are stored."""
        group = self._group
        if group is not None and not group.is_open():
            self._group = None
            self._end(group, error)

    def _commit(self) -> None:
        """Flush what the group wrote, if there is one, and tell its writers how it went."""
        group, self._group = self._group, None
        if group is None:
            return
        try:
            if not group.is_open():
                raise StoreError(
                    "The database undid what was written together.",
                    "Send it again; what was acknowledged is safe.",
                )
            group.connection.commit()
        except BaseException as error:
            self._end(group, error)
        else:
            self._end(group)

    @staticmethod
    def _end(group: _Group, failure: BaseException | None = None) -> None:
        group.failure = failure
        try:
            with contextlib.suppress(Exception):
                if failure is not None:
                    group.connection.invalidate()  # the file is closed, and what was open undone
                group.connection.close()
        finally:
            group.over.set()


def _first(error: BaseException) -> BaseException:
    """The error that others followed from: to undo a savepoint that is gone is one, too."""
    while isinstance(error, DatabaseError) and isinstance(error.__context__, DatabaseError):
        error = error.__context__
    return error


@contextmanager
def _savepoint(group: _Group) -> Iterator[Session]:
    """A savepoint and a session in it, which begins one of its own where mapped objects are used,
    and not before: for the statements of :mod:`jndlab.store.prepared` it costs more than they do.
    """
    run_text(group.driver, "SAVEPOINT writer")
    try:
        with Session(
            group.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as db:
            db.info[DRIVER] = group.driver
            yield db
            if db.in_transaction():
                db.commit()
    except BaseException:
        _undo(group)
        raise
    run_text(group.driver, "RELEASE writer")


def _undo(group: _Group) -> None:
    """Undo what this writer wrote; where that fails, what all wrote: they cannot be told apart."""
    try:
        run_text(group.driver, "ROLLBACK TO writer")
        run_text(group.driver, "RELEASE writer")
    except DatabaseError:
        group.connection.invalidate()
