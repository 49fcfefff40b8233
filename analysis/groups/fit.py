"""One call from tidy rows of counts to a fitted mixed psychometric model.

    P(correct) = guess + (1 − guess − lapse) · S(η),   η = intercept + slope · level + deviations

with normal deviations of listeners, and of items crossed with them. On the linear predictor and
with guess = lapse = 0 this is the probit (logit) mixed model of lme4 and glmmTMB (Moscatelli,
Mezzetti & Lacquaniti 2012, *Journal of Vision* 12(11):26). The log-likelihood is the exact one,
with binomial coefficients, by adaptive quadrature; ``method="laplace"`` gives glmmTMB's,
"laplace-expected" that of lme4's nAGQ = 1. lme4's nAGQ > 1 has the estimates of the exact one, and
its log-likelihood less that of the saturated model (lme4/lme4#161).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from jndlab import __version__
from jndlab.analysis.groups.advice import advice, require_answers
from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.effects import get_random_effects
from jndlab.analysis.groups.estimates import numbers_of
from jndlab.analysis.groups.listeners import item_estimates, listener_estimates
from jndlab.analysis.groups.maximum import METHODS, Method, check_method, maximise
from jndlab.analysis.groups.model import Model, build_model
from jndlab.analysis.groups.rates import GuessRate, LapseRate, choose_rates
from jndlab.analysis.groups.result import GroupFit, Spread
from jndlab.analysis.paradigms import get_paradigm
from jndlab.errors import FitError
from jndlab.sigmoids import sigmoid_name
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
__all__ = ["GroupFit", "fit_group"]


def fit_group(
    listener: Iterable[Any],
    level: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    random: str | None = "intercept",
    item: Iterable[Any] | None = None,
    sigmoid: str = "norm",
    direction: Direction = "rises",
    guess_rate: GuessRate = None,
    lapse_rate: LapseRate = 0.0,
    correlated: bool = True,
    method: str = "quadrature",
    n_nodes: int | None = None,
) -> GroupFit:
    """The psychometric function of a population of listeners, and how far they lie apart.

    One row per listener and level (and item), or one per trial: ``listener`` and ``item`` are
    labels, ``level``, ``n_correct``, ``n_trials`` numbers, all of shape (rows,). ``paradigm`` sets
    the chance level (model and formula at the head of this module: Moscatelli, Mezzetti &
    Lacquaniti 2012, *Journal of Vision* 12(11):26); in yes/no it is 0 unless ``guess_rate`` is
    given, or "estimate". ``lapse_rate`` is a number, "estimate", or the (a, b) of a Beta prior; 0,
    the default, is what lme4 assumes and biases thresholds if listeners lapse: a warning says when
    they seem to.

    ``random`` names what varies over listeners: "intercept", "slope" (both, correlated unless
    ``correlated`` is False), "slope-only"; "threshold", "threshold+width" (normal threshold and log
    width); None pools the listeners. ``direction`` "falls" if performance falls as the level grows:
    the slope is then negative. ``method`` "quadrature" is exact: its grid (``n_nodes`` per random
    effect, if given) is refined until the log-likelihood is known to 1e-5 or better.

    With ``item`` a normal effect per item, crossed with listeners, is added (to the linear
    predictor; in models of the threshold, to the threshold), and Laplace's approximation is used
    whatever ``method`` says, but for "laplace-expected".

    DataError: impossible counts or labels. FitError: one listener, one level, all or no responses
    correct, separated data, unknown options, or a search that does not end.

    >>> rows = [("a", 1, 5), ("a", 2, 12), ("a", 3, 18), ("b", 1, 2), ("b", 2, 6), ("b", 3, 15),
    ...         ("c", 1, 9), ("c", 2, 15), ("c", 3, 20), ("d", 1, 4), ("d", 2, 11), ("d", 3, 16)]
    >>> listener, level, n_correct = zip(*rows)
    >>> fit = fit_group(listener, level, n_correct, [20] * 12, paradigm="yes_no")
    >>> round(fit.estimate("threshold"), 2), round(fit.estimate("sd_threshold"), 2)
    (1.8, 0.42)
    >>> interval = fit.threshold_at(0.5).interval
    >>> round(interval.low, 2), round(interval.high, 2)
    (0.93, 2.65)
    """
    counts = pack_counts(listener, level, n_correct, n_trials, item=item)
    effects = get_random_effects(random, correlated=correlated)
    if "condition" in effects.parts:
        raise FitError(
            f"Random effects {effects.name!r} need conditions.",
            'Use compare_conditions, or random="intercept".',
        )
    require_answers(counts, effects, direction=direction)
    rates = choose_rates(paradigm=paradigm, guess_rate=guess_rate, lapse_rate=lapse_rate)
    used = _method(method, with_items=item is not None)
    name = sigmoid_name(sigmoid)
    model = build_model(
        counts,
        effects,
        sigmoid=name,
        direction=direction,
        guess_rate=rates.guess_rate,
        lapse_rate=rates.lapse_rate,
        lapse_prior=rates.lapse_prior,
        use_items=item is not None,
    )
    maximum = maximise(
        model,
        method=used,
        direction_sign=-1.0 if direction == "falls" else 1.0,
        n_nodes=_nodes(n_nodes),
    )
    estimates, errors = numbers_of(maximum)
    conditional = maximum.surface.conditional(maximum.top.point)
    fit = GroupFit(
        paradigm=get_paradigm(paradigm).name,
        sigmoid=name,
        direction=direction,
        random=effects.text,
        method=METHODS[used],
        n_listeners=len(counts.listeners),
        n_items=len(counts.items) if item is not None else 0,
        n_trials=int(counts.n_trials.sum()),
        levels=tuple(float(value) for value in counts.levels),
        estimates=estimates,
        standard_errors=errors,
        log_likelihood=maximum.log_likelihood + counts.log_coefficients,
        log_likelihood_error=maximum.error,
        saturated_log_likelihood=counts.saturated,
        spread=_spread(model, estimates, errors),
        listeners=listener_estimates(model, maximum.top.point, counts, conditional),
        items=()
        if item is None
        else item_estimates(
            model, maximum.top.point, counts, conditional.items, conditional.item_sds
        ),
        converged=True,
        warnings=advice(counts, maximum, estimates, errors, direction=direction, method=used),
        options={
            "random": effects.name,
            "correlated": effects.correlated,
            "fixed_guess_rate": rates.guess_rate,
            "fixed_lapse_rate": rates.lapse_rate,
            "lapse_prior": rates.lapse_prior,
            "method": used,
            "n_nodes": maximum.n_nodes,
        },
        data_digest=counts.digest,
        version=__version__,
        counts=counts,
        maximum=maximum,
    )
    return fit


def _method(method: str, *, with_items: bool) -> Method:
    known = check_method(method)
    return "laplace" if with_items and known == "quadrature" else known


def _nodes(n_nodes: int | None) -> int | None:
    if n_nodes is None:
        return None
    if n_nodes != int(n_nodes) or n_nodes < 3:
        raise FitError(
            f"A quadrature with {n_nodes} nodes cannot be.",
            'Give 3 or more, or none for the default; for one node use method="laplace".',
        )
    return int(n_nodes)


def _spread(model: Model, estimates: dict[str, float], errors: dict[str, float]) -> Spread:
    sd = estimates.get("sd_threshold", 0.0)
    middle, reach = estimates["threshold"], float(ndtri(0.975)) * sd
    if model.scale.log_level:
        low, high = middle * np.exp(-reach), middle * np.exp(reach)
    else:
        low, high = middle - reach, middle + reach
    return Spread(
        sd_threshold=sd,
        standard_error=errors.get("sd_threshold", 0.0),
        low=float(low),
        high=float(high),
    )
