"""How far counts are from a curve, level by level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

Floats = NDArray[np.float64]
_TINY = 1e-300


def deviance_parts(n_correct: Floats, n_trials: Floats, right: Floats, wrong: Floats) -> Floats:
    """2 [k log(k / nψ) + (n − k) log((n − k) / n(1 − ψ))], broadcast; 0 without trials.

    ``right`` is ψ and ``wrong`` 1 − ψ, given apart because the difference loses digits.

    >>> deviance_parts(np.array([8.0]), np.array([10.0]), np.array([0.7]), np.array([0.3])).round(4)
    array([0.5146])
    """
    n_wrong = n_trials - n_correct
    trials = np.maximum(n_trials, 1.0)
    saturated = xlogy(n_correct, n_correct / trials) + xlogy(n_wrong, n_wrong / trials)
    fitted = xlogy(n_correct, np.maximum(right, _TINY)) + xlogy(n_wrong, np.maximum(wrong, _TINY))
    return np.asarray(2.0 * np.maximum(saturated - fitted, 0.0))


def signed_roots(n_correct: Floats, n_trials: Floats, right: Floats, wrong: Floats) -> Floats:
    """Deviance residuals: roots of the parts, negative where fewer are correct than expected.

    >>> ones = np.ones(1)
    >>> signed_roots(8 * ones, 10 * ones, 0.9 * ones, 0.1 * ones).round(2).tolist()
    [-0.94]
    """
    parts = deviance_parts(n_correct, n_trials, right, wrong)
    return np.asarray(np.sign(n_correct - n_trials * right) * np.sqrt(parts))


def pearson_parts(n_correct: Floats, n_trials: Floats, right: Floats, wrong: Floats) -> Floats:
    """(k − nψ)² / (nψ(1 − ψ)), broadcast; 0 where no other count is possible.

    >>> ones = np.ones(1)
    >>> pearson_parts(8 * ones, 10 * ones, 0.7 * ones, 0.3 * ones).round(4).tolist()
    [0.4762]
    """
    variance = n_trials * right * wrong
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (n_correct - n_trials * right) ** 2 / variance
    return np.where(variance > 0.0, parts, np.where(n_correct == n_trials * right, 0.0, np.inf))
