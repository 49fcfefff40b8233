"""`jndlab serve`: start, stop, restart, and a port that is taken."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import write_study
from tests.servers import Server, free_port, jndlab, port_is_free, until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", [write_study(tmp_path / "study")])
    yield server
    server.kill()


def children(server: Server) -> list[int]:
    """The processes that the server has started."""
    assert server.process is not None
    if Path("/proc/self/stat").exists():
        stats = [_read(path) for path in Path("/proc").glob("[0-9]*/stat")]
        # "pid (name) state ppid ...": a name may hold spaces and brackets.
        pairs = [(s.split()[0], s.rpartition(")")[2].split()[1]) for s in stats if s]
    else:
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True)
        pairs = [(pid, ppid) for pid, ppid in map(str.split, listed.stdout.splitlines())]
    return [int(pid) for pid, ppid in pairs if int(ppid) == server.process.pid]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""


def test_it_ends_cleanly_when_asked_and_frees_its_port(server: Server) -> None:
    server.start()
    assert server.terminate() == 0
    assert port_is_free(server.port)
    log = server.data.with_name("server.log").read_text()
    assert "participants go to" in log
    assert "Traceback" not in log


def test_it_answers_with_pages_script_and_api(server: Server) -> None:
    server.start()
    link = next(
        word for word in server.data.with_name("server.log").read_text().split() if "/s/" in word
    )
    for address, start in (
        (link, "text/html"),
        (f"{server.settings.url}/static/js/main.js", "text/javascript"),
        (f"{server.settings.url}/api/v1/openapi.json", "application/json"),
    ):
        with urllib.request.urlopen(address, timeout=30) as response:
            assert response.headers["Content-Type"].startswith(start)
            assert response.read()


def test_a_port_in_use_is_refused_with_a_remedy_and_disturbs_nobody(
    server: Server, tmp_path: Path
) -> None:
    server.start()
    other = tmp_path / "other"
    refused = jndlab("serve", "--data", str(other), "--port", str(server.port))
    assert refused.returncode == 2
    assert f"Cannot listen at 127.0.0.1:{server.port}" in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not other.exists()
    assert server.answers()


def test_a_study_that_is_wrong_ends_with_a_remedy_before_serving(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    (study.parent / "baseline" / "one.wav").unlink()
    port = str(free_port())
    refused = jndlab("serve", str(study), "--data", str(tmp_path / "data"), "--port", port)
    assert refused.returncode == 2
    assert "has no one.wav" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_changed_study_is_refused_after_its_launch(server: Server) -> None:
    server.start()
    server.terminate()
    [study] = server.studies
    study.write_text(study.read_text().replace("A tiny study", "Another study"))
    arguments = ("serve", str(study), "--data", str(server.data), "--port", str(server.port))
    refused = jndlab(*arguments)
    assert refused.returncode == 2
    assert "another definition" in refused.stderr


def test_a_worker_that_dies_is_replaced(server: Server) -> None:
    server.start()
    (worker,) = children(server)
    os.kill(worker, signal.SIGKILL)
    until(lambda: children(server) not in ([worker], []), "a new worker")
    until(server.answers, "the new worker to answer")


def test_no_worker_outlives_the_server(server: Server) -> None:
    """Or it would hold the port, and nobody could start the server again."""
    server.start()
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(timeout=60)
    until(lambda: port_is_free(server.port), "the port to become free")
