"""From draws of the population to what a reader wants: spread, listeners, warnings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.counts import GroupCounts
from jndlab.analysis.groups.importance import MOST_PARETO
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.posterior_result import (
    CREDIBLE,
    ListenerPosterior,
    PosteriorSpread,
    Sampling,
    credible,
    mixture_quantiles,
)
from jndlab.analysis.groups.quadrature import QuadratureSurface
from jndlab.analysis.intervals import ConfidenceInterval

Floats = NDArray[np.float64]
DRAW_NODES, DRAW_DROP = {1: 13, 2: 9}, 12.0
"""Fewer nodes over a shorter range than a likelihood needs: weights right to a percent will do."""
_FEWEST = 400.0
_MOST_ERROR = 0.05
_N_LISTENER_DRAWS = 200


def posterior_spread(
    model: Model, points: Floats, weights: Floats, numbers: dict[str, Floats], coverage: float
) -> PosteriorSpread:
    tail = (1.0 - coverage) / 2.0
    sd = np.abs(model.factor(points)[:, 0, 0])
    ends = mixture_quantiles(points[:, 0], sd, weights, np.array([tail, 1.0 - tail]))
    low, high = (float(model.scale.to_level(end)) for end in ends)
    return PosteriorSpread(
        sd_threshold=float(weights @ numbers["sd_threshold"]),
        interval=credible(numbers["sd_threshold"], weights, coverage),
        another_listener=ConfidenceInterval(
            low=low, high=high, coverage=coverage, method="posterior predictive, equal-tailed"
        ),
    )


def listener_posteriors(
    model: Model, counts: GroupCounts, points: Floats, weights: Floats, coverage: float
) -> tuple[ListenerPosterior, ...]:
    """Each listener's threshold: a mixture of normal conditionals over draws of the population."""
    # Systematic resampling: every draw about as often as its weight says.
    places = (np.arange(_N_LISTENER_DRAWS) + 0.5) / _N_LISTENER_DRAWS
    chosen = points[np.searchsorted(np.cumsum(weights), places * weights.sum())]
    surface = QuadratureSurface.of(model, DRAW_NODES[model.n_random], drop=DRAW_DROP)
    mean, covariance = surface.moments(chosen)
    factor = model.factor(chosen)[:, None]
    middle = (factor @ mean[..., None])[..., 0]
    spread = factor @ covariance @ factor.swapaxes(2, 3)
    thresholds = chosen[:, :1] + middle[:, :, 0]
    sds = np.sqrt(spread[:, :, 0, 0])
    growth = np.broadcast_to(chosen[:, 1:2], thresholds.shape)
    if model.n_random > 1:
        growth = growth + middle[:, :, 1]
    widths = model.standard.span * np.exp(-growth.mean(axis=0)) * model.scale.half_range
    share = np.full(len(chosen), 1.0 / len(chosen))
    tail = (1.0 - coverage) / 2.0
    found = []
    for at, label in enumerate(counts.listeners):
        ends = mixture_quantiles(thresholds[:, at], sds[:, at], share, np.array([tail, 1.0 - tail]))
        low, high = (float(model.scale.to_level(end)) for end in ends)
        variance = float(np.mean(sds[:, at] ** 2) + np.var(thresholds[:, at]))
        found.append(
            ListenerPosterior(
                listener=label,
                n_trials=int(counts.trials_per_listener[at]),
                threshold=float(model.scale.to_level(float(thresholds[:, at].mean()))),
                threshold_sd=float(np.sqrt(variance)) * model.scale.half_range,
                interval=ConfidenceInterval(low=low, high=high, coverage=coverage, method=CREDIBLE),
                width=float(widths[at]),
            )
        )
    return tuple(found)


def is_good(sampling: Sampling) -> bool:
    return (
        sampling.effective_size >= _FEWEST
        and sampling.pareto_k <= MOST_PARETO
        and max(sampling.monte_carlo_error.values()) <= _MOST_ERROR
    )


def posterior_advice(
    counts: GroupCounts, sampling: Sampling, estimates: dict[str, float], sds: dict[str, float]
) -> tuple[str, ...]:
    warnings = []
    if counts.n_pooled:
        warnings.append(
            f"{counts.n_pooled} rows were added to others of the same listener and level."
        )
    if counts.empty_listeners:
        names = ", ".join(str(label) for label in counts.empty_listeners[:5])
        warnings.append(f"Listeners without trials were left out: {names}.")
    if not is_good(sampling):
        warnings.append(
            f"The draws explored the posterior poorly (effective size "
            f"{sampling.effective_size:.0f}, Pareto k {sampling.pareto_k:.2f}, largest error of a "
            f"mean {max(sampling.monte_carlo_error.values()):.2f} SD): use more draws."
        )
    low, high = float(counts.levels[0]), float(counts.levels[-1])
    threshold, sd = estimates["threshold"], sds["threshold"]
    if not low <= threshold <= high:
        warnings.append(
            f"The threshold ({threshold:.4g}) lies outside the tested levels {low:g} to {high:g}: "
            "it is extrapolated, and the prior shapes it."
        )
    elif sd > 0.5 * (high - low):
        warnings.append(
            "The threshold's posterior is about as broad as the tested range: the data hardly say "
            "where it lies."
        )
    return tuple(warnings)
