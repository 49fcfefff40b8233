"""A whole study on PostgreSQL, with two servers on one database: the same rows as anywhere."""

from __future__ import annotations

import csv
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.memory import simulate_study
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.models import JobRow
from jndlab.store.studies import require_study
from jndlab.study.study_file import load_study
from jndlab.web.jobs.claims import HELD
from jndlab.web.jobs.queue import add_job
from tests.builders import write_study
from tests.end_to_end.test_simulating import TRUTH, science
from tests.postgres_server import PostgresServer
from tests.servers import Server, jndlab, until

N_LISTENERS, SEED = 6, 11


@dataclass(frozen=True)
class Site:
    """Two servers that share a data folder and a database, and the study that they serve."""

    servers: tuple[Server, Server]
    study_file: Path

    @property
    def settings(self) -> Settings:
        return self.servers[0].settings

    def jndlab(self, *arguments: str) -> str:
        """Run a command on the database; what it printed."""
        done = jndlab(*arguments, environment=self.settings.to_environment())
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def site(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("shared")
    study_file = write_study(folder / "study")
    url = postgres.url(postgres.create())
    with (
        Server(folder / "data", [study_file], database_url=url) as first,
        Server(folder / "data", database_url=url) as second,  # which finds the study launched
    ):
        yield Site(servers=(first, second), study_file=study_file)


def test_listeners_of_both_servers_give_the_rows_that_they_give_in_memory(
    site: Site, tmp_path: Path
) -> None:
    study = load_study(site.study_file)
    with open_store(site.settings, create=False) as store, store.read() as db:
        link = require_study(db, study.slug).link

    def simulate(server: Server) -> list[int]:
        return simulate_over_http(
            study,
            url=server.settings.url,
            link=link,
            truth=TRUTH,
            n_listeners=N_LISTENERS // 2,
            seed=SEED,
            concurrency=2,
        )

    with ThreadPoolExecutor(2) as pool:
        participants = [number for some in pool.map(simulate, site.servers) for number in some]
    assert sorted(participants) == list(range(1, N_LISTENERS + 1))
    folder = str(tmp_path)
    site.jndlab("export", "tiny", "--output", folder)
    with (tmp_path / "tiny-trials.csv").open(newline="", encoding="utf-8") as file:
        served = list(csv.DictReader(file))
    remembered = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in simulate_study(study, truth=TRUTH, n_listeners=N_LISTENERS, seed=SEED)
    ]
    assert science(served) == science(remembered)

    site.jndlab("report", "tiny", "--kind", "simulated", "--output", f"{folder}/report.html")
    assert "JND" in (tmp_path / "report.html").read_text(encoding="utf-8")
    site.jndlab("export", "tiny", "--format", "package", "--with-seed", "--output", folder)
    (package,) = tmp_path.glob("*.zip")
    told = json.loads(site.jndlab("verify", str(package), "--json"))
    assert told["findings"] == []


def test_a_job_of_a_machine_that_is_gone_is_done_by_a_server_that_is_there(site: Site) -> None:
    with open_store(site.settings, create=False) as store:
        with store.write() as db:
            study_id = require_study(db, "tiny").id
            job = add_job(db, "gate", study_id=study_id, by=None)
            row = db.scalars(select(JobRow).where(JobRow.public_id == job)).one()
            row.state, row.host, row.attempts = "running", "gone", 1
            row.held_until = datetime.now(UTC) - HELD

        def done() -> bool:
            with store.read() as db:
                row = db.scalars(select(JobRow).where(JobRow.public_id == job)).one()
                return row.state in ("done", "failed")

        until(done, "the job of the machine that is gone")
        with store.read() as db:
            row = db.scalars(select(JobRow).where(JobRow.public_id == job)).one()
            assert (row.attempts, row.host) == (2, socket.gethostname())
