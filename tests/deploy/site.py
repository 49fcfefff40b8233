"""A whole site as deploy/ describes it: nginx, two app servers, one PostgreSQL, one study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.studies import require_study
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import load_study
from tests.builders import write_study
from tests.deploy.nginx import Nginx
from tests.postgres_server import PostgresServer
from tests.servers import Server, free_port

SLUG = "heron"
TOKEN = "a token of the tests alone"
DESIGN = {"trials_per_level": 4, "practice_trials": 2, "identical_trials": 2, "gross_trials": 1}


@dataclass
class Site:
    """What runs, and the study in it."""

    nginx: Nginx
    apps: tuple[Server, Server]
    study: StudyDefinition
    link: str

    @property
    def settings(self) -> Settings:
        return self.apps[0].settings

    def mend(self) -> None:
        """Start the servers that do not run."""
        for app in self.apps:
            if app.process is None or app.process.poll() is not None:
                app.start()


@contextmanager
def running_site(folder: Path, postgres: PostgresServer, **given: Any) -> Iterator[Site]:
    """A site with ``given`` settings, for the length of the block."""
    study_file = write_study(folder / "study", slug=SLUG, design=DESIGN)
    database = postgres.create()
    ports = (free_port(), free_port())
    data = folder / "data"
    nginx = Nginx(folder=folder / "nginx", apps=ports, released=data / "released")
    settings = {
        "database_url": postgres.url(database),
        "workers": 1,
        "public_url": nginx.url,
        "metrics_token": TOKEN.replace(" ", "-"),
        "log": "json",
        "log_requests": True,
        **given,
    }
    first = Server(data, [study_file], port=ports[0], given=settings)
    second = Server(data, port=ports[1], given=settings)
    try:
        first.start()  # launches the study
        second.start()
        with nginx, open_store(first.settings, create=False) as store:
            with store.read() as db:
                link = require_study(db, SLUG).link
            yield Site(nginx, (first, second), load_study(study_file), link)
    finally:
        first.kill()
        second.kill()
        postgres.drop(database)
