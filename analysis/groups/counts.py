"""Tidy rows of counts, checked and packed: who heard which level of which item how often.

Rows become one table per listener, padded with empty rows to the longest, so that all listeners
are worked on at once. Rows that agree in listener, item, condition and level are added up; the
binomial coefficients of the likelihood stay those of the rows as given.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlogy

from jndlab.analysis.checks import digest_counts
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCounts:
    """Counts of shape (listeners, rows); what lies behind a listener's last row has no trials."""

    listeners: tuple[Hashable, ...]
    """In the order of their first row."""
    items: tuple[Hashable, ...]
    conditions: tuple[Hashable, ...]
    level: Floats
    n_correct: Floats
    n_trials: Floats
    item: Integers
    """Position in ``items``; all 0 where there are none. Likewise ``condition``."""
    condition: Integers
    n_rows: int
    """Rows given, without those that had no trials."""
    n_pooled: int
    """Rows that were added to another one."""
    empty_listeners: tuple[Hashable, ...]
    """Listeners of whom no trial is known; they are left out. Likewise conditions."""
    empty_conditions: tuple[Hashable, ...]
    log_coefficients: float
    """Σ log of the binomial coefficients of the rows as given."""
    saturated: float
    """Log-likelihood, with coefficients, of one proportion per row as given."""
    digest: str

    @property
    def levels(self) -> Floats:
        """Tested levels, ascending, each once."""
        return np.unique(self.level[self.n_trials > 0])

    @property
    def trials_per_listener(self) -> Floats:
        return np.asarray(self.n_trials.sum(axis=1))

    def with_correct(self, n_correct: Floats) -> GroupCounts:
        """The same design with other answers; they have no digest of their own."""
        wrong = self.n_trials - n_correct
        coefficients = gammaln(self.n_trials + 1) - gammaln(n_correct + 1) - gammaln(wrong + 1)
        changes: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        changes |= {
            "n_correct": n_correct,
            "log_coefficients": float(coefficients.sum()),
            "saturated": float(coefficients.sum()) + _saturated(n_correct, self.n_trials),
            "n_pooled": 0,
            "digest": "",
        }
        return GroupCounts(**changes)


def pack_counts(
    listener: Iterable[Any],
    level: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    item: Iterable[Any] | None = None,
    condition: Iterable[Any] | None = None,
) -> GroupCounts:
    """Rows of equal length as :class:`GroupCounts`. DataError: whatever cannot be counts.

    >>> counts = pack_counts(["a", "b", "a"], [1, 1, 1], [3, 2, 1], [4, 4, 4])
    >>> counts.listeners, counts.n_correct.ravel().tolist(), counts.n_pooled
    (('a', 'b'), [4.0, 2.0], 1)
    """
    who = _labels(listener, "listener")
    what = _labels(item, "item") if item is not None else [0] * len(who)
    which = _labels(condition, "condition") if condition is not None else [0] * len(who)
    columns = [
        _numbers(values, name)
        for values, name in ((level, "level"), (n_correct, "n_correct"), (n_trials, "n_trials"))
    ]
    if len({len(who), len(what), len(which), *(len(column) for column in columns)}) != 1:
        raise DataError(
            "The columns differ in length.", "Give one entry per row in each of the columns."
        )
    values, correct, trials = columns
    _check_counts(values, correct, trials)
    seen = trials > 0
    if not seen.any():
        raise DataError("There are no trials.", "Give at least one row with trials.")
    kept = [index for index in range(len(who)) if seen[index]]
    people, person = _positions([who[index] for index in kept])
    items, item_at = _positions([what[index] for index in kept])
    conditions, condition_at = _positions([which[index] for index in kept])
    values, correct, trials = values[seen], correct[seen], trials[seen]
    coefficients = gammaln(trials + 1) - gammaln(correct + 1) - gammaln(trials - correct + 1)
    keys = np.column_stack([person, condition_at, item_at, values])
    rows, where = np.unique(keys, axis=0, return_inverse=True)
    where = where.ravel()
    table = _Padded(rows[:, 0].astype(np.intp), len(people))
    return GroupCounts(
        listeners=people,
        items=items,
        conditions=conditions,
        level=table.pad(rows[:, 3], fill=float(np.median(values))),
        n_correct=table.pad(np.asarray(np.bincount(where, weights=correct), dtype=float)),
        n_trials=table.pad(np.asarray(np.bincount(where, weights=trials), dtype=float)),
        item=table.pad(rows[:, 2]).astype(np.intp),
        condition=table.pad(rows[:, 1]).astype(np.intp),
        n_rows=len(values),
        n_pooled=len(values) - len(rows),
        empty_listeners=tuple(label for label in dict.fromkeys(who) if label not in people),
        empty_conditions=tuple(label for label in dict.fromkeys(which) if label not in conditions),
        log_coefficients=float(coefficients.sum()),
        saturated=float(coefficients.sum()) + _saturated(correct, trials),
        digest=digest_counts(
            person.astype(float),
            item_at.astype(float),
            condition_at.astype(float),
            values,
            correct,
            trials,
        ),
    )


class _Padded:
    """Puts sorted rows of (listener, …) into an array (listeners, most rows of a listener)."""

    def __init__(self, person: Integers, n_people: int) -> None:
        sizes = np.bincount(person, minlength=n_people)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self._at = (person, np.arange(len(person)) - starts[person])
        self._shape = (n_people, int(sizes.max()))

    def pad(self, values: Floats, *, fill: float = 0.0) -> Floats:
        table = np.full(self._shape, fill)
        table[self._at] = values
        return table


def _saturated(n_correct: Floats, n_trials: Floats) -> float:
    share = n_correct / np.maximum(n_trials, 1.0)
    wrong = n_trials - n_correct
    return float((xlogy(n_correct, share) + xlogy(wrong, 1.0 - share)).sum())


def _numbers(values: ArrayLike, name: str) -> Floats:
    try:
        column = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise DataError(
            f"The column {name} holds something that is not a number.",
            "Give numbers only; leave out rows without a value.",
        ) from None
    if column.ndim != 1:
        raise DataError(f"The column {name} has {column.ndim} axes.", "Give one value per row.")
    if not np.all(np.isfinite(column)):
        raise DataError(
            f"The column {name} holds a missing or infinite value.", "Leave that row out."
        )
    return column


def _labels(values: Iterable[Any], name: str) -> list[Any]:
    if isinstance(values, str):
        raise DataError(f"The column {name} is one text.", "Give one label per row.")
    labels = values.tolist() if isinstance(values, np.ndarray) else list(values)
    for label in labels:
        if label is None or label != label:
            raise DataError(f"A {name} is missing.", "Name it in every row, or leave that row out.")
        if not isinstance(label, Hashable):
            raise DataError(
                f"A {name} of type {type(label).__name__} is no label.", "Use text or numbers."
            )
    return labels


def _positions(labels: Sequence[Any]) -> tuple[tuple[Hashable, ...], Integers]:
    """Distinct labels in the order of their first row, and the position of each row's label."""
    place = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return tuple(place), np.array([place[label] for label in labels], dtype=np.intp)


def _check_counts(level: Floats, n_correct: Floats, n_trials: Floats) -> None:
    if np.any(n_correct != np.round(n_correct)) or np.any(n_trials != np.round(n_trials)):
        raise DataError("Counts must be whole numbers.", "Give numbers of trials, not proportions.")
    wrong = np.flatnonzero((n_correct < 0) | (n_correct > n_trials))
    if wrong.size:
        at = int(wrong[0])
        raise DataError(
            f"Row {at + 1}: {n_correct[at]:g} correct of {n_trials[at]:g} trials at level "
            f"{level[at]:g} cannot be.",
            "Give n_correct between 0 and n_trials.",
        )
