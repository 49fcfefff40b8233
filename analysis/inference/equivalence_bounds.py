"""What the bound of an equivalence claim says, as a proportion correct and back.

A bound is the smallest effect that would matter. It can be stated as a proportion correct, as d′
(through the paradigm's psychometric function) or as the share of discriminators: listeners who
always hear the difference, while all others guess, so that p = chance + (1 − chance) · share
(Abbott 1925, *J. Econ. Entomol.* 18, 265–267).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from jndlab.analysis.paradigms import Paradigm
from jndlab.errors import DataError

BoundOn = Literal["proportion_correct", "d_prime", "discriminators"]
_WHY = (
    "Give the smallest effect that would matter, such as bound=0.6 on the proportion correct of "
    "ABX trials, and fix it before the data are seen: without a bound, and with one chosen after "
    "the data, every study can be read as equivalent."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundScale:
    """The scale on which a bound is stated, for one paradigm and decision model."""

    paradigm: Paradigm
    model: str | None
    chance: float
    bound_on: BoundOn

    def proportion(self, value: float) -> float:
        """A value of this scale as a proportion correct. DataError: d′ that cannot be."""
        if self.bound_on == "proportion_correct":
            return value
        if self.bound_on == "discriminators":
            return self.chance + (1.0 - self.chance) * value
        from jndlab.analysis.detection.convert import proportion_correct

        return float(proportion_correct(value, paradigm=self.paradigm.name, model=self.model))

    def value(self, proportion: float) -> float:
        """A proportion correct on this scale; at chance and below d′ and discriminators are 0."""
        if self.bound_on == "proportion_correct":
            return proportion
        if self.bound_on == "discriminators":
            return max(0.0, (proportion - self.chance) / (1.0 - self.chance))
        from jndlab.analysis.detection.convert import d_prime

        above = min(1.0, max(proportion, self.chance))
        return max(0.0, float(d_prime(above, paradigm=self.paradigm.name, model=self.model)))

    def text(self, proportion: float) -> str:
        """A proportion correct in a sentence: '0.6' or '0.6 (d′ = 1)'."""
        value = self.value(proportion)
        if self.bound_on == "discriminators":
            return f"{proportion:.3g} ({100 * value:.3g} % discriminators)"
        return f"{proportion:.3g}" + (f" (d′ = {value:.3g})" if self.bound_on == "d_prime" else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A bound that can be tested."""

    value: float
    """As stated, on its scale."""
    proportion: float
    """As a proportion correct, between chance and 1."""
    mirrored: float
    """Its mirror image below chance, 2 · chance − proportion; it can be below 0."""


def bound_scale(
    paradigm: str,
    *,
    bound_on: BoundOn = "proportion_correct",
    model: str | None = None,
) -> BoundScale:
    """The scale of a bound. ``model`` is the decision model of ABX trials.

    DataError: unknown paradigm, model or scale, or a paradigm without a chance level.

    >>> scale = bound_scale("abx", bound_on="d_prime")
    >>> round(scale.proportion(1.0), 4), round(scale.value(0.75), 3)
    (0.5997, 1.79)
    >>> bound_scale("oddity", bound_on="discriminators").proportion(0.25)
    0.5
    """
    from jndlab.analysis.detection.convert import resolve

    found, chosen = resolve(paradigm, model)
    if found.guess_rate is None:
        raise DataError(
            f"{found.title} trials have no chance level: a listener's bias sets the rate of "
            "responses, so no bound on it means equivalence.",
            "Use a paradigm with a correct response, or compare d′ with its interval.",
        )
    if bound_on not in get_args(BoundOn):
        raise DataError(
            f"A bound on {bound_on!r} is unknown.", f"Use one of: {', '.join(get_args(BoundOn))}."
        )
    return BoundScale(paradigm=found, model=chosen, chance=found.guess_rate, bound_on=bound_on)


def require_bound(bound: float | None, scale: BoundScale) -> Bound:
    """The bound, checked, also as a proportion correct.

    DataError: there is no bound, or none between chance and 1.

    >>> require_bound(0.2, bound_scale("abx", bound_on="discriminators"))
    Bound(value=0.2, proportion=0.6, mirrored=0.4)
    """
    if bound is None:
        raise DataError("An equivalence claim needs a bound.", _WHY)
    try:
        value = float(bound)
    except (TypeError, ValueError):
        raise DataError(f"A bound of {bound!r} is not a number.", _WHY) from None
    if not value > (scale.chance if scale.bound_on == "proportion_correct" else 0.0):
        raise DataError(
            f"A bound of {value:g} on {scale.bound_on} allows no effect at all: it must lie above "
            f"chance, a proportion correct of {scale.chance:.4g} in {scale.paradigm.title} trials.",
            _WHY,
        )
    proportion = scale.proportion(value)
    if not scale.chance < proportion < 1.0:
        raise DataError(
            f"A bound of {value:g} on {scale.bound_on} is a proportion correct of {proportion:.4g},"
            f" which is not between chance, {scale.chance:.4g}, and 1: no data could tell.",
            _WHY,
        )
    return Bound(value=value, proportion=proportion, mirrored=2.0 * scale.chance - proportion)
