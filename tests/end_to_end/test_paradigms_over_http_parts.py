"""Three conditions, two paradigms as two parts, interleaved tracks: over HTTP to a report."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from jndlab.listeners.memory import simulate_study
from jndlab.study.plan import count_trials
from tests.paradigm_studies import TRUTH, Row, Running, by_participant, of_part, outcomes
from tests.servers import jndlab

N_LISTENERS, SEED = 3, 6
HOW_NOT_WHAT = {"session", "study_digest", "presented_at", "answered_at"}


@pytest.fixture(scope="module")
def mixed(paradigms: Running) -> list[Row]:
    return paradigms.take("mixed", n_listeners=N_LISTENERS, seed=SEED)


def test_rows_through_the_server_equal_those_made_in_memory(
    paradigms: Running, mixed: list[Row]
) -> None:
    study = paradigms.studies["mixed"]
    made = simulate_study(study, truth=TRUTH, n_listeners=N_LISTENERS, seed=SEED)
    remembered = [
        {
            name: "" if value is None else str(value)
            for name, value in row.items()
            if name not in HOW_NOT_WHAT
        }
        for row in made
    ]
    served = [
        {name: cell for name, cell in row.items() if name not in HOW_NOT_WHAT} for row in mixed
    ]
    assert served == remembered


def test_tracks_of_three_conditions_are_mixed_at_random(mixed: list[Row]) -> None:
    for rows in by_participant(of_part(mixed, "abx")).values():
        tracks = [outcome.track for outcome in outcomes(rows)]
        assert len(set(tracks)) == 6  # two starts in each of three conditions
        changes = sum(before != after for before, after in pairwise(tracks))
        assert changes > len(tracks) / 2
    assert {row["condition"] for row in of_part(mixed, "same-different")} == {
        "bits",
        "prune",
        "group",
    }


def test_sessions_end_when_their_tracks_do(paradigms: Running, mixed: list[Row]) -> None:
    numbers = {len(rows) for rows in by_participant(mixed).values()}
    assert max(numbers) < count_trials(paradigms.studies["mixed"])
    assert len(numbers) > 1


def test_it_runs_to_a_report(paradigms: Running, mixed: list[Row], tmp_path: Path) -> None:
    page = tmp_path / "mixed.html"
    made = jndlab(
        *("report", "mixed", "--data", str(paradigms.server.data), "--kind", "simulated"),
        *("--output", str(page)),
        timeout=600,
    )
    assert made.returncode == 0, made.stderr
    text = page.read_text(encoding="utf-8")
    for name in ("abx", "same-different", "bits", "prune", "group"):
        assert name in text
