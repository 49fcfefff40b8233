"""The same seed gives the same rows, in memory and through the real server."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.memory import simulate_study
from jndlab.listeners.model import Truth
from jndlab.store.engine import open_store
from jndlab.store.studies import require_study
from jndlab.study.study_file import load_study
from jndlab.study.trials import COLUMNS
from tests.builders import write_study
from tests.servers import Server, free_port, jndlab

HOW_NOT_WHAT = {"session", "study_digest", "presented_at", "answered_at"}
"""Columns that say when and where, not what was heard and answered."""
TRUTH = Truth(threshold=2.0, width=2.5, lapse_rate=0.05, bias=0.1, spread=0.3)
N_LISTENERS, SEED = 5, 11


def science(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    kept = [{k: v for k, v in row.items() if k not in HOW_NOT_WHAT} for row in rows]
    return sorted(kept, key=lambda row: (int(row["participant"]), int(row["trial"])))


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
def test_rows_through_the_server_equal_those_made_in_memory(tmp_path: Path, paradigm: str) -> None:
    study_file = write_study(tmp_path / "study", paradigm=paradigm)
    study = load_study(study_file)
    with Server(tmp_path / "data", [study_file]) as server:
        store = open_store(server.settings, create=False)
        with store.read() as db:
            link = require_study(db, study.slug).link
        store.close()
        participants = simulate_over_http(
            study,
            url=server.settings.url,
            link=link,
            truth=TRUTH,
            n_listeners=N_LISTENERS,
            seed=SEED,
            concurrency=3,
        )
        assert server.terminate() == 0
    assert participants == list(range(1, N_LISTENERS + 1))
    exported = jndlab("export", "tiny", "--data", str(tmp_path / "data"), "--output", str(tmp_path))
    assert exported.returncode == 0, exported.stderr
    with (tmp_path / "tiny-trials.csv").open(newline="", encoding="utf-8") as file:
        served = list(csv.DictReader(file))
    remembered = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in simulate_study(study, truth=TRUTH, n_listeners=N_LISTENERS, seed=SEED)
    ]
    assert list(served[0]) == list(remembered[0]) == [column.name for column in COLUMNS]
    assert len(served) == N_LISTENERS * 18
    assert science(served) == science(remembered)


def test_simulating_without_a_server_says_how_to_start_one(tmp_path: Path) -> None:
    study_file = write_study(tmp_path / "study")
    link = f"http://127.0.0.1:{free_port()}/s/nowhere"
    refused = jndlab("simulate", str(study_file), "--link", link, "--listeners", "2")
    assert refused.returncode == 2
    assert "No server answers" in refused.stderr
    assert "jndlab serve" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_another_study_file_cannot_simulate_a_launched_study(tmp_path: Path) -> None:
    study_file = write_study(tmp_path / "study")
    with Server(tmp_path / "data", [study_file]) as server:
        store = open_store(server.settings, create=False)
        with store.read() as db:
            link = f"{server.settings.url}/s/{require_study(db, 'tiny').link}"
        store.close()
        other = write_study(tmp_path / "other", seed=8)
        refused = jndlab("simulate", str(other), "--link", link, "--listeners", "1")
        assert refused.returncode == 2
        assert "not the study that runs here" in refused.stderr
        exported = jndlab("export", "tiny", "--data", str(server.data), "--output", str(tmp_path))
    assert "0 trials" in exported.stdout
