"""A real PostgreSQL server for tests, and a fresh database of it for each of them.

Run as a script it prints the Debian package that is missing, or nothing.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import event

from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.copying import continue_numbers, copy_tables
from jndlab.store.engine import Store, connect_store, open_store
from tests.servers import START_SECONDS, free_port, until

DATABASES = {"postgresql", "sqlite"}
PACKAGE = "postgresql"
ACCOUNT = "postgres"
"""Who runs the server where the tests run as root, which PostgreSQL refuses to run as."""
USER = "jndlab"
REQUIRED = "JNDLAB_DATABASES_REQUIRED"
"""Variable: with 1 a missing PostgreSQL fails its tests instead of skipping them."""

# A server that is never crashed needs not wait for the disk.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
COMMON = {"max_connections": "200", "shared_buffers": "32MB", "listen_addresses": "127.0.0.1"}


@cache
def find_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``; None where there is no PostgreSQL."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = Path("/usr/lib/postgresql")
    found = [path.parent for path in versions.glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def missing() -> str:
    """Why there is no server for the tests; empty if there can be one."""
    if find_programs() is None:
        return f"PostgreSQL is not installed (Debian: {PACKAGE})"
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            pwd.getpwnam(ACCOUNT)
            return ""
        return f"PostgreSQL refuses to run as root, and there is no account {ACCOUNT}"
    return ""


@dataclass
class PostgresServer:
    """A server with its data in a folder of its own. A context that ends and removes it.

    It sorts as in English, as most servers do and SQLite does not. ``fsync``: whether what it
    acknowledges survives a crash; off, it is faster. A server that is killed can be started again.
    """

    fsync: bool = True
    port: int = field(default_factory=free_port)
    options: dict[str, str] = field(default_factory=dict)
    """Further settings of the server."""
    folder: Path = field(init=False)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _watch: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _copies_files: bool | None = field(default=None, init=False, repr=False)
    _names: count[int] = field(default_factory=lambda: count(1), init=False, repr=False)

    def __enter__(self) -> Self:
        why = missing()
        if why:
            raise RuntimeError(why)
        self.folder = Path(tempfile.mkdtemp(prefix="jndlab-postgres-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, ACCOUNT, ACCOUNT)
        try:
            self._make_cluster()
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *error: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What it says, over all its starts."""
        return self.folder / "log"

    def url(self, database: str = "postgres") -> str:
        """The address of a database, as JNDLAB_DATABASE_URL has it."""
        return f"postgresql://{USER}:secret@127.0.0.1:{self.port}/{database}"

    def start(self) -> Self:
        """Start it and wait until it answers; recovery after a crash included."""
        options = COMMON | ({} if self.fsync else HASTY) | self.options
        options |= {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        command = [self._program("postgres"), "-D", str(self.data)]
        command += [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self.folder,
                **_account(),
            )
        self._watch = _end_with_us(self.process.pid, self.folder)
        until(self._answers, f"PostgreSQL to start; {self.log}")
        return self

    def stop(self) -> None:
        """End it as a service manager does; open connections are cut."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self._ended()

    def kill(self) -> None:
        """kill -9 all its processes at once; harmless if it does not run."""
        if self.process is None:
            return
        family = [self.process.pid, *_children(self.process.pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._ended()
        until(lambda: not any(map(_runs, family)), "the processes of PostgreSQL to be gone")

    def create(self, *, template: str = "") -> str:
        """Make a database, empty or as a copy of another; its name."""
        name = f"test_{next(self._names)}"
        like = f' TEMPLATE "{template}"' if template else ""
        if self._copies_files is None:
            (version,) = self.execute("SHOW server_version_num")
            self._copies_files = int(version[0]) >= 150_000
        like += " STRATEGY file_copy" if self._copies_files else ""  # half the time
        self.execute(f'CREATE DATABASE "{name}"{like}')
        return name

    def drop(self, database: str) -> None:
        """Remove a database, and whoever is still connected with it."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def execute(self, statement: str, *, database: str = "postgres") -> list[Any]:
        """Run one statement outside of a transaction; its rows."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _ended(self) -> None:
        assert self.process is not None
        self.process.wait(timeout=START_SECONDS)
        self.process = None
        if self._watch is not None:  # before another process gets the number of the server
            self._watch.kill()
            self._watch.communicate()
            self._watch = None

    def _make_cluster(self) -> None:
        command = [self._program("initdb"), "-D", str(self.data), "-U", USER, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        command += ["--locale-provider=icu", "--icu-locale=en"]
        with self.log.open("ab") as out:
            subprocess.run(
                command, stdout=out, stderr=out, cwd=self.folder, check=True, **_account()
            )

    def _answers(self) -> bool:
        import psycopg

        assert self.process is not None
        assert self.process.poll() is None, f"PostgreSQL has ended: {self.log.read_text()}"
        with contextlib.suppress(psycopg.OperationalError):
            self.execute("SELECT 1")
            return True
        return False

    def _program(self, name: str) -> str:
        folder = find_programs()
        assert folder is not None
        return str(folder / name)


def _account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []}


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _runs(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _end_with_us(pid: int, folder: Path) -> subprocess.Popen[bytes]:
    """A process of its own that ends the server when this one is gone, however it went."""
    script = (
        'read _; kill -INT "$0" 2>/dev/null; while kill -0 "$0" 2>/dev/null; do sleep 0.1; done; '
        'rm -rf "$1"'
    )
    return subprocess.Popen(
        ["sh", "-c", script, str(pid), str(folder)],
        stdin=subprocess.PIPE,  # closed by the operating system when this process is gone
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


_asked: list[PostgresServer] = []
"""The server that the test which runs now wants its stores on; empty: SQLite."""
_made: list[str] = []
_opened: list[Store] = []
_templates: dict[Path | None, str] = {}


def database_url(copy_of: Path | None = None) -> str:
    """The address of a database for the test that runs now, to be used for its stores.

    It is empty, or has the rows of the SQLite database in the data folder ``copy_of``. Empty
    text where the test runs on SQLite: its database is in the data folder.
    """
    if not _asked:
        return ""
    server = _asked[-1]
    if copy_of not in _templates:
        if copy_of is None:
            _templates[None] = server.create()
            open_store(Settings(database_url=server.url(_templates[None]))).close()
        else:
            database_url()
            _templates[copy_of] = server.create(template=_templates[None])
            _fill(copy_of, server.url(_templates[copy_of]))
    _made.append(server.create(template=_templates[copy_of]))
    return server.url(_made[-1])


def closed_at_end(store: Store) -> Store:
    """The store, which is closed when its test ends, also if it fails before it gets to that.

    A connection of PostgreSQL that is left open is a warning in whatever test comes later.
    """
    if _asked:
        _opened.append(store)
    return store


def make_read_only(store: Store) -> None:
    """Let the database refuse every change from now on, as one on a read-only disk does."""
    on_sqlite = store.dialect == "sqlite"
    refuse = "PRAGMA query_only = ON" if on_sqlite else "SET default_transaction_read_only = on"

    def prepare(connection: Any, record: Any) -> None:
        connection.execute(refuse)
        connection.commit()

    store.engine.dispose()
    event.listen(store.engine, "connect", prepare)


def stored_bytes(settings: Settings) -> bytes:
    """Everything that a closed store has in its database, to look for what must not be there."""
    if not settings.database_url:
        return b"".join(path.read_bytes() for path in settings.data.glob("jndlab.db*"))
    import psycopg

    with psycopg.connect(settings.database_url) as connection:
        names = [table.name for table in Base.metadata.sorted_tables]
        copies = [connection.cursor().copy(f'COPY "{name}" TO STDOUT'.encode()) for name in names]
        content = []
        for copy in copies:
            with copy as parts:
                content += [bytes(part) for part in parts]
    return b"".join(content)


def copy_settings(settings: Settings, data: Path) -> Settings:
    """A copy of a closed store, in another data folder."""
    shutil.copytree(settings.data, data)
    if not settings.database_url:
        return replace(settings, data=data)
    server = _asked[-1]
    _made.append(server.create(template=settings.database_url.rpartition("/")[2]))
    return replace(settings, data=data, database_url=server.url(_made[-1]))


def _fill(source: Path, target: str) -> None:
    """Copy every row of a SQLite database into an empty one of PostgreSQL."""
    with (
        connect_store(Settings(data=source)) as old,
        connect_store(Settings(data=source, database_url=target)) as new,
        old.engine.connect() as reading,
        new.engine.begin() as writing,
    ):
        copy_tables(reading, writing)
        continue_numbers(writing)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for all tests of this process that do not crash it."""
    why = missing()
    if why and os.environ.get(REQUIRED) == "1":
        pytest.fail(why)
    if why:
        pytest.skip(f"{why}; tools/get-postgres gets it")
    with PostgresServer(fsync=False) as server:
        yield server
    _templates.clear()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which database the stores of this test are on (the conftest repeats it for each)."""
    if request.param == "sqlite":
        yield request.param
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    _asked.append(server)
    yield request.param
    _asked.clear()
    for store in _opened:
        store.close()
    _opened.clear()
    for name in _made:
        server.drop(name)
    _made.clear()


if __name__ == "__main__":
    if missing():
        sys.stdout.write(f"{PACKAGE}\n")
