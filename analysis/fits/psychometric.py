"""One psychometric fit: from levels and counts to threshold, width, slope, rates and intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import digest_counts, merge_counts
from jndlab.analysis.fits.advice import advice
from jndlab.analysis.fits.band import posterior_band
from jndlab.analysis.fits.curves import FittedCurves, Kind, Method, check_name, fit_curves
from jndlab.analysis.fits.design import Design, make_design
from jndlab.analysis.fits.likelihood import log_coefficients, prepare
from jndlab.analysis.fits.surface import curve_at
from jndlab.analysis.fits.targets import make_target
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import FitError
from jndlab.sigmoids import SigmoidName, proportion_correct, sigmoid, sigmoid_name
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
        """
        return float(self.curves.estimate(name, kind)[0])

    def interval(self, name: str, coverage: float = 0.95) -> ConfidenceInterval:
        """Interval of a parameter: credible with equal tails, or without a posterior profile
        likelihood (Venzon & Moolgavkar 1988, *Applied Statistics* 37, 87–94).

        A fixed parameter has an interval without length. FitError: no such parameter.
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
        names = ("threshold", "width", "slope", "guess_rate", "lapse_rate", "overdispersion")
        plain: dict[str, Any] = to_dict(self)
        plain["estimates"] = {name: self.estimate(name) for name in names}
        plain["intervals"] = {name: to_dict(self.interval(name)) for name in names}
        return plain


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
    (3.23, 3.93)
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
        warnings=advice(curves, n_given=np.size(levels)),
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
