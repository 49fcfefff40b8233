"""Checks that fits share: counts that can be, targets that have a threshold, equal data."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.errors import DataError, FitError

Floats = NDArray[np.float64]


def merge_counts(
    levels: ArrayLike, n_correct: ArrayLike, n_trials: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Ascending distinct levels with their counts added up; levels without trials are dropped.

    All of shape (levels,). DataError: shapes differ, values missing, impossible counts.
    """
    columns = [np.atleast_1d(np.asarray(v, dtype=float)) for v in (levels, n_correct, n_trials)]
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


def digest_counts(*columns: Floats) -> str:
    """SHA-256 of columns of numbers: equal data, equal digest."""
    text = "\n".join(",".join(f"{value:.17g}" for value in column.ravel()) for column in columns)
    return hashlib.sha256(text.encode()).hexdigest()


def check_target(target_probability: float, guess_rate: float) -> None:
    """Raise FitError unless the target lies between chance and 1."""
    if not guess_rate < target_probability < 1.0:
        raise FitError(
            f"A target probability of {target_probability:g} has no threshold: chance is "
            f"{guess_rate:g}.",
            f"Give a target above {guess_rate:g} and below 1, such as 0.75.",
        )
