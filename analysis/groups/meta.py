"""Random-effects meta-analysis: one estimate with a standard error per listener, combined.

    estimateᵢ = μ + uᵢ + eᵢ,   uᵢ ~ N(0, τ²),   eᵢ ~ N(0, standard errorᵢ²).

τ² by restricted maximum likelihood or by DerSimonian & Laird 1986 (*Control. Clin. Trials* 7,
177–188); its interval by the Q profile (Viechtbauer 2007, *Stat. Med.* 26, 37–52). The interval of
μ is normal, or that of Hartung, Knapp, Sidik and Jonkman with Student's t (Hartung & Knapp 2001,
*Stat. Med.* 20, 3875–3889), which holds its coverage with few listeners. The prediction interval,
for another listener, after Higgins, Thompson & Spiegelhalter 2009 (*J. R. Stat. Soc. A* 172,
137–159).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, chdtri, ndtri, stdtrit

from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import DataError, FitError

Floats = NDArray[np.float64]
MetaMethod = Literal["reml", "dl", "hksj"]
METHODS: dict[MetaMethod, str] = {
    "reml": "restricted maximum likelihood, normal interval",
    "dl": "DerSimonian-Laird, normal interval",
    "hksj": "restricted maximum likelihood, Hartung-Knapp-Sidik-Jonkman interval",
}
_MOST_ITERATIONS = 200
FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaAnalysis:
    """What the listeners' estimates come to together."""

    estimate: float
    """Mean μ over the population of listeners."""
    standard_error: float
    interval: ConfidenceInterval
    prediction_interval: ConfidenceInterval
    """For the true value of another listener; not a number with fewer than three."""
    tau: float
    """SD over listeners of the true values."""
    tau_interval: ConfidenceInterval
    heterogeneity: float
    """Cochran's Q."""
    heterogeneity_p_value: float
    """Of no spread at all, χ² with one degree of freedom less than listeners."""
    inconsistency: float
    """I²: share of the estimates' variance that is spread over listeners, 0 to 1."""
    weights: tuple[float, ...]
    """Of the listeners in the mean; they add up to 1."""
    n_listeners: int
    method: str
    warnings: tuple[str, ...]
    options: Mapping[str, Option]

    def to_dict(self) -> Any:
        """The result as plain values, ready for JSON."""
        return to_dict(self)


def meta_analyse(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    method: MetaMethod = "hksj",
    coverage: float = 0.95,
) -> MetaAnalysis:
    """The mean of a population of listeners from each one's estimate, shape (listeners,).

    ``method``: "reml", "dl" (DerSimonian & Laird 1986), or "hksj" (τ² as "reml", interval with
    Student's t: Hartung & Knapp 2001, *Stat. Med.* 20, 3875–3889).

    DataError: missing values, standard errors that are not positive, fewer than two listeners.

    >>> result = meta_analyse([2.1, 2.9, 3.4, 2.2, 3.0], [0.3, 0.4, 0.3, 0.2, 0.5])
    >>> round(result.estimate, 3), round(result.tau, 3)
    (2.675, 0.497)
    >>> round(result.interval.low, 3), round(result.interval.high, 3)
    (1.962, 3.388)
    """
    check_coverage(coverage)
    if method not in METHODS:
        raise FitError(f"There is no method {method!r}.", f"Use one of: {', '.join(METHODS)}.")
    values, variances = _check(estimates, standard_errors)
    n_listeners = len(values)
    tau_squared = _moments(values, variances) if method == "dl" else _reml(values, variances)
    weights = 1.0 / (variances + tau_squared)
    mean = float(weights @ values / weights.sum())
    plain = float(np.sqrt(1.0 / weights.sum()))
    scale = float(np.sqrt(weights @ (values - mean) ** 2 / (n_listeners - 1.0)))
    error = plain * scale if method == "hksj" else plain
    upper = 0.5 + coverage / 2.0
    reach = ndtri(upper) if method != "hksj" else stdtrit(n_listeners - 1.0, upper)
    q = _heterogeneity(values, variances, 0.0)
    ahead = np.sqrt(tau_squared + error**2)
    student = stdtrit(n_listeners - 2.0, upper) if n_listeners > 2 else np.nan
    return MetaAnalysis(
        estimate=mean,
        standard_error=error,
        interval=_around(mean, float(reach * error), coverage, METHODS[method]),
        prediction_interval=_around(
            mean, float(student * ahead), coverage, "Student's t on listeners less two"
        ),
        tau=float(np.sqrt(tau_squared)),
        tau_interval=_tau_interval(values, variances, coverage),
        heterogeneity=q,
        heterogeneity_p_value=float(chdtrc(n_listeners - 1.0, q)),
        inconsistency=_inconsistency(variances, tau_squared),
        weights=tuple(float(weight) for weight in weights / weights.sum()),
        n_listeners=n_listeners,
        method=METHODS[method],
        warnings=_advice(n_listeners, method, scale),
        options={"method": method, "coverage": coverage},
    )


def _check(estimates: ArrayLike, standard_errors: ArrayLike) -> tuple[Floats, Floats]:
    try:
        values = np.asarray(estimates, dtype=float)
        errors = np.asarray(standard_errors, dtype=float)
    except (TypeError, ValueError):
        raise DataError(
            "An estimate or a standard error is not a number.", "Leave that listener out."
        ) from None
    if values.ndim != 1 or values.shape != errors.shape:
        raise DataError(
            "Estimates and standard errors differ in length.", "Give one of each per listener."
        )
    if not (np.all(np.isfinite(values)) and np.all(np.isfinite(errors))):
        raise DataError(
            "An estimate or a standard error is missing or infinite.", "Leave that listener out."
        )
    if np.any(errors <= 0.0):
        raise DataError("A standard error is not above 0.", "Give the error of each estimate.")
    if len(values) < 2:
        raise DataError(
            "A meta-analysis needs at least two listeners.", "Report this one's own estimate."
        )
    return values, errors**2


def _heterogeneity(values: Floats, variances: Floats, tau_squared: float) -> float:
    """Σ w (estimate − mean)², w = 1/(variance + τ²): Q where τ² is 0."""
    weights = 1.0 / (variances + tau_squared)
    mean = weights @ values / weights.sum()
    return float(weights @ (values - mean) ** 2)


def _moments(values: Floats, variances: Floats) -> float:
    weights = 1.0 / variances
    excess = _heterogeneity(values, variances, 0.0) - (len(values) - 1.0)
    return max(0.0, float(excess / (weights.sum() - (weights**2).sum() / weights.sum())))


def _reml(values: Floats, variances: Floats) -> float:
    """The largest restricted likelihood, by its slope, which falls from one side to the other.

    The slope is bracketed on a grid of τ² (the likelihood can have two tops) and halved.
    """

    def height(tau_squared: Floats) -> Floats:
        weights = 1.0 / (variances + tau_squared[:, None])
        total = weights.sum(axis=1)
        mean = (weights @ values) / total
        fit = (weights * (values - mean[:, None]) ** 2).sum(axis=1)
        return np.asarray(0.5 * (np.log(weights).sum(axis=1) - np.log(total) - fit))

    largest = float(np.var(values, ddof=1)) * len(values) + float(variances.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-8 * largest, largest, 400)])
    for _ in range(_MOST_ITERATIONS):
        best = int(np.argmax(height(grid)))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
        if high - low <= 1e-12 * largest:
            break
        grid = np.linspace(low, high, 21)
    return float(grid[best])


def _tau_interval(values: Floats, variances: Floats, coverage: float) -> ConfidenceInterval:
    """Values of τ at which Q(τ²) lies in the middle of its χ² distribution."""
    freedom, tail = len(values) - 1.0, (1.0 - coverage) / 2.0

    def solve(target: float) -> float:
        if _heterogeneity(values, variances, 0.0) <= target:
            return 0.0
        low, high = 0.0, float(np.var(values, ddof=1)) + 1e-300
        while _heterogeneity(values, variances, high) > target:
            low, high = high, 4.0 * high
        for _ in range(_MOST_ITERATIONS):
            middle = 0.5 * (low + high)
            above = _heterogeneity(values, variances, middle) > target
            low, high = (middle, high) if above else (low, middle)
        return 0.5 * (low + high)

    ends = [float(chdtri(freedom, share)) for share in (tail, 1.0 - tail)]
    return ConfidenceInterval(
        low=float(np.sqrt(solve(ends[0]))),
        high=float(np.sqrt(solve(ends[1]))),
        coverage=coverage,
        method="Q profile",
    )


def _inconsistency(variances: Floats, tau_squared: float) -> float:
    """I² = τ²/(τ² + typical variance), the typical one of Higgins & Thompson 2002 (*Stat. Med.* 21,
    1539–1558)."""
    weights = 1.0 / variances
    typical = (len(weights) - 1.0) * weights.sum() / (weights.sum() ** 2 - (weights**2).sum())
    return float(tau_squared / (tau_squared + typical))


def _around(middle: float, reach: float, coverage: float, method: str) -> ConfidenceInterval:
    return ConfidenceInterval(
        low=middle - reach, high=middle + reach, coverage=coverage, method=method
    )


def _advice(n_listeners: int, method: MetaMethod, scale: float) -> tuple[str, ...]:
    warnings = []
    if n_listeners < FEW:
        warnings.append(f"Only {n_listeners} listeners: the spread over listeners is hardly known.")
    if method != "hksj" and n_listeners < 20:
        warnings.append(
            f"The normal interval is too narrow for {n_listeners} listeners: "
            'method="hksj" allows for their number.'
        )
    if method == "hksj" and scale < 1.0:
        warnings.append(
            "The estimates lie closer together than their standard errors say: the interval "
            "is narrower than the one that trusts these errors."
        )
    return tuple(warnings)
