"""The band of a fitted curve: where the posterior holds it, level by level."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.fits.curves import FittedCurves, require_posterior
from jndlab.sigmoids import proportion_correct

Floats = NDArray[np.float64]
_LEAST_MASS = 1e-7


def posterior_band(
    curves: FittedCurves, levels: ArrayLike, *, coverage: float
) -> tuple[Floats, Floats]:
    """Pointwise equal-tailed band of ψ for the first data set; two arrays (levels,)."""
    posterior = require_posterior(curves.posterior, "a band")[:1]
    kept = posterior.mass > _LEAST_MASS
    mass = posterior.mass[kept]
    threshold, log_width, lapse, guess = (
        np.broadcast_to(cell, posterior.mass.shape)[kept] for cell in posterior.cells()
    )
    design = curves.design
    inner = design.to_inner(np.atleast_1d(np.asarray(levels, dtype=float)))
    tail = (1.0 - coverage) / 2.0
    ends = np.empty((len(inner), 2))
    for i, place in enumerate(inner):
        heard = design.unscaled(threshold, np.exp(log_width), place)
        ends[i] = weighted_quantiles(
            proportion_correct(heard, guess, lapse), mass, [tail, 1.0 - tail]
        )
    return ends[:, 0], ends[:, 1]


def weighted_quantiles(values: Floats, mass: Floats, shares: ArrayLike) -> Floats:
    """Quantiles of weighted values: each mass is centred on its value."""
    order = np.argsort(values, axis=None)
    sorted_mass = mass.ravel()[order]
    middle = (np.cumsum(sorted_mass) - sorted_mass / 2.0) / sorted_mass.sum()
    return np.asarray(np.interp(np.asarray(shares, dtype=float), middle, values.ravel()[order]))
