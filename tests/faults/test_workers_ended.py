"""Processes that answer are ended in quick succession, and the server comes back by itself."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.happen import children_of
from tests.servers import Server, port_is_free, until

AGAIN = "ended twice in seconds"


def test_a_server_whose_workers_are_ended_twice_begins_again_and_can_be_ended(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    url = ""
    if database == "postgresql":  # with two workers, of which all have to begin again
        postgres = request.getfixturevalue("postgres")
        url = postgres.url(postgres.create())
    with Server(tmp_path / "data", database_url=url) as server:
        _end_workers_until(server, lambda: _log(server).count(AGAIN) == 1)
        until(server.answers, "the server to answer again")  # and it is the same process

        _end_workers_until(server, lambda: _log(server).count(AGAIN) == 2)
        assert server.terminate() == 0  # in the pause, in which no worker is there
        assert port_is_free(server.port)


def test_a_server_whose_worker_waits_for_its_database_can_be_ended(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        database = server.settings.database
        database.write_bytes(b"no database" * 1000)
        for beside in ("-wal", "-shm"):
            database.with_name(database.name + beside).unlink(missing_ok=True)
        (worker,) = children_of(server)
        os.kill(worker, signal.SIGKILL)
        until(lambda: "not a database" in _log(server), "the next one to find it damaged")
        assert server.terminate() == 0
        assert port_is_free(server.port)


def test_a_server_whose_workers_never_run_ends_and_says_so(tmp_path: Path) -> None:
    # As where the program is installed by half: only the workers read this module.
    (tmp_path / "sitecustomize.py").write_text('import sys\nsys.modules["jndlab.web.app"] = None\n')
    server = Server(tmp_path / "data", environment={"PYTHONPATH": str(tmp_path)})
    server.begin()
    assert server.process is not None
    try:
        assert server.process.wait(timeout=60) == 2  # a refusal, with a remedy
    finally:
        server.kill()
    assert "end before they can" in _log(server)
    assert "import of jndlab.web.app halted" in _log(server)
    assert port_is_free(server.port)


def _end_workers_until(server: Server, seen: Callable[[], bool]) -> None:
    def one_more() -> bool:
        for worker in () if seen() else children_of(server):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        return seen()

    until(one_more, "the server to see that they end")


def _log(server: Server) -> str:
    return server.log.read_text(encoding="utf-8")
