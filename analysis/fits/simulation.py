"""Counts drawn from a curve, and the same fit to many such data sets at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import one_number
from jndlab.analysis.fits.curves import FittedCurves, Method
from jndlab.analysis.fits.design import Design
from jndlab.analysis.fits.engine import maximise
from jndlab.analysis.fits.modes import join_modes
from jndlab.errors import DataError, FitError

Floats = NDArray[np.float64]
_STEP = 500
"""Data sets fitted between two reports of progress."""
_LEAST_CONVERGED = 0.9


def draw_counts(
    rng: np.random.Generator,
    probability: ArrayLike,
    n_trials: ArrayLike,
    overdispersion: ArrayLike = 0.0,
) -> Floats:
    """Numbers of correct responses, beta-binomial where overdispersion is not 0; broadcast.

    The chance of a correct response is drawn from Beta(ψν, (1 − ψ)ν), ν = 1/η² − 1, once for
    each count (Schütt et al. 2016, *Vision Research* 122, 105–123, equation 6).

    >>> draw_counts(np.random.default_rng(1), [0.5, 1.0], [20, 20]).tolist()
    [10.0, 20.0]
    """
    psi, trials, eta = np.broadcast_arrays(probability, n_trials, overdispersion)
    chance = np.clip(psi.astype(float), 0.0, 1.0)
    varies = (eta > 0.0) & (chance > 0.0) & (chance < 1.0)
    if varies.any():
        strength = 1.0 / eta[varies] ** 2 - 1.0
        chance[varies] = rng.beta(chance[varies] * strength, (1.0 - chance[varies]) * strength)
    return rng.binomial(trials.astype(np.int64), chance).astype(float)


def refit(
    curves: FittedCurves,
    n_correct: Floats,
    n_trials: Floats,
    *,
    progress: Callable[[int], None] | None = None,
) -> FittedCurves:
    """Modes (or maxima) for other counts (data sets, levels), by the design and method given.

    Some searches may not have ended: see :func:`ended`.
    """
    method: Method = "ml" if curves.method == "ml" else "map"
    parts = []
    for first in range(0, len(n_correct), _STEP):
        part = slice(first, first + _STEP)
        use_prior = method != "ml"
        parts.append(maximise(curves.design, n_correct[part], n_trials[part], use_prior=use_prior))
        if progress is not None:
            progress(len(parts[-1].threshold))
    return FittedCurves(
        design=curves.design,
        method=method,
        n_correct=n_correct,
        n_trials=n_trials,
        modes=join_modes(parts),
        posterior=None,
    )


def ended(*fits: FittedCurves) -> tuple[FittedCurves, ...]:
    """The data sets whose search ended in all of ``fits``. FitError: fewer than nine in ten."""
    good = np.all([curves.modes.converged for curves in fits], axis=0)
    if good.mean() < _LEAST_CONVERGED:
        raise FitError(
            f"Only {int(good.sum())} of {len(good)} simulated data sets could be fitted.",
            "Fix the lapse rate, or use a method with priors.",
        )
    return tuple(
        replace(
            curves,
            n_correct=curves.n_correct[good],
            n_trials=curves.n_trials[good],
            modes=curves.modes[good],
        )
        for curves in fits
    )


def as_mode(curves: FittedCurves) -> FittedCurves:
    """The same curves by their modes alone: estimates are comparable with those of a refit."""
    return replace(curves, method="ml" if curves.method == "ml" else "map", posterior=None)


def binomial_twin(curves: FittedCurves) -> FittedCurves:
    """The data fitted again, by mode or maximum, without overdispersion."""
    plain = replace(as_mode(curves), design=with_overdispersion(curves.design, 0.0))
    return (
        as_mode(curves) if curves.design.binomial else refit(plain, plain.n_correct, plain.n_trials)
    )


def with_overdispersion(design: Design, fixed: float | None) -> Design:
    """The same design with overdispersion fixed, or free with a flat prior."""
    return replace(
        design,
        fixed=(*design.fixed[:2], fixed),
        priors=replace(
            design.priors, overdispersion_beta=None if fixed is not None else (1.0, 1.0)
        ),
    )


def check_simulations(number: int, what: str) -> None:
    """Raise DataError unless there are at least 100."""
    if not one_number(number, what) >= 100 or number % 1:
        raise DataError(f"{number} {what} are too few.", "Take at least 100; 2000 are better.")


def seed_of(seed: int | np.random.Generator) -> int | None:
    """The seed to write into a result; None where a Generator was given."""
    return None if isinstance(seed, np.random.Generator) else int(seed)
