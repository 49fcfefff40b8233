"""The design of a fit: tested levels on the scale inside the fits, and the way back.

Inside, every curve rises and the tested levels run from 0 to 1: a falling curve is mirrored,
the Weibull function takes logarithms. So the engines know one case only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.fits.priors import Priors
from jndlab.errors import FitError
from jndlab.sigmoids import Sigmoid, SigmoidName, get_sigmoid, mirrored
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
FEWEST_LEVELS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Tested levels, the sigmoid that rises on their inner scale, chance level and priors."""

    levels: Floats
    """Shape (levels,), in the unit of the study, ascending."""
    inner: Floats
    """Shape (levels,): the same on the inner scale, 0 to 1."""
    standard: Sigmoid
    centre: float
    span: float
    sign: float
    origin: float
    scale: float
    guess_rate: float
    priors: Priors
    fixed_lapse_rate: float | None

    @property
    def log_level(self) -> bool:
        return self.standard.log_level

    def unscaled(self, threshold: Floats, width: Floats, inner: Floats) -> Floats:
        """The unscaled sigmoid at inner levels; inner threshold and width; broadcast."""
        return self.standard.cdf(self.standardised(threshold, width, inner))

    def standardised(self, threshold: Floats, width: Floats, inner: Floats) -> Floats:
        return np.asarray(self.centre + self.span * (inner - threshold) / width)

    def inner_at(self, unscaled: ArrayLike, threshold: ArrayLike, width: ArrayLike) -> Floats:
        """Inner level at which the unscaled sigmoid (0 to 1, open) has the value given."""
        t = self.standard.quantile(np.asarray(unscaled, dtype=float))
        return np.asarray(np.asarray(threshold) + np.asarray(width) * (t - self.centre) / self.span)

    def to_inner(self, level: ArrayLike) -> Floats:
        """Levels in the unit of the study to the inner scale."""
        values = np.asarray(level, dtype=float)
        if self.log_level:
            with np.errstate(divide="ignore"):
                values = np.log(values)
        return np.asarray((self.sign * values - self.origin) / self.scale)

    def to_level(self, inner: ArrayLike) -> Floats:
        """Inner levels to the unit of the study."""
        values = self.sign * (np.asarray(inner, dtype=float) * self.scale + self.origin)
        return np.asarray(np.exp(values) if self.log_level else values)


def make_design(
    levels: ArrayLike,
    *,
    guess_rate: float,
    sigmoid: SigmoidName,
    direction: Direction,
    lapse_prior: tuple[float, float],
    lapse_rate: float | None,
) -> Design:
    """The design for distinct ascending ``levels``. FitError where none can be made."""
    values = np.asarray(levels, dtype=float)
    standard = get_sigmoid(sigmoid)
    if values.size < FEWEST_LEVELS:
        raise FitError(
            f"A curve cannot be fitted to {values.size} level(s).",
            f"Test at least {FEWEST_LEVELS} different levels; five to eight are better.",
        )
    if direction not in ("rises", "falls"):
        raise FitError(
            f"There is no direction {direction!r}.", 'Use "rises" or "falls" (fewer bits: falls).'
        )
    if min(lapse_prior) < 1.0:
        raise FitError(
            f"A lapse prior of Beta{lapse_prior} is unbounded at its edge.",
            "Give two numbers of at least 1, such as (1, 10).",
        )
    if lapse_rate is not None and not 0.0 <= lapse_rate < 0.5:
        raise FitError(
            f"The lapse rate cannot be fixed at {lapse_rate}.", "Give a value from 0 to below 0.5."
        )
    if standard.log_level and np.any(values <= 0.0):
        raise FitError(
            f"The {sigmoid} sigmoid needs levels above 0.",
            'Use sigmoid "norm" or "logistic" for levels that include 0.',
        )
    sign = 1.0 if direction == "rises" else -1.0
    coordinates = sign * (np.log(values) if standard.log_level else values)
    origin = float(coordinates.min())
    scale = float(coordinates.max()) - origin
    inner = (coordinates - origin) / scale
    oriented = standard if direction == "rises" else mirrored(standard)
    return Design(
        levels=values,
        inner=inner,
        standard=oriented,
        centre=oriented.centre,
        span=oriented.span,
        sign=sign,
        origin=origin,
        scale=scale,
        guess_rate=guess_rate,
        priors=Priors(
            spacing=float(np.diff(np.sort(inner)).min()),
            lapse_beta=lapse_prior if lapse_rate is None else None,
        ),
        fixed_lapse_rate=lapse_rate,
    )
