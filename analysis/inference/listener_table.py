"""Counts of listeners, one row each, as tests by permutation need them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import whole_numbers
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerTable:
    """Correct responses and trials; 0 trials where a listener did not hear a column."""

    n_correct: Ints
    """Shape (listeners, columns)."""
    n_trials: Ints

    @property
    def heard(self) -> NDArray[np.bool_]:
        return self.n_trials > 0

    @property
    def proportions(self) -> Floats:
        """0 where there are no trials: mind :attr:`heard`."""
        return np.asarray(self.n_correct / np.maximum(self.n_trials, 1))

    def rows(self, chosen: NDArray[np.bool_]) -> ListenerTable:
        """The table of the listeners chosen."""
        return ListenerTable(n_correct=self.n_correct[chosen], n_trials=self.n_trials[chosen])

    def numbers(self) -> Floats:
        """All counts in a row, for a digest."""
        return np.concatenate([self.n_correct.ravel(), self.n_trials.ravel()]).astype(float)


def listener_table(n_correct: ArrayLike, n_trials: ArrayLike) -> ListenerTable:
    """A checked table: one row per listener; one column, or one per level or condition.

    ``n_trials`` has the shape of ``n_correct``, or is one number for all, or for two axes one
    number per column. DataError: another shape, impossible counts, text.

    >>> listener_table([[8, 9], [7, 0]], [[10, 10], [10, 0]]).heard.tolist()
    [[True, True], [True, False]]
    """
    correct, trials = whole_numbers(n_correct, "n_correct"), whole_numbers(n_trials, "n_trials")
    if correct.ndim == 1:
        correct, trials = correct[:, np.newaxis], trials[:, np.newaxis] if trials.ndim else trials
    if correct.ndim != 2 or correct.size == 0:
        raise DataError(
            "n_correct must have one row per listener.",
            "Give counts of shape (listeners,), or (listeners, levels) for several tests.",
        )
    try:
        trials = np.broadcast_to(trials, correct.shape)
    except ValueError:
        raise DataError(
            "n_correct and n_trials differ in shape.", "Give both with one entry per listener."
        ) from None
    wrong = np.argwhere((correct < 0) | (correct > trials))
    if wrong.size:
        at = tuple(wrong[0])
        raise DataError(
            f"{correct[at]} correct of {trials[at]} trials cannot be (listener {at[0] + 1}).",
            "Give n_correct between 0 and n_trials.",
        )
    return ListenerTable(n_correct=correct, n_trials=trials.copy())
