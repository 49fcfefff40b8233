"""What a server takes at most: over HTTP, by the same program that serves jndlab, each request one
row and a flush that those who wait share. It knows of no session, no trial and no chain.

Run as a script it serves: python benchmarks/bare_server.py DATABASE PORT
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers.peer import Peer, request

from jndlab.web.server import BACKLOG, THREADS

DATABASE = "BARE_DATABASE"


class Group:
    """Those whose rows are flushed together."""

    def __init__(self) -> None:
        self.over = threading.Event()


class Database:
    """One connection, on which threads take turns; who finds nobody waiting flushes."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE answers (id INTEGER PRIMARY KEY, content BLOB)")
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._n_waiting = 0
        self._group: Group | None = None

    def insert(self, content: bytes) -> None:
        """Returns when the row is on the disk."""
        with self._counting:
            self._n_waiting += 1
        with self._turn:
            with self._counting:
                self._n_waiting -= 1
            if self._group is None:
                self._group = Group()
                self._connection.execute("BEGIN IMMEDIATE")
            group = self._group
            self._connection.execute("INSERT INTO answers (content) VALUES (?)", (content,))
            if not self._n_waiting:
                self._connection.execute("COMMIT")
                self._group = None
                group.over.set()
        group.over.wait()


def make_app() -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """The WSGI application."""
    database = Database(os.environ[DATABASE])

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ["REQUEST_METHOD"] == "PUT":
            database.insert(content)
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
        return [b"{}"]

    return app


@dataclass(frozen=True, slots=True, kw_only=True)
class BareServer(Peer):
    """Such a server, measured as another one is, in this environment."""

    def python(self, environments: Path) -> Path:
        return Path(sys.executable)

    def prepare(self, folder: Path, python: Path, n_sessions: int) -> None:
        """Nothing: it makes its table itself."""

    def command(self, folder: Path, python: Path, port: int) -> Sequence[str]:
        script = str(Path(__file__).resolve())
        return [str(python), script, str(folder / "bare.db"), str(port)]

    def requests(self, folder: Path, port: int, n_sessions: int, n_each: int) -> list[list[str]]:
        return [[request("PUT", "/", "application/json", 200 * "x")] * n_each] * n_sessions


def main() -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, RuntimeModes

    os.environ[DATABASE] = sys.argv[1]
    Granian(
        "bare_server:make_app",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[2]),
        interface=Interfaces.WSGI,
        blocking_threads=THREADS["sqlite"],
        backlog=BACKLOG,
        runtime_mode=RuntimeModes.st,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
