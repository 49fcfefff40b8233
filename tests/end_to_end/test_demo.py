"""`jndlab demo`: the whole way in one command, and again without doing it twice."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_study
from jndlab.demo.run import TRUTH
from jndlab.export.tidy import study_rows
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.studies import require_study, require_version
from tests.servers import free_port, jndlab, port_is_free


def sessions(folder: Path) -> list[tuple[str, str, int]]:
    """Kind, state and number of sessions of the demo."""
    connection = sqlite3.connect(folder / "data" / "jndlab.db")
    rows = connection.execute(
        "SELECT kind, state, count(*) FROM sessions GROUP BY kind, state"
    ).fetchall()
    connection.close()
    return rows


def interval_found(folder: Path) -> tuple[float, float]:
    """The interval of the threshold, fitted anew to the stored answers; it holds the truth."""
    with open_store(Settings(data=folder / "data"), create=False) as store:
        table = TrialTable.from_rows(study_rows(store, "demo", kinds=["simulated"]))
        with store.read() as db:
            seed = int(require_version(db, require_study(db, "demo").id).digest[:8], 16)
    [condition] = analyse_study(
        table, options=AnalysisOptions(session_kind="simulated"), seed=seed
    ).conditions
    interval = condition.jnds[0].threshold.interval
    assert TRUTH.threshold is not None
    assert interval.low < TRUTH.threshold < interval.high
    assert interval.high - interval.low < 1.5
    return interval.low, interval.high


def printed_interval(output: str) -> tuple[float, float]:
    """The interval in the sentence that the demo prints."""
    match = re.search(r"95% interval ([\d.]+) to ([\d.]+)", output)
    assert match is not None, output
    return float(match[1]), float(match[2])


@pytest.mark.slow
def test_the_demo_ends_with_a_report_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder, port = tmp_path / "demo", free_port()
    arguments = ("demo", "--no-serve", "--folder", str(folder), "--port", str(port))
    first = jndlab(*arguments, timeout=600)
    assert first.returncode == 0, first.stdout + first.stderr
    report = folder / "report.html"
    assert str(report) in first.stdout
    assert "synthetic speech" in first.stdout
    assert interval_found(folder) == pytest.approx(printed_interval(first.stdout), abs=0.006)
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
