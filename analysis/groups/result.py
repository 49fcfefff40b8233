"""What a group fit gives back: the population's curve, the spread over listeners, each listener."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.fits.targets import make_target
from jndlab.analysis.groups.counts import GroupCounts
from jndlab.analysis.groups.cutoffs import chi_square_cutoffs, mean_cutoffs, spread_cutoffs
from jndlab.analysis.groups.listeners import ItemEstimate, ListenerEstimate
from jndlab.analysis.groups.maximum import Maximum
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.profile import profile_interval
from jndlab.analysis.groups.quantities import Named, all_named, lines, named_target
from jndlab.analysis.groups.uncertainty import correlation_is_free, standard_error
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import FitError
from jndlab.sigmoids import SigmoidName, proportion_correct
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
_POPULATION = ("intercept", "slope", "threshold", "width")


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationThreshold:
    """The level at which the typical listener reaches a target, with its interval."""

    target_probability: float
    lapse_free: bool
    """The target is that of a listener who does not lapse, so lapses do not move it."""
    value: float
    standard_error: float
    """From the curvature of the likelihood."""
    interval: ConfidenceInterval
    inside_tested_range: bool

    @property
    def estimate(self) -> float:
        return self.value

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far listeners' thresholds lie apart, as the fit estimates it."""

    sd_threshold: float
    """In the unit of the level; families on the log level: of the natural logarithm. 0 where
    nothing varies. Of first order where the slope varies on the linear predictor."""
    standard_error: float
    low: float
    """The middle 95 % of listeners have thresholds between ``low`` and ``high``."""
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFit:
    """A mixed psychometric model, fitted, and how that came about.

    Numbers by name (:meth:`estimate`, :meth:`standard_error`, :meth:`interval`): ``intercept`` and
    ``slope`` of the linear predictor, ``threshold`` and ``width`` of the typical listener,
    ``sd_intercept``, ``sd_slope``, ``sd_threshold``, ``sd_log_width``, ``correlation``,
    ``sd_item``, ``lapse_rate``, ``guess_rate``: those that the model has are in ``estimates``.
    """

    paradigm: str
    sigmoid: SigmoidName
    direction: Direction
    random: str
    method: str
    n_listeners: int
    n_items: int
    n_trials: int
    levels: tuple[float, ...]
    estimates: Mapping[str, float]
    standard_errors: Mapping[str, float]
    """Not a number where there is none: a spread on its edge of 0, a correlation of ±1."""
    log_likelihood: float
    """Marginal, with the binomial coefficients of the rows as given."""
    log_likelihood_error: float | None
    """Its change when the spacing of the quadrature was halved last, which is more than its error;
    None for Laplace's approximation."""
    saturated_log_likelihood: float
    """Of one free proportion per row. lme4 with nAGQ > 1 prints ``log_likelihood`` minus this."""
    spread: Spread
    listeners: tuple[ListenerEstimate, ...]
    items: tuple[ItemEstimate, ...]
    converged: bool
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    data_digest: str
    version: str
    counts: GroupCounts = field(repr=False)
    maximum: Maximum = field(repr=False)

    @property
    def model(self) -> Model:
        """What was fitted, on its inner scale."""
        return self.maximum.surface.model

    def estimate(self, name: str) -> float:
        """A number by name, at the maximum of the likelihood. FitError: the fit has none such."""
        if name not in self.estimates:
            raise FitError(f"This model has no {name!r}.", f"It has: {', '.join(self.estimates)}.")
        return self.estimates[name]

    def standard_error(self, name: str) -> float:
        """From the curvature of the likelihood (delta method); 0 for a fixed rate."""
        self.estimate(name)
        return self.standard_errors[name]

    def interval(self, name: str, coverage: float = 0.95) -> ConfidenceInterval:
        """Profile-likelihood interval of a number by name.

        Of the population's numbers and of spreads with cutoffs that allow for the number of
        listeners (:mod:`jndlab.analysis.groups.cutoffs`), of the others with that of χ². A fixed
        rate has an interval without length. FitError: no such number.
        """
        check_coverage(coverage)
        value = self.estimate(name)
        named = all_named(self.model).get(name)
        if named is None:
            return ConfidenceInterval(low=value, high=value, coverage=coverage, method="fixed")
        return self._profile(named, coverage)

    def threshold_at(
        self,
        target_probability: float | None = None,
        *,
        d_prime: float | None = None,
        model: str | None = None,
        lapse_free: bool = True,
        coverage: float = 0.95,
    ) -> PopulationThreshold:
        """The level at which the typical listener reaches a proportion correct, or a d′.

        Typical: with the population's mean intercept and slope (threshold and log width). Where
        only intercept or threshold vary this is the mean and median of the listeners'
        thresholds; it is not the threshold of the average curve, which is flatter. Options as for
        :meth:`jndlab.analysis.PsychometricFit.threshold_at`. FitError: a target that the curve
        does not reach.
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
        if target.probability is None and guess == 0.0:
            raise FitError(
                "A d′ in yes/no needs the rate of false alarms, which this fit takes as 0.",
                'Fit with guess_rate="estimate", or give target_probability.',
            )
        heard = float(target.unscaled(self.estimate("lapse_rate"), guess))
        if not 0.0 < heard < 1.0:
            raise FitError(
                f"The fitted curve never reaches the target: it runs from {guess:.3f} to "
                f"{1.0 - self.estimate('lapse_rate'):.3f}.",
                "Ask for a target between these.",
            )
        named = named_target(self.model, target)
        point = self.maximum.top.point
        value = named.read(float(named.quantity(point[None])[0]))
        room = 1.0 - guess - (0.0 if lapse_free else self.estimate("lapse_rate"))
        return PopulationThreshold(
            target_probability=guess + room * heard,
            lapse_free=lapse_free,
            value=value,
            standard_error=standard_error(self.maximum, named),
            interval=self._profile(named, coverage),
            inside_tested_range=self.levels[0] <= value <= self.levels[-1],
        )

    def predict(self, levels: ArrayLike) -> Floats:
        """Proportion correct of the typical listener at ``levels``, same shape."""
        model = self.model
        inner = model.scale.to_inner(np.asarray(levels, dtype=float))
        intercept, slope = (float(part[0]) for part in lines(model, self.maximum.top.point[None]))
        heard = model.standard.cdf(np.asarray(intercept + slope * inner))
        return proportion_correct(heard, self.estimate("guess_rate"), self.estimate("lapse_rate"))

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON, with 95 % intervals of what varies.

        The profile of every number is followed here, which takes longer than the fit.
        """
        plain: dict[str, Any] = to_dict(self)
        names = [name for name in self.estimates if name in _POPULATION or name.startswith("sd_")]
        plain["intervals"] = {name: to_dict(self.interval(name)) for name in names}
        return plain

    def _profile(self, named: Named, coverage: float) -> ConfidenceInterval:
        if named.name == "correlation" and correlation_is_free(self.maximum, coverage):
            return ConfidenceInterval(
                low=-1.0,
                high=1.0,
                coverage=coverage,
                method="undetermined: one of the two spreads may be 0",
            )
        cutoffs = chi_square_cutoffs(coverage)
        if named.name == "sd_item" and self.n_items > 1:
            cutoffs = spread_cutoffs(coverage, self.n_items)
        elif named.spread and named.name != "sd_item":
            cutoffs = spread_cutoffs(coverage, self.n_listeners)
        elif named.name in _POPULATION and self.model.n_random:
            cutoffs = mean_cutoffs(coverage, self._effective_listeners())
        surface, top = self.maximum.surface, self.maximum.top
        return profile_interval(surface, top, named, coverage=coverage, cutoffs=cutoffs)

    def _effective_listeners(self) -> float:
        """One more than the degrees of freedom of the spread that limits the population's mean.

        With items, whose spread also moves the mean, after Satterthwaite 1946, *Biometrics Bull.*
        2, 110–114: the shares of listeners and of items in the variance of the mean.
        """
        n_listeners = float(self.n_listeners)
        model, point = self.model, self.maximum.top.point
        if model.item_at is None or self.n_items < 2:
            return n_listeners
        factor = model.factor(point[None])[0]
        of_listeners = float(factor[0] @ factor[0]) / n_listeners
        of_items = float(point[model.item_at]) ** 2 / self.n_items
        total = of_listeners + of_items
        if total <= 0.0:
            return n_listeners
        freedom = total**2 / (
            of_listeners**2 / (n_listeners - 1.0) + of_items**2 / (self.n_items - 1.0)
        )
        return freedom + 1.0
