"""The fitting engine: posterior modes of many data sets that share one design, at once.

Maximises the log posterior density of (threshold, width, lapse rate) by Newton's method with
the exact Hessian in (threshold, log width, lapse rate). Each data set starts from the best
point of a table: log ψ is tabulated once, so that one matrix product rates all starting points
for all data sets. Steps follow the absolute eigenvalues of the Hessian, so that they lead
uphill also where the posterior is not concave, and are shortened until the posterior rises.
A lapse rate at its bound stays there while the posterior falls inwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from jndlab.analysis.fits.design import Design
from jndlab.analysis.fits.priors import (
    LARGEST_LAPSE_RATE,
    THRESHOLD_SUPPORT,
    WIDEST,
    lapse_prior,
    threshold_prior,
    width_prior,
)

Floats = NDArray[np.float64]

_MOST_ITERATIONS = 200
_TOLERANCE = 1e-10
"""Largest rise of the log posterior that a further Newton step may promise."""
_LARGEST_STEP = np.array([0.25, 0.7, 0.1])
_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """Posterior modes on the inner scale, one per data set; shape (data sets,) each."""

    threshold: Floats
    width: Floats
    lapse_rate: Floats
    log_posterior: Floats
    """Without binomial coefficients and normalising constants."""
    converged: NDArray[np.bool_]


def maximise(design: Design, n_correct: Floats, n_trials: Floats) -> Modes:
    """Posterior modes for counts of shape (data sets, levels), in the order of the levels."""
    n_wrong = n_trials - n_correct
    point = _starts(design, n_correct, n_wrong)
    n_sets = len(point)
    value = log_posterior(design, point, n_correct, n_wrong)
    shrink = np.ones(n_sets)
    converged = np.zeros(n_sets, dtype=bool)
    active = np.arange(n_sets)
    for _ in range(_MOST_ITERATIONS):
        here, correct, wrong = point[active], n_correct[active], n_wrong[active]
        gradient, hessian = _derivatives(design, here, correct, wrong)
        step, promise = _newton_step(design, here, gradient, hessian)
        done = promise < _TOLERANCE
        converged[active[done]] = True
        active = active[~done]
        if active.size == 0:
            break
        here, correct, wrong = here[~done], correct[~done], wrong[~done]
        trial = here + _bounded(here, step[~done] * shrink[active, None])
        trial[:, 2] = np.clip(trial[:, 2], 0.0, LARGEST_LAPSE_RATE)
        trial_value = log_posterior(design, trial, correct, wrong)
        better = trial_value >= value[active]
        point[active[better]] = trial[better]
        value[active[better]] = trial_value[better]
        shrink[active] = np.where(better, np.minimum(1.0, shrink[active] * 4), shrink[active] / 4)
        active = active[shrink[active] > 1e-12]
        if active.size == 0:
            break
    return Modes(
        threshold=point[:, 0],
        width=np.exp(point[:, 1]),
        lapse_rate=point[:, 2],
        log_posterior=value,
        converged=converged,
    )


def log_posterior(design: Design, point: Floats, n_correct: Floats, n_wrong: Floats) -> Floats:
    """Log posterior at points (data sets, 3) = (threshold, log width, lapse rate)."""
    curve = _curve(design, point)
    likelihood = xlogy(n_correct, curve.right) + xlogy(n_wrong, curve.wrong)
    prior = design.priors.log_density(point[:, 0], point[:, 1], point[:, 2])
    return np.asarray(likelihood.sum(axis=1) + prior)


class _Curve(NamedTuple):
    t: Floats
    hearing: Floats
    """1 − guess rate − lapse rate, as a column."""
    unscaled: Floats
    right: Floats
    wrong: Floats


def _curve(design: Design, point: Floats) -> _Curve:
    threshold, log_width, lapse_rate = (point[:, i, None] for i in range(3))
    t = design.standardised(threshold, np.exp(log_width), design.inner)
    hearing = 1.0 - design.guess_rate - lapse_rate
    unscaled = design.standard.cdf(t)
    return _Curve(
        t,
        hearing,
        unscaled,
        design.guess_rate + hearing * unscaled,
        lapse_rate + hearing * design.standard.survival(t),
    )


def _starts(design: Design, n_correct: Floats, n_wrong: Floats) -> Floats:
    """The best point of a coarse table for each data set, shape (data sets, 3)."""
    thresholds = np.linspace(*THRESHOLD_SUPPORT, 42)[1:-1]
    narrowest = design.priors.spacing
    log_widths = np.linspace(np.log(narrowest), np.log(WIDEST), 20)[1:-1]
    fixed = design.fixed_lapse_rate
    lapse_rates = np.array([0.002, 0.02, 0.06, 0.12, 0.25] if fixed is None else [fixed])
    table = np.stack(np.meshgrid(thresholds, log_widths, lapse_rates, indexing="ij"), axis=-1)
    table = table.reshape(-1, 3)
    curve = _curve(design, table)
    log_right = np.log(np.maximum(curve.right, _TINY))
    log_wrong = np.log(np.maximum(curve.wrong, _TINY))
    prior = design.priors.log_density(table[:, 0], table[:, 1], table[:, 2])
    best = np.empty(len(n_correct), dtype=np.intp)
    for start in range(0, len(n_correct), 512):  # bounds the memory to some 15 MiB
        part = slice(start, start + 512)
        rating = n_correct[part] @ log_right.T + n_wrong[part] @ log_wrong.T + prior
        best[part] = np.argmax(rating, axis=1)
    return table[best]


def _derivatives(
    design: Design, point: Floats, n_correct: Floats, n_wrong: Floats
) -> tuple[Floats, Floats]:
    """Gradient (data sets, 3) and Hessian (data sets, 3, 3) of the log posterior."""
    curve = _curve(design, point)
    rate = design.span / np.exp(point[:, 1, None])  # −dt/dthreshold
    lever = curve.t - design.centre  # −dt/dlog width
    density, bend = design.standard.density(curve.t), design.standard.curvature(curve.t)
    d_psi = np.stack(
        [-curve.hearing * density * rate, -curve.hearing * density * lever, -curve.unscaled]
    )
    d2_psi = {
        (0, 0): curve.hearing * bend * rate**2,
        (0, 1): curve.hearing * (bend * rate * lever + density * rate),
        (1, 1): curve.hearing * (bend * lever**2 + density * lever),
        (0, 2): density * rate,
        (1, 2): density * lever,
        (2, 2): np.zeros_like(density),
    }
    # A count of 0 contributes nothing, also where its probability is 0.
    right, wrong = np.maximum(curve.right, _TINY), np.maximum(curve.wrong, _TINY)
    first = n_correct / right - n_wrong / wrong
    second = -(n_correct / right) / right - (n_wrong / wrong) / wrong
    gradient = np.einsum("rl,irl->ri", first, d_psi)
    hessian = np.einsum("rl,irl,jrl->rij", second, d_psi, d_psi)
    for (i, j), derivative in d2_psi.items():
        term = (first * derivative).sum(axis=1)
        hessian[:, i, j] += term
        if i != j:
            hessian[:, j, i] += term
    priors = [
        threshold_prior(point[:, 0]),
        width_prior(point[:, 1], spacing=design.priors.spacing),
    ]
    if design.priors.lapse_beta is not None:
        priors.append(lapse_prior(point[:, 2], beta=design.priors.lapse_beta))
    for i, prior in enumerate(priors):
        gradient[:, i] += prior.first
        hessian[:, i, i] += prior.second
    return gradient, hessian


def _newton_step(
    design: Design, point: Floats, gradient: Floats, hessian: Floats
) -> tuple[Floats, Floats]:
    """An uphill step for each data set, and the rise of the log posterior it promises."""
    lapse_rate, pull = point[:, 2], gradient[:, 2]
    at_low, at_high = lapse_rate <= 0.0, lapse_rate >= LARGEST_LAPSE_RATE
    held = (at_low & (pull <= 0.0)) | (at_high & (pull >= 0.0))
    if design.fixed_lapse_rate is not None:
        held = np.ones_like(held)
    step, promise = _solve(gradient, hessian, held)
    # The coupled step may lead out of bounds although the slope leads in: hold the rate then.
    out = ~held & ((at_low & (step[:, 2] < 0.0)) | (at_high & (step[:, 2] > 0.0)))
    if out.any():
        step[out], _ = _solve(gradient[out], hessian[out], np.ones(int(out.sum()), dtype=bool))
    return step, promise


def _solve(gradient: Floats, hessian: Floats, held: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Newton steps along the absolute eigenvalues; the lapse rate stays where ``held``."""
    gradient, hessian = gradient.copy(), hessian.copy()
    gradient[held, 2] = 0.0
    hessian[held, 2, :] = 0.0
    hessian[held, :, 2] = 0.0
    hessian[held, 2, 2] = -1.0
    eigenvalues, vectors = np.linalg.eigh(hessian)
    size = np.abs(eigenvalues)
    size = np.maximum(size, 1e-9 * size.max(axis=1, keepdims=True) + 1e-9)
    along = np.einsum("rji,rj->ri", vectors, gradient)
    step = np.einsum("rij,rj->ri", vectors, along / size)
    return step, 0.5 * (along**2 / size).sum(axis=1)


def _bounded(point: Floats, step: Floats) -> Floats:
    """The step, shortened as a whole to its largest size and to where it meets a lapse bound."""
    excess = np.max(np.abs(step) / _LARGEST_STEP, axis=1)
    step = step / np.maximum(excess, 1.0)[:, None]
    inwards = np.where(step[:, 2] < 0.0, point[:, 2], LARGEST_LAPSE_RATE - point[:, 2])
    length = np.abs(step[:, 2])
    share = np.where(length > inwards, inwards / np.maximum(length, _TINY), 1.0)
    return np.asarray(step * share[:, None])
