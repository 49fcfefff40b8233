"""The exact distribution of a study that may stop at its looks: no normal approximation.

Given the final count, every order of the correct responses is equally likely, whatever the
proportion correct. So the share of orders that reach a look without a stop before is computed once,
and times a binomial probability it serves every proportion (Jennison & Turnbull 2000, *Group
Sequential Methods*, chapter 12; the recursion is that of Schultz et al. 1973, *Biometrics* 29,
293–300, divided by the binomial coefficient, so that no number over- or underflows).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities, log_choose

Floats = NDArray[np.float64]
_SLACK = 1e-10
"""Relative; rounding must not lose an outcome whose probability is just what may be spent."""


def no_lower(looks: Sequence[int]) -> tuple[int, ...]:
    """Boundaries that no count is at or below.

    >>> no_lower([10, 20])
    (-1, -1)
    """
    return (-1,) * len(looks)


def no_upper(looks: Sequence[int]) -> tuple[int, ...]:
    """Boundaries that no count is at or above.

    >>> no_upper([10, 20])
    (11, 21)
    """
    return tuple(n + 1 for n in looks)


def arrivals(looks: Sequence[int], lower: Sequence[int], upper: Sequence[int]) -> list[Floats]:
    """Per look, for each count correct 0 to n: share of the orders that stopped at no look before.

    The study goes on from a look while lower < count < upper. ``lower`` and ``upper`` may be one
    shorter than ``looks``: the last ones do not matter.

    >>> arrivals([2, 4], [-1], [2])[1].round(4).tolist()  # two of two correct stop it
    [1.0, 1.0, 0.8333, 0.5, 0.0]
    """
    shares = [np.ones(looks[0] + 1)]
    for look in range(1, len(looks)):
        share = shares[-1].copy()
        share[: lower[look - 1] + 1] = 0.0
        share[upper[look - 1] :] = 0.0
        shares.append(_next_look(share, looks[look - 1], looks[look]))
    return shares


def _next_look(share: Floats, n_before: int, n_now: int) -> Floats:
    """Shares at the next look: the count before is hypergeometric, given that of now."""
    n_more = n_now - n_before
    before, added = np.arange(n_before + 1), np.arange(n_more + 1)
    log_before, log_added = log_choose(n_before, before), log_choose(n_more, added)
    log_now = log_choose(n_now, np.arange(n_now + 1))
    result = np.zeros(n_now + 1)
    for more in range(n_more + 1):
        there = slice(more, more + n_before + 1)
        result[there] += share * np.exp(log_before + log_added[more] - log_now[there])
    return result


def upper_boundary(
    looks: Sequence[int], *, proportion: float, spent: Sequence[float]
) -> tuple[int, ...]:
    """The smallest counts to stop at so that by each look at most ``spent`` have stopped.

    For trials correct with ``proportion``, and nothing else that stops the study. What a look could
    not use, for counts are whole numbers, is left to the next. n + 1: no stop at that look.

    >>> upper_boundary([10, 20], proportion=0.5, spent=[0.01, 0.05])
    (10, 15)
    """
    boundary: list[int] = []
    used = 0.0
    share = np.ones(looks[0] + 1)
    for look, n in enumerate(looks):
        if look:
            share[boundary[-1] :] = 0.0
            share = _next_look(share, looks[look - 1], n)
        tail = np.cumsum((share * binomial_probabilities(n, proportion))[::-1])[::-1]
        allowed = (spent[look] - used) * (1.0 + _SLACK)
        boundary.append(int(np.sum(tail > allowed)))
        used += float(tail[boundary[-1]]) if boundary[-1] <= n else 0.0
    return tuple(boundary)


def lower_boundary(
    looks: Sequence[int], *, proportion: float, spent: Sequence[float]
) -> tuple[int, ...]:
    """The largest counts to stop at, the mirror image of :func:`upper_boundary`. −1: no stop.

    >>> lower_boundary([10, 20], proportion=0.5, spent=[0.01, 0.05])
    (0, 5)
    """
    mirrored = upper_boundary(looks, proportion=1.0 - proportion, spent=spent)
    return tuple(n - count for n, count in zip(looks, mirrored, strict=True))


def futility_boundary(
    looks: Sequence[int], upper: Sequence[int], *, proportion: float, spent: Sequence[float]
) -> tuple[int, ...]:
    """The largest counts below ``upper`` to give up at, at most ``spent`` of studies by each look.

    For trials correct with ``proportion`` (what is hoped for), in a study that also stops at
    ``upper``. At the last look: everything below ``upper``.

    >>> futility_boundary([10, 20], (10, 15), proportion=0.8, spent=[0.05, 0.2])
    (5, 14)
    """
    boundary: list[int] = []
    used = 0.0
    share = np.ones(looks[0] + 1)
    for look, n in enumerate(looks[:-1]):
        if look:
            share[: boundary[-1] + 1] = 0.0
            share[upper[look - 1] :] = 0.0
            share = _next_look(share, looks[look - 1], n)
        gathered = np.cumsum(share * binomial_probabilities(n, proportion))
        allowed = (spent[look] - used) * (1.0 + _SLACK)
        boundary.append(min(int(np.sum(gathered <= allowed)), upper[look]) - 1)
        used += float(gathered[boundary[-1]]) if boundary[-1] >= 0 else 0.0
    return (*boundary, upper[-1] - 1)
