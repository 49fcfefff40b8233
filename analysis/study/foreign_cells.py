"""The cells of a foreign table of trials, each checked, each error with its place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from jndlab.analysis.study.counts_text import TextTable
from jndlab.errors import DataError

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "."})
TRUE = frozenset({"1", "1.0", "1,0", "true", "yes", "y", "t", "correct", "right", "hit", "pass"})
FALSE = frozenset(
    {"0", "0.0", "0,0", "false", "no", "n", "f", "incorrect", "wrong", "miss", "error", "fail"}
)
KINDS = {
    "test": ("test", "main", "normal", "0", "false", "no"),
    "identical": ("identical", "same", "null", "aa"),
    "gross": ("gross", "easy", "attention", "gold"),
}
PHASES = {
    "practice": ("practice", "practise", "training", "train", "warmup", "1", "true", "yes"),
    "main": ("main", "test", "experiment", "0", "false", "no"),
}


class ForeignCells:
    """Reads the columns of a text table by role."""

    def __init__(self, text: TextTable, columns: Mapping[str, str]) -> None:
        self._text = text
        self._columns = columns
        self._at = {role: text.headers.index(header) for role, header in columns.items()}

    def __contains__(self, role: str) -> bool:
        return role in self._at

    def texts(self, role: str, *, empty: str | None = None) -> list[str]:
        """The cells. DataError: an empty one, where ``empty`` does not say what it stands for."""
        return [
            self._wrong(number, role, cell, "is missing", "Fill it in, or leave the row out.")
            if not cell and empty is None
            else (cell or str(empty))
            for number, cell in self._cells(role)
        ]

    def numbers(self, role: str, *, may_miss: bool = False) -> list[float | None]:
        """The cells as numbers. DataError: text, or infinite, or missing unless that is allowed."""
        found: list[float | None] = []
        for number, cell in self._cells(role):
            if cell.lower() in MISSING:
                if not may_miss:
                    remedy = "Fill it in, or leave the row out."
                    self._wrong(number, role, cell, "is missing", remedy)
                found.append(None)
                continue
            found.append(self._number(number, role, cell))
        return found

    def truths(self, role: str) -> list[bool | None]:
        """Right or wrong; None where no answer was given. DataError: anything else."""
        found: list[bool | None] = []
        for number, cell in self._cells(role):
            low = cell.lower()
            if low in MISSING:
                found.append(None)
            elif low in TRUE | FALSE:
                found.append(low in TRUE)
            else:
                remedy = "Write 1 for a right answer and 0 for a wrong one; empty for none."
                self._wrong(number, role, cell, "says neither right nor wrong", remedy)
        return found

    def words(self, role: str, meanings: Mapping[str, Sequence[str]]) -> list[str]:
        """The cells as one of a few words. DataError: another word."""
        known = {text: word for word, texts in meanings.items() for text in texts}
        found = []
        for number, cell in self._cells(role):
            word = known.get(cell.lower())
            if word is None:
                remedy = f"Write one of: {', '.join(meanings)}; or say that there is no {role}."
                self._wrong(number, role, cell, f"is no {role}", remedy)
            else:
                found.append(word)
        return found

    def contradiction(self, row: int, given: str | None, right: str, told: bool | None) -> None:
        """Raise DataError: the answer and what is said of it do not agree."""
        words = {True: "right", False: "wrong", None: "nothing"}
        answer = "no answer" if given is None else f"the answer {given!r}"
        raise DataError(
            f"{self._text.places[row]}: {answer} where {right!r} is right, but "
            f"{self._columns['correct']!r} says {words[told]}.",
            "Mend the row, or leave one of the columns out, such as: correct=",
        )

    def _cells(self, role: str) -> list[tuple[int, str]]:
        at = self._at[role]
        return [(number, row[at]) for number, row in enumerate(self._text.rows)]

    def _number(self, row: int, role: str, cell: str) -> float:
        try:
            if "_" in cell:  # Python would take it for a separator of digits
                raise ValueError(cell)
            value = float(cell.replace(",", ".") if self._text.decimal_comma else cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            remedy = "Write a number there, or leave the row out."
            self._wrong(row, role, cell, "is not a number", remedy)
        return value

    def _wrong(self, row: int, role: str, cell: str, what: str, remedy: str) -> str:
        place, header = self._text.places[row], self._columns[role]
        raise DataError(f"{place}, column {header!r} (the {role}): {cell!r} {what}.", remedy)
