"""Counts per condition, listener and level, whatever table they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.checks import digest_counts
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsTable:
    """Counts per condition, listener and level, in this order, and how they were read."""

    source: str
    levels: Floats = field(repr=False)
    """Shape (rows,); so are the next four."""
    n_correct: Floats = field(repr=False)
    n_trials: Floats = field(repr=False)
    listener: Texts | None = field(repr=False)
    """None: the table has no such column."""
    condition: Texts | None = field(repr=False)
    columns: Mapping[str, str]
    """Role -> the header that was read for it."""
    one_row_per_trial: bool
    n_rows: int
    """Of the table as it was."""
    notes: tuple[str, ...]
    """Sentences on how the table was read."""
    data_digest: str

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions, sorted; one empty name where there is no such column."""
        return ("",) if self.condition is None else tuple(np.unique(self.condition).tolist())

    @property
    def listeners(self) -> tuple[str, ...]:
        """The listeners, sorted; none where there is no such column."""
        return () if self.listener is None else tuple(np.unique(self.listener).tolist())

    def select(self, condition: str) -> CountsTable:
        """The rows of one condition. DataError: there is none of that name."""
        if condition not in self.conditions:
            raise DataError(
                f"{self.source} has no condition {condition!r}.",
                f"It has: {', '.join(self.conditions)}.",
            )
        if self.condition is None:
            return self
        return merge_rows(self, self.condition == condition)

    def pooled(self) -> tuple[Floats, Floats, Floats]:
        """Levels, n_correct, n_trials over all listeners, ascending; shape (levels,).

        DataError: several conditions.
        """
        self._require_one_condition()
        levels, where = np.unique(self.levels, return_inverse=True)
        return (
            levels,
            np.asarray(np.bincount(where, weights=self.n_correct), dtype=float),
            np.asarray(np.bincount(where, weights=self.n_trials), dtype=float),
        )

    def by_listener(self) -> tuple[tuple[str, ...], Floats, Floats, Floats]:
        """Listeners, levels, and n_correct and n_trials of shape (listeners, levels).

        DataError: no column of listeners, or several conditions.
        """
        self._require_one_condition()
        if self.listener is None:
            raise DataError(
                f"{self.source} has no column of listeners.",
                'Say which one it is, such as columns={"listener": "subject"}.',
            )
        names, row = np.unique(self.listener, return_inverse=True)
        levels, column = np.unique(self.levels, return_inverse=True)
        n_correct = np.zeros((len(names), len(levels)))
        n_trials = np.zeros_like(n_correct)
        np.add.at(n_correct, (row, column), self.n_correct)
        np.add.at(n_trials, (row, column), self.n_trials)
        return tuple(names.tolist()), levels, n_correct, n_trials

    def to_dict(self) -> Any:
        """What was read and how, with the rows; ready for JSON."""
        rows = {
            "levels": self.levels,
            "n_correct": self.n_correct,
            "n_trials": self.n_trials,
            "listener": self.listener,
            "condition": self.condition,
        }
        return {**to_dict(self), **to_dict(rows)}

    def _require_one_condition(self) -> None:
        if len(self.conditions) > 1:
            raise DataError(
                f"{self.source} has {len(self.conditions)} conditions: "
                f"{', '.join(self.conditions)}.",
                "Analyse one at a time: select(condition).",
            )


def merge_rows(rows: CountsTable, mask: NDArray[np.bool_]) -> CountsTable:
    """The rows of the mask, sorted, those of equal condition, listener and level added up.

    >>> from jndlab.analysis.study.counts_file import load_counts
    >>> table = load_counts({"x": [2, 1, 2], "k": [5, 9, 6], "n": [10, 10, 10]})
    >>> merge_rows(table, table.levels > 1).n_correct.tolist()
    [11.0]
    """
    keys = [part[mask] for part in (rows.condition, rows.listener, rows.levels) if part is not None]
    numbers = [np.unique(key, return_inverse=True)[1] for key in keys]
    _, first, where = np.unique(np.array(numbers), axis=1, return_index=True, return_inverse=True)
    where = where.ravel()
    correct = np.asarray(np.bincount(where, weights=rows.n_correct[mask]), dtype=float)
    trials = np.asarray(np.bincount(where, weights=rows.n_trials[mask]), dtype=float)
    levels = rows.levels[mask][first]
    merged = int(mask.sum()) - len(first)
    notes = list(rows.notes)
    if merged and not rows.one_row_per_trial:
        notes.append(f"Rows added to another one of the same level: {merged}.")
    return CountsTable(
        source=rows.source,
        levels=levels,
        n_correct=correct,
        n_trials=trials,
        listener=None if rows.listener is None else rows.listener[mask][first],
        condition=None if rows.condition is None else rows.condition[mask][first],
        columns=rows.columns,
        one_row_per_trial=rows.one_row_per_trial,
        n_rows=rows.n_rows,
        notes=tuple(notes),
        data_digest=digest_counts(levels, correct, trials),
    )
