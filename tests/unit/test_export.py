"""The tidy table: what is written is what is read again."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from builders import listing, make_definition

from jndlab.errors import StoreError, StudyUnknown
from jndlab.export.files import export_study, write_table
from jndlab.export.tidy import data_dictionary, write_csv
from jndlab.listeners.memory import simulate_study
from jndlab.listeners.model import Truth
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.study.plan import plan_session
from jndlab.study.rows import Row, SessionFacts, tidy_rows
from jndlab.study.trials import COLUMNS, Response, TrialRecord

STUDY = make_definition(condition={"unit": 'bits, "odd"\nand ünusual'})
NAMES = [column.name for column in COLUMNS]
FACTS = SessionFacts(
    study_digest="d" * 64,
    session="s1",
    kind="participant",
    state="open",
    participant=1,
    jndlab_version="1.2.3",
    slot=1,
)


def simulated() -> list[Row]:
    return list(simulate_study(STUDY, truth=Truth(), n_listeners=2, seed=1))


def as_text(row: Row) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in row.items()}


def test_the_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    rows = simulated()
    path = tmp_path / "trials.csv"
    assert write_table(iter(rows), path) == len(rows)
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert read == [as_text(row) for row in rows]
    for text, row in zip(read, rows, strict=True):
        for column in COLUMNS:
            if column.type == "number" and text[column.name]:
                assert float(text[column.name]) == row[column.name]


def test_the_header_stands_without_any_rows_and_can_be_left_out() -> None:
    out = StringIO(newline="")
    assert write_csv([], out) == 0
    assert out.getvalue() == ",".join(NAMES) + "\r\n"
    out = StringIO(newline="")
    write_csv(simulated()[:1], out, header=False)
    assert not out.getvalue().startswith("study,")


def test_a_row_with_a_column_that_is_not_documented_is_refused() -> None:
    with pytest.raises(ValueError, match="surprise"):
        write_csv([{**simulated()[0], "surprise": 1}], StringIO())


def test_the_dictionary_describes_every_column_in_its_order() -> None:
    columns = json.loads(data_dictionary())["columns"]
    assert [column["name"] for column in columns] == NAMES
    assert all(column["description"].endswith(".") for column in columns)
    for written, column in zip(columns, COLUMNS, strict=True):
        assert written["type"] == column.type
        assert written["required"] == column.required
        assert tuple(written.get("values", ())) == column.values


def record(**changes: Any) -> TrialRecord:
    trial = plan_session(STUDY, participant=1, seed=1).trials[0]
    return TrialRecord(trial=trial, presented_at=datetime(2026, 3, 2, 9, tzinfo=UTC), **changes)


def test_a_trial_without_an_answer_has_empty_cells_and_not_a_wrong_answer() -> None:
    (row,) = tidy_rows(STUDY, FACTS, [record(n_loads=2)])
    empty = {name for name, value in row.items() if value is None}
    assert empty == {
        "part",
        "track",
        "compared_level",
        "response",
        "correct",
        "response_time_ms",
        "confidence",
        "plays",
        "context_rate_hz",
        "output_latency_ms",
        "answered_at",
    }
    assert row["n_loads"] == 2
    assert not empty & {column.name for column in COLUMNS if column.required}


def test_an_answer_fills_its_cells() -> None:
    answered = record(
        response=Response(value="B", response_time_ms=0.1 + 0.2, plays=(1, 0, 12)),
        answered_at=datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(milliseconds=1234),
        correct=False,
        context_rate_hz=48_000,
        output_latency_ms=0.0,
    )
    (row,) = tidy_rows(STUDY, FACTS, [answered])
    assert (row["response"], row["correct"], row["plays"]) == ("B", 0, "1;0;12")
    assert row["response_time_ms"] == 0.30000000000000004
    assert row["output_latency_ms"] == 0.0
    assert row["answered_at"] == "2026-03-02T09:00:01.234+00:00"
    assert row["presented_at"] == "2026-03-02T09:00:00.000+00:00"


def test_an_unknown_study_writes_no_file(tmp_path: Path) -> None:
    store = open_store(Settings(data=tmp_path / "data"))
    with pytest.raises(StudyUnknown, match="no study 'x'") as caught:
        export_study(store, "x", tmp_path / "out")
    store.close()
    assert "Studies here: none" in caught.value.remedy
    assert not (tmp_path / "out").exists()


def test_rows_that_break_off_leave_the_old_table_whole(tmp_path: Path) -> None:
    path = tmp_path / "trials.csv"
    write_table(simulated()[:1], path)
    before = listing(tmp_path)

    def breaking() -> Any:
        yield simulated()[0]
        raise StoreError("The database is gone.", "Find it.")

    with pytest.raises(StoreError):
        write_table(breaking(), path)
    assert listing(tmp_path) == before
