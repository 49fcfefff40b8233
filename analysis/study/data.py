"""The data of an analysis: a checked table of trials, one row per presented trial."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.errors import DataError
from jndlab.study.csv_cells import unguard_text
from jndlab.study.trials import COLUMNS, SEVERAL_ANSWERS, TASKS, Column

_MAY_BE_EMPTY = {"condition", "level", "compression", "guess_rate"}
_MAY_BE_EMPTY |= {"correct_response", "response", "correct"}
"""Cells of these columns may be empty, but the columns have to be there."""
_NEEDED = frozenset({c.name for c in COLUMNS if c.required} | _MAY_BE_EMPTY)
_TEXTS = frozenset(column.name for column in COLUMNS if column.type == "text")
_TRUE, _FALSE = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTable:
    """Trials in columns, as :data:`jndlab.study.trials.COLUMNS` describes them.

    Text and times are arrays of str ('' where empty), required integers int64, other numbers
    float64 (nan where empty), ``correct`` is bool (False where unanswered, and where nothing is
    right or wrong: ``correct_response`` is '' there). ``answered`` says which trials have a
    response. All of shape (trials,), in the order of the rows.
    """

    columns: Mapping[str, NDArray[Any]] = field(repr=False)
    answered: NDArray[np.bool_] = field(repr=False)

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, object]]) -> TrialTable:
        """A table from rows with text or typed values; '', None and nan are empty cells.

        Columns that are not of the tidy table are ignored. DataError: a column is missing, a
        value is of the wrong type or not allowed, a trial occurs twice, or a row contradicts
        itself. The message names the row (from 1, without the header) and the column.
        """
        return _read(rows, source="the table", first_row=1)

    def __len__(self) -> int:
        return len(self.answered)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def select(self, rows: NDArray[np.bool_]) -> TrialTable:
        """The rows where the mask of shape (trials,) is True."""
        return TrialTable(
            columns={name: values[rows] for name, values in self.columns.items()},
            answered=self.answered[rows],
        )

    def only(self, name: str, *, what: str) -> str:
        """The one value of a column. DataError if the rows hold several, or if there are none."""
        values = np.unique(self[name])
        if len(values) == 1:
            return str(values[0])
        if len(values) == 0:
            raise DataError("There are no trials.", "Collect data, or loosen the exclusions.")
        shown = ", ".join(str(value) for value in values[:5])
        raise DataError(
            f"The trials hold {len(values)} different values of {name}: {shown}.",
            f"Analyse one {what} at a time: select its rows first.",
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the trials. The order of the rows does not matter."""
        names = [column.name for column in COLUMNS]
        rows = zip(*(self.columns[name].tolist() for name in names), strict=True)
        lines = sorted(
            "\x1f".join([*map(_canonical, row), str(int(answered))])
            for row, answered in zip(rows, self.answered.tolist(), strict=True)
        )
        return hashlib.sha256("\x1e".join(["\x1f".join(names), *lines]).encode()).hexdigest()


def load_trials(path: str | Path) -> TrialTable:
    """The table in a CSV file of the tidy export (UTF-8, comma, one header row).

    DataError: no such file, not such a table; row numbers are lines of the file (header: 1).
    """
    source = Path(path)
    try:
        with source.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True, restkey="\x00extra")
            if reader.fieldnames is not None:
                _require_columns(reader.fieldnames, source.name)
            return _read(map(_unguarded, reader), source=source.name, first_row=2)
    except FileNotFoundError:
        raise DataError(
            f"There is no file {source}.", "Export the study first: jndlab export STUDY."
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{source.name} is not a readable CSV file: {error}.",
            "Save it as CSV with commas, in UTF-8.",
        ) from error


def _unguarded(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a file, its texts without what keeps spreadsheets from running them."""
    return {
        name: unguard_text(cell) if name in _TEXTS and isinstance(cell, str) else cell
        for name, cell in row.items()
    }


def _read(rows: Iterable[Mapping[str, object]], *, source: str, first_row: int) -> TrialTable:
    cells: dict[str, list[Any]] = {column.name: [] for column in COLUMNS}
    for number, row in enumerate(rows, start=first_row):
        _require_columns(row, source)
        if "\x00extra" in row:
            raise DataError(
                f"Row {number} of {source} has more cells than the header.",
                "Quote cells that contain commas.",
            )
        for column in COLUMNS:
            cells[column.name].append(_cell(column, row.get(column.name), number, source))
        _check_row({name: values[-1] for name, values in cells.items()}, number, source)
    answered = np.array([value is not None for value in cells["response"]], dtype=bool)
    _check_unique(cells, source, first_row)
    return TrialTable(
        columns={column.name: _array(column, cells[column.name]) for column in COLUMNS},
        answered=answered,
    )


def _require_columns(present: Iterable[str], source: str) -> None:
    missing = sorted(_NEEDED - set(present))
    if missing:
        raise DataError(
            f"{source} lacks the column(s) {', '.join(missing)}.",
            "Use the tidy export as it is; its columns are described in the data dictionary.",
        )


def _cell(column: Column, raw: object, number: int, source: str) -> Any:
    """The value of a cell, or None where it is empty."""
    if raw is None or (isinstance(raw, float) and math.isnan(raw)) or str(raw).strip() == "":
        if column.required:
            raise _wrong(column, raw, number, source, "is empty", "Every trial needs it.")
        return None
    text = str(raw).strip()
    try:
        value: object
        if column.type == "integer":
            value = int(float(text)) if float(text).is_integer() else None
        elif column.type == "number":
            value = float(text) if math.isfinite(float(text)) else None
        elif column.type == "boolean":
            low = text.lower().removesuffix(".0")
            value = True if low in _TRUE else False if low in _FALSE else None
        elif column.type == "time":
            value = _time(raw, text)
        else:
            value = text
    except (ValueError, OverflowError):
        value = None
    if value is None:
        kinds = {"integer": "a whole number", "number": "a number", "boolean": "0 or 1"}
        kind = kinds.get(column.type, "a time in ISO 8601")
        raise _wrong(column, raw, number, source, f"is not {kind}", column.description)
    if column.values and value not in column.values:
        allowed = ", ".join(column.values)
        raise _wrong(column, raw, number, source, f"is not one of {allowed}", column.description)
    return value


def _time(raw: object, text: str) -> str:
    moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")


def _wrong(
    column: Column, raw: object, number: int, source: str, what: str, remedy: str
) -> DataError:
    return DataError(f"Row {number} of {source}, column {column.name}: {raw!r} {what}.", remedy)


def _check_row(row: Mapping[str, Any], number: int, source: str) -> None:
    where = f"Row {number} of {source}"
    _check_guess_rate(row, where)
    tests = row["trial_kind"] != "trap"
    if tests and TASKS[row["paradigm"]].measure in ("correct", "detection"):
        _require_cells(row, ("condition", "level", "compression", "correct_response"), where)
    if row["correct_response"] is None:
        if row["correct"] is not None:
            raise DataError(
                f"{where}, column correct: there is no right answer, so none is right or wrong.",
                "Restore the exported row.",
            )
        return
    if (row["response"] is None) != (row["correct"] is None):
        raise DataError(
            f"{where}: response and correct must both be filled in or both be empty.",
            "Restore the exported row.",
        )
    right = row["correct_response"].split(SEVERAL_ANSWERS)
    if row["correct"] is not None and row["correct"] != (row["response"] in right):
        raise DataError(
            f"{where}, column correct: the response {row['response']!r} and the right one "
            f"{row['correct_response']!r} say otherwise.",
            "Restore the exported row; the truth of a trial cannot be edited in one cell only.",
        )


def _check_guess_rate(row: Mapping[str, Any], where: str) -> None:
    stated, known = row["guess_rate"], TASKS[row["paradigm"]].guess_rate
    if stated is None or known is None:
        agree = stated is known
    else:
        agree = math.isclose(stated, known, abs_tol=1e-9)
    if not agree:
        told = "empty" if stated is None else f"{stated:g}"
        right = "none" if known is None else f"{known:g}"
        raise DataError(
            f"{where}, column guess_rate: {told} is not the chance level of {row['paradigm']}, "
            f"{right}.",
            "Restore the exported value.",
        )


def _require_cells(row: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    for name in names:
        if row[name] is None:
            raise DataError(
                f"{where}, column {name}: '' is empty.", "Every trial of this paradigm needs it."
            )


def _check_unique(cells: Mapping[str, list[Any]], source: str, first_row: int) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    keys = zip(cells["study"], cells["session"], cells["trial"], strict=True)
    for number, key in enumerate(keys, start=first_row):
        if key in seen:
            raise DataError(
                f"Row {number} of {source} repeats row {seen[key]}: session {key[1]}, "
                f"trial {key[2]}.",
                "Remove the copy; were two exports joined?",
            )
        seen[key] = number


def _array(column: Column, values: list[Any]) -> NDArray[Any]:
    if column.type in ("text", "time"):
        return np.array(["" if value is None else value for value in values], dtype=np.str_)
    if column.type == "boolean":
        return np.array([bool(value) for value in values], dtype=bool)
    if column.type == "integer" and column.required:
        return np.array(values, dtype=np.int64)
    return np.array([math.nan if v is None else v for v in values], dtype=np.float64)


def _canonical(value: object) -> str:
    return f"{value:.17g}" if isinstance(value, float) else str(value)
