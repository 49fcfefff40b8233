"""One pair of counts and one chance level, as a test of trials needs them."""

from __future__ import annotations

from typing import Any

from jndlab.analysis.checks import numbers, one_number
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
    value = one_number(chance, "chance")
    if not 0.0 < value < 1.0:
        raise DataError(
            f"A null proportion of {chance} cannot be tested.",
            "Give the chance level, a number between 0 and 1.",
        )
    return value


def require_countable(n_trials: int, *, most: int = 10_000) -> None:
    """DataError where so many trials that sums over every count would take minutes.

    >>> require_countable(500)
    """
    if n_trials > most:
        raise DataError(
            f"{n_trials:,} trials are more than the {most:,} that exact sums are made for.",
            "Check the counts: a listener answers a few hundred trials.",
        )


def _number(value: Any, name: str) -> Any:
    """``value`` as int where it is whole, so that messages show it as it was written."""
    if numbers(value, name).ndim != 0:
        raise DataError(
            f"{name} has several values, where one was expected.",
            "Add the trials of one listener up; several listeners: permutation_test_listeners.",
        )
    number = one_number(value, name)
    return int(number) if number.is_integer() else number
