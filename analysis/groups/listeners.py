"""Each listener's own curve, drawn towards the group's: conditional means and SDs.

What a listener's answers and the population together say of the listener's threshold and slope
(empirical Bayes; lme4 calls the modes of the same distributions ``ranef``). The SD holds for known
population parameters: their own uncertainty is not in it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

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
    mean = conditional.mean @ factor.T
    spread = factor @ conditional.covariance @ factor.T
    parts = model.effects.parts
    intercept, slope = (float(value[0]) for value in lines(model, point[None]))
    intercepts = np.full(model.n_listeners, intercept)
    slopes = np.full(model.n_listeners, slope)
    thresholds = np.full(model.n_listeners, (model.standard.centre - intercept) / slope)
    # Slopes of (inner threshold, log slope) by the deviations, shape (listeners, 2, parts).
    lever = np.zeros((model.n_listeners, 2, len(parts)))
    if model.effects.psychometric:
        thresholds = thresholds + mean[:, 0]
        lever[:, 0, 0] = 1.0
        if "log_width" in parts:
            slopes = slopes * np.exp(mean[:, 1])
            lever[:, 1, 1] = 1.0
    else:
        origin = 0.0
        if "slope" in parts:
            at = parts.index("slope")
            origin = 0.0 if model.effects.correlated else _origin(model)
            slopes = slopes + mean[:, at]
            intercepts = intercepts + origin * mean[:, at]
        if "intercept" in parts:
            intercepts = intercepts + mean[:, 0]
        thresholds = (model.standard.centre - intercepts) / slopes
        if "intercept" in parts:
            lever[:, 0, 0] = -1.0 / slopes
        if "slope" in parts:
            lever[:, 0, at] = -(thresholds + origin) / slopes
            lever[:, 1, at] = 1.0 / slopes
    variance = np.einsum("iap,ipq,iaq->ia", lever, spread, lever)
    sds = np.sqrt(np.maximum(variance, 0.0))
    unit, log_level = model.scale.half_range, model.scale.log_level
    del log_level
    trials = counts.trials_per_listener
    return tuple(
        ListenerEstimate(
            listener=label,
            n_trials=int(trials[at_listener]),
            threshold=float(model.scale.to_level(thresholds[at_listener])),
            threshold_sd=float(sds[at_listener, 0] * unit),
            slope=float(slopes[at_listener] / unit),
            slope_sd=float(sds[at_listener, 1] * abs(slopes[at_listener]) / unit),
            width=float(model.standard.span * unit / abs(slopes[at_listener])),
        )
        for at_listener, label in enumerate(counts.listeners)
    )


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


def _origin(model: Model) -> float:
    return model.scale.location / model.scale.half_range
