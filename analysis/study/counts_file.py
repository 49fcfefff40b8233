"""Levels and counts from anywhere: a text file, a data frame, a mapping of columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.counts_cells import CellReader
from jndlab.analysis.study.counts_columns import find_columns
from jndlab.analysis.study.counts_table import CountsTable, merge_rows
from jndlab.analysis.study.counts_text import TextTable, read_text_table
from jndlab.errors import DataError

Floats = NDArray[np.float64]


class Frame(Protocol):
    """A data frame: pandas, polars and others have this."""

    @property
    def columns(self) -> Iterable[Any]: ...

    def __getitem__(self, name: Any, /) -> Any: ...


def load_counts(
    source: str | Path | Mapping[str, Sequence[Any]] | Frame,
    *,
    columns: Mapping[str, str] | None = None,
) -> CountsTable:
    """Levels and counts of correct answers from a table of almost any form.

    ``source``: the path of a text file (separated by commas, semicolons, tabs or spaces; decimal
    comma or point), a mapping of columns, or a data frame. Either a column of correct answers with
    one of trials (or of wrong answers) per row, or one row per trial with 0 or 1. Columns are found
    by name (:data:`~jndlab.analysis.study.counts_columns.SYNONYMS`); ``columns`` says which they
    are where names do not: {"level": "snr", "n_correct": "ok"}. Rows of equal condition, listener
    and level are added up. Of jndlab's own export the test trials of the main part are read.

    DataError with file and line: text in a number, a missing or infinite value, a count below 0 or
    not whole, more right answers than trials; no such file, an empty one, columns missing.

    >>> table = load_counts({"x": [1, 2, 1], "k": [5, 9, 6], "n": [10, 10, 10]})
    >>> table.pooled()[1].tolist(), table.columns["level"]
    ([11.0, 9.0], 'x')
    """
    text = read_text_table(source) if isinstance(source, str | Path) else _from_columns(source)
    found = find_columns(text.headers, columns=columns, source=text.source)
    notes = list(text.notes)
    text = _test_trials(text, found, notes)
    reader = CellReader(text, found)
    levels = reader.numbers("level")
    single = "correct" in found
    if single:
        correct = reader.truths("correct")
        trials = np.ones_like(correct)
        notes.append("Each row is one trial.")
    else:
        correct = reader.counts("n_correct")
        trials = (
            reader.counts("n_trials")
            if "n_trials" in found
            else correct + reader.counts("n_incorrect")
        )
        reader.require_possible(correct, trials)
        _require_no_trial_numbers(found, correct, trials)
    listener = reader.names("listener") if "listener" in found else None
    condition = reader.names("condition") if "condition" in found else None
    if not (trials > 0).any():
        raise DataError(f"{text.source} has no trials.", "Give at least one row with trials.")
    if (trials == 0).any():
        notes.append(f"Rows without trials, left out: {int((trials == 0).sum())}.")
    whole = CountsTable(
        source=text.source,
        levels=levels,
        n_correct=correct,
        n_trials=trials,
        listener=listener,
        condition=condition,
        columns=found,
        one_row_per_trial=single,
        n_rows=len(text.rows),
        notes=tuple(notes),
        data_digest="",
    )
    return merge_rows(whole, trials > 0)


def _require_no_trial_numbers(found: Mapping[str, str], correct: Floats, trials: Floats) -> None:
    """Raise DataError where what looks like counts is 0 or 1 beside the numbers 1, 2, 3, …"""
    numbered = len(trials) > 1 and np.array_equal(trials, np.arange(1, len(trials) + 1))
    if numbered and correct.max() <= 1 and "n_trials" in found:
        raise DataError(
            f"Column {found['n_trials']!r} counts the rows, so it holds trial numbers and no "
            "numbers of trials.",
            f'Say that each row is one trial: columns={{"correct": "{found["n_correct"]}"}}.',
        )


def _from_columns(source: Mapping[str, Sequence[Any]] | Frame) -> TextTable:
    """A mapping or a data frame as text, so that both are checked alike."""
    names = list(source) if isinstance(source, Mapping) else getattr(source, "columns", None)
    if names is None or isinstance(source, str | bytes):
        raise DataError(
            f"A {type(source).__name__} cannot be read as a table.",
            "Give the path of a CSV file, a mapping of columns, or a data frame.",
        )
    columns: dict[str, list[str]] = {}
    for name in names:
        values = source[name]
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise DataError(f"Column {str(name)!r} is not a sequence.", "Give one value per row.")
        columns[str(name)] = [_as_text(value) for value in values]
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"The columns differ in length: {listed}.", "Give one value per row.")
    rows = tuple(zip(*columns.values(), strict=True))
    if not rows:
        raise DataError("The table has no rows.", "Give a row per level or trial.")
    return TextTable(
        source="the table",
        headers=tuple(columns),
        rows=rows,
        places=tuple(f"Row {number} of the table" for number in range(1, len(rows) + 1)),
        notes=(),
        decimal_comma=False,
    )


_MISSING = frozenset({"nan", "<na>", "nat", "none"})


def _as_text(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return "" if value != value else f"{value:.17g}"
    text = str(value).strip()
    return "" if text.lower() in _MISSING else text


def _test_trials(text: TextTable, found: Mapping[str, str], notes: list[str]) -> TextTable:
    """Of jndlab's own export, the answered test trials of the main part; else all rows."""
    if not {"phase", "trial_kind"} <= set(text.headers) or "correct" not in found:
        return text
    phase, kind, correct = (
        text.headers.index(name) for name in ("phase", "trial_kind", found["correct"])
    )
    kept = [
        row[phase] == "main" and row[kind] == "test" and row[correct] != "" for row in text.rows
    ]
    if not any(kept):
        raise DataError(
            f"{text.source} has no answered test trials of the main part.",
            "Export the study after there are answers.",
        )
    notes.append(
        "An export of jndlab: practice, catch trials and trials without an answer are left out "
        f"({len(kept) - sum(kept)} of {len(kept)} rows)."
    )
    return replace(
        text,
        rows=tuple(row for row, keep in zip(text.rows, kept, strict=True) if keep),
        places=tuple(place for place, keep in zip(text.places, kept, strict=True) if keep),
    )
