"""A real PostgreSQL server for tests, which ends with them.

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
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Self

from tests.servers import START_SECONDS, free_port, until

PACKAGE = "postgresql"
ACCOUNT = "postgres"
"""Who runs the server where the tests run as root, which PostgreSQL refuses to run as."""
USER = "jndlab"

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


if __name__ == "__main__":
    if missing():
        sys.stdout.write(f"{PACKAGE}\n")
