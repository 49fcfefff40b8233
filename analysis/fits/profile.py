"""Profile-likelihood intervals: values that a curve with all else at its best does not rule out.

An end is where twice the fall of the log likelihood (or of the log posterior, for a mode) reaches
the chi-square quantile with one degree of freedom (Venzon & Moolgavkar 1988, *Applied Statistics*
37, 87–94). Where the surface never falls so far there is no end: infinite, or the bound of a rate.
At the bound of a rate the chi-square quantile errs to the safe side (Self & Liang 1987, *J. Am.
Stat. Assoc.* 82, 605–610).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from jndlab.analysis.fits.crossings import best_heights, crossings
from jndlab.analysis.fits.curves import RATES, FittedCurves, check_name
from jndlab.analysis.fits.design import LOG_WIDTH, THRESHOLD, Design
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.quantities import Flatness, Itself, LevelAt, Quantity
from jndlab.analysis.fits.targets import Target
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.errors import FitError

Floats = NDArray[np.float64]
_CHUNK = 128
"""Data sets at a time: bounds the memory."""


def profile_interval(fit: PsychometricFit, name: str, *, coverage: float) -> ConfidenceInterval:
    """The profile interval of a parameter by name, in the unit of the study.

    For a fit without priors (method "ml") of the likelihood, otherwise of the posterior density.
    An end that the data do not give is infinite (0 for a width or a slope), or the bound of a
    rate; a fixed parameter has an interval without length. FitError: no such parameter.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", method="ml", overdispersion=False)
    >>> interval = profile_interval(fit, "threshold", coverage=0.95)
    >>> round(interval.low, 2), round(interval.high, 2)
    (2.55, 3.89)
    """
    return _interval(fit, name, coverage)


def profile_threshold(
    fit: PsychometricFit, target: Target, *, coverage: float
) -> ConfidenceInterval:
    """The profile interval of the level at a target, in the unit of the study.

    >>> from jndlab.analysis import fit_psychometric
    >>> from jndlab.analysis.fits.targets import make_target
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", method="ml", overdispersion=False)
    >>> target = make_target(0.75, None, paradigm="2afc", guess_rate=0.5, model=None,
    ...                      lapse_free=True)
    >>> interval = profile_threshold(fit, target, coverage=0.95)
    >>> round(interval.low, 2), round(interval.high, 2)
    (2.55, 3.89)
    """
    return _interval(fit, target, coverage)


def profile_ends(curves: FittedCurves, what: str | Target, *, coverage: float) -> Floats:
    """Both ends of the profile intervals of many data sets, shape (data sets, 2).

    ``what`` is the name of a parameter, or a target for the level at it. FitError: no such name.

    >>> from jndlab.analysis import fit_many
    >>> fits = fit_many([1, 2, 3, 4], [[10, 12, 17, 20], [9, 13, 15, 19]], [20] * 4,
    ...                 paradigm="2afc", method="ml", overdispersion=False, lapse_rate=0.02)
    >>> profile_ends(fits.curves, "threshold", coverage=0.95).round(2).tolist()
    [[1.92, 3.13], [2.03, 3.47]]
    """
    check_coverage(coverage)
    quantity = _quantity(curves.design, what)
    if quantity is None:
        return np.repeat(curves.estimate(str(what))[:, None], 2, axis=1)
    cut = float(ndtri((1.0 + coverage) / 2.0))
    parts = [
        crossings(_part(curves, slice(first, first + _CHUNK)), quantity, cut)
        for first in range(0, len(curves.n_correct), _CHUNK)
    ]
    ends = _in_units(curves.design, quantity, np.concatenate(parts))
    return np.sort(ends, axis=1) + 0.0  # no minus zero


def profile_deviance(fit: PsychometricFit, name: str, values: ArrayLike) -> Floats:
    """How much worse the best curve with each value is: twice the fall of the log likelihood.

    ``values`` in the unit of the study; same shape comes out. A value is in the profile interval
    when its deviance is at most the chi-square quantile, 3.84 for 95 %. Infinite where there is
    no such curve. FitError: no such parameter, or a fixed one.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", method="ml", overdispersion=False)
    >>> profile_deviance(fit, "threshold", [2.0, 3.0, 4.0]).round(2).tolist()
    [10.04, 0.58, 5.54]
    """
    quantity = _quantity(fit.design, name)
    if quantity is None:
        raise FitError(f"The {name} is fixed in this fit.", "Ask for a parameter that is not.")
    wanted = np.asarray(values, dtype=float)
    held = _held_values(fit.design, quantity, wanted.ravel())
    heights = np.full(held.shape, -np.inf)
    there = np.isfinite(held)
    heights[there] = best_heights(fit.curves, quantity, held[there])[0][0]
    top = max(float(fit.curves.modes.log_posterior[0]), float(heights.max(initial=-np.inf)))
    return np.asarray((2.0 * (top - heights)).reshape(wanted.shape))


def _interval(fit: PsychometricFit, what: str | Target, coverage: float) -> ConfidenceInterval:
    low, high = profile_ends(fit.curves, what, coverage=coverage)[0]
    surface = "likelihood" if fit.method == "ml" else "posterior"
    return ConfidenceInterval(
        low=float(low), high=float(high), coverage=coverage, method=f"profile {surface}"
    )


def _part(curves: FittedCurves, rows: slice) -> FittedCurves:
    """Some of the data sets, without their posterior."""
    return replace(
        curves,
        n_correct=curves.n_correct[rows],
        n_trials=curves.n_trials[rows],
        modes=curves.modes[rows],
        posterior=None,
    )


def _quantity(design: Design, what: str | Target) -> Quantity | None:
    """What is held; None for a fixed parameter."""
    if isinstance(what, Target):
        return LevelAt(design, what)
    check_name(what)
    if what in RATES:
        return Itself(RATES[what]) if RATES[what] in design.free else None
    if what == "slope":
        return Flatness(design)
    return Itself(THRESHOLD if what == "threshold" else LOG_WIDTH)


def _steepest(design: Design) -> float:
    """The slope of a curve from 0 to 1 as wide as the tested range."""
    return float(design.standard.density(np.asarray(design.centre))) * design.span / design.scale


def _in_units(design: Design, quantity: Quantity, held: Floats) -> Floats:
    """Held values in the unit of the study."""
    if isinstance(quantity, Flatness):
        return np.asarray(design.sign * _steepest(design) * np.exp(-held))
    if quantity.parameter == THRESHOLD:
        return design.to_level(held)
    return np.asarray(np.exp(held) * design.scale if quantity.parameter == LOG_WIDTH else held)


def _held_values(design: Design, quantity: Quantity, values: Floats) -> Floats:
    """The other way; nan where there is no curve with the value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if isinstance(quantity, Flatness):
            return np.asarray(-np.log(design.sign * values / _steepest(design)))
        if quantity.parameter == THRESHOLD:
            return design.to_inner(values)
        if quantity.parameter == LOG_WIDTH:
            return np.asarray(np.log(values / design.scale))
    low, high = design.limits[quantity.parameter]
    return np.where((values >= low) & (values <= high), values, np.nan)
