"""What the free numbers of a model stand for, by name and in the unit of the study.

On the linear predictor η = intercept + slope · level; ``threshold`` is the level at which the
unscaled sigmoid of a listener without deviation is ½, ``width`` the distance between the levels
at which it is 0.05 and 0.95. Families on the log level: of the natural logarithm of the level,
except for the threshold itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.targets import Target
from jndlab.analysis.groups.model import (
    FARTHEST,
    MOST_GUESSES,
    MOST_LAPSES,
    STEP_WIDTH,
    WIDEST,
    Model,
)

Floats = NDArray[np.float64]
Quantity = Callable[[Floats], Floats]
"""From points (points, free) to numbers (points,)."""
_TINY = 1e-300
_LOWEST = 1e-9
EDGE = 1e-3
"""Inner spread below which a spread counts as 0, and distance of a correlation from ±1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A number of interest: how it follows from a point, and how it reads."""

    name: str
    quantity: Quantity
    read: Callable[[float], float]
    """From the quantity to the unit of the study; rising or falling."""
    low: float = -np.inf
    """Ends of the quantity's own scale. Reached by an interval: it is open there."""
    high: float = np.inf
    low_end: float = -np.inf
    """What an interval that reaches ``low`` shows there, in the unit of the study."""
    high_end: float = np.inf
    spread: bool = False
    """A standard deviation: the likelihood is flat where it is 0."""


def lines(model: Model, points: Floats, condition: int = 0) -> tuple[Floats, Floats]:
    """Intercept and slope on the linear predictor, by inner level, of a condition."""
    n_d = model.fixed_d.shape[2]
    if model.effects.psychometric:
        threshold, growth = points[:, 0], points[:, n_d]
        if condition and model.n_shifts:
            threshold = threshold + points[:, condition]
        if condition and model.n_tilts:
            growth = growth + points[:, n_d + condition]
        slope = model.sign * np.exp(growth)
        return np.asarray(model.standard.centre - slope * threshold), np.asarray(slope)
    intercept, slope = points[:, 0], points[:, 1]
    if condition and model.n_shifts:
        intercept = intercept + points[:, 1 + condition]
    if condition and model.n_tilts:
        slope = slope + points[:, 1 + model.n_shifts + condition]
    return np.asarray(intercept), np.asarray(slope)


def threshold_of(model: Model, eta: float, condition: int = 0) -> Quantity:
    """The inner level at which the typical listener's linear predictor is ``eta``."""

    def quantity(points: Floats) -> Floats:
        intercept, slope = lines(model, points, condition)
        return np.asarray((eta - intercept) / np.where(slope == 0.0, _TINY, slope))

    return quantity


def named_target(model: Model, target: Target) -> Named:
    """The level at which the typical listener reaches ``target``, whatever the free rates are."""

    def quantity(points: Floats) -> Floats:
        rates = model.rates(points, 0)
        heard = np.clip(target.unscaled(rates.lapse, rates.guess), _LOWEST, 1.0 - _LOWEST)
        intercept, slope = lines(model, points)
        eta = model.standard.quantile(heard)
        return np.asarray((eta - intercept) / np.where(slope == 0.0, _TINY, slope))

    return named_threshold(model, quantity)


def named_threshold(model: Model, quantity: Quantity) -> Named:
    """A level that an inner level stands for, in the unit of the study."""
    return Named(
        name="threshold",
        quantity=quantity,
        read=lambda inner: float(model.scale.to_level(inner)),
        low=-FARTHEST,
        high=FARTHEST,
        low_end=0.0 if model.scale.log_level else -np.inf,
    )


def all_named(model: Model) -> dict[str, Named]:
    """Every number that the model has, by name; fixed rates are not among them."""
    unit = model.scale.half_range
    steepest = model.standard.span / STEP_WIDTH
    named = [
        Named(name="intercept", quantity=_intercept(model), read=float),
        Named(
            name="slope",
            quantity=lambda points: lines(model, points)[1],
            read=_times(1.0 / unit),
            low=-steepest,
            high=steepest,
        ),
        named_threshold(model, threshold_of(model, model.standard.centre)),
        Named(
            name="width",
            quantity=lambda points: -np.log(np.maximum(np.abs(lines(model, points)[1]), _TINY)),
            read=lambda inner: float(model.standard.span * unit * np.exp(inner)),
            low=-float(np.log(steepest)),
            high=float(np.log(WIDEST / model.standard.span)),
            low_end=0.0,
        ),
    ]
    named += _spreads(model)
    for name, at, most in (
        ("lapse_rate", model.lapse_at, MOST_LAPSES),
        ("guess_rate", model.guess_at, MOST_GUESSES),
    ):
        if at is not None:
            named.append(
                Named(
                    name=name,
                    quantity=lambda points, at=at: points[:, at],  # type: ignore[misc]
                    read=float,
                    low=0.0,
                    high=most,
                    low_end=0.0,
                    high_end=most,
                )
            )
    return {entry.name: entry for entry in named}


def covariance(model: Model, points: Floats) -> Floats:
    """Covariance over listeners of the parts that vary, in the unit of the study (points, q, q).

    Intercept and slope at level 0, as lme4 has them.
    """
    factor = model.factor(points)
    outer = _to_study(model) @ factor
    return np.asarray(outer @ outer.swapaxes(1, 2))


def _to_study(model: Model) -> Floats:
    """The linear map from inner deviations to those of intercept, slope, threshold, log width."""
    scale, parts = model.scale, model.effects.parts
    matrix = np.eye(len(parts))
    for at, part in enumerate(parts):
        if part == "threshold" or (part == "condition" and model.effects.psychometric):
            matrix[at, at] = scale.half_range
        elif part == "log_width":
            matrix[at, at] = -1.0  # ε is the log slope
        elif part == "slope":
            matrix[at, at] = 1.0 / scale.half_range
            if model.effects.correlated:
                matrix[0, at] = -scale.location / scale.half_range
    return matrix


def _intercept(model: Model) -> Quantity:
    location = model.scale.location / model.scale.half_range

    def quantity(points: Floats) -> Floats:
        intercept, slope = lines(model, points)
        return np.asarray(intercept - slope * location)

    return quantity


def _spreads(model: Model) -> list[Named]:
    parts, half_range = model.effects.parts, model.scale.half_range
    in_levels = half_range if model.effects.psychometric else 1.0
    units = {"slope": 1.0 / half_range, "threshold": half_range, "condition": in_levels}
    named = []

    def spread(name: str, variance: Quantity, unit: float = 1.0) -> None:
        named.append(
            Named(
                name=name,
                quantity=lambda points: np.sqrt(np.maximum(variance(points), 0.0)) / unit,
                read=_times(unit),
                low=0.0,
                low_end=0.0,
                spread=True,
            )
        )

    for at, part in enumerate(parts):
        spread(
            f"sd_{part}",
            lambda points, at=at: covariance(model, points)[:, at, at],  # type: ignore[misc]
            units.get(part, 1.0),
        )
    if model.effects.correlated:
        named.append(
            Named(
                name="correlation",
                quantity=lambda points: _correlation(covariance(model, points)),
                read=float,
                low=-1.0,
                high=1.0,
                low_end=-1.0,
                high_end=1.0,
            )
        )
    if parts and not model.effects.psychometric:
        spread("sd_threshold", _threshold_variance(model), half_range)
    if parts and parts[0] == "threshold" and "log_width" not in parts:
        spread(
            "sd_intercept",
            lambda points: (lines(model, points)[1] * model.factor(points)[:, 0, 0]) ** 2,
        )
    if model.item_at is not None:
        at = model.item_at
        spread("sd_item", lambda points: (in_levels * points[:, at]) ** 2, in_levels)
    return named


def _correlation(matrix: Floats) -> Floats:
    product = matrix[:, 0, 0] * matrix[:, 1, 1]
    return np.asarray(matrix[:, 0, 1] / np.sqrt(np.maximum(product, _TINY)))


def _threshold_variance(model: Model) -> Quantity:
    """Variance of (S⁻¹(½) − intercept)/slope over listeners: exact where only the intercept
    varies, to first order (delta method) where the slope does. Computed by inner level, where
    nothing cancels however far the levels are from 0."""
    parts, scale = model.effects.parts, model.scale
    origin = 0.0 if model.effects.correlated else scale.location / scale.half_range

    def quantity(points: Floats) -> Floats:
        factor = model.factor(points)
        intercept, slope = lines(model, points)
        slope = np.where(slope == 0.0, _TINY, slope)
        middle = (model.standard.centre - intercept) / slope
        lever = {"intercept": np.ones_like(middle), "slope": middle + origin}
        weights = np.stack([lever.get(part, np.zeros_like(middle)) for part in parts], axis=1)
        moved = np.einsum("na,nab->nb", weights, factor)
        return np.asarray((moved**2).sum(axis=1) * (scale.half_range / slope) ** 2)

    return quantity


def _times(unit: float) -> Callable[[float], float]:
    return lambda value: float(value) * unit
