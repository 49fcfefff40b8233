"""Each listener's own curve, drawn towards the group's: conditional means and SDs.

What a listener's answers and the population together say of the listener's threshold and slope
(empirical Bayes; lme4 calls the modes of the same distributions ``ranef``). The SD holds for known
population parameters: their own uncertainty is not in it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.counts import GroupCounts
from jndlab.analysis.groups.height import Conditional
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.quantities import lines
from jndlab.analysis.records import to_dict

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerEstimate:
    """One listener's curve, drawn towards the group's."""

    listener: Hashable
    n_trials: int
    threshold: float
    """Midpoint of the unscaled curve, in the unit of the level."""
    threshold_sd: float
    """Conditional standard deviation; on the log level: of the threshold's natural logarithm."""
    slope: float
    """On the linear predictor, per unit of the level, like the fit's ``slope``."""
    slope_sd: float
    width: float

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEstimate:
    """How much easier (above 0) or harder one item is than the average one."""

    item: Hashable
    n_trials: int
    shift: float
    """Added to the linear predictor; in models of the threshold: to the threshold, so that
    below 0 is easier."""
    shift_sd: float

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def listener_estimates(
    model: Model, point: Floats, counts: GroupCounts, conditional: Conditional
) -> tuple[ListenerEstimate, ...]:
    """The listeners' curves from the mean and covariance of their standardised deviations.

    Where the slope varies too, the threshold is the ratio of two means and its SD that of first
    order: the ratio itself has no moments.
    """
    factor = model.factor(point[None])[0]
    spread = factor @ conditional.covariance @ factor.T
    curves = _curves(model, point, conditional.mean @ factor.T)
    variance = np.einsum("iap,ipq,iaq->ia", curves.lever, spread, curves.lever)
    sds = np.sqrt(np.maximum(variance, 0.0))
    unit, trials = model.scale.half_range, counts.trials_per_listener
    return tuple(
        ListenerEstimate(
            listener=label,
            n_trials=int(trials[at]),
            threshold=float(model.scale.to_level(curves.threshold[at])),
            threshold_sd=float(sds[at, 0] * unit),
            slope=float(curves.slope[at] / unit),
            slope_sd=float(sds[at, 1] * abs(curves.slope[at]) / unit),
            width=float(model.standard.span * unit / abs(curves.slope[at])),
        )
        for at, label in enumerate(counts.listeners)
    )


class _Curves(NamedTuple):
    """Listeners' curves by inner level, shape (listeners,) each."""

    threshold: Floats
    slope: Floats
    lever: Floats
    """How threshold and log slope move with the deviations, shape (listeners, 2, parts)."""


def _curves(model: Model, point: Floats, deviations: Floats) -> _Curves:
    """Curves of listeners who deviate by ``deviations`` = L z, shape (listeners, parts)."""
    parts, centre = model.effects.parts, model.standard.centre
    intercept, slope = (
        np.full(model.n_listeners, float(value[0])) for value in lines(model, point[None])
    )
    lever = np.zeros((model.n_listeners, 2, len(parts)))
    if model.effects.psychometric:
        lever[:, 0, 0] = 1.0
        threshold = (centre - intercept) / slope + deviations[:, 0]
        if "log_width" in parts:
            slope = slope * np.exp(deviations[:, 1])
            lever[:, 1, 1] = 1.0
        return _Curves(threshold, slope, lever)
    # A slope that is uncorrelated with the intercept turns the curve at level 0.
    origin = 0.0 if model.effects.correlated else model.scale.location / model.scale.half_range
    for at, part in enumerate(parts):
        if part == "intercept":
            intercept = intercept + deviations[:, at]
        elif part == "slope":
            slope = slope + deviations[:, at]
            intercept = intercept + origin * deviations[:, at]
    threshold = (centre - intercept) / slope
    for at, part in enumerate(parts):
        if part == "intercept":
            lever[:, 0, at] = -1.0 / slope
        elif part == "slope":
            lever[:, 0, at] = -(threshold + origin) / slope
            lever[:, 1, at] = 1.0 / slope
    return _Curves(threshold, slope, lever)


def item_estimates(
    model: Model, point: Floats, counts: GroupCounts, mean: Floats, sd: Floats
) -> tuple[ItemEstimate, ...]:
    """The items' shifts from mean and SD of their standardised effects, shape (items,) each."""
    assert model.item_at is not None
    unit = model.scale.half_range if model.effects.psychometric else 1.0
    scale = unit * float(point[model.item_at])
    trials = np.bincount(
        counts.item.ravel(), weights=counts.n_trials.ravel(), minlength=len(counts.items)
    )
    return tuple(
        ItemEstimate(
            item=label,
            n_trials=int(trials[at]),
            shift=scale * float(mean[at]),
            shift_sd=abs(scale) * float(sd[at]),
        )
        for at, label in enumerate(counts.items)
    )
