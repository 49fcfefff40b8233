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
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from jndlab.errors import StoreError
from jndlab.store.prepared import DRIVER, run_text


class _Group:
    """Writers whose changes are flushed together, one after the other in one session.

    It begins a savepoint of SQLAlchemy's where mapped objects are used, and not before: for the
    statements of :mod:`jndlab.store.prepared` that costs more than they do.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver: Any = connection.connection.driver_connection
        self.db = Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        self.db.info[DRIVER] = self.driver
        self.over = threading.Event()
        self.failure: BaseException | None = None

    def is_open(self) -> bool:
        """Whether its transaction still is: to commit one that is gone is no error there."""
        return not self.connection.invalidated and bool(self.driver.in_transaction)

    @contextmanager
    def writer(self) -> Iterator[Session]:
        """A savepoint, to which an error in the block goes back."""
        run_text(self.driver, "SAVEPOINT writer")
        try:
            yield self.db
            if self.db.in_transaction():
                self.db.commit()
                self.db.close()  # the next writer finds nothing of this one
        except BaseException:
            self._undo()
            raise
        run_text(self.driver, "RELEASE writer")

    def _undo(self) -> None:
        """Undo what this writer wrote; if that fails, what all wrote: they cannot be told apart."""
        with contextlib.suppress(DatabaseError):
            self.db.close()
        try:
            run_text(self.driver, "ROLLBACK TO writer")
            run_text(self.driver, "RELEASE writer")
        except DatabaseError:
            self.connection.invalidate()


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
                with group.writer() as db:
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
