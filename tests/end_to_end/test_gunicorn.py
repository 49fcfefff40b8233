"""gunicorn in the place of `jndlab serve`: the same settings, the same folder, the same care."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.truth import Truth
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.studies import require_study
from jndlab.studies import launch_study
from jndlab.study.study_file import load_study
from tests.builders import write_study
from tests.servers import Server, free_port, jndlab, port_is_free, until

pytest.importorskip("gunicorn", reason="the extra 'server' is not installed")
TOKEN = "only-for-the-tests-1"


class Gunicorn(Server):
    """It, on a port of the loopback interface."""

    def begin(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "-c", "python:jndlab.web.gunicorn_config"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **self.settings.to_environment(), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[tuple[Gunicorn, Path]]:
    """It, and the file of a study that was launched beforehand."""
    study = write_study(tmp_path / "study")
    settings = Settings(data=tmp_path / "data")
    with open_store(settings) as store:
        launch_study(store, settings, study)
    more = {"JNDLAB_LOG": "json", "JNDLAB_LOG_REQUESTS": "yes", "JNDLAB_METRICS_TOKEN": TOKEN}
    server = Gunicorn(settings.data, environment=more)
    yield server, study
    server.kill()


def test_gunicorn_takes_sessions_counts_them_and_ends_cleanly(
    launched: tuple[Gunicorn, Path],
) -> None:
    server, file = launched
    server.start()
    study = load_study(file)
    with open_store(server.settings, create=False) as store, store.read() as db:
        link = require_study(db, study.slug).link
    simulate_over_http(
        study,
        url=server.settings.url,
        link=link,
        truth=Truth(threshold=3.0, width=2.0),
        n_listeners=2,
        seed=1,
    )
    address = urllib.request.Request(f"{server.settings.url}/metrics")
    address.add_header("Authorization", f"Bearer {TOKEN}")
    with urllib.request.urlopen(address, timeout=60) as answer:
        figures = answer.read().decode()
    assert 'jndlab_requests_total{status="200",view="api.finish"} 2.0' in figures

    second = jndlab("serve", "--data", str(server.data), "--port", str(free_port()))
    assert second.returncode == 2
    assert "Another server runs" in second.stderr

    assert server.terminate() == 0
    assert port_is_free(server.port)
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line[0] == "{"]
    routes = [line["route"] for line in lines if line["logger"] == "jndlab.requests"]
    assert routes.count("/api/v1/finish") == 2
    assert link not in server.log.read_text()


def test_a_worker_that_is_killed_is_replaced(launched: tuple[Gunicorn, Path]) -> None:
    server, _ = launched
    server.start()
    assert server.process is not None
    master = server.process.pid
    [worker] = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    os.kill(int(worker), signal.SIGKILL)
    until(server.answers, "another worker")
