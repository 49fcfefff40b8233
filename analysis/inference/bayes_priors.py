"""What the proportion correct might be if there is a difference: stated priors, by name.

Each is a density of the log odds x = log p/(1 − p), known up to a constant; its logarithm is
concave, as is that of the likelihood, so that their product is integrated with ease.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

from jndlab.errors import DataError

Floats = NDArray[np.float64]
PriorSpec = str | tuple[str | float, ...]
"""As "uniform", ("beta", 2, 2) or ("logistic_above_chance", "wide")."""

LOGISTIC_SCALES = {"medium": 0.5, "wide": float(np.sqrt(0.5)), "ultrawide": 1.0}
"""Those of R's BayesFactor::proportionBF."""
_KNOWN = (
    '"uniform", ("uniform", low, high), "jeffreys", ("beta", a, b), or ("logistic", scale) with a '
    'number or "medium", "wide", "ultrawide"; one-sided with "_above_chance" or "_below_chance" '
    'after the first word, as "uniform_above_chance"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """A prior of the proportion correct, perhaps cut to a range of it."""

    a: float = 0.0
    b: float = 0.0
    """p^a (1 − p)^b of the log odds: Beta(a, b) of the proportion."""
    centre: float = 0.0
    scale: float | None = None
    """Of a logistic distribution of the log odds; None where there is none."""
    low: float = 0.0
    high: float = 1.0
    name: str

    @property
    def text(self) -> str:
        """The prior as a sentence would call it."""
        if self.name == "uniform":
            return f"uniform on {self.low:.4g} to {self.high:.4g}"
        whole = (self.low, self.high) == (0.0, 1.0)
        return self.name + ("" if whole else f", cut to {self.low:.4g} to {self.high:.4g}")

    def log_density(self, x: Floats) -> Floats:
        """Of log odds, up to a constant."""
        kernel = self.a * log_expit(x) + self.b * log_expit(-x)
        if self.scale is not None:
            z = (x - self.centre) / self.scale
            kernel = kernel + log_expit(z) + log_expit(-z)
        return np.asarray(kernel)

    def slope(self, x: Floats) -> Floats:
        """The derivative of :meth:`log_density`."""
        slope = self.a * expit(-x) - self.b * expit(x)
        if self.scale is not None:
            z = (x - self.centre) / self.scale
            slope = slope + (expit(-z) - expit(z)) / self.scale
        return np.asarray(slope)


def make_prior(spec: PriorSpec, chance: float) -> Prior:
    """The prior called by ``spec``. DataError: there is none such.

    >>> make_prior("uniform_above_chance", 0.5).text
    'uniform on 0.5 to 1'
    >>> make_prior(("logistic", "medium"), 0.5).text
    'logistic of the log odds around chance, scale 0.5'
    """
    word, numbers = _parts(spec)
    low, high = 0.0, 1.0
    if word.endswith("_above_chance"):
        word, low = word.removesuffix("_above_chance"), chance
    elif word.endswith("_below_chance"):
        word, high = word.removesuffix("_below_chance"), chance
    if word in ("uniform_0_1", "uniform_half_1"):
        numbers, word = (0.5 if word == "uniform_half_1" else 0.0, 1.0), "uniform"
    if word.startswith("logistic_") and not numbers:
        word, numbers = "logistic", (word.removeprefix("logistic_"),)
    if word == "uniform":
        return _uniform(spec, numbers, low, high)
    if word == "jeffreys" and not numbers:
        return Prior(a=0.5, b=0.5, low=low, high=high, name="Jeffreys' Beta(0.5, 0.5)")
    if word == "beta" and len(numbers) == 2:
        a, b = (_positive(spec, number) for number in numbers)
        return Prior(a=a, b=b, low=low, high=high, name=f"Beta({a:g}, {b:g})")
    if word == "logistic" and len(numbers) == 1:
        return _logistic(spec, numbers[0], chance, low, high)
    raise _unknown(spec)


def _parts(spec: PriorSpec) -> tuple[str, tuple[Any, ...]]:
    if isinstance(spec, str):
        return _word(spec), ()
    if isinstance(spec, Sequence) and len(spec) > 0 and isinstance(spec[0], str):
        return _word(spec[0]), tuple(spec[1:])
    raise _unknown(spec)


def _word(text: str) -> str:
    return text.strip().lower().replace("-", "_").replace(" ", "_")


def _uniform(spec: PriorSpec, ends: tuple[Any, ...], low: float, high: float) -> Prior:
    if ends:
        if len(ends) != 2 or (low, high) != (0.0, 1.0):
            raise _unknown(spec)
        low, high = (_number(spec, end) for end in ends)
        if not 0.0 <= low < high <= 1.0:
            raise DataError(
                f"A uniform prior on {low:g} to {high:g} cannot be.",
                "Give two proportions, the lower first.",
            )
    return Prior(a=1.0, b=1.0, low=low, high=high, name="uniform")


def _logistic(spec: PriorSpec, scale: Any, chance: float, low: float, high: float) -> Prior:
    size = LOGISTIC_SCALES.get(scale) if isinstance(scale, str) else _positive(spec, scale)
    if size is None:
        raise _unknown(spec)
    return Prior(
        centre=float(logit(chance)),
        scale=size,
        low=low,
        high=high,
        name=f"logistic of the log odds around chance, scale {size:.4g}",
    )


def _positive(spec: PriorSpec, value: Any) -> float:
    number = _number(spec, value)
    if not number > 0.0:
        raise DataError(f"{value!r} in the prior {spec!r} is not above 0.", "Give a number above.")
    return number


def _number(spec: PriorSpec, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise _unknown(spec) from None
    if not np.isfinite(number):
        raise _unknown(spec)
    return number


def _unknown(spec: Any) -> DataError:
    return DataError(f"There is no prior {spec!r}.", f"Say which: {_KNOWN}.")
