"""Profile-likelihood intervals: the values that a curve with all else at its best does not rule out.

An end is where twice the fall of the log likelihood (or of the log posterior, for a mode) reaches
the chi-square quantile with one degree of freedom (Venzon & Moolgavkar 1988, *Applied Statistics*
37, 87–94). Where the surface never falls so far there is no end: infinite, or the bound of a rate.
At the bound of a rate the chi-square quantile errs to the safe side (Self & Liang 1987, *J. Am.
Stat. Assoc.* 82, 605–610).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from jndlab.analysis.fits.constrained import HeldSurface, climb_held, start_points
from jndlab.analysis.fits.curves import RATES, FittedCurves, check_name
from jndlab.analysis.fits.design import LOG_WIDTH, THRESHOLD, Design
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.quantities import Flatness, Itself, LevelAt, Quantity
from jndlab.analysis.fits.targets import Target
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage

Floats = NDArray[np.float64]
_CHUNK = 128
"""Data sets at a time: bounds the memory."""
_MOST_ROUNDS = 50
_CLOSE = 1e-6
"""How near the root of the deviance must come to that of the cut."""


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
    (2.26, 3.79)
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
    (2.26, 3.79)
    """
    return _interval(fit, target, coverage)


def profile_ends(curves: FittedCurves, what: str | Target, *, coverage: float) -> Floats:
    """Both ends of the profile intervals of many data sets, shape (data sets, 2).

    ``what`` is the name of a parameter, or a target for the level at it. FitError: no such name.

    >>> from jndlab.analysis import fit_many
    >>> fits = fit_many([1, 2, 3, 4], [[10, 12, 17, 20], [9, 13, 15, 19]], [20] * 4,
    ...                 paradigm="2afc", method="ml", overdispersion=False, lapse_rate=0.02)
    >>> profile_ends(fits.curves, "threshold", coverage=0.95).round(2).tolist()
    [[1.0, 3.0], [1.0, 3.0]]
    """
    check_coverage(coverage)
    quantity = _quantity(curves.design, what)
    if quantity is None:
        return np.repeat(curves.estimate(str(what))[:, None], 2, axis=1)
    cut = float(ndtri((1.0 + coverage) / 2.0))
    parts = [
        _ends(curves, quantity, slice(first, first + _CHUNK), cut)
        for first in range(0, len(curves.n_correct), _CHUNK)
    ]
    return np.sort(_in_units(curves.design, quantity, np.concatenate(parts)), axis=1)


def profile_deviance(fit: PsychometricFit, name: str, values: ArrayLike) -> Floats:
    """How much worse the best curve with each value is: twice the fall of the log likelihood.

    ``values`` in the unit of the study; same shape comes out. A value is in the profile interval
    when its deviance is at most the chi-square quantile, 3.84 for 95 %. Infinite where there is
    no such curve. FitError: no such parameter, or a fixed one.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", method="ml", overdispersion=False)
    >>> profile_deviance(fit, "threshold", [2.0, 3.0, 4.0]).round(2).tolist()
    [1.0, 1.0, 1.0]
    """
