"""Processes that answer are ended in quick succession, and the server comes back by itself."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.faults.happen import children_of
from tests.servers import Server, port_is_free, until

AGAIN = "ended twice within seconds"


def test_a_server_whose_workers_are_ended_twice_begins_again_and_can_be_ended(
    tmp_path: Path,
) -> None:
    with Server(tmp_path / "data") as server:
        assert server.process is not None
        _end_workers(server, times=2)
        until(lambda: AGAIN in server.log_end(), "the server to see it")
        until(server.answers, "the server to answer again")  # and it is the same process

        _end_workers(server, times=2)
        until(lambda: server.log_end().count(AGAIN) == 2, "the server to see it once more")
        assert server.terminate() == 0  # in the pause, in which no worker is there
        assert port_is_free(server.port)


def test_a_server_whose_worker_waits_for_its_database_can_be_ended(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        database = server.settings.database
        database.write_bytes(b"no database" * 1000)
        for beside in ("-wal", "-shm"):
            database.with_name(database.name + beside).unlink(missing_ok=True)
        _end_workers(server, times=1)
        until(lambda: "not a database" in server.log_end(), "a worker to find it damaged")
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
    assert "end before they can" in server.log_end()
    assert "import of jndlab.web.app halted" in server.log.read_text()
    assert port_is_free(server.port)


def _end_workers(server: Server, times: int) -> None:
    ended: set[int] = set()
    while len(ended) < times:
        for worker in set(children_of(server)) - ended:
            os.kill(worker, signal.SIGKILL)
            ended.add(worker)
        time.sleep(0.02)
