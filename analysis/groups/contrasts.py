"""What differs between two conditions, as numbers that a point stands for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.model import FARTHEST, STEP_WIDTH, Model
from jndlab.analysis.groups.quantities import Named, lines, threshold_of

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
