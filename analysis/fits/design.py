"""The design of a fit: tested levels on the scale inside the fits, and the way back.

Inside, every curve rises and the tested levels run from 0 to 1: a falling curve is mirrored,
families on the log level take logarithms. So the engines know one case only. A point is always
(threshold, log width, lapse rate, guess rate, overdispersion); what is fixed does not move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.fits.priors import (
    LARGEST_GUESS_RATE,
    LARGEST_LAPSE_RATE,
    LARGEST_OVERDISPERSION,
    THRESHOLD_SUPPORT,
    WIDEST,
    Priors,
)
from jndlab.errors import FitError
from jndlab.sigmoids import Sigmoid, SigmoidName, get_sigmoid, mirrored
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
FEWEST_LEVELS = 3
THRESHOLD, LOG_WIDTH, LAPSE, GUESS, OVERDISPERSION = range(5)
_DEFAULT_BETA = (1.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Tested levels, the sigmoid that rises on their inner scale, what is fixed, and priors."""

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
    priors: Priors
    fixed: tuple[float | None, float | None, float | None]
    """Lapse rate, guess rate, overdispersion; None where it is estimated."""

    @property
    def free(self) -> tuple[int, ...]:
        """The parameters that are estimated."""
        rates = (LAPSE + i for i, value in enumerate(self.fixed) if value is None)
        return (THRESHOLD, LOG_WIDTH, *rates)

    @property
    def limits(self) -> Floats:
        """Shape (5, 2): the bounds of every parameter; equal where it is fixed."""
        lapse, guess, overdispersion = self.fixed
        return np.array(
            [
                THRESHOLD_SUPPORT,
                (np.log(self.priors.spacing), np.log(WIDEST)),
                (0.0, LARGEST_LAPSE_RATE) if lapse is None else (lapse, lapse),
                (0.0, LARGEST_GUESS_RATE) if guess is None else (guess, guess),
                (0.0, LARGEST_OVERDISPERSION)
                if overdispersion is None
                else (overdispersion, overdispersion),
            ]
        )

    @property
    def binomial(self) -> bool:
        """No overdispersion: the counts are binomial."""
        return self.fixed[2] == 0.0

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
    guess_rate: float | None,
    sigmoid: SigmoidName = "norm",
    direction: Direction = "rises",
    lapse_prior: tuple[float, float] = _DEFAULT_BETA,
    lapse_rate: float | None = None,
    guess_prior: tuple[float, float] = _DEFAULT_BETA,
    overdispersion: float | None = 0.0,
    overdispersion_prior: tuple[float, float] = _DEFAULT_BETA,
) -> Design:
    """The design for distinct ascending ``levels``. FitError where none can be made.

    ``guess_rate``, ``lapse_rate`` and ``overdispersion``: a number fixes it, None estimates it.
    """
    values = np.asarray(levels, dtype=float)
    standard = get_sigmoid(sigmoid)
    fixed = (lapse_rate, guess_rate, overdispersion)
    betas = (lapse_prior, guess_prior, overdispersion_prior)
    _check(values, standard, direction, fixed, betas)
    sign = 1.0 if direction == "rises" else -1.0
    coordinates = sign * (np.log(values) if standard.log_level else values)
    origin = float(coordinates.min())
    scale = float(coordinates.max()) - origin
    inner = (coordinates - origin) / scale
    oriented = standard if direction == "rises" else mirrored(standard)
    lapse_beta, guess_beta, overdispersion_beta = (
        beta if value is None else None for value, beta in zip(fixed, betas, strict=True)
    )
    return Design(
        levels=values,
        inner=inner,
        standard=oriented,
        centre=oriented.centre,
        span=oriented.span,
        sign=sign,
        origin=origin,
        scale=scale,
        priors=Priors(
            spacing=float(np.diff(np.sort(inner)).min()),
            lapse_beta=lapse_beta,
            guess_beta=guess_beta,
            overdispersion_beta=overdispersion_beta,
        ),
        fixed=fixed,
    )


_RATES = (
    ("lapse rate", LARGEST_LAPSE_RATE),
    ("guess rate", 1.0),
    ("overdispersion", LARGEST_OVERDISPERSION),
)


def _check(
    values: Floats,
    standard: Sigmoid,
    direction: str,
    fixed: tuple[float | None, ...],
    betas: tuple[tuple[float, float], ...],
) -> None:
    if values.size < FEWEST_LEVELS:
        raise FitError(
            f"A curve cannot be fitted to {values.size} level(s).",
            f"Test at least {FEWEST_LEVELS} different levels; five to eight are better.",
        )
    if direction not in ("rises", "falls"):
        raise FitError(
            f"There is no direction {direction!r}.", 'Use "rises" or "falls" (fewer bits: falls).'
        )
    if standard.log_level and np.any(values <= 0.0):
        raise FitError(
            f"The {standard.name} sigmoid needs levels above 0.",
            'Use sigmoid "norm" or "logistic" for levels that include 0.',
        )
    for (name, largest), value, beta in zip(_RATES, fixed, betas, strict=True):
        if not _is_beta(beta):
            raise FitError(
                f"A prior Beta{beta} of the {name} is no density, or unbounded at its edge.",
                "Give two numbers of at least 1, such as (1, 10).",
            )
        if value is not None and not 0.0 <= value < largest:
            raise FitError(
                f"The {name} cannot be fixed at {value}.",
                f"Give a value from 0 to below {largest:g}, or None to estimate it.",
            )
    lapse, guess, _ = fixed
    if lapse is not None and guess is not None and lapse + guess >= 1.0:
        raise FitError(
            f"A guess rate of {guess:g} and a lapse rate of {lapse:g} leave nothing to hear.",
            "Their sum must be below 1.",
        )


def _is_beta(prior: object) -> bool:
    """Whether it holds the two shapes of a beta density that is bounded everywhere."""
    try:
        shapes = np.asarray(prior, dtype=float)
    except (TypeError, ValueError):
        return False
    return shapes.shape == (2,) and bool(np.all((shapes >= 1.0) & (shapes < np.inf)))
