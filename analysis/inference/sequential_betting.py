"""Evidence of listeners about their mean, valid however often one looks, whatever their spread.

Each listener counts as one observation between 0 and 1, the own proportion correct; all that is
assumed is that each has the same expectation, given those before: nothing of how listeners differ,
nor that their trials are independent. Somebody who bets on that expectation being larger than m
multiplies the stake by 1 + β (x / m − 1), 0 < β < 1, with each listener; if it is m or less, the
capital cannot be expected to grow, and the chance that it ever reaches 1/α of the stake is at most
α (Waudby-Smith & Ramdas 2024, *J. R. Stat. Soc. B* 86, 1–27: hedged capital). The stake
is spread over many β, as in Cover's universal portfolios (Orabona & Jun 2024, *IEEE Trans. Inf.
Theory* 70, 436–455), so the capital does not depend on the order of the listeners.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

Floats = NDArray[np.float64]
_BETS, _BET_PRIOR = 32, (2.0, 0.5)
"""Many bets near 1: listeners' proportions vary much less than single answers do, so a large stake
pays. Bets fixed beforehand, not learned from the listeners so far."""
_HALVINGS, _SMALLEST = 40, 1e-9


@cache
def _bets() -> Floats:
    middles = (np.arange(_BETS) + 0.5) / _BETS
    return np.asarray(betaincinv(*_BET_PRIOR, middles))


def log_capital(proportions: Floats, mean: float) -> Floats:
    """Natural logarithm of the capital after each listener, against a mean of ``mean`` or less.

    ``proportions``: shape (..., listeners); the result likewise.

    >>> np.exp(log_capital(np.array([0.7, 0.8, 0.75]), 0.5)).round(3).tolist()
    [1.32, 1.965, 2.781]
    """
    gains = np.asarray(proportions, dtype=float)[..., np.newaxis] / mean - 1.0
    paths = np.cumsum(np.log1p(_bets() * gains), axis=-2)
    top = np.max(paths, axis=-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log(np.mean(np.exp(paths - top), axis=-1)))


def lower_limits(proportions: Floats, tail: float) -> Floats:
    """After each listener, the largest mean that was ruled out so far, at ``tail``, as too low.

    Of shape (listeners,), rising. Upper limits are those of the proportions wrong.

    >>> lower_limits(np.full(12, 0.8), 0.05).round(3)[[3, 7, 11]].tolist()
    [0.343, 0.521, 0.6]
    """
    target = -np.log(tail)
    limits = np.zeros(len(proportions))
    limit = 0.0
    for count in range(1, len(proportions) + 1):
        limit = _raised(proportions[:count], limit, target)
        limits[count - 1] = limit
    return limits


def last_lower_limit(proportions: Floats, tail: float) -> float:
    """The largest mean that all listeners together rule out, whatever was ruled out before.

    >>> round(last_lower_limit(np.full(12, 0.8), 0.05), 3)
    0.6
    """
    return _raised(proportions, 0.0, -np.log(tail))


def _raised(proportions: Floats, limit: float, target: float) -> float:
    """The limit, or the mean above it at which the capital comes down to the target."""

    def ruled_out(mean: float) -> bool:
        # The capital falls with the mean, as each of its bets does.
        gains = np.log1p(np.outer(proportions / mean - 1.0, _bets())).sum(axis=0)
        top = float(gains.max())
        return bool(top + np.log(np.mean(np.exp(gains - top))) >= target)

    if not ruled_out(max(limit, _SMALLEST) * (1.0 + _SMALLEST)):
        return limit
    low, high = limit, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if ruled_out(middle) else (low, middle)
    return low
