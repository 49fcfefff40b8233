"""Do conditions differ in threshold, in slope, or in either? Likelihood-ratio tests.

Three nested models: one curve for all conditions; curves shifted against each other; curves of
their own. The statistic is twice the difference of their log-likelihoods. Without random effects it
is the comparison of nested psychometric functions of a single listener (Collett 2003, *Modelling
Binary Data*; Knoblauch & Maloney 2012, *Modeling Psychophysical Data in R*, ch. 4).

With listeners, the difference itself varies from listener to listener, and what is tested is its
mean over listeners: that spread is part of the default model (Barr, Levy, Scheepers & Tily 2013,
*J. Mem. Lang.* 68, 255–278). χ² is then too small a yardstick for few listeners:
:func:`jndlab.analysis.groups.cutoffs.mean_p_value`, or the parametric bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jndlab import __version__
from jndlab.analysis.checks import generator_of
from jndlab.analysis.groups.advice import advice
from jndlab.analysis.groups.bootstrap import bootstrap_statistics
from jndlab.analysis.groups.comparison import QUESTIONS, ConditionComparison, Question
from jndlab.analysis.groups.contrasts import (
    condition_curves,
    contrasts,
    slope_ratio,
    threshold_difference,
)
from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.cutoffs import chi_square_p_value, mean_p_value
from jndlab.analysis.groups.estimates import numbers_of
from jndlab.analysis.groups.maximum import METHODS
from jndlab.analysis.groups.nested import about_design, fit_nested, plan_comparison
from jndlab.analysis.groups.rates import GuessRate, LapseRate, choose_rates
from jndlab.analysis.intervals import check_coverage
from jndlab.analysis.paradigms import get_paradigm
from jndlab.errors import FitError
from jndlab.sigmoids import sigmoid_name
from jndlab.study.trials import Direction


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

    Columns as in :func:`jndlab.analysis.fit_group`, of shape (rows,), with one more: ``condition``,
    a label per row; the first that occurs is the reference. Twice the difference of the
    log-likelihoods of nested models (Knoblauch & Maloney 2012, *Modeling Psychophysical Data in R*,
    ch. 4; listeners: Barr et al. 2013, *J. Mem. Lang.* 68, 255–278). ``random``:
    "intercept+condition" (or "threshold+condition"), the spread over listeners of the curve's place
    and of its shift between two conditions; "auto", the default, is that where listeners heard
    both, else "intercept"; any of :func:`fit_group`'s; None for one listener, or to pool.
    ``n_bootstrap`` data sets simulated from the smaller model (needs ``seed``; ``progress`` is told
    of each) give a p-value that owes nothing to large samples.

    DataError: as for ``fit_group``, or fewer than two conditions. FitError: as there; random
    effects of more than two conditions.

    >>> counts = {"a": [21, 23, 29, 33, 38, 39], "b": [20, 21, 24, 30, 33, 38]}
    >>> result = compare_conditions([1] * 12, [1, 2, 3, 4, 5, 6] * 2, counts["a"] + counts["b"],
    ...     [40] * 12, ["a"] * 6 + ["b"] * 6, paradigm="2afc", test="shift", random=None)
    >>> round(result.p_value, 5), round(result.estimate, 3)
    (0.02177, 0.886)
    """
    check_coverage(coverage)
    if test not in QUESTIONS:
        raise FitError(f"There is no test {test!r}.", f"Use one of: {', '.join(QUESTIONS)}.")
    if n_bootstrap and seed is None:
        raise FitError("A bootstrap needs a seed.", "Give seed, such as a whole number.")
    counts = pack_counts(listener, level, n_correct, n_trials, item=item, condition=condition)
    plan = plan_comparison(
        counts, random, test=test, direction=direction, with_items=item is not None
    )
    rates = choose_rates(paradigm=paradigm, guess_rate=guess_rate, lapse_rate=lapse_rate)
    small, large = fit_nested(counts, plan, rates, sigmoid_name(sigmoid), direction)
    statistic = max(2.0 * (large.log_likelihood - small.log_likelihood), 0.0)
    freedom = large.surface.model.n_free - small.surface.model.n_free
    simulated = None
    if n_bootstrap:
        assert seed is not None
        simulated = bootstrap_statistics(
            small, large, n_samples=n_bootstrap, rng=generator_of(seed)[0], progress=progress
        )
    estimates, errors = numbers_of(large)
    n_listeners, coefficients = len(counts.listeners), counts.log_coefficients
    return ConditionComparison(
        test=test,
        question=QUESTIONS[test],
        conditions=condition_curves(counts, large),
        statistic=statistic,
        degrees_of_freedom=freedom,
        chi_square_p_value=chi_square_p_value(statistic, freedom),
        listener_p_value=None
        if plan.n_groups is None
        else mean_p_value(statistic, freedom, n_listeners, plan.n_groups),
        bootstrap_p_value=None if simulated is None else simulated.p_value(statistic),
        shifts=contrasts(counts, large, threshold_difference, plan.cutoffs(counts, coverage)),
        slope_ratios=()
        if test == "shift"
        else contrasts(counts, large, slope_ratio, plan.cutoffs(counts, coverage, of_slope=True)),
        log_likelihood_null=small.log_likelihood + coefficients,
        log_likelihood=large.log_likelihood + coefficients,
        deviance_null=2.0 * (counts.saturated - coefficients - small.log_likelihood),
        deviance=2.0 * (counts.saturated - coefficients - large.log_likelihood),
        paradigm=get_paradigm(paradigm).name,
        sigmoid=sigmoid_name(sigmoid),
        direction=direction,
        random=plan.effects.text,
        method=METHODS[plan.method],
        n_listeners=n_listeners,
        n_trials=int(counts.n_trials.sum()),
        seed=seed if isinstance(seed, int) else None,
        warnings=(
            *about_design(counts, plan),
            *advice(counts, large, estimates, errors, direction=direction, method=plan.method),
            *(() if simulated is None else simulated.warnings),
        ),
        options={
            "random": plan.effects.name,
            "fixed_guess_rate": rates.guess_rate,
            "fixed_lapse_rate": rates.lapse_rate,
            "lapse_prior": rates.lapse_prior,
            "coverage": coverage,
            "n_bootstrap": n_bootstrap,
        },
        data_digest=counts.digest,
        version=__version__,
    )
