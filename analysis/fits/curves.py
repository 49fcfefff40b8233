"""Fitted curves: estimates and posterior quantiles by name, for one data set or thousands.

The one place where the inner scale of the engines is turned into the unit of the study.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.fits.design import GUESS, LAPSE, LOG_WIDTH, OVERDISPERSION, THRESHOLD, Design
from jndlab.analysis.fits.engine import maximise
from jndlab.analysis.fits.modes import Modes
from jndlab.analysis.fits.posterior import Posterior, posterior_of
from jndlab.analysis.fits.targets import Target
from jndlab.errors import FitError

Floats = NDArray[np.float64]
Method = Literal["posterior", "map", "ml"]
Kind = Literal["mean", "median", "mode"]
METHODS: tuple[Method, ...] = ("posterior", "map", "ml")
NAMES = ("threshold", "width", "slope", "guess_rate", "lapse_rate", "overdispersion")
RATES = {"lapse_rate": LAPSE, "guess_rate": GUESS, "overdispersion": OVERDISPERSION}


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedCurves:
    """Curves fitted to many data sets of one design; arrays have one entry per data set."""

    design: Design = field(repr=False)
    method: Method
    n_correct: Floats = field(repr=False)
    """Shape (data sets, levels), like ``n_trials``."""
    n_trials: Floats = field(repr=False)
    modes: Modes = field(repr=False)
    posterior: Posterior | None = field(repr=False)
    """None unless the method is 'posterior'."""

    def estimate(self, name: str, kind: Kind | None = None) -> Floats:
        """Point estimates, shape (data sets,), in the unit of the study.

        ``kind``: posterior mean (the default with a posterior), median, or the mode, which is
        the maximum of the likelihood for method "ml". FitError: no such name or kind.
        """
        check_name(name)
        kind = kind or ("mode" if self.posterior is None else "mean")
        fixed = name in RATES and RATES[name] not in self.design.free
        if kind == "mode" or fixed:
            return self._mode(name)
        posterior = require_posterior(self.posterior, f"a posterior {kind}")
        if kind == "median":
            return self.quantiles(name, 0.5)[:, 0]
        if kind != "mean":
            raise FitError(f"There is no estimate {kind!r}.", "Use mean, median or mode.")
        if name in RATES:
            return posterior.mean(RATES[name])
        if name == "threshold":
            return posterior.expectation(lambda threshold, *_: self.design.to_level(threshold))
        if name == "width":
            return posterior.expectation(lambda _, log_width, *__: np.exp(log_width)) * (
                self.design.scale
            )
        return posterior.expectation(self._slope)

    def quantiles(self, name: str, shares: ArrayLike) -> Floats:
        """Posterior quantiles in the unit of the study, shape (data sets, shares)."""
        check_name(name)
        posterior = require_posterior(self.posterior, "a posterior interval")
        wanted = np.atleast_1d(np.asarray(shares, dtype=float))
        if name in RATES:
            return posterior.quantiles(RATES[name], wanted)
        if name == "width":
            return np.asarray(np.exp(posterior.quantiles(LOG_WIDTH, wanted)) * self.design.scale)
        falling = self.design.sign < 0
        if name == "threshold":
            return self.design.to_level(
                posterior.quantiles(THRESHOLD, 1.0 - wanted if falling else wanted)
            )

        def log_width_at(value: Floats, threshold: Floats, lapse: Floats, guess: Floats) -> Floats:
            # −log |slope| rises with the log width; see _slope.
            return value + self._log_slope_constant(threshold, lapse, guess)

        if not self.design.log_level:  # the slope does not depend on the threshold then
            posterior = posterior.without_threshold()
        flatness = posterior.derived_quantiles(
            LOG_WIDTH, log_width_at, wanted if falling else 1.0 - wanted
        )
        return np.asarray(self.design.sign * np.exp(-flatness))

    def threshold_at(self, target: Target) -> Floats:
        """The level at the target on the estimated curve, shape (data sets,).

        Infinite where that curve never gets there. With a posterior its mean, or where lapses
        count the median: some curves of the posterior end below the target.
        """
        if self.posterior is not None:
            if not target.lapse_free:
                return self.threshold_quantiles(target, 0.5)[:, 0]
            return self.posterior.expectation(
                lambda threshold, log_width, lapse, guess: self.design.to_level(
                    threshold + self._offset(target, np.exp(log_width), lapse, guess)
                )
            )
        modes = self.modes
        offset = self._offset(target, modes.width, modes.lapse_rate, modes.guess_rate)
        return self.design.to_level(modes.threshold + offset)

    def threshold_quantiles(self, target: Target, shares: ArrayLike) -> Floats:
        """Posterior quantiles of the level at the target, shape (data sets, shares)."""
        posterior = require_posterior(self.posterior, "a posterior interval")
        wanted = np.atleast_1d(np.asarray(shares, dtype=float))

        def threshold_for(value: Floats, log_width: Floats, lapse: Floats, guess: Floats) -> Floats:
            return value - self._offset(target, np.exp(log_width), lapse, guess)

        shares = 1.0 - wanted if self.design.sign < 0 else wanted
        return self.design.to_level(posterior.derived_quantiles(THRESHOLD, threshold_for, shares))

    def _offset(self, target: Target, width: Floats, lapse: Floats, guess: Floats) -> Floats:
        """From the threshold to the level at the target, inner scale; ±inf if there is none."""
        share = np.asarray(target.unscaled(lapse, guess))
        inside = (share > 0.0) & (share < 1.0)
        offset = self.design.inner_at(np.where(inside, share, 0.5), 0.0, width)
        return np.where(inside, offset, np.where(share <= 0.0, -np.inf, np.inf))

    def _mode(self, name: str) -> Floats:
        modes = self.modes
        if name == "threshold":
            return self.design.to_level(modes.threshold)
        if name == "width":
            return np.asarray(modes.width * self.design.scale)
        if name == "slope":
            return self._slope(
                modes.threshold, np.log(modes.width), modes.lapse_rate, modes.guess_rate
            )
        return modes.points[:, RATES[name]]

    def _slope(self, threshold: Floats, log_width: Floats, lapse: Floats, guess: Floats) -> Floats:
        """dψ/dlevel at the threshold, in the unit of the study."""
        constant = self._log_slope_constant(threshold, lapse, guess)
        return np.asarray(self.design.sign * np.exp(constant - log_width))

    def _log_slope_constant(self, threshold: Floats, lapse: Floats, guess: Floats) -> Floats:
        design = self.design
        density = float(design.standard.density(np.asarray(design.centre)))
        with np.errstate(divide="ignore"):
            hearing = np.log(1.0 - guess - lapse)
        constant = hearing + np.log(density * design.span / design.scale)
        if design.log_level:
            constant = constant - np.log(design.to_level(threshold))
        return np.asarray(constant)


def fit_curves(
    design: Design, n_correct: Floats, n_trials: Floats, *, method: Method
) -> FittedCurves:
    """Fit counts of shape (data sets, levels). FitError: there is no such method."""
    if method not in METHODS:
        raise FitError(f"There is no method {method!r}.", f"Use one of: {', '.join(METHODS)}.")
    modes = maximise(design, n_correct, n_trials, use_prior=method != "ml")
    return FittedCurves(
        design=design,
        method=method,
        n_correct=n_correct,
        n_trials=n_trials,
        modes=modes,
        posterior=posterior_of(design, modes, n_correct, n_trials)
        if method == "posterior"
        else None,
    )


def check_name(name: str) -> None:
    """Raise FitError unless a curve has a parameter of that name."""
    if name not in NAMES:
        raise FitError(f"A curve has no parameter {name!r}.", f"Use one of: {', '.join(NAMES)}.")


def require_posterior(posterior: Posterior | None, what: str) -> Posterior:
    """The posterior. FitError if the fit has none."""
    if posterior is None:
        raise FitError(f"This fit has no posterior and so not {what}.", 'Use method="posterior".')
    return posterior
