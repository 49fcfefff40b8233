"""What a fit believes before the data: the default priors of psignifit.

Schütt, Harmeling, Macke & Wichmann 2016, *Vision Research* 122, 105–123. On the scale used
inside the fits the tested range runs from 0 to 1:

threshold
    flat over the tested range, falling as a raised cosine to zero half a range beyond it;
width
    flat from twice the closest spacing of levels to the range, falling as a raised cosine to
    zero at that spacing and at three times the range;
lapse rate, and guess rate where it is free
    Beta(1, 10): mean 0.09, half of the mass below 0.07; never above 0.5;
overdispersion
    Beta(1, 10).

They come from the tested levels, so do not use them on levels that an adaptive procedure
chose without saying so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, xlog1py, xlogy

Floats = NDArray[np.float64]

LARGEST_LAPSE_RATE = 0.5
LARGEST_GUESS_RATE = 0.5
LARGEST_OVERDISPERSION = 0.99
THRESHOLD_SUPPORT = (-0.5, 1.5)
WIDEST = 3.0


class LogPrior(NamedTuple):
    """A log density with its first and second derivative, elementwise. −inf off support."""

    value: Floats
    first: Floats
    second: Floats


def threshold_prior(threshold: Floats) -> LogPrior:
    """Log prior density of the threshold, up to a constant, with derivatives in it."""
    value, first, second = np.zeros((3, *threshold.shape))
    beyond = np.maximum(-threshold, threshold - 1.0)
    out = beyond > 0.0
    if out.any():
        u = np.pi * np.minimum(beyond[out], 0.5)  # half the cosine's angle
        inside, outward = beyond[out] < 0.5, np.where(threshold[out] < 0.5, -1.0, 1.0)
        cosine = np.where(inside, np.cos(u), 1.0)
        value[out] = np.where(inside, 2.0 * np.log(cosine), -np.inf)
        first[out] = np.where(inside, -2.0 * np.pi * outward * np.sin(u) / cosine, 0.0)
        second[out] = np.where(inside, -2.0 * np.pi**2 / cosine**2, 0.0)
    return LogPrior(value, first, second)


def width_prior(log_width: Floats, *, spacing: float) -> LogPrior:
    """Log prior density **of the width**, up to a constant; derivatives in the log width.

    ``spacing`` is the closest distance of two tested levels as a share of the range, at
    most 0.5.
    """
    value, slope, bend = np.zeros((3, *log_width.shape))
    width = np.exp(log_width)
    rising = (width > spacing) & (width < 2.0 * spacing)
    if rising.any():
        rate = np.pi / (2.0 * spacing)
        v = rate * (width[rising] - spacing)
        sine = np.sin(v)
        value[rising] = 2.0 * np.log(sine)
        slope[rising], bend[rising] = 2.0 * rate * np.cos(v) / sine, -2.0 * rate**2 / sine**2
    falling = (width > 1.0) & (width < WIDEST)
    if falling.any():
        rate = np.pi / (2.0 * (WIDEST - 1.0))
        u = rate * (width[falling] - 1.0)
        cosine = np.cos(u)
        value[falling] = 2.0 * np.log(cosine)
        slope[falling], bend[falling] = -2.0 * rate * np.tan(u), -2.0 * rate**2 / cosine**2
    value[(width <= spacing) | (width >= WIDEST)] = -np.inf
    return LogPrior(value, slope * width, bend * width**2 + slope * width)


def beta_prior(share: Floats, *, beta: tuple[float, float]) -> LogPrior:
    """Log density of Beta(``beta``) at a share between 0 and 1, with derivatives in it."""
    a, b = beta
    value = xlogy(a - 1.0, share) + xlog1py(b - 1.0, -share) - betaln(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(a == 1.0, 0.0, (a - 1.0) / share)
        left_bend = np.where(a == 1.0, 0.0, -(a - 1.0) / share**2)
    first = left - (b - 1.0) / (1.0 - share)
    second = left_bend - (b - 1.0) / (1.0 - share) ** 2
    return LogPrior(np.asarray(value), first, second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """The priors of one fit: the spacing of its levels, and Beta priors of the rates.

    A Beta prior of None means that the parameter is fixed.
    """

    spacing: float
    lapse_beta: tuple[float, float] | None
    guess_beta: tuple[float, float] | None = None
    overdispersion_beta: tuple[float, float] | None = None

    @property
    def betas(self) -> tuple[tuple[float, float] | None, ...]:
        """Of lapse rate, guess rate, overdispersion: the order of the parameters from the third."""
        return self.lapse_beta, self.guess_beta, self.overdispersion_beta

    def of(self, parameter: int, values: Floats) -> LogPrior | None:
        """The prior of one parameter (see :mod:`jndlab.analysis.fits.design`); None if fixed."""
        if parameter == 0:
            return threshold_prior(values)
        if parameter == 1:
            return width_prior(values, spacing=self.spacing)
        beta = self.betas[parameter - 2]
        return None if beta is None else beta_prior(values, beta=beta)

    def log_density(self, point: Floats) -> Floats:
        """Log prior density at points of shape (data sets, 5), up to a constant."""
        value = np.zeros(len(point))
        for parameter in range(5):
            prior = self.of(parameter, point[:, parameter])
            if prior is not None:
                value = value + prior.value
        return value
