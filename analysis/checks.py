"""Checks that all analyses share: numbers, counts that can be, seeds, whether data are equal."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.errors import DataError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Seed = int | np.random.Generator
_LARGEST = 1e15


def merge_counts(
    levels: ArrayLike, n_correct: ArrayLike, n_trials: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Ascending distinct levels with their counts added up; levels without trials are dropped.

    All of shape (levels,). DataError: shapes differ, values missing, impossible counts.
    """
    named = (("levels", levels), ("n_correct", n_correct), ("n_trials", n_trials))
    columns = [np.atleast_1d(numbers(values, name)) for name, values in named]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise DataError(
            "Levels, n_correct and n_trials differ in length.",
            "Give three sequences with one entry per level.",
        )
    if not all(np.all(np.isfinite(column)) for column in columns):
        raise DataError("A level or a count is missing.", "Leave that row out, or fill it in.")
    values, correct, trials = columns
    if np.any(correct != np.round(correct)) or np.any(trials != np.round(trials)):
        raise DataError("Counts must be whole numbers.", "Give numbers of trials, not proportions.")
    wrong = np.flatnonzero((correct < 0) | (correct > trials))
    if wrong.size:
        at = int(wrong[0])
        raise DataError(
            f"{correct[at]:g} correct of {trials[at]:g} trials at level {values[at]:g} cannot be.",
            "Give n_correct between 0 and n_trials.",
        )
    seen = trials > 0
    if not seen.any():
        raise DataError("There are no trials.", "Give at least one level with trials.")
    distinct, where = np.unique(values[seen], return_inverse=True)
    return (
        distinct,
        np.asarray(np.bincount(where, weights=correct[seen]), dtype=float),
        np.asarray(np.bincount(where, weights=trials[seen]), dtype=float),
    )


def check_matrix(
    levels: ArrayLike, n_correct: ArrayLike, n_trials: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Levels ascending, with counts of many data sets in the same order.

    Shapes (levels,), (data sets, levels), (data sets, levels); ``n_trials`` may be one row for
    all. DataError: shapes that do not fit, levels that repeat, values missing, impossible counts,
    a data set without trials.
    """
    values = np.atleast_1d(numbers(levels, "levels"))
    correct, trials = numbers(n_correct, "n_correct"), numbers(n_trials, "n_trials")
    if values.ndim != 1 or correct.ndim != 2 or trials.shape not in (values.shape, correct.shape):
        raise DataError(
            "Levels must have one axis, n_correct two: data sets and levels.",
            "Give n_correct of shape (data sets, levels), n_trials of that shape or (levels,).",
        )
    if correct.shape[1] != len(values) or len(np.unique(values)) != len(values):
        raise DataError(
            f"{correct.shape[1]} columns of counts do not fit {len(np.unique(values))} levels.",
            "Give one column per level, all levels different.",
        )
    trials = np.broadcast_to(trials, correct.shape)
    if not all(np.all(np.isfinite(part)) for part in (values, correct, trials)):
        raise DataError("A level or a count is missing.", "Write 0 trials where there are none.")
    if np.any(correct < 0) or np.any(correct > trials) or np.any(correct % 1) or np.any(trials % 1):
        raise DataError("There are impossible counts.", "Give 0 ≤ n_correct ≤ n_trials, whole.")
    if len(correct) == 0 or not np.all(trials.sum(axis=1) > 0):
        raise DataError("A data set has no trials at all.", "Leave it out.")
    order = np.argsort(values)
    return values[order], correct[:, order], trials[:, order].copy()


def numbers(values: Any, name: str) -> Floats:
    """The values as numbers, of the same shape; missing ones (None, masked) are nan.

    DataError: text, complex numbers, rows of different length.

    >>> numbers([1, None, "2"], "levels").tolist()
    [1.0, nan, 2.0]
    """
    try:
        if isinstance(values, np.ma.MaskedArray):
            return np.asarray(np.ma.filled(values.astype(float), np.nan), dtype=float)
        if not np.iscomplexobj(values):
            return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        pass
    raise DataError(
        f"{name} holds something that is not a number.", "Give numbers in rows of equal length."
    )


def whole_numbers(values: Any, name: str) -> Integers:
    """Counts as integers, of the same shape. DataError: missing, broken or beyond 10¹⁵.

    >>> whole_numbers([3.0, 4], "n_correct").tolist()
    [3, 4]
    """
    found = numbers(values, name)
    if not np.all(np.isfinite(found)):
        raise DataError(f"{name} has a missing count.", "Leave it out, or fill it in.")
    if np.any(found % 1):
        raise DataError("Counts must be whole numbers.", "Give numbers of trials, not proportions.")
    if np.any(np.abs(found) > _LARGEST):
        raise DataError(f"{name} has a count beyond 10¹⁵.", "Give numbers of trials.")
    return found.astype(np.int64)


def one_number(value: Any, name: str) -> float:
    """One number; nan where it is missing. DataError: several, or none.

    >>> one_number(np.array(0.5), "chance")
    0.5
    """
    try:
        found = numbers(value, name)
    except DataError:
        raise DataError(f"{name} of {value!r} is not a number.", "Give one number.") from None
    if found.ndim != 0:
        raise DataError(f"{name} has several values, where one was expected.", "Give one number.")
    return float(found)


def generator_of(seed: Seed) -> tuple[np.random.Generator, int | None]:
    """The generator meant, and the seed to report: None where a generator was given.

    DataError: a seed that is neither a whole number of 0 or more nor a Generator.

    >>> generator_of(7)[1]
    7
    """
    if isinstance(seed, np.random.Generator):
        return seed, None
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise DataError(
            f"A seed of {seed!r} cannot be.", "Give a whole number of 0 or more, or a Generator."
        )
    return np.random.default_rng(int(seed)), int(seed)


def digest_counts(*columns: Floats) -> str:
    """SHA-256 of columns of numbers: equal data, equal digest."""
    text = "\n".join(",".join(f"{value:.17g}" for value in column.ravel()) for column in columns)
    return hashlib.sha256(text.encode()).hexdigest()
