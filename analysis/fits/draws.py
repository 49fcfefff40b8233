"""Random draws of the parameters: from the prior, and from the posterior of a fit.

Posterior draws are independent. A curve is drawn from the nodes of the posterior's grid, which
carry its mass, and then each parameter in turn is drawn anew from its exact conditional density,
given the others (one sweep of a Gibbs sampler; Geman & Geman 1984, *IEEE Transactions on Pattern
Analysis and Machine Intelligence* 6, 721–741). The nodes integrate smooth functions to several
digits, so that what comes out is continuous and has the posterior's quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv, gammaln

from jndlab.analysis.checks import generator_of, one_number
from jndlab.analysis.fits.curves import FittedCurves, require_posterior
from jndlab.analysis.fits.design import LAPSE, LOG_WIDTH, OVERDISPERSION, THRESHOLD, Design
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.modes import Modes
from jndlab.analysis.fits.posterior import interpolation
from jndlab.analysis.fits.surface import curve_at
from jndlab.analysis.fits.targets import Target
from jndlab.errors import DataError

Floats = NDArray[np.float64]
_CHUNK = 1000
_PLACES = 2001
_TINY = 1e-300
_SMALLEST_THETA = 1e-9
"""Below this a beta-binomial count is a binomial one to all digits that matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDraws:
    """Parameters drawn at random: every draw is one curve."""

    source: str
    """"prior" or "posterior"."""
    n_draws: int
    curves: FittedCurves = field(repr=False)
    """One entry per draw; without counts."""

    def values(self, what: str | Target) -> Floats:
        """Draws of a parameter by name, or of the level at a target, shape (draws,).

        In the unit of the study; infinite for a curve that never reaches the target.
        """
        return (
            self.curves.threshold_at(what)
            if isinstance(what, Target)
            else self.curves.estimate(what)
        )

    def proportions(self, levels: ArrayLike) -> Floats:
        """Proportion correct ψ of every draw at ``levels``: shape (draws, levels)."""
        design, points = self.curves.design, self.curves.modes.points
        inner = design.to_inner(np.atleast_1d(np.asarray(levels, dtype=float)))
        width = np.exp(points[:, LOG_WIDTH, None])
        heard = design.unscaled(points[:, THRESHOLD, None], width, inner)
        lapse, guess = points[:, LAPSE, None], points[:, LAPSE + 1, None]
        return np.asarray(guess + (1.0 - guess - lapse) * heard)


def prior_draws(
    source: PsychometricFit | Design, n_draws: int, *, seed: int | np.random.Generator
) -> ParameterDraws:
    """Curves drawn from the priors of a fit, or of a design. DataError: no draws asked for.

    >>> from jndlab.analysis.fits.design import make_design
    >>> draws = prior_draws(make_design([1, 2, 3, 4, 5], guess_rate=0.5), 2000, seed=1)
    >>> bool(2.9 < draws.values("threshold").mean() < 3.1)
    True
    """
    _check_number(n_draws)
    rng = generator_of(seed)[0]
    design = source if isinstance(source, Design) else source.design
    points = np.empty((n_draws, 5))
    for parameter, (low, high) in enumerate(design.limits):
        share = rng.random(n_draws)
        if low == high:
            points[:, parameter] = low
        elif parameter in (THRESHOLD, LOG_WIDTH):
            points[:, parameter] = _from_density(design, parameter, low, high, share)
        else:
            beta = design.priors.betas[parameter - LAPSE]
            assert beta is not None, "a free rate has a prior"
            points[:, parameter] = betaincinv(*beta, share * betainc(*beta, high))
    return _as_draws(design, points, "prior")


def posterior_draws(
    fit: PsychometricFit, n_draws: int, *, seed: int | np.random.Generator
) -> ParameterDraws:
    """Independent curves drawn from the posterior of a fit.

    FitError: the fit has no posterior. DataError: no draws asked for.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", overdispersion=False)
    >>> draws = posterior_draws(fit, 2000, seed=1).values("threshold")
    >>> bool(abs(draws.mean() - fit.threshold) < 0.05)
    True
    """
    _check_number(n_draws)
    posterior = require_posterior(fit.curves.posterior, "draws from it")
    rng = generator_of(seed)[0]
    design = fit.design
    mass = posterior.mass[0]
    cells = rng.choice(mass.size, size=n_draws, p=mass.ravel() / mass.sum())
    points = np.empty((n_draws, 5))
    for parameter, index in enumerate(np.unravel_index(cells, mass.shape)):
        points[:, parameter] = posterior.nodes[parameter][0, index]
    points[:, OVERDISPERSION] = posterior.nodes[OVERDISPERSION][0, 0]
    # The grid keeps the overdispersion apart from the curve: draw it given the curve first.
    sweep = [parameter for parameter in design.free if parameter == OVERDISPERSION]
    sweep += design.free
    for parameter in sweep:
        nodes = posterior.nodes[parameter][0]
        for first in range(0, n_draws, _CHUNK):
            part = slice(first, first + _CHUNK)
            height = _heights(fit, points[part], parameter, nodes)
            share = rng.random(len(height))
            points[part, parameter] = _conditional(
                design, parameter, posterior.boxes[0, parameter], nodes, height, share
            )
    return _as_draws(design, points, "posterior")


def _heights(fit: PsychometricFit, points: Floats, parameter: int, nodes: Floats) -> Floats:
    """Log likelihood of points with one parameter at each of the nodes: (points, nodes)."""
    many = np.repeat(points, len(nodes), axis=0)
    many[:, parameter] = np.tile(nodes, len(points))
    curve = curve_at(fit.design, many)
    right, wrong = np.maximum(curve.right, _TINY), np.maximum(curve.wrong, _TINY)
    correct, trials = fit.curves.n_correct, fit.curves.n_trials
    if fit.design.binomial:
        value = correct * np.log(right) + (trials - correct) * np.log(wrong)
    else:
        eta = many[:, OVERDISPERSION, None]
        strength = 1.0 / np.maximum(eta**2 / (1.0 - eta**2), _SMALLEST_THETA)
        value = _rising(right * strength, correct) + _rising(wrong * strength, trials - correct)
        value -= _rising(strength, trials)
    return np.asarray(value.sum(axis=1).reshape(len(points), len(nodes)))


def _rising(start: Floats, count: Floats) -> Floats:
    """log of start (start + 1) … (start + count − 1)."""
    return np.asarray(gammaln(start + count) - gammaln(start))


def _conditional(
    design: Design, parameter: int, box: Floats, nodes: Floats, height: Floats, share: Floats
) -> Floats:
    """Quantiles of conditional densities known at nodes, one share for each row of heights."""
    fine = height @ interpolation(len(nodes))
    places = np.linspace(float(box[0]), float(box[1]), fine.shape[1])
    fine += _log_prior(design, parameter, places)
    density = np.exp(fine - fine.max(axis=1, keepdims=True))
    return _quantiles(places, density, share)


def _from_density(design: Design, parameter: int, low: float, high: float, share: Floats) -> Floats:
    """Quantiles of the prior of threshold or log width."""
    places = np.linspace(low, high, _PLACES)
    density = np.exp(_log_prior(design, parameter, places))
    return _quantiles(places, np.broadcast_to(density, (1, _PLACES)), share)


def _log_prior(design: Design, parameter: int, places: Floats) -> Floats:
    prior = design.priors.of(parameter, places)
    assert prior is not None, "a fixed parameter has no density"
    return prior.value + places if parameter == LOG_WIDTH else prior.value


def _quantiles(places: Floats, density: Floats, share: Floats) -> Floats:
    """Places (rows,) below which a share of each row's density lies; a single row serves all."""
    cumulative = np.zeros_like(density)
    np.cumsum((density[:, 1:] + density[:, :-1]) / 2.0, axis=1, out=cumulative[:, 1:])
    wanted = share * cumulative[:, -1]
    if len(density) == 1:
        return np.interp(wanted, cumulative[0], places)
    after = np.clip((cumulative < wanted[:, None]).sum(axis=1), 1, len(places) - 1)
    rows = np.arange(len(share))
    low, high = cumulative[rows, after - 1], cumulative[rows, after]
    part = (wanted - low) / np.maximum(high - low, _TINY)
    return np.asarray(places[after - 1] + part * (places[after] - places[after - 1]))


def _as_draws(design: Design, points: Floats, source: str) -> ParameterDraws:
    number = len(points)
    columns = points.T.copy()
    modes = Modes(
        threshold=columns[0],
        width=np.exp(columns[1]),
        lapse_rate=columns[2],
        guess_rate=columns[3],
        overdispersion=columns[4],
        log_posterior=np.full(number, np.nan),
        converged=np.ones(number, dtype=bool),
    )
    empty = np.zeros((number, len(design.levels)))
    curves = FittedCurves(
        design=design, method="map", n_correct=empty, n_trials=empty, modes=modes, posterior=None
    )
    return ParameterDraws(source=source, n_draws=number, curves=curves)


def _check_number(n_draws: int) -> None:
    if not one_number(n_draws, "n_draws") >= 1 or n_draws % 1:
        raise DataError(f"{n_draws} draws cannot be.", "Ask for a whole number of at least 1.")
