"""Simulations and reports by several processes and by a real Dask cluster: the same bytes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.analysis.cluster import map_on_cluster
from jndlab.errors import ServerError
from tests.builders import write_study
from tests.export.answered import make_answered
from tests.servers import free_port, jndlab, until

LONG = 600
"""Seconds: a report on a busy machine."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers, started as a user starts them."""
    distributed = pytest.importorskip("distributed")
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    started = [
        _dask("scheduler", "--port", str(port), *here),
        *(_dask("worker", address, "--nthreads", "1", "--no-nanny", *here) for _ in range(2)),
    ]
    until(lambda: _listens(port), "the Dask scheduler")
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
    yield address
    for process in started:
        process.kill()
        process.wait()


def _dask(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_cluster_simulates_the_listeners_that_one_process_does(
    cluster: str, tmp_path: Path
) -> None:
    study = write_study(tmp_path / "study")

    def simulate(name: str, **environment: str) -> bytes:
        path = tmp_path / name
        done = jndlab(
            "simulate", str(study), "--listeners", "23", "--in-memory", str(path),
            environment=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return path.read_bytes()

    alone = simulate("alone.csv")
    assert alone.count(b"\n") == 1 + 23 * 18
    assert simulate("cluster.csv", JNDLAB_DASK=cluster) == alone


def test_a_batch_gives_the_reports_that_are_made_one_by_one(cluster: str, tmp_path: Path) -> None:
    data = make_answered(tmp_path / "made")
    out = str(tmp_path)
    done = jndlab("export", "tiny", "--data", str(data), "--format", "package", "--output", out)
    assert done.returncode == 0, done.stderr
    (package,) = tmp_path.glob("*.zip")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(package.read_bytes()[:-100])
    alone = jndlab("report", str(package), "--output", f"{out}/one.html", timeout=LONG)
    assert alone.returncode == 0, alone.stderr
    expected = (tmp_path / "one.html").read_bytes()
    # Here the package that can be read is left out: its report takes long.
    for packages, way in (([broken], ["--workers", "2"]), ([package, broken], [])):
        folder = tmp_path / f"of-{len(packages)}"
        made = jndlab(
            "batch", *map(str, packages), "--json", "--output", str(folder), *way,
            timeout=LONG, environment={} if way else {"JNDLAB_DASK": cluster},
        )  # fmt: skip
        assert made.returncode == 2, made.stderr
        assert "broken" in made.stderr
        told = json.loads(made.stdout)
        assert [bool(entry["problem"]) for entry in told] == [one == broken for one in packages]
        assert [bool(entry["headlines"]) for entry in told] == [one == package for one in packages]
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert written == {f"{package.stem}-report.html": expected}


def test_results_come_in_order_and_an_error_as_itself(cluster: str) -> None:
    tasks = [f"{number}" for number in range(100)]
    assert list(map_on_cluster(int, tasks, scheduler=cluster)) == list(range(100))
    with pytest.raises(ValueError, match="no number"):
        list(map_on_cluster(int, ["1", "no number", "3"], scheduler=cluster))


def test_listeners_at_a_server_need_no_cluster(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    refused = jndlab("simulate", str(study), "--scheduler", "tcp://127.0.0.1:9")
    assert refused.returncode == 2
    assert "--in-memory" in refused.stderr


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    refused = jndlab("batch", str(tmp_path / "none.zip"))
    assert refused.returncode == 2
    assert "There is no file" in refused.stderr


def test_a_scheduler_without_workers_is_told(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    port = free_port()
    scheduler = _dask("scheduler", "--port", str(port), "--host", "127.0.0.1", "--no-dashboard")
    try:
        until(lambda: _listens(port), "the Dask scheduler")
        with pytest.raises(ServerError, match="no workers"):
            list(map_on_cluster(int, ["1"], scheduler=f"tcp://127.0.0.1:{port}"))
    finally:
        scheduler.kill()
        scheduler.wait()
