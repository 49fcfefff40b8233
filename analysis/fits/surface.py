"""The surface that a fit climbs: log posterior or log likelihood, with gradient and Hessian.

Many data sets of one design at once; points are (threshold, log width, lapse rate, guess rate,
overdispersion) on the inner scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.design import GUESS, LAPSE, LOG_WIDTH, OVERDISPERSION, THRESHOLD, Design
from jndlab.analysis.fits.likelihood import Counts

Floats = NDArray[np.float64]
LIKELIHOOD_THRESHOLDS = (-9.0, 10.0)
LIKELIHOOD_WIDTHS = (1e-4, 60.0)
"""Without priors the search still ends somewhere: far outside what any data can tell apart."""


class Curve(NamedTuple):
    """The curve at the levels of the design, with what its derivatives need."""

    t: Floats
    hearing: Floats
    """1 − guess rate − lapse rate, as a column."""
    unscaled: Floats
    missed: Floats
    """1 − unscaled, without cancellation."""
    right: Floats
    wrong: Floats


def curve_at(design: Design, point: Floats) -> Curve:
    """The curve of points (data sets, 5); arrays of shape (data sets, levels)."""
    t = design.standardised(
        point[:, THRESHOLD, None], np.exp(point[:, LOG_WIDTH, None]), design.inner
    )
    lapse_rate, guess_rate = point[:, LAPSE, None], point[:, GUESS, None]
    hearing = 1.0 - guess_rate - lapse_rate
    unscaled, missed = design.standard.cdf(t), design.standard.survival(t)
    return Curve(
        t, hearing, unscaled, missed, guess_rate + hearing * unscaled, lapse_rate + hearing * missed
    )


class Ground(NamedTuple):
    """The surface at places of many data sets."""

    height: Floats
    """Shape (data sets,)."""
    gradient: Floats
    """Shape (data sets, free parameters)."""
    hessian: Floats
    """Shape (data sets, free parameters, free parameters)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """What is climbed: the log posterior or the log likelihood of one design, and its bounds."""

    design: Design
    use_prior: bool
    free: NDArray[np.intp]
    limits: Floats
    """Shape (5, 2)."""

    @classmethod
    def of(cls, design: Design, *, use_prior: bool) -> Surface:
        limits = design.limits
        if not use_prior:
            limits[THRESHOLD] = LIKELIHOOD_THRESHOLDS
            limits[LOG_WIDTH] = np.log(LIKELIHOOD_WIDTHS)
        free = np.array(design.free, dtype=np.intp)
        return cls(design=design, use_prior=use_prior, free=free, limits=limits)

    def value(self, point: Floats, counts: Counts) -> Floats:
        """Height of the surface at points (data sets, 5)."""
        curve = curve_at(self.design, point)
        value = counts.log_likelihood(curve.right, curve.wrong, point[:, OVERDISPERSION])
        if self.use_prior:
            value = value + self.design.priors.log_density(point)
        return value

    def at(self, point: Floats, counts: Counts) -> Ground:
        """Height, gradient and Hessian at points (data sets, 5)."""
        curve = curve_at(self.design, point)
        value = counts.log_likelihood(curve.right, curve.wrong, point[:, OVERDISPERSION])
        slopes = counts.slopes(curve.right, curve.wrong, point[:, OVERDISPERSION])
        d_psi, d2_psi = _curve_derivatives(self.design, point, curve)
        n_sets = len(point)
        gradient, hessian = np.zeros((n_sets, 5)), np.zeros((n_sets, 5, 5))
        on_curve = [i for i in self.free if i != OVERDISPERSION]
        for i in on_curve:
            gradient[:, i] = np.einsum("rl,rl->r", slopes.first, d_psi[i])
            weighted = slopes.second * d_psi[i]
            for j in on_curve:
                if j < i:
                    continue
                entry = np.einsum("rl,rl->r", weighted, d_psi[j])
                if (i, j) in d2_psi:
                    entry += np.einsum("rl,rl->r", slopes.first, d2_psi[i, j])
                hessian[:, i, j] = hessian[:, j, i] = entry
        if OVERDISPERSION in self.free:
            gradient[:, OVERDISPERSION] = slopes.eta.sum(axis=1)
            hessian[:, OVERDISPERSION, OVERDISPERSION] = slopes.eta_eta.sum(axis=1)
            for i in on_curve:
                mixed = np.einsum("rl,rl->r", slopes.psi_eta, d_psi[i])
                hessian[:, i, OVERDISPERSION] = hessian[:, OVERDISPERSION, i] = mixed
        if self.use_prior:
            for i in self.free:
                prior = self.design.priors.of(i, point[:, i])
                if prior is not None:
                    value += prior.value
                    gradient[:, i] += prior.first
                    hessian[:, i, i] += prior.second
        return Ground(value, gradient[:, self.free], hessian[:, self.free[:, None], self.free])


def _curve_derivatives(
    design: Design, point: Floats, curve: Curve
) -> tuple[dict[int, Floats], dict[tuple[int, int], Floats]]:
    """First and second derivatives of ψ in the parameters of the curve, (data sets, levels)."""
    rate = design.span / np.exp(point[:, LOG_WIDTH, None])  # −dt/dthreshold
    lever = curve.t - design.centre  # −dt/dlog width
    density, bend = design.standard.density(curve.t), design.standard.curvature(curve.t)
    slope = curve.hearing * density
    first = {
        THRESHOLD: -slope * rate,
        LOG_WIDTH: -slope * lever,
        LAPSE: -curve.unscaled,
        GUESS: curve.missed,
    }
    bent = curve.hearing * bend
    by_threshold, by_width = density * rate, density * lever
    second = {
        (THRESHOLD, THRESHOLD): bent * rate**2,
        (THRESHOLD, LOG_WIDTH): bent * rate * lever + slope * rate,
        (LOG_WIDTH, LOG_WIDTH): bent * lever**2 + slope * lever,
        (THRESHOLD, LAPSE): by_threshold,
        (LOG_WIDTH, LAPSE): by_width,
        (THRESHOLD, GUESS): by_threshold,
        (LOG_WIDTH, GUESS): by_width,
    }
    return first, second
