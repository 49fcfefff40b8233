"""The result of one psychometric fit: estimates, intervals, thresholds, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.fits.band import posterior_band
from jndlab.analysis.fits.curves import NAMES, FittedCurves, Kind, Method, check_name
from jndlab.analysis.fits.design import Design
from jndlab.analysis.fits.targets import make_target
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import FitError
from jndlab.sigmoids import SigmoidName, proportion_correct, sigmoid
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
POSTERIOR_INTERVAL = "posterior, equal-tailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The level at which a listener reaches a target, with its interval."""

    target_probability: float
    """Proportion correct aimed at. In yes/no with a d′: at the estimated guess rate."""
    lapse_free: bool
    """The target is that of a listener who does not lapse, so lapses do not move it."""
    value: float
    interval: ConfidenceInterval
    inside_tested_range: bool
    """False: extrapolated. The value is then not much more than 'beyond what was tested'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PsychometricFit:
    """A fitted psychometric function and how it came about.

    Parameters by name (:meth:`estimate`, :meth:`interval`): ``threshold``, the level at which
    the unscaled sigmoid is 0.5; ``width``, from its 5 % to its 95 % point (families on the log
    level: in natural-log units); ``slope``, dψ/dlevel at the threshold, negative if falling;
    ``guess_rate``; ``lapse_rate``; ``overdispersion`` (η of Schütt et al. 2016).
    """

    paradigm: str
    sigmoid: SigmoidName
    direction: Direction
    method: Method
    levels: tuple[float, ...]
    """Ascending, in the unit of the study."""
    n_correct: tuple[int, ...]
    n_trials: tuple[int, ...]
    log_likelihood: float
    """At the mode or maximum, with binomial coefficients."""
    deviance: float
    """Twice the log-likelihood ratio of the saturated binomial model to the curve there."""
    converged: bool
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    data_digest: str
    version: str
    curves: FittedCurves = field(repr=False)

    @property
    def design(self) -> Design:
        """Levels, sigmoid, what is fixed, priors."""
        return self.curves.design

    @property
    def threshold(self) -> float:
        return self.estimate("threshold")

    @property
    def width(self) -> float:
        return self.estimate("width")

    @property
    def slope(self) -> float:
        return self.estimate("slope")

    @property
    def guess_rate(self) -> float:
        return self.estimate("guess_rate")

    @property
    def lapse_rate(self) -> float:
        return self.estimate("lapse_rate")

    @property
    def overdispersion(self) -> float:
        return self.estimate("overdispersion")

    def estimate(self, name: str, kind: Kind | None = None) -> float:
        """A parameter by name: the posterior mean, or the maximum where there is no posterior.

        ``kind``: "mean", "median" or "mode" instead. FitError: no such parameter or kind.

        >>> from jndlab.analysis import fit_psychometric
        >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
        ...                        paradigm="2afc", overdispersion=False)
        >>> round(fit.estimate("threshold"), 3), round(fit.estimate("threshold", kind="mode"), 3)
        (3.15, 3.326)
        """
        return float(self.curves.estimate(name, kind)[0])

    def interval(self, name: str, coverage: float = 0.95) -> ConfidenceInterval:
        """Interval of a parameter: credible with equal tails, or without a posterior profile
        likelihood (Venzon & Moolgavkar 1988, *Applied Statistics* 37, 87–94).

        A fixed parameter has an interval without length. FitError: no such parameter.

        >>> from jndlab.analysis import fit_psychometric
        >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
        ...                        paradigm="2afc", overdispersion=False)
        >>> interval = fit.interval("threshold")
        >>> round(interval.low, 2), round(interval.high, 2)
        (2.43, 3.79)
        """
        check_name(name)
        check_coverage(coverage)
        if self.method != "posterior":
            from jndlab.analysis.fits.profile import profile_interval

            return profile_interval(self, name, coverage=coverage)
        tail = (1.0 - coverage) / 2.0
        low, high = self.curves.quantiles(name, [tail, 1.0 - tail])[0]
        return ConfidenceInterval(
            low=float(low), high=float(high), coverage=coverage, method=POSTERIOR_INTERVAL
        )

    def threshold_at(
        self,
        target_probability: float | None = None,
        *,
        d_prime: float | None = None,
        model: str | None = None,
        lapse_free: bool = True,
        coverage: float = 0.95,
    ) -> Threshold:
        """The level at a proportion correct, or at the one that a d′ means, with interval.

        ``lapse_free`` takes the curve without its lapses, guess + (1 − guess) F: inattention
        is not deafness, and the threshold exists for every target. Then 0.75 in a task with
        chance 0.5 is the fit's ``threshold``. Otherwise the fitted curve itself is meant.
        ``model`` is the decision model behind a d′ where the paradigm has several. The interval
        comes from the joint posterior (or its profile). FitError: a target that the estimated
        curve never reaches.

        >>> from jndlab.analysis import fit_psychometric
        >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
        ...                        paradigm="2afc", overdispersion=False)
        >>> at = fit.threshold_at(d_prime=1.0)
        >>> round(at.target_probability, 3), round(at.value, 2), round(at.interval.low, 2)
        (0.76, 3.22, 2.52)
        """
        check_coverage(coverage)
        guess = self.estimate("guess_rate")
        target = make_target(
            target_probability,
            d_prime,
            paradigm=self.paradigm,
            guess_rate=guess,
            model=model,
            lapse_free=lapse_free,
        )
        value = float(self.curves.threshold_at(target)[0])
        if not np.isfinite(value):
            raise FitError(
                "The fitted curve never reaches the target: it ends at "
                f"{1.0 - self.lapse_rate:.3f}.",
                "Ask for a lower target, or for the lapse-free one.",
            )
        if self.method == "posterior":
            tail = (1.0 - coverage) / 2.0
            low, high = self.curves.threshold_quantiles(target, [tail, 1.0 - tail])[0]
            interval = ConfidenceInterval(
                low=float(low), high=float(high), coverage=coverage, method=POSTERIOR_INTERVAL
            )
        else:
            from jndlab.analysis.fits.profile import profile_threshold

            interval = profile_threshold(self, target, coverage=coverage)
        heard = float(target.unscaled(self.lapse_rate, guess))
        room = 1.0 - guess - (0.0 if lapse_free else self.lapse_rate)
        return Threshold(
            target_probability=guess + room * heard,
            lapse_free=lapse_free,
            value=value,
            interval=interval,
            inside_tested_range=self.levels[0] <= value <= self.levels[-1],
        )

    def predict(self, levels: ArrayLike) -> Floats:
        """Proportion correct ψ at ``levels``, same shape, on the curve of the estimates."""
        falling = self.direction == "falls"
        heard = sigmoid(self.sigmoid, levels, self.threshold, self.width, falling=falling)
        return proportion_correct(heard, self.guess_rate, self.lapse_rate)

    def band(self, levels: ArrayLike, *, coverage: float = 0.95) -> tuple[Floats, Floats]:
        """Pointwise posterior band of ψ at ``levels`` of shape (levels,): low and high ends.

        FitError: the fit has no posterior.
        """
        check_coverage(coverage)
        return posterior_band(self.curves, levels, coverage=coverage)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON: estimates and 95 % intervals by name."""
        plain: dict[str, Any] = to_dict(self)
        plain["estimates"] = {name: self.estimate(name) for name in NAMES}
        plain["intervals"] = {name: to_dict(self.interval(name)) for name in NAMES}
        return plain
