"""Reading the tidy table: what is accepted, what is refused, and where the error points."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from jndlab.analysis import TrialTable, load_trials
from jndlab.errors import DataError
from jndlab.study.trials import COLUMNS


def write_csv(path: Path, rows: list[dict]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [column.name for column in COLUMNS])
        writer.writeheader()
        for one in rows:
            cells = {name: "" if value is None else value for name, value in one.items()}
            if isinstance(cells["correct"], bool):
                cells["correct"] = int(cells["correct"])
            writer.writerow(cells)
    return path


def test_columns_become_typed_arrays(row) -> None:
    table = TrialTable.from_rows(
        [row(), row(trial=2, response="B"), row(trial=3, response=None, response_time_ms=None)]
    )
    assert len(table) == 3
    assert table["participant"].dtype == np.int64
    assert table["level"].dtype == np.float64
    np.testing.assert_array_equal(table["correct"], [True, False, False])
    np.testing.assert_array_equal(table.answered, [True, True, False])
    np.testing.assert_array_equal(np.isnan(table["response_time_ms"]), [False, False, True])
    assert table["response"][2] == ""
    assert table["presented_at"][0] == "2026-03-02T09:00:00.000000+00:00"


def test_a_file_and_the_rows_it_came_from_are_the_same_data(row, tmp_path: Path) -> None:
    rows = [row(), row(trial=2, response="B"), row(trial=3, response=None, answered_at=None)]
    table = load_trials(write_csv(tmp_path / "trials.csv", rows))
    assert table.digest == TrialTable.from_rows(rows).digest


def test_the_digest_ignores_the_order_of_rows_and_sees_one_changed_answer(row) -> None:
    rows = [row(), row(trial=2), row(trial=3)]
    table = TrialTable.from_rows(rows)
    assert TrialTable.from_rows(rows[::-1]).digest == table.digest
    rows[1] = row(trial=2, response="B")
    assert TrialTable.from_rows(rows).digest != table.digest
    rows[1] = row(trial=2, response=None)
    assert TrialTable.from_rows(rows).digest != table.digest


def test_times_of_one_moment_are_equal(row) -> None:
    texts = ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00+01:00", datetime(2026, 3, 2, 9)]
    table = TrialTable.from_rows(
        row(trial=i, presented_at=text) for i, text in enumerate(texts, start=1)
    )
    assert len(set(table["presented_at"])) == 1
    assert datetime.fromisoformat(table["presented_at"][0]) == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_extra_columns_are_ignored_and_optional_ones_may_be_absent(row) -> None:
    one = row() | {"my_note": "x"}
    for name in ("plays", "level_unit", "context_rate_hz"):
        del one[name]
    table = TrialTable.from_rows([one])
    assert table["level_unit"][0] == ""
    assert np.isnan(table["context_rate_hz"][0])


@pytest.mark.parametrize("column", ["level", "correct", "response", "paradigm"])
def test_a_missing_column_is_named(row, column: str) -> None:
    one = row()
    del one[column]
    with pytest.raises(DataError, match=f"lacks the column.*{column}"):
        TrialTable.from_rows([one])


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"level": "three"}, "level"),
        ({"level": None}, "level"),
        ({"level": float("inf")}, "level"),
        ({"participant": 1.5}, "participant"),
        ({"paradigm": "triangle"}, "paradigm"),
        ({"session_kind": "robot"}, "session_kind"),
        ({"correct": "perhaps"}, "correct"),
        ({"presented_at": "yesterday"}, "presented_at"),
        ({"guess_rate": 0.25}, "guess_rate"),
        ({"response": "B", "correct": True}, "correct"),
        ({"response": None, "correct": True}, "correct"),
    ],
)
def test_a_wrong_cell_is_named_with_row_column_and_remedy(row, changes, column) -> None:
    with pytest.raises(DataError, match=r"Row 2 of the table") as caught:
        TrialTable.from_rows([row(), row(trial=2, **changes)])
    assert column in caught.value.message
    assert caught.value.remedy


def test_row_numbers_of_a_file_are_its_lines(row, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "trials.csv", [row(), row(trial=2, level="x")])
    with pytest.raises(DataError, match=r"Row 3 of trials\.csv, column level: 'x'"):
        load_trials(path)


def test_a_trial_that_occurs_twice_is_refused(row) -> None:
    with pytest.raises(DataError, match="Row 3 of the table repeats row 1: session s1, trial 1"):
        TrialTable.from_rows([row(), row(trial=2), row(response="B")])
    # The same trial number in another session is another trial.
    assert len(TrialTable.from_rows([row(), row(session="s2")])) == 2


def test_files_that_are_not_tables(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        load_trials(tmp_path / "nothing.csv")
    (tmp_path / "a.csv").write_bytes(b"study\n\xff\xfe\n")
    with pytest.raises(DataError, match="not a readable CSV file"):
        load_trials(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="lacks the column"):
        load_trials(tmp_path / "b.csv")


def test_too_many_cells_in_a_line(row, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "trials.csv", [row()])
    path.write_text(path.read_text(encoding="utf-8").rstrip() + ",surplus\n", encoding="utf-8")
    with pytest.raises(DataError, match="more cells than the header"):
        load_trials(path)


def test_only_one_value(row) -> None:
    table = TrialTable.from_rows([row(), row(trial=2, study="other")])
    assert table.only("paradigm", what="paradigm") == "abx"
    with pytest.raises(DataError, match="2 different values of study: demo, other"):
        table.only("study", what="study")
