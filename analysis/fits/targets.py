"""Targets of a threshold: a proportion correct, or the proportion correct that a d′ means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from jndlab.analysis.detection.convert import proportion_correct
from jndlab.analysis.detection.same_different import hit_rate_at
from jndlab.analysis.paradigms import get_paradigm
from jndlab.errors import FitError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the curve is asked for."""

    probability: float | None
    """None: a d′ in yes/no or same-different, where the proportion of "yes" or "different" that it
    means follows the guess rate."""
    d_prime: float | None
    model: str | None
    lapse_free: bool
    """On the curve of a listener who does not lapse, guess + (1 − guess) F."""

    def unscaled(self, lapse_rate: ArrayLike, guess_rate: ArrayLike) -> Floats:
        """The value of F at the target, broadcast. Outside 0 to 1: the curve never gets there."""
        guess = np.asarray(guess_rate, dtype=float)
        room = 1.0 - guess - (0.0 if self.lapse_free else np.asarray(lapse_rate, dtype=float))
        probability = self.probability
        if probability is None:
            assert self.d_prime is not None
            if self.model is None:
                wanted = ndtr(self.d_prime + ndtri(guess))
            else:
                wanted = hit_rate_at(self.d_prime, guess, model=self.model)
        else:
            wanted = np.asarray(probability)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((wanted - guess) / room)


def make_target(
    target_probability: float | None,
    d_prime: float | None,
    *,
    paradigm: str,
    guess_rate: float | None,
    model: str | None,
    lapse_free: bool,
) -> Target:
    """The target asked for. FitError: none or two, below chance or above 1; DataError: no model."""
    facts = get_paradigm(paradigm)
    if (target_probability is None) == (d_prime is None):
        raise FitError(
            "A threshold needs one target.", "Give either target_probability or d_prime."
        )
    if target_probability is not None:
        floor = guess_rate or 0.0
        if not floor < target_probability < 1.0:
            raise FitError(
                f"A target probability of {target_probability:g} has no threshold: chance is "
                f"{floor:g}.",
                f"Give a target above {floor:g} and below 1, such as {(1 + floor) / 2:.2g}.",
            )
        return Target(
            probability=target_probability, d_prime=None, model=None, lapse_free=lapse_free
        )
    assert d_prime is not None
    if not d_prime > 0.0:
        raise FitError(f"A d′ of {d_prime:g} has no threshold.", "Give a d′ above 0, such as 1.")
    chosen = facts.model(model)
    if facts.name == "yes_no":
        return Target(probability=None, d_prime=d_prime, model=None, lapse_free=lapse_free)
    if facts.guess_rate is None:
        return Target(probability=None, d_prime=d_prime, model=chosen, lapse_free=lapse_free)
    probability = float(proportion_correct(d_prime, paradigm=facts.name, model=chosen))
    return Target(probability=probability, d_prime=d_prime, model=chosen, lapse_free=lapse_free)
