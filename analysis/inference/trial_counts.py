"""One pair of counts and one chance level, as a test of trials needs them."""

from __future__ import annotations

from typing import Any

import numpy as np

from jndlab.analysis.intervals import check_counts
from jndlab.errors import DataError


def trial_counts(n_correct: Any, n_trials: Any) -> tuple[int, int]:
    """Correct responses and trials as whole numbers. DataError: they are none, or cannot be.

    >>> trial_counts(12.0, 16)
    (12, 16)
    """
    correct, trials = _number(n_correct, "n_correct"), _number(n_trials, "n_trials")
    check_counts(correct, trials)
    return int(correct), int(trials)


def require_chance(chance: Any) -> float:
    """The chance level as a number. DataError unless it lies between 0 and 1."""
    value = _number(chance, "chance")
    if not 0.0 < value < 1.0:
        raise DataError(
            f"A null proportion of {chance} cannot be tested.",
            "Give the chance level, a number between 0 and 1.",
        )
    return float(value)


def _number(value: Any, name: str) -> Any:
    """``value`` as int where it is whole, so that messages show it as it was written."""
    if np.ndim(value) != 0:
        raise DataError(
            f"{name} has several values, where one was expected.",
            "Add the trials of one listener up; several listeners: permutation_test_listeners.",
        )
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise DataError(f"{name} of {value!r} is not a number.", "Give a number.") from None
    return int(number) if number.is_integer() else number
