"""Guess and lapse rate of a group model: fixed, estimated, or with a prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jndlab.analysis.groups.model import MOST_GUESSES, MOST_LAPSES
from jndlab.analysis.paradigms import get_paradigm
from jndlab.errors import FitError

LapseRate = float | Literal["estimate"] | tuple[float, float]
"""A fixed rate, "estimate" for maximum likelihood, or the (a, b) of a Beta prior."""
GuessRate = float | Literal["estimate"] | None
"""A fixed rate, "estimate", or None for the paradigm's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChoice:
    """What is fixed; None: free."""

    guess_rate: float | None
    lapse_rate: float | None
    lapse_prior: tuple[float, float] | None


def choose_rates(*, paradigm: str, guess_rate: GuessRate, lapse_rate: LapseRate) -> RateChoice:
    """The rates that the options mean. FitError: rates that cannot be; DataError: no paradigm.

    In yes/no the guess rate is that of "yes" without a signal: 0 unless given or estimated.

    >>> choose_rates(paradigm="abx", guess_rate=None, lapse_rate=0.0).guess_rate
    0.5
    """
    facts = get_paradigm(paradigm)
    guess: float | None
    if isinstance(guess_rate, str):
        _require_estimate(guess_rate, "guess_rate")
        guess = None
    elif guess_rate is not None:
        guess = _within("guess rate", guess_rate, MOST_GUESSES)
    elif facts.name == "same_different":
        raise FitError(
            "In same-different trials the rate of false alarms is not known beforehand.",
            'Give guess_rate="estimate", or the rate of "different" to identical pairs.',
        )
    else:
        guess = facts.guess_rate or 0.0
    lapse: float | None = None
    prior: tuple[float, float] | None = None
    if isinstance(lapse_rate, str):
        _require_estimate(lapse_rate, "lapse_rate")
    elif isinstance(lapse_rate, tuple | list):
        prior = _prior(lapse_rate)
    else:
        lapse = _within("lapse rate", lapse_rate, MOST_LAPSES)
    if guess is not None and lapse is not None and guess + lapse >= 1.0:
        raise FitError(
            f"A guess rate of {guess:g} and a lapse rate of {lapse:g} leave no room for hearing.",
            "Give rates whose sum is below 1.",
        )
    return RateChoice(guess_rate=guess, lapse_rate=lapse, lapse_prior=prior)


def _require_estimate(word: str, option: str) -> None:
    if word != "estimate":
        raise FitError(f"{option} cannot be {word!r}.", 'Give a number or "estimate".')


def _within(name: str, rate: float, most: float) -> float:
    if not 0.0 <= rate <= most:
        raise FitError(f"A {name} of {rate} cannot be.", f"Give a rate from 0 to {most:g}.")
    return float(rate)


def _prior(prior: tuple[float, ...] | list[float]) -> tuple[float, float]:
    if len(prior) != 2 or not all(value >= 1.0 for value in prior):
        raise FitError(
            f"{tuple(prior)} are no parameters of a lapse prior.",
            "Give two numbers of at least 1, such as (1, 10).",
        )
    return float(prior[0]), float(prior[1])
