"""Priors of the Bayesian group model: weakly informative, scaled to the tested range.

The default scale is the range R of the tested levels, as in psignifit, so that a study in dB and
one in bits get the same prior in their own units. Choose other priors where levels were placed
adaptively: the range then already depends on the answers.

===================  =======================================================  ==================
number               prior                                                    default
===================  =======================================================  ==================
threshold            normal (mean, SD)                                        middle of R, R
width                log-normal (median, SD of the logarithm)                 R/2, 1
SD of thresholds     half-normal (scale)                                      R/2
SD of log widths     half-normal (scale)                                      ½
correlation          ∝ (1 − ρ²)^(shape − 1), as LKJ (Lewandowski, Kurowicka   2
                     & Joe 2009, *J. Multivar. Anal.* 100, 1989–2001)
lapse, guess rate    Beta (a, b), where free                                  1, 10
===================  =======================================================  ==================

Families on the log level: of natural logarithms, with R the range of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, xlog1py, xlogy

from jndlab.analysis.groups.model import Scale
from jndlab.errors import FitError

Floats = NDArray[np.float64]
_LOG_2_PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPriors:
    """Priors in the unit of the level; on the log level in natural logarithms."""

    threshold: tuple[float, float]
    """Mean and SD."""
    width: tuple[float, float]
    """Median, and SD of the logarithm."""
    sd_threshold: float
    sd_log_width: float = 0.5
    correlation_shape: float = 2.0
    lapse_rate: tuple[float, float] = (1.0, 10.0)
    guess_rate: tuple[float, float] = (1.0, 10.0)

    def check(self) -> None:
        """Raise FitError for parameters that no distribution has."""
        scales = (
            self.threshold[1],
            *self.width,
            self.sd_threshold,
            self.sd_log_width,
            self.correlation_shape,
            *self.lapse_rate,
            *self.guess_rate,
        )
        if not np.isfinite(self.threshold[0]) or not all(
            np.isfinite(value) and value > 0.0 for value in scales
        ):
            raise FitError(
                "A prior has a scale that is not above 0.", "Give positive scales, all finite."
            )


def default_group_priors(scale: Scale) -> GroupPriors:
    """The priors that follow from the tested range."""
    return GroupPriors(
        threshold=(scale.location, 2.0 * scale.half_range),
        width=(scale.half_range, 1.0),
        sd_threshold=scale.half_range,
    )


def log_normal_density(x: Floats, mean: float, sd: float) -> Floats:
    """Logarithm of the normal density, elementwise."""
    return np.asarray(-0.5 * ((x - mean) / sd) ** 2 - np.log(sd) - 0.5 * _LOG_2_PI)


def log_half_normal_density(x: Floats, scale: float) -> Floats:
    """Logarithm of the half-normal density at x ≥ 0, elementwise."""
    return np.asarray(np.log(2.0) + log_normal_density(x, 0.0, scale))


def log_beta_density(x: Floats, a: float, b: float) -> Floats:
    """Logarithm of the Beta density, elementwise."""
    return np.asarray(xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - betaln(a, b))


def log_correlation_density(x: Floats, shape: float) -> Floats:
    """Logarithm of the density ∝ (1 − x²)^(shape − 1) on −1 to 1, elementwise."""
    constant = betaln(shape, shape) + (2.0 * shape - 1.0) * np.log(2.0)
    return np.asarray(xlog1py(shape - 1.0, -(x**2)) - constant)
