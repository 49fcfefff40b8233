"""Many data sets of one design fitted at once: bootstrap resamples, listeners, simulations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import check_matrix
from jndlab.analysis.fits.curves import NAMES, FittedCurves, Kind, Method, fit_curves
from jndlab.analysis.fits.fit import POSTERIOR_INTERVAL
from jndlab.analysis.fits.psychometric import design_for
from jndlab.analysis.fits.targets import make_target
from jndlab.analysis.intervals import check_coverage
from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import FitError
from jndlab.sigmoids import SigmoidName, sigmoid_name
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceIntervals:
    """Intervals of many data sets: arrays of shape (data sets,)."""

    low: Floats
    high: Floats
    coverage: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PsychometricFits:
    """Fits of many data sets of one design, each the same as if it had been fitted alone."""

    paradigm: str
    sigmoid: SigmoidName
    direction: Direction
    method: Method
    levels: tuple[float, ...]
    """Ascending, in the unit of the study."""
    converged: NDArray[np.bool_]
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    version: str
    curves: FittedCurves = field(repr=False)

    def __len__(self) -> int:
        return len(self.converged)

    def estimate(self, name: str, kind: Kind | None = None) -> Floats:
        """A parameter of every data set, shape (data sets,): as for a single fit."""
        return self.curves.estimate(name, kind)

    def interval(self, name: str, coverage: float = 0.95) -> ConfidenceIntervals:
        """Intervals of a parameter, as for a single fit: credible, or of the profile likelihood.

        A profile takes some milliseconds per data set. FitError: no such parameter.
        """
        check_coverage(coverage)
        if self.method == "posterior":
            tail = (1.0 - coverage) / 2.0
            ends, how = self.curves.quantiles(name, [tail, 1.0 - tail]), POSTERIOR_INTERVAL
        else:
            from jndlab.analysis.fits.profile import profile_ends

            ends = profile_ends(self.curves, name, coverage=coverage)
            how = "profile likelihood" if self.method == "ml" else "profile posterior"
        return ConfidenceIntervals(low=ends[:, 0], high=ends[:, 1], coverage=coverage, method=how)

    def threshold_at(
        self,
        target_probability: float | None = None,
        *,
        d_prime: float | None = None,
        model: str | None = None,
        lapse_free: bool = True,
    ) -> Floats:
        """The level of every curve at a target, shape (data sets,); infinite where there is none.

        Options as for a single fit (:meth:`jndlab.analysis.PsychometricFit.threshold_at`).
        """
        target = make_target(
            target_probability,
            d_prime,
            paradigm=self.paradigm,
            guess_rate=self.curves.design.fixed[1],
            model=model,
            lapse_free=lapse_free,
        )
        return self.curves.threshold_at(target)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON: lists of estimates by name."""
        plain: dict[str, Any] = to_dict(self)
        plain["estimates"] = {name: to_dict(self.estimate(name)) for name in NAMES}
        return plain


def fit_many(
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
) -> PsychometricFits:
    """Fit the same curve to many data sets: ``n_correct`` has shape (data sets, levels).

    ``n_trials`` has the same shape, or (levels,) for all alike; 0 where a data set lacks a level.
    ``levels`` are all different. All data sets share the design and with it the default priors,
    which come from all levels. Options as for :func:`jndlab.analysis.fit_psychometric`; the
    results are the same, in microseconds each (model and priors: Schütt et al. 2016, *Vision
    Research* 122, 105–123). Where a search did not end ``converged`` is
    False, and a warning says how many.

    DataError: shapes that do not fit, impossible counts. FitError: as for a single fit.

    >>> fits = fit_many([1, 2, 3, 4, 5, 6], [[21, 23, 29, 33, 38, 39], [20, 19, 24, 30, 36, 40]],
    ...                 [40] * 6, paradigm="2afc", method="map", overdispersion=False)
    >>> [round(float(value), 3) for value in fits.estimate("threshold")]
    [3.326, 4.024]
    """
    values, correct, trials = check_matrix(levels, n_correct, n_trials)
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
    curves = fit_curves(design, correct, trials, method=method)
    converged = curves.modes.converged
    failed = int(np.sum(~converged))
    if failed == len(converged):
        raise FitError("None of the curves could be fitted.", "Look at the counts of a few sets.")
    return PsychometricFits(
        paradigm=get_paradigm(paradigm).name,
        sigmoid=sigmoid_name(sigmoid),
        direction=direction,
        method=method,
        levels=tuple(float(level) for level in values),
        converged=converged,
        warnings=(f"{failed} of {len(converged)} searches did not end.",) if failed else (),
        options={
            "fixed_lapse_rate": design.fixed[0],
            "fixed_guess_rate": design.fixed[1],
            "fixed_overdispersion": design.fixed[2],
            "lapse_prior": design.priors.lapse_beta,
            "guess_prior": design.priors.guess_beta,
            "overdispersion_prior": design.priors.overdispersion_beta,
        },
        version=__version__,
        curves=curves,
    )
