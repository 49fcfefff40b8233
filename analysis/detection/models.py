"""Detection theory: sensitivity d′ from the proportion correct, and back, by paradigm.

Percent correct depends on the task, d′ does not: at d′ = 1 a listener is right in 76.0 % of
two-interval trials but in 58.2 to 60.0 % of ABX trials.

Two-interval (2AFC)
    p = Φ(d′/√2) (Green & Swets 1966; Macmillan & Creelman 2005, *Detection Theory*, ch. 7).
ABX, independent observations
    p = Φ(d′/√2) Φ(d′/2) + Φ(−d′/√2) Φ(−d′/2) (Macmillan & Creelman 2005, ch. 9; Hautus & Meng
    2002, *Perception & Psychophysics* 64, 89–106): A, B and X are each weighed on their own.
ABX, differencing
    p = Φ(d′/√2) Φ(d′/√6) + Φ(−d′/√2) Φ(−d′/√6) (the same sources): X is compared with A and B.

All assume an unbiased listener. Which ABX model holds is seldom known: quote both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson
from jndlab.errors import DataError
from jndlab.study.trials import GUESS_RATES, ParadigmName

Floats = NDArray[np.float64]
AbxModel = Literal["independent", "differencing"]
ABX_MODELS: tuple[AbxModel, ...] = ("independent", "differencing")
_ABX_SECOND_SCALE: dict[AbxModel, float] = {
    "independent": 1.0 / 2.0,
    "differencing": 1.0 / np.sqrt(6.0),
}
_LARGEST_D_PRIME = 40.0
"""The proportion correct is 1 to machine precision long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DPrime:
    """d′ with its interval. Infinite where every response was correct."""

    value: float
    interval: ConfidenceInterval
    paradigm: ParadigmName
    abx_model: AbxModel | None
    """None where the paradigm is not ABX."""


def check_paradigm(paradigm: ParadigmName) -> float:
    """The chance level of ``paradigm``. DataError if there is no such paradigm."""
    try:
        return GUESS_RATES[paradigm]
    except KeyError:
        raise DataError(
            f"There is no paradigm {paradigm!r}.", f"Use one of: {', '.join(GUESS_RATES)}."
        ) from None


def proportion_from_d_prime(
    d_prime: ArrayLike, *, paradigm: ParadigmName, abx_model: AbxModel = "independent"
) -> Floats:
    """Proportion correct of an unbiased listener with sensitivity ``d_prime``, elementwise.

    Negative d′ (systematically the wrong response) gives proportions below chance. DataError:
    unknown paradigm or model.

    >>> round(float(proportion_from_d_prime(1.0, paradigm="two-interval")), 4)
    0.7602
    >>> round(float(proportion_from_d_prime(1.0, paradigm="abx")), 4)
    0.5997
    """
    check_paradigm(paradigm)
    values = np.asarray(d_prime, dtype=float)
    if paradigm == "two-interval":
        return np.asarray(ndtr(values / np.sqrt(2.0)))
    scale = _abx_scale(abx_model)
    size = np.abs(values)
    first, second = size / np.sqrt(2.0), size * scale
    above = ndtr(first) * ndtr(second) + ndtr(-first) * ndtr(-second)
    return np.asarray(np.where(values < 0, 1.0 - above, above))


def d_prime(
    proportion_correct: ArrayLike,
    *,
    paradigm: ParadigmName,
    abx_model: AbxModel = "independent",
) -> Floats:
    """Sensitivity d′ of an unbiased listener from the proportion correct (0 to 1), elementwise.

    Infinite at 1. Below chance it is the negative of d′ at 1 − p, so that intervals around
    chance stay honest. DataError: unknown paradigm or model, proportion outside 0 to 1.

    >>> round(float(d_prime(0.75, paradigm="abx")), 3)
    1.79
    >>> round(float(d_prime(0.75, paradigm="abx", abx_model="differencing")), 3)
    2.02
    """
    check_paradigm(paradigm)
    p = np.asarray(proportion_correct, dtype=float)
    if not np.all((p >= 0.0) & (p <= 1.0)):
        raise DataError("A proportion correct lies between 0 and 1.", "Give proportions, not %.")
    if paradigm == "two-interval":
        return np.asarray(np.sqrt(2.0) * ndtri(p))
    _abx_scale(abx_model)
    above = np.maximum(p, 1.0 - p)
    low, high = np.zeros_like(above), np.full_like(above, _LARGEST_D_PRIME)
    for _ in range(60):  # halving: 40 · 2⁻⁶⁰ is below machine precision
        middle = (low + high) / 2.0
        less = proportion_from_d_prime(middle, paradigm=paradigm, abx_model=abx_model) < above
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    size = np.where(above >= 1.0, np.inf, (low + high) / 2.0)
    size = np.where(above == 0.5, 0.0, size)
    return np.asarray(np.where(p < 0.5, -size, size))


def estimate_d_prime(
    n_correct: int,
    n_trials: int,
    *,
    paradigm: ParadigmName,
    abx_model: AbxModel = "independent",
    coverage: float = 0.95,
) -> DPrime:
    """d′ from counts, with the exact (Clopper–Pearson) interval of the proportion transformed.

    d′ rises with the proportion correct, so the transformed interval keeps its coverage; it
    takes the trials as independent. DataError: impossible counts, unknown paradigm or model.
    """
    interval = clopper_pearson(n_correct, n_trials, coverage=coverage)
    value, low, high = (
        float(d_prime(p, paradigm=paradigm, abx_model=abx_model))
        for p in (n_correct / n_trials, interval.low, interval.high)
    )
    return DPrime(
        value=value,
        interval=ConfidenceInterval(
            low=low, high=high, coverage=coverage, method="Clopper-Pearson, transformed"
        ),
        paradigm=paradigm,
        abx_model=abx_model if paradigm == "abx" else None,
    )


def _abx_scale(abx_model: AbxModel) -> float:
    try:
        return _ABX_SECOND_SCALE[abx_model]
    except KeyError:
        raise DataError(
            f"There is no ABX model {abx_model!r}.", f"Use one of: {', '.join(ABX_MODELS)}."
        ) from None
