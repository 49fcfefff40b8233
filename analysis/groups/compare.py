"""Do conditions differ in threshold, in slope, or in either? Likelihood-ratio tests.

Three nested models: one curve for all conditions; curves shifted against each other; curves of their
own. The statistic is twice the difference of their log-likelihoods. Without random effects it
is the comparison of nested psychometric functions of a single listener (Collett 2003, *Modelling
Binary Data*; Knoblauch & Maloney 2012, *Modeling Psychophysical Data in R*, ch. 4).

With listeners, the difference itself varies from listener to listener, and what is tested is its
mean over listeners: that spread is part of the default model (Barr, Levy, Scheepers & Tily 2013,
*J. Mem. Lang.* 68, 255–278). χ² is then too small a yardstick for few listeners:
:func:`jndlab.analysis.groups.cutoffs.mean_p_value`, or the parametric bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.groups.advice import advice, require_answers
from jndlab.analysis.groups.bootstrap import bootstrap_statistics
from jndlab.analysis.groups.contrasts import slope_ratio, threshold_difference
from jndlab.analysis.groups.counts import GroupCounts, pack_counts
from jndlab.analysis.groups.cutoffs import (
    Cutoffs,
    chi_square_cutoffs,
    chi_square_p_value,
    mean_cutoffs,
    mean_p_value,
)
from jndlab.analysis.groups.effects import RandomEffects, get_random_effects
from jndlab.analysis.groups.maximum import METHODS, Maximum, Method, maximise
from jndlab.analysis.groups.model import build_model
from jndlab.analysis.groups.profile import profile_interval
from jndlab.analysis.groups.quantities import Named, all_named, lines
from jndlab.analysis.groups.rates import GuessRate, LapseRate, RateChoice, choose_rates
from jndlab.analysis.groups.start import carried
from jndlab.analysis.groups.uncertainty import standard_error
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import SigmoidName, sigmoid_name
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
Question = Literal["shift", "slope", "both"]
QUESTIONS: dict[Question, str] = {
    "shift": "do the thresholds differ, with one common slope?",
    "slope": "do the slopes differ, with thresholds of their own?",
    "both": "do the curves differ in threshold or slope?",
}
_MODELS: dict[Question, tuple[tuple[bool, bool], tuple[bool, bool]]] = {
    "shift": ((False, False), (True, False)),
    "slope": ((True, False), (True, True)),
    "both": ((False, False), (True, True)),
}
"""(shift, tilt) of the smaller and of the larger model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionCurve:
    """The typical listener's curve in one condition, in the larger model."""

    condition: Hashable
    n_trials: int
    threshold: float
    slope: float
    """On the linear predictor, per unit of the level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """How one condition differs from the first."""

    condition: Hashable
    reference: Hashable
    estimate: float
    standard_error: float
    interval: ConfidenceInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionComparison:
    """A likelihood-ratio test between conditions, and by how much they differ."""

    test: Question
    question: str
    conditions: tuple[ConditionCurve, ...]
    statistic: float
    """Twice the difference of the log-likelihoods."""
    degrees_of_freedom: int
    chi_square_p_value: float
    listener_p_value: float | None
    """Allowing for the number of listeners; None where the difference does not vary over them."""
    bootstrap_p_value: float | None
    """None: not asked for."""
    shifts: tuple[Contrast, ...]
    """Threshold less that of the first condition, in the unit of the level (families on the log
    level: natural logarithm of their ratio)."""
    slope_ratios: tuple[Contrast, ...]
    """Slope by that of the first condition; empty where the slope is common."""
    log_likelihood_null: float
    log_likelihood: float
    deviance_null: float
    """Twice the log-likelihood ratio to one proportion per row, of the smaller model."""
    deviance: float
    paradigm: str
    sigmoid: SigmoidName
    direction: Direction
    random: str
    method: str
    n_listeners: int
    n_trials: int
    seed: int | None
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    data_digest: str
    version: str

    @property
    def p_value(self) -> float:
        """By parametric bootstrap if asked for; else allowing for the number of listeners where
        the difference varies over them; else by χ²."""
        for value in (self.bootstrap_p_value, self.listener_p_value):
            if value is not None:
                return value
        return self.chi_square_p_value

    @property
    def estimate(self) -> float:
        """Of two conditions: the difference of thresholds; when slopes are tested, their ratio.

        FitError: more than two conditions have no single difference.
        """
        return self._contrast.estimate

    @property
    def interval(self) -> ConfidenceInterval:
        """Profile-likelihood interval of :attr:`estimate`."""
        return self._contrast.interval

    @property
    def _contrast(self) -> Contrast:
        if len(self.conditions) != 2:
            raise FitError(
                f"{len(self.conditions)} conditions have no single difference.",
                "Look at shifts and slope_ratios, or compare two conditions.",
            )
        return self.slope_ratios[0] if self.test == "slope" else self.shifts[0]

    def to_dict(self) -> Any:
        """The result as plain values, ready for JSON."""
        return {**to_dict(self), "p_value": self.p_value}


def compare_conditions(
    listener: Iterable[Any],
    level: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    condition: Iterable[Any],
    *,
    paradigm: str,
    test: Question = "shift",
    random: str | None = "auto",
    item: Iterable[Any] | None = None,
    sigmoid: str = "norm",
    direction: Direction = "rises",
    guess_rate: GuessRate = None,
    lapse_rate: LapseRate = 0.0,
    coverage: float = 0.95,
    n_bootstrap: int = 0,
    seed: int | np.random.Generator | None = None,
    progress: Callable[[int], None] | None = None,
) -> ConditionComparison:
    """Test whether conditions differ: in threshold ("shift"), in "slope", or in "both".

    Columns as in :func:`jndlab.analysis.fit_group`, with one more: ``condition``, a label per row;
    the first that occurs is the reference. ``random``: "intercept+condition" (or
    "threshold+condition"), the spread over listeners of the curve's place and of its shift between
    two conditions; "auto", the default, is that where listeners heard both, else "intercept"; any
    of :func:`fit_group`'s; None for one listener, or to pool. ``n_bootstrap`` data sets simulated
    from the smaller model (needs ``seed``; ``progress`` is told of each) give a p-value that owes
    nothing to large samples.

    DataError: as for ``fit_group``, or fewer than two conditions. FitError: as there; random
    effects of more than two conditions.

    >>> counts = {"a": [21, 23, 29, 33, 38, 39], "b": [20, 21, 24, 30, 33, 38]}
    >>> result = compare_conditions([1] * 12, [1, 2, 3, 4, 5, 6] * 2, counts["a"] + counts["b"],
    ...     [40] * 12, ["a"] * 6 + ["b"] * 6, paradigm="2afc", test="shift", random=None)
    >>> round(result.p_value, 5), round(result.estimate, 3)
    (0.02177, 0.693)
    """
    check_coverage(coverage)
    if test not in QUESTIONS:
        raise FitError(f"There is no test {test!r}.", f"Use one of: {', '.join(QUESTIONS)}.")
    if n_bootstrap and seed is None:
        raise FitError("A bootstrap needs a seed.", "Give seed, a whole number.")
    counts = pack_counts(listener, level, n_correct, n_trials, item=item, condition=condition)
    if len(counts.conditions) < 2:
        raise DataError(
            "There is only one condition.", "Give the condition of each row, at least two in all."
        )
    effects = _effects(counts, random)
    require_answers(counts, effects, direction=direction)
    _require_levels(counts)
    rates = choose_rates(paradigm=paradigm, guess_rate=guess_rate, lapse_rate=lapse_rate)
    method: Method = "quadrature" if item is None else "laplace"
    small, large = _fit_both(
        counts, effects, rates, sigmoid_name(sigmoid), direction, test, item is not None, method
    )
    statistic = max(2.0 * (large.log_likelihood - small.log_likelihood), 0.0)
    freedom = large.surface.model.n_free - small.surface.model.n_free
    groups = _groups(counts, effects)
    simulated = None
    if n_bootstrap:
        assert seed is not None
        simulated = bootstrap_statistics(
            small, large, n_samples=n_bootstrap, rng=np.random.default_rng(seed), progress=progress
        )
    estimates, errors = _numbers(large)
    n_listeners = len(counts.listeners)
    varies = groups is not None and test != "slope"
    cutoffs = mean_cutoffs(coverage, n_listeners, groups) if varies and groups else None
    return ConditionComparison(
        test=test,
        question=QUESTIONS[test],
        conditions=_curves(counts, large),
        statistic=statistic,
        degrees_of_freedom=freedom,
        chi_square_p_value=chi_square_p_value(statistic, freedom),
        listener_p_value=mean_p_value(statistic, freedom, n_listeners, groups)
        if varies and groups
        else None,
        bootstrap_p_value=None if simulated is None else simulated.p_value(statistic),
        shifts=_contrasts(counts, large, threshold_difference, coverage, cutoffs),
        slope_ratios=()
        if test == "shift"
        else _contrasts(counts, large, slope_ratio, coverage, None),
        log_likelihood_null=small.log_likelihood + counts.log_coefficients,
        log_likelihood=large.log_likelihood + counts.log_coefficients,
        deviance_null=2.0 * (counts.saturated - counts.log_coefficients - small.log_likelihood),
        deviance=2.0 * (counts.saturated - counts.log_coefficients - large.log_likelihood),
        paradigm=get_paradigm(paradigm).name,
        sigmoid=sigmoid_name(sigmoid),
        direction=direction,
        random=effects.text,
        method=METHODS[method],
        n_listeners=n_listeners,
        n_trials=int(counts.n_trials.sum()),
        seed=seed if isinstance(seed, int) else None,
        warnings=(
            *_about_design(counts, effects),
            *advice(counts, large, estimates, errors, direction=direction, method=method),
            *(() if simulated is None else simulated.warnings),
        ),
        options={
            "random": effects.name,
            "fixed_guess_rate": rates.guess_rate,
            "fixed_lapse_rate": rates.lapse_rate,
            "lapse_prior": rates.lapse_prior,
            "coverage": coverage,
            "n_bootstrap": n_bootstrap,
        },
        data_digest=counts.digest,
        version=__version__,
    )
