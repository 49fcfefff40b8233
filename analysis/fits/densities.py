"""Prior and posterior densities of a fit's parameters, in the unit of the study."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from jndlab.analysis.fits.curves import RATES, check_name, require_posterior
from jndlab.analysis.fits.design import LOG_WIDTH, THRESHOLD, Design
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.errors import FitError

Floats = NDArray[np.float64]
_PLACES = 801
_PARAMETERS = {"threshold": THRESHOLD, "width": LOG_WIDTH, **RATES}


def free_names(fit: PsychometricFit) -> tuple[str, ...]:
    """Names of the parameters that are estimated and so have a prior.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc",
    ...                        lapse_rate=0.02)
    >>> free_names(fit)
    ('threshold', 'width', 'overdispersion')
    """
    return tuple(name for name, place in _PARAMETERS.items() if place in fit.design.free)


def prior_density(fit: PsychometricFit, name: str) -> tuple[Floats, Floats]:
    """Places and prior density of an estimated parameter: two arrays (places,).

    Ascending places over the prior's support, in the unit of the study; the area is 1. For
    thresholds on a log level the density is that of the logarithm. FitError: no such parameter,
    a fixed one, or a fit without priors.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> places, density = prior_density(fit, "lapse_rate")
    >>> round(float(np.trapezoid(density, places)), 3)
    1.0
    """
    if fit.method == "ml":
        raise FitError("A fit by maximum likelihood has no priors.", 'Use another method, "map".')
    parameter = _parameter(fit, name)
    low, high = fit.design.limits[parameter]
    beta = fit.design.priors.betas[parameter - 2] if name in RATES else None
    if beta is not None:
        high = min(high, float(betaincinv(*beta, 0.9999)))
    if parameter == LOG_WIDTH:
        inner = np.log(np.linspace(np.exp(low), np.exp(high), _PLACES))
    else:
        inner = np.linspace(low, high, _PLACES)
    prior = fit.design.priors.of(parameter, inner)
    assert prior is not None, "a free parameter has a prior"
    return _in_units(fit.design, parameter, inner, np.exp(prior.value))


def posterior_density(fit: PsychometricFit, name: str) -> tuple[Floats, Floats]:
    """Places and marginal posterior density of an estimated parameter: two arrays (places,).

    As :func:`prior_density`. FitError: no such parameter, a fixed one, or no posterior.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> places, density = posterior_density(fit, "threshold")
    >>> mean = float(np.trapezoid(places * density, places))
    >>> abs(mean - fit.threshold) < 0.01
    True
    """
    posterior = require_posterior(fit.curves.posterior, "a density")
    parameter = _parameter(fit, name)
    places, density = posterior.density(parameter)
    inner, height = places[0], density[0]
    if parameter == LOG_WIDTH:
        height = height / np.exp(inner)  # per unit of width
    return _in_units(fit.design, parameter, inner, height)


def _parameter(fit: PsychometricFit, name: str) -> int:
    check_name(name)
    if name not in free_names(fit):
        raise FitError(
            f"The {name} has no density of its own.", f"Use one of: {', '.join(free_names(fit))}."
        )
    return _PARAMETERS[name]


def _in_units(
    design: Design, parameter: int, inner: Floats, density: Floats
) -> tuple[Floats, Floats]:
    """Ascending places in the unit of the study, and a density with area 1."""
    if parameter == THRESHOLD:
        places = design.to_level(inner)
    elif parameter == LOG_WIDTH:
        places = np.exp(inner) * design.scale
    else:
        places = inner
    order = np.argsort(places)
    places, density = places[order], density[order]
    along = np.log(places) if parameter == THRESHOLD and design.log_level else places
    return places, density / np.trapezoid(density, along)
