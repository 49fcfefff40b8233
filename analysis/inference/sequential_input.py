"""What sequential analyses are given: counts in the order in which they came, rates, the unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import one_number, whole_numbers
from jndlab.errors import DataError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def require_rate(rate: float, name: str) -> float:
    """An error rate between 0 and ½. DataError: it is none.

    >>> require_rate(0.05, "alpha")
    0.05
    """
    value = one_number(rate, name)
    if not 0.0 < value < 0.5:
        raise DataError(
            f"{name} of {rate!r} cannot be an error rate.", "Give a rate such as 0.05, below 0.5."
        )
    return value


def count_list(values: Any, name: str) -> Ints:
    """Counts of shape (entries,). DataError: text, none, missing, negative or broken."""
    counts = np.atleast_1d(whole_numbers(values, name))
    if counts.ndim != 1 or counts.size == 0:
        raise DataError(f"{name} is not a list of counts.", "Give at least one count.")
    if np.any(counts < 0):
        raise DataError(f"{name} has a negative count.", "Give numbers of trials.")
    return counts


def cumulative_counts(
    responses: ArrayLike | None, n_correct: ArrayLike | None, n_trials: ArrayLike | None
) -> tuple[Ints, Ints]:
    """Correct responses and trials so far, at each moment at which they are looked at.

    From ``responses``, 1 or True for each correct trial in the order in which they came, or from
    totals so far. Both of shape (moments,). DataError: both or neither given, totals that
    decrease, more correct responses than trials added.

    >>> [counts.tolist() for counts in cumulative_counts([1, 0, 1], None, None)]
    [[1, 1, 2], [1, 2, 3]]
    """
    if responses is not None:
        if n_correct is not None or n_trials is not None:
            raise DataError("Responses and totals are both given.", _GIVE)
        single = count_list(responses, "responses")
        if np.any(single > 1):
            raise DataError("A response is neither 0 nor 1.", "Give 1 for correct, 0 for wrong.")
        return np.cumsum(single), np.arange(1, len(single) + 1)
    if n_correct is None or n_trials is None:
        raise DataError("Responses or totals are missing.", _GIVE)
    correct, trials = count_list(n_correct, "n_correct"), count_list(n_trials, "n_trials")
    require_cumulative(correct, trials)
    return correct, trials


_GIVE = (
    "Give responses (1 or 0 per trial, in order), or n_correct and n_trials so far at each moment."
)


def require_cumulative(n_correct: Ints, n_trials: Ints) -> None:
    """DataError unless trials increase, and correct responses by no more than they do.

    >>> require_cumulative(np.array([3, 5]), np.array([4, 8]))
    """
    if n_correct.shape != n_trials.shape:
        raise DataError("n_correct and n_trials differ in length.", "Give one entry per moment.")
    more, more_correct = np.diff(n_trials, prepend=0), np.diff(n_correct, prepend=0)
    if np.any(more <= 0):
        raise DataError(
            "The numbers of trials do not increase.", "Give all trials so far at each moment."
        )
    if np.any(more_correct < 0):
        raise DataError(
            "The numbers of correct responses decrease.",
            "Give all correct responses so far at each moment, not those since the last one.",
        )
    if np.any(more_correct > more):
        at = int(np.argmax(more_correct > more))
        raise DataError(
            f"{more_correct[at]} correct responses in {more[at]} trials cannot be.",
            "Check the totals so far.",
        )


def listener_proportions(n_correct: ArrayLike, n_trials: ArrayLike) -> Floats:
    """Proportion correct of each listener, in the order in which they came.

    Counts per listener; ``n_trials`` may be one number for all. DataError: impossible counts.

    >>> listener_proportions([12, 15], 20).tolist()
    [0.6, 0.75]
    """
    correct, trials = count_list(n_correct, "n_correct"), count_list(n_trials, "n_trials")
    if trials.shape not in ((1,), correct.shape):
        raise DataError(
            "n_correct and n_trials differ in length.", "Give one entry per listener of each."
        )
    trials = np.broadcast_to(trials, correct.shape)
    if np.any(trials < 1):
        raise DataError("A listener has no trials.", "Leave listeners without trials out.")
    if np.any(correct > trials):
        at = int(np.argmax(correct > trials))
        raise DataError(
            f"{correct[at]} correct of {trials[at]} trials cannot be.",
            "Give n_correct between 0 and n_trials, per listener, not so far.",
        )
    return np.asarray(correct / trials)


def unit_advice(n_listeners: int | None) -> tuple[str, ...]:
    """What to say of trials taken as independent for a claim that there is little to hear.

    DataError: no whole number of listeners from 1 on.

    >>> unit_advice(1)
    ()
    """
    if n_listeners is not None and not (
        one_number(n_listeners, "n_listeners") >= 1 and n_listeners % 1 == 0
    ):
        raise DataError(f"{n_listeners} listeners cannot be.", "Give 1 or more.")
    if n_listeners == 1:
        return ()
    whose = (
        f"The trials of {n_listeners} listeners are"
        if n_listeners is not None
        else "If the trials come from several listeners, they are"
    )
    return (
        f"{whose} taken as independent, which they are not: where listeners differ, claims of "
        "equivalence are false more often than alpha says. Use sequential_equivalence_listeners, "
        "whose unit is the listener, or say n_listeners=1.",
    )
