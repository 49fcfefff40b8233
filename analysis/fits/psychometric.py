"""Fit one psychometric function: from levels and counts to a result."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import digest_counts, merge_counts
from jndlab.analysis.fits.advice import advice
from jndlab.analysis.fits.curves import FittedCurves, Method, fit_curves
from jndlab.analysis.fits.design import Design, make_design
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.likelihood import log_coefficients, prepare
from jndlab.analysis.fits.surface import curve_at
from jndlab.analysis.paradigms import get_paradigm
from jndlab.errors import FitError
from jndlab.sigmoids import sigmoid_name
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]


def fit_psychometric(
    levels: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    sigmoid: str = "norm",
    method: Method = "posterior",
    direction: Direction = "rises",
    overdispersion: bool | float = True,
    guess_rate: float | None = None,
    lapse_rate: float | None = None,
    lapse_prior: tuple[float, float] = (1.0, 10.0),
    guess_prior: tuple[float, float] = (1.0, 10.0),
    overdispersion_prior: tuple[float, float] = (1.0, 10.0),
) -> PsychometricFit:
    """Fit ψ = guess + (1 − guess − lapse) F to counts of correct responses per level.

    ``levels``, ``n_correct`` and ``n_trials`` have shape (levels,); equal levels are added up.
    ``paradigm`` sets the chance level and has no default; where it has none (yes/no,
    same-different) the guess rate is estimated. ``direction`` says whether the proportion correct
    rises or falls as the level's number grows. ``method``: "posterior" integrates the whole
    posterior, "map" finds its mode, "ml" the maximum of the likelihood without priors.
    ``overdispersion`` True estimates the η of a beta-binomial (Schütt, Harmeling, Macke &
    Wichmann 2016, *Vision Research* 122, 105–123), False or 0 takes the counts as binomial, a
    number fixes it. ``guess_rate`` and ``lapse_rate`` fix these rates (a lapse rate of 0 biases
    thresholds: Wichmann & Hill 2001). The three priors are the parameters of Beta
    distributions; those of threshold and width are psignifit's: :mod:`jndlab.analysis.fits.priors`.

    The model takes the trials as independent given η: for counts pooled over listeners its
    intervals are too narrow wherever listeners differ. :func:`jndlab.analysis.fit_group` and
    :func:`jndlab.analysis.bootstrap_listeners` have the listener as their unit.

    DataError: impossible counts, unknown paradigm. FitError: fewer than three levels, unknown
    sigmoid, method or direction, a rate that cannot be, or a search that did not end.

    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc")
    >>> round(fit.estimate("threshold"), 2), round(fit.interval("threshold").high, 2)
    (3.14, 3.85)
    >>> ml = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                       paradigm="2afc", method="ml", lapse_rate=0.0, overdispersion=False)
    >>> round(ml.threshold, 4), round(ml.log_likelihood, 4)
    (3.3261, -10.3963)
    """
    values, correct, trials = merge_counts(levels, n_correct, n_trials)
    design = design_for(
        values,
        paradigm=paradigm,
        sigmoid=sigmoid,
        direction=direction,
        overdispersion=overdispersion,
        guess_rate=guess_rate,
        lapse_rate=lapse_rate,
        lapse_prior=lapse_prior,
        guess_prior=guess_prior,
        overdispersion_prior=overdispersion_prior,
    )
    curves = fit_curves(design, correct[None, :], trials[None, :], method=method)
    if not curves.modes.converged[0]:
        raise FitError(
            "The search for the best curve did not end.",
            "Check the counts for a column in the wrong place, and report this data set to us.",
        )
    log_likelihood, deviance = _heights(curves)
    return PsychometricFit(
        paradigm=get_paradigm(paradigm).name,
        sigmoid=sigmoid_name(sigmoid),
        direction=direction,
        method=method,
        levels=tuple(float(level) for level in values),
        n_correct=tuple(int(count) for count in correct),
        n_trials=tuple(int(count) for count in trials),
        log_likelihood=float(log_likelihood[0]),
        deviance=float(deviance[0]),
        converged=True,
        warnings=advice(curves, n_given=int(np.count_nonzero(np.asarray(n_trials, dtype=float)))),
        options={
            "fixed_lapse_rate": design.fixed[0],
            "fixed_guess_rate": design.fixed[1],
            "fixed_overdispersion": design.fixed[2],
            "lapse_prior": design.priors.lapse_beta,
            "guess_prior": design.priors.guess_beta,
            "overdispersion_prior": design.priors.overdispersion_beta,
        },
        data_digest=digest_counts(values, correct, trials),
        version=__version__,
        curves=curves,
    )


def design_for(
    levels: Floats,
    *,
    paradigm: str,
    sigmoid: str,
    direction: Direction,
    overdispersion: bool | float,
    guess_rate: float | None,
    lapse_rate: float | None,
    lapse_prior: tuple[float, float],
    guess_prior: tuple[float, float],
    overdispersion_prior: tuple[float, float],
) -> Design:
    """The design that the options of a fit describe."""
    if guess_rate is None:
        guess_rate = get_paradigm(paradigm).guess_rate
    else:
        get_paradigm(paradigm)
    eta = (None if overdispersion else 0.0) if isinstance(overdispersion, bool) else overdispersion
    return make_design(
        levels,
        guess_rate=guess_rate,
        sigmoid=sigmoid_name(sigmoid),
        direction=direction,
        lapse_prior=lapse_prior,
        lapse_rate=lapse_rate,
        guess_prior=guess_prior,
        overdispersion=eta,
        overdispersion_prior=overdispersion_prior,
    )


def _heights(curves: FittedCurves) -> tuple[Floats, Floats]:
    """Log-likelihood at the modes, and the binomial deviance there; shape (data sets,)."""
    points = curves.modes.points
    curve = curve_at(curves.design, points)
    counts = prepare(curves.n_correct, curves.n_trials, binomial=curves.design.binomial)
    coefficients = log_coefficients(curves.n_correct, curves.n_trials)
    log_likelihood = counts.log_likelihood(curve.right, curve.wrong, points[:, 4]) + coefficients
    binomial = prepare(curves.n_correct, curves.n_trials, binomial=True)
    zero = np.zeros(len(points))
    with np.errstate(invalid="ignore"):
        share = curves.n_correct / curves.n_trials  # levels without trials weigh nothing
    share = np.where(curves.n_trials > 0, share, 0.5)
    saturated = binomial.log_likelihood(share, 1.0 - share, zero)
    fitted = binomial.log_likelihood(curve.right, curve.wrong, zero)
    return log_likelihood, np.maximum(0.0, 2.0 * (saturated - fitted))
