"""`jndlab demo`: the whole way in one command, and again without doing it twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.servers import free_port, jndlab, port_is_free


def sessions(folder: Path) -> list[tuple[str, str, int]]:
    """Kind, state and number of sessions of the demo."""
    connection = sqlite3.connect(folder / "data" / "jndlab.db")
    rows = connection.execute(
        "SELECT kind, state, count(*) FROM sessions GROUP BY kind, state"
    ).fetchall()
    connection.close()
    return rows


@pytest.mark.slow
def test_the_demo_ends_with_a_report_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder, port = tmp_path / "demo", free_port()
    arguments = ("demo", "--no-serve", "--folder", str(folder), "--port", str(port))
    first = jndlab(*arguments, timeout=600)
    assert first.returncode == 0, first.stdout + first.stderr
    report = folder / "report.html"
    assert str(report) in first.stdout
    assert "synthetic speech" in first.stdout
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sessions(folder) == [("simulated", "finished", 24)]
    assert port_is_free(port)

    study = (folder / "study" / "study.yaml").read_bytes()
    report.unlink()
    again = jndlab(*arguments, timeout=600)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "24 simulated listeners have taken it already." in again.stdout
    assert report.is_file()
    assert sessions(folder) == [("simulated", "finished", 24)]
    assert (folder / "study" / "study.yaml").read_bytes() == study
