"""The place where faults happen: servers, a database, a disk and a line, all of them real."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.browser.fault_proxy import FaultProxy
from tests.builders import write_study
from tests.faults.accounting import Account, account_for
from tests.faults.clock import Clock
from tests.faults.crowd import Crowd, Task
from tests.faults.disk import Disk
from tests.faults.ledger import Ledger
from tests.postgres_server import PostgresServer
from tests.servers import Server, jndlab

STUDIES: Mapping[str, Mapping[str, Any]] = {
    "steady": {"design": {"trials_per_level": 4, "practice_trials": 2, "identical_trials": 2}},
    "stairs": {
        "paradigm": "two-interval",
        "design": {"practice_trials": 2, "gross_trials": 2, "procedure": "staircase"},
        "adaptive": {"stop": {"trials": 16}},
    },
}
"""Constant stimuli, planned to the last; and a staircase, in which each trial follows from the
answers before it, so that one lost answer would show in all later ones."""


def write_studies(folder: Path, slugs: Sequence[str]) -> list[Path]:
    """The study files, sounds included."""
    files = []
    for slug in slugs:
        files.append(
            write_study(folder / slug, slug=slug, sounds={"seconds": 0.1}, **STUDIES[slug])
        )
    return files


Fault = Callable[["Site", random.Random], None]
"""It happens, and it is over when the call returns."""


@dataclass
class Site:
    """One data folder and who serves it. A context that starts everything and ends it.

    The parts that a fault needs are given: a PostgreSQL server in place of the file, a small disk
    under the data folder, a clock that can be set, a line that can be bad, more servers than one.
    """

    folder: Path
    postgres: PostgresServer | None = None
    disk: Disk | None = None
    clock: Clock | None = None
    line: FaultProxy | None = None
    n_servers: int = 1
    old_code: Path | None = None
    """Checkout of an older revision, whose servers and commands are run until it is forgotten."""
    slugs: Sequence[str] = tuple(STUDIES)
    """The studies; an old server may not know all of them."""
    servers: list[Server] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    ledger: Ledger | None = None
    """Of the listeners who are here."""

    @property
    def data(self) -> Path:
        """The data folder; with a disk of its own, the whole disk."""
        return self.disk.folder if self.disk else self.folder / "data"

    @cached_property
    def database_url(self) -> str:
        """Of PostgreSQL, empty at first; "" for the file."""
        return self.postgres.url(self.postgres.create()) if self.postgres else ""

    @property
    def server(self) -> Server:
        """The first one."""
        return self.servers[0]

    @property
    def ports(self) -> list[int]:
        """Where listeners go."""
        return [self.line.port] if self.line else [server.port for server in self.servers]

    def __enter__(self) -> Self:
        files = write_studies(self.folder / "studies", self.slugs)
        for number in range(self.n_servers):
            server = Server(
                self.data, database_url=self.database_url, environment=self._variables()
            )
            server.studies = files if number == 0 else ()
            self.servers.append(server)
            server.start()
            server.studies = ()  # launched: from now on it only has to serve them
        if self.line:
            self.line.server_port = self.server.port
            self.line.__enter__()
        self.tasks[:] = self._find_tasks()
        return self

    def __exit__(self, *error: object) -> None:
        for server in self.servers:
            server.kill()
        if self.line:
            self.line.__exit__()
        if self.postgres and "database_url" in self.__dict__:
            with contextlib.suppress(Exception):  # it may be what was killed
                self.postgres.drop(make_url(self.database_url).database or "")
        if not self.disk:
            shutil.rmtree(self.data, ignore_errors=True)

    def engine(self) -> Engine:
        """The database, past the product."""
        if self.database_url:
            url = make_url(self.database_url).set(drivername="postgresql+psycopg")
            return create_engine(url, poolclass=NullPool)
        return create_engine(f"sqlite:///{self.server.settings.database}", poolclass=NullPool)

    def crowd(self, ledger: Ledger, size: int, seed: int, *, behind: bool = False) -> Crowd:
        """Listeners for all studies."""
        self.ledger = ledger
        return Crowd(self.ports, self.tasks, ledger, size, seed, behind)

    def command(self, *arguments: str) -> str:
        """What a command of the product says. Fails if it does."""
        settings = self.server.settings.to_environment()
        done = jndlab(*arguments, environment={**settings, **self.server.environment})
        assert done.returncode == 0, f"jndlab {arguments[0]}: {done.stdout}{done.stderr}"
        return done.stdout

    def lose_everything(self) -> None:
        """Leave nothing of the data, as a burnt machine does; a new database is empty."""
        shutil.rmtree(self.data)
        self.data.mkdir()
        if self.postgres:
            del self.database_url
            for server in self.servers:
                server.database_url = self.database_url

    def account(self, ledger: Ledger) -> Account:
        """Compare the ledger with what is stored now."""
        return account_for(self.engine(), ledger)

    def forget_old_code(self) -> None:
        """From now on the code is that of today, and listeners know the studies by its keys."""
        self.old_code = None
        for server in self.servers:
            server.environment = self._variables()
        self.tasks[:] = self._find_tasks()

    def _variables(self) -> dict[str, str]:
        variables = {"JNDLAB_PARENT_PROCESS": str(os.getpid())}  # they end with the tests
        if self.clock:
            variables |= self.clock.variables
        if self.old_code:  # before the one that is installed, and before the working folder
            variables |= {"PYTHONPATH": str(self.old_code), "PYTHONSAFEPATH": "1"}
        return variables

    def _find_tasks(self) -> list[Task]:
        """The studies as participants know them."""
        with self.engine().connect() as connection:
            rows = connection.execute(text("SELECT slug, link FROM studies")).all()
        links = {str(row[0]): str(row[1]) for row in rows}
        return [Task(slug, links[slug], self._simulation_key(slug)) for slug in self.slugs]

    def _simulation_key(self, slug: str) -> str:
        """As the code that runs here makes it."""
        path = self.folder / "studies" / slug / "study.yaml"
        done = subprocess.run(
            [sys.executable, "-c", _KEY, str(path)],
            env={**os.environ, **self._variables()},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()


_KEY = """
import sys
from pathlib import Path
from jndlab.study.study_file import load_study
print(load_study(Path(sys.argv[1])).simulation_key())
"""
