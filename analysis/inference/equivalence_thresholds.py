"""Are two thresholds (JNDs) the same, within a bound?

Two one-sided tests (TOST) of the difference of two thresholds: Schuirmann 1987,
*J. Pharmacokinet. Biopharm.* 15, 657–680. The difference comes with a standard error (normal, or
Student's t with the degrees of freedom of the comparison), or with bootstrap or posterior draws.
The standard error or the draws decide the unit of inference: take them from a group model or from
a bootstrap over listeners, never from a curve fitted to pooled trials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from jndlab.analysis.checks import numbers, one_number
from jndlab.analysis.inference.equivalence import check_options
from jndlab.analysis.inference.equivalence_wording import Verdict, decide, p_text
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
_FEW_DRAWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdEquivalence:
    """Whether two thresholds differ by less than a bound, and whether they differ at all."""

    verdict: Verdict
    wording: str
    p_value: float
    """The larger of the two one-sided p-values (TOST)."""
    p_value_below: float
    """Against a difference of the bound or more."""
    p_value_above: float
    """Against a difference of minus the bound or less."""
    p_value_difference: float
    """Two-sided, against no difference."""
    estimate: float
    """Second threshold minus the first."""
    standard_error: float | None
    """None where draws were given."""
    degrees_of_freedom: float | None
    """None: the normal distribution."""
    interval: ConfidenceInterval
    """Of the difference, with coverage 1 − 2 alpha: equivalent if it lies within the bounds."""
    smallest_rejected_bound: float
    """The smallest bound that these data reject."""
    bound: float
    alpha: float
    n_draws: int | None
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def equivalence_of_thresholds(
    estimate: float | tuple[float, float] | None = None,
    standard_error: float | tuple[float, float] | None = None,
    *,
    draws: ArrayLike | tuple[ArrayLike, ArrayLike] | None = None,
    bound: float | None = None,
    alpha: float = 0.05,
    degrees_of_freedom: float | None = None,
) -> ThresholdEquivalence:
    """Verdict and p-values of the claim that two thresholds differ by less than ``bound``.

    Give ``estimate`` and ``standard_error`` of the difference, or pairs of them for two
    independent thresholds (the difference is second minus first, its variance the sum); or
    ``draws`` of the difference, shape (draws,), or a pair of such arrays drawn together. All in the
    unit of the level; take logarithms first for a bound on a ratio. ``bound`` > 0 must be fixed
    beforehand.

    Draws: p = (1 + number beyond the bound) / (1 + number of draws), limits by percentiles (Efron
    & Tibshirani 1993, *An Introduction to the Bootstrap*, ch. 13 and 16).

    DataError: no bound, or not one of standard error and draws, or numbers that cannot be.

    >>> result = equivalence_of_thresholds(0.1, 0.2, bound=0.5)
    >>> result.verdict, round(result.p_value, 4), round(result.smallest_rejected_bound, 3)
    ('equivalent', 0.0228, 0.429)
    >>> equivalence_of_thresholds((3.0, 3.1), (0.3, 0.4), bound=0.5).verdict
    'undecided'
    """
    _check_bound(bound)
    check_options(alpha, 0.0)
    if (standard_error is None) == (draws is None):
        raise DataError(
            "A comparison of thresholds needs either a standard error or draws.",
            "Give standard_error=... with the estimate, or draws=... from a bootstrap.",
        )
    difference: _Normal | _Draws
    if draws is None:
        difference = _normal(estimate, standard_error, degrees_of_freedom)
    else:
        difference = _drawn(estimate, draws)
    assert bound is not None
    below, above = difference.p_at_least(bound), difference.p_at_most(-bound)
    low, high = difference.quantile(alpha), difference.quantile(1.0 - alpha)
    p_value = max(below, above)
    p_difference = min(1.0, 2.0 * min(difference.p_at_least(0.0), difference.p_at_most(0.0)))
    interval = ConfidenceInterval(
        low=low, high=high, coverage=1.0 - 2.0 * alpha, method=difference.method
    )
    verdict = decide(smaller_than_bound=p_value <= alpha, above_chance=p_difference <= alpha)
    normal = difference if isinstance(difference, _Normal) else None
    return ThresholdEquivalence(
        verdict=verdict,
        wording=_wording(verdict, difference.estimate, interval, bound, p_value, p_difference),
        p_value=p_value,
        p_value_below=below,
        p_value_above=above,
        p_value_difference=p_difference,
        estimate=difference.estimate,
        standard_error=normal.standard_error if normal else None,
        degrees_of_freedom=normal.degrees_of_freedom if normal else None,
        interval=interval,
        smallest_rejected_bound=max(high, -low, 0.0),
        bound=float(bound),
        alpha=float(alpha),
        n_draws=None if isinstance(difference, _Normal) else difference.draws.size,
        method=f"two one-sided tests of the difference, {difference.method}",
        warnings=difference.warnings,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Normal:
    estimate: float
    standard_error: float
    degrees_of_freedom: float | None
    warnings: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        freedom = self.degrees_of_freedom
        return "normal" if freedom is None else f"Student's t with {freedom:g} degrees of freedom"

    def p_at_least(self, value: float) -> float:
        """p-value against a difference of ``value`` or more."""
        return self._cumulative((self.estimate - value) / self.standard_error)

    def p_at_most(self, value: float) -> float:
        return self._cumulative((value - self.estimate) / self.standard_error)

    def quantile(self, probability: float) -> float:
        freedom = self.degrees_of_freedom
        z = ndtri(probability) if freedom is None else stdtrit(freedom, probability)
        return float(self.estimate + z * self.standard_error)

    def _cumulative(self, z: float) -> float:
        freedom = self.degrees_of_freedom
        return float(ndtr(z) if freedom is None else stdtr(freedom, z))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draws:
    estimate: float
    draws: Floats
    warnings: tuple[str, ...]
    method: str = "percentiles of the draws"

    def p_at_least(self, value: float) -> float:
        """p-value against a difference of ``value`` or more."""
        return float((1 + np.sum(self.draws >= value)) / (1 + self.draws.size))

    def p_at_most(self, value: float) -> float:
        return float((1 + np.sum(self.draws <= value)) / (1 + self.draws.size))

    def quantile(self, probability: float) -> float:
        return float(np.quantile(self.draws, probability))


def _normal(
    estimate: float | tuple[float, float] | None,
    standard_error: float | tuple[float, float] | None,
    degrees_of_freedom: float | None,
) -> _Normal:
    estimates, errors = _numbers(estimate, "estimate"), _numbers(standard_error, "standard_error")
    if estimates.shape != errors.shape or estimates.size not in (1, 2):
        raise DataError(
            "estimate and standard_error do not fit each other.",
            "Give both for the difference, or a pair of both for two thresholds.",
        )
    if not np.all(errors > 0.0):
        raise DataError("A standard error must be above 0.", "Give that of each estimate.")
    if degrees_of_freedom is not None and not degrees_of_freedom > 0:
        raise DataError("Degrees of freedom must be above 0.", "Leave them out if unknown.")
    return _Normal(
        estimate=float(estimates[-1] - (estimates[0] if estimates.size == 2 else 0.0)),
        standard_error=float(np.sqrt(np.sum(errors**2))),
        degrees_of_freedom=degrees_of_freedom,
        warnings=()
        if estimates.size == 1
        else (
            "The two thresholds are taken as independent. If the same listeners gave both, test "
            "the difference within listeners, which is more precise.",
        ),
    )


def _drawn(
    estimate: float | tuple[float, float] | None, draws: ArrayLike | tuple[ArrayLike, ArrayLike]
) -> _Draws:
    if isinstance(draws, tuple) and len(draws) == 2 and np.ndim(draws[0]) == 1:
        first, second = _numbers(draws[0], "draws"), _numbers(draws[1], "draws")
        if first.shape != second.shape:
            raise DataError("The two sets of draws differ in length.", "Give pairs of draws.")
        values = second - first
    else:
        values = _numbers(draws, "draws")
    if values.size < 2:
        raise DataError("There are too few draws.", f"Give at least {_FEW_DRAWS}.")
    centre = float(values.mean())
    if estimate is not None:
        stated = _numbers(estimate, "estimate")
        centre = float(stated[-1] - (stated[0] if stated.size == 2 else 0.0))
    few = f"There are only {values.size} draws: small p-values are rough."
    return _Draws(
        estimate=centre, draws=values, warnings=(few,) if values.size < _FEW_DRAWS else ()
    )


def _numbers(values: Any, name: str) -> Floats:
    found = np.atleast_1d(numbers(values, name))
    if found.ndim != 1 or not np.all(np.isfinite(found)):
        raise DataError(f"{name} lacks a number.", "Give finite numbers.")
    return found


def _check_bound(bound: float | None) -> None:
    if bound is None or not (0.0 < one_number(bound, "bound") < np.inf):
        raise DataError(
            "An equivalence claim about thresholds needs a bound above 0.",
            "Give the largest difference that would not matter, in the unit of the level, and fix "
            "it before the data are seen.",
        )


def _wording(
    verdict: Verdict,
    estimate: float,
    interval: ConfidenceInterval,
    bound: float,
    p_value: float,
    p_value_difference: float,
) -> str:
    found = (
        f"the thresholds differ by {estimate:.3g} (between {interval.low:.3g} and "
        f"{interval.high:.3g} with {100 * interval.coverage:.4g} % confidence)"
    )
    against_bound, against_none = p_text(p_value), p_text(p_value_difference)
    return {
        "equivalent": f"Equivalent within the bound: {found}, by less than {bound:.3g} "
        f"({against_bound}). No difference was shown ({against_none}), but smaller ones may exist.",
        "both": f"Different, but by less than the bound: {found}, which is not 0 ({against_none}) "
        f"and less than {bound:.3g} ({against_bound}).",
        "different": f"Different: {found}, which is not 0 ({against_none}). That it is less than "
        f"{bound:.3g} was not shown ({against_bound}).",
        "undecided": f"Undecided: {found}. No difference was shown ({against_none}), but one of "
        f"{bound:.3g} is not ruled out either ({against_bound}); it takes more data to tell.",
    }[verdict]
