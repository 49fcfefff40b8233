"""What differs between two conditions, as numbers that a point stands for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.comparison import ConditionCurve, Contrast
from jndlab.analysis.groups.counts import GroupCounts
from jndlab.analysis.groups.cutoffs import Cutoffs
from jndlab.analysis.groups.maximum import Maximum
from jndlab.analysis.groups.model import FARTHEST, STEP_WIDTH, Model
from jndlab.analysis.groups.profile import profile_interval
from jndlab.analysis.groups.quantities import Named, lines, threshold_of
from jndlab.analysis.groups.uncertainty import standard_error

Floats = NDArray[np.float64]
_TINY = 1e-300


def threshold_difference(model: Model, condition: int) -> Named:
    """Threshold of a condition less that of the first, in the unit of the level.

    Families on the log level: the natural logarithm of their ratio.
    """
    first = threshold_of(model, model.standard.centre, 0)
    second = threshold_of(model, model.standard.centre, condition)
    return Named(
        name="difference of thresholds",
        quantity=lambda points: second(points) - first(points),
        read=lambda inner: inner * model.scale.half_range,
        low=-FARTHEST,
        high=FARTHEST,
    )


def slope_ratio(model: Model, condition: int) -> Named:
    """Slope of a condition by that of the first: how many times steeper."""

    def quantity(points: Floats) -> Floats:
        slopes = [np.abs(lines(model, points, at)[1]) for at in (0, condition)]
        return np.asarray(np.log(slopes[1] + _TINY) - np.log(slopes[0] + _TINY))

    farthest = float(np.log(FARTHEST / STEP_WIDTH))
    return Named(
        name="ratio of slopes",
        quantity=quantity,
        read=lambda inner: float(np.exp(inner)),
        low=-farthest,
        high=farthest,
        low_end=0.0,
    )


def condition_curves(counts: GroupCounts, maximum: Maximum) -> tuple[ConditionCurve, ...]:
    """The typical listener's threshold and slope in each condition."""
    model, point = maximum.surface.model, maximum.top.point[None]
    curves = []
    for at, label in enumerate(counts.conditions):
        intercept, slope = (float(part[0]) for part in lines(model, point, at))
        inner = (model.standard.centre - intercept) / slope
        curves.append(
            ConditionCurve(
                condition=label,
                n_trials=int(counts.n_trials[counts.condition == at].sum()),
                threshold=float(model.scale.to_level(inner)),
                slope=slope / model.scale.half_range,
            )
        )
    return tuple(curves)


def contrasts(
    counts: GroupCounts,
    maximum: Maximum,
    kind: Callable[[Model, int], Named],
    cutoffs: tuple[float, Cutoffs],
) -> tuple[Contrast, ...]:
    """Every condition against the first, with profile intervals of a coverage and its cutoffs."""
    surface, top = maximum.surface, maximum.top
    coverage, ends = cutoffs
    found = []
    for at in range(1, len(counts.conditions)):
        named = kind(surface.model, at)
        found.append(
            Contrast(
                condition=counts.conditions[at],
                reference=counts.conditions[0],
                estimate=named.read(float(named.quantity(top.point[None])[0])),
                standard_error=standard_error(maximum, named),
                interval=profile_interval(surface, top, named, coverage=coverage, cutoffs=ends),
            )
        )
    return tuple(found)
