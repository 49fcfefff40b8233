"""From the cells of a column to numbers, each error with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.counts_text import TextTable
from jndlab.errors import DataError

Floats = NDArray[np.float64]
_TRUE = frozenset({"1", "true", "yes", "correct", "right"})
_FALSE = frozenset({"0", "false", "no", "incorrect", "wrong"})
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "."})
_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,]\d{3})+")


class CellReader:
    """Reads the columns that have a role.

    >>> table = TextTable(source="d.csv", headers=("x",), rows=(("1,5",), ("abc",)),
    ...                   places=("d.csv:2", "d.csv:3"), notes=(), decimal_comma=True)
    >>> CellReader(table, {"level": "x"}).numbers("level")
    Traceback (most recent call last):
    ...
    jndlab.errors.DataError: d.csv:3, column 'x': 'abc' is not a number.
    Write a number there, or leave the row out.
    """

    def __init__(self, text: TextTable, columns: Mapping[str, str]) -> None:
        self._text = text
        self._columns = columns

    def numbers(self, role: str) -> Floats:
        """The numbers of a column, shape (rows,). DataError: text, missing or infinite."""
        return np.array([self._number(cell, row, role) for row, cell in self._cells(role)])

    def counts(self, role: str) -> Floats:
        """Whole numbers of 0 or more. DataError: anything else."""
        found = []
        for row, cell in self._cells(role):
            if _THOUSANDS.fullmatch(cell):
                raise self._wrong(
                    row,
                    role,
                    cell,
                    "may be a fraction or have a separator of thousands",
                    "Write counts as digits only.",
                )
            value = self._number(cell, row, role)
            if value < 0:
                raise self._wrong(row, role, cell, "is below 0", "Counts are 0 or more.")
            if value != int(value):
                raise self._wrong(
                    row,
                    role,
                    cell,
                    "is not a whole number",
                    "Give numbers of trials, not proportions.",
                )
            found.append(value)
        return np.array(found)

    def truths(self, role: str) -> Floats:
        """1 for a right answer, 0 for a wrong one. DataError: anything else."""
        found = []
        for row, cell in self._cells(role):
            low = cell.lower().removesuffix(".0").removesuffix(",0")
            if low not in _TRUE | _FALSE:
                what = "is missing" if low in _MISSING else "is neither 0 nor 1"
                raise self._wrong(
                    row,
                    role,
                    cell,
                    what,
                    "Without a column of trials each row is one trial, right (1) or wrong (0): "
                    "correct that cell, or give a column n_trials.",
                )
            found.append(float(low in _TRUE))
        return np.array(found)

    def names(self, role: str) -> NDArray[np.str_]:
        """Text that is not empty. DataError: an empty cell."""
        found = []
        for row, cell in self._cells(role):
            if not cell:
                raise self._wrong(
                    row, role, cell, "is missing", "Fill it in, or leave the row out."
                )
            found.append(cell)
        return np.array(found, dtype=np.str_)

    def require_possible(self, n_correct: Floats, n_trials: Floats) -> None:
        """Raise DataError where there are more right answers than trials."""
        wrong = np.flatnonzero(n_correct > n_trials)
        if len(wrong):
            row = int(wrong[0])
            raise DataError(
                f"{self._text.places[row]}: {n_correct[row]:g} correct of {n_trials[row]:g} trials "
                "cannot be.",
                f"Column {self._columns['n_correct']!r} was read as n_correct"
                + (
                    f", {self._columns['n_trials']!r} as n_trials"
                    if "n_trials" in self._columns
                    else ""
                )
                + ": mend the row, or say which columns they are.",
            )

    def _cells(self, role: str) -> list[tuple[int, str]]:
        at = self._text.headers.index(self._columns[role])
        return [(number, row[at]) for number, row in enumerate(self._text.rows)]

    def _number(self, cell: str, row: int, role: str) -> float:
        if cell.lower() in _MISSING:
            raise self._wrong(row, role, cell, "is missing", "Fill it in, or leave the row out.")
        try:
            if "_" in cell:  # Python would take it for a separator of digits
                raise ValueError(cell)
            value = float(cell.replace(",", ".") if self._text.decimal_comma else cell)
        except ValueError:
            raise self._wrong(
                row, role, cell, "is not a number", "Write a number there, or leave the row out."
            ) from None
        if not math.isfinite(value):
            raise self._wrong(row, role, cell, "is not finite", "Leave the row out.")
        return value

    def _wrong(self, row: int, role: str, cell: str, what: str, remedy: str) -> DataError:
        return DataError(
            f"{self._text.places[row]}, column {self._columns[role]!r}: {cell!r} {what}.", remedy
        )
