"""What a fit believes before the data: the default priors of psignifit.

Schütt, Harmeling, Macke & Wichmann 2016, *Vision Research* 122, 105–123. On the scale used
inside the fits the tested range runs from 0 to 1:

threshold
    flat over the tested range, falling as a raised cosine to zero half a range beyond it;
width
    flat from twice the closest spacing of levels to the range, falling as a raised cosine to
    zero at that spacing and at three times the range;
lapse rate
    Beta(1, 10): mean 0.09, half of the mass below 0.07; never above 0.5.

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
THRESHOLD_SUPPORT = (-0.5, 1.5)
WIDEST = 3.0


class LogPrior(NamedTuple):
    """A log density with its first and second derivative, elementwise. −inf off support."""

    value: Floats
    first: Floats
    second: Floats


def threshold_prior(threshold: Floats) -> LogPrior:
    """Log prior density of the threshold, up to a constant, with derivatives in it."""
    beyond = np.maximum(-threshold, threshold - 1.0)
    outward = np.where(threshold < 0.5, -1.0, 1.0)
    u = np.where(beyond > 0.0, np.pi * np.minimum(beyond, 0.5), 0.0)  # half the cosine's angle
    inside = beyond < 0.5
    cosine = np.where(inside, np.cos(u), 1.0)
    value = np.where(inside, 2.0 * np.log(cosine), -np.inf)
    first = np.where(inside, -2.0 * np.pi * outward * np.sin(u) / cosine, 0.0)
    second = np.where(inside & (beyond > 0.0), -2.0 * np.pi**2 / cosine**2, 0.0)
    return LogPrior(value, first, second)


def width_prior(log_width: Floats, *, spacing: float) -> LogPrior:
    """Log prior density **of the width**, up to a constant; derivatives in the log width.

    ``spacing`` is the closest distance of two tested levels as a share of the range, at
    most 0.5.
    """
    width = np.exp(log_width)
    rising = (width > spacing) & (width < 2.0 * spacing)
    falling = (width > 1.0) & (width < WIDEST)
    off = (width <= spacing) | (width >= WIDEST)
    v = np.where(rising, np.pi * (width - spacing) / (2.0 * spacing), np.pi / 2.0)
    u = np.where(falling, np.pi * (width - 1.0) / 4.0, 0.0)
    value = np.where(off, -np.inf, 2.0 * np.log(np.sin(v)) + 2.0 * np.log(np.cos(u)))
    dv, du = np.pi / (2.0 * spacing), np.pi / 4.0
    slope = np.where(rising, 2.0 * dv * np.cos(v) / np.sin(v), 0.0)
    slope = np.where(falling, -2.0 * du * np.tan(u), slope)
    bend = np.where(rising, -2.0 * dv**2 / np.sin(v) ** 2, 0.0)
    bend = np.where(falling, -2.0 * du**2 / np.cos(u) ** 2, bend)
    return LogPrior(value, slope * width, bend * width**2 + slope * width)


def lapse_prior(lapse_rate: Floats, *, beta: tuple[float, float]) -> LogPrior:
    """Log density of Beta(``beta``) at the lapse rate, with derivatives in it."""
    a, b = beta
    value = xlogy(a - 1.0, lapse_rate) + xlog1py(b - 1.0, -lapse_rate) - betaln(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(a == 1.0, 0.0, (a - 1.0) / lapse_rate)
        left_bend = np.where(a == 1.0, 0.0, -(a - 1.0) / lapse_rate**2)
    first = left - (b - 1.0) / (1.0 - lapse_rate)
    second = left_bend - (b - 1.0) / (1.0 - lapse_rate) ** 2
    return LogPrior(np.asarray(value), first, second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """The priors of one fit: the spacing of its levels, and the belief about lapses."""

    spacing: float
    lapse_beta: tuple[float, float] | None
    """None: the lapse rate is fixed and has no prior."""

    def log_density(self, threshold: Floats, log_width: Floats, lapse_rate: Floats) -> Floats:
        """Log prior density of (threshold, width, lapse rate), broadcast, up to a constant."""
        value = threshold_prior(threshold).value
        value = value + width_prior(log_width, spacing=self.spacing).value
        if self.lapse_beta is not None:
            value = value + lapse_prior(lapse_rate, beta=self.lapse_beta).value
        return np.asarray(value)
