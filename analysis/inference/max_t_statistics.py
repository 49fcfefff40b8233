"""Statistics of several hypotheses under joint arrangements of whole listeners.

Whatever a listener did in one column stays with what the same listener did in the others: signs
are flipped, and labels exchanged, for the whole row. So the columns keep the dependence they have,
and those whose hypotheses are true are distributed alike whether or not the others are
("subset pivotality", Westfall & Young 1993, p. 42), which makes step-down tests hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.inference.label_permutations import splits_of, welch
from jndlab.analysis.inference.listener_table import ListenerTable
from jndlab.errors import DataError

Floats = NDArray[np.float64]
_ALL_FLIPS_UP_TO = 13
_MOST_NUMBERS = 2_000_000
"""Held in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Of every arrangement and hypothesis; the first arrangement is the data."""

    values: Floats
    """Shape (arrangements, hypotheses)."""
    exact: bool
    """All arrangements there are."""
    how: str
    differences: Floats
    """Of the data: means, or differences of means; shape (hypotheses,)."""


def flipped(differences: Floats, *, n_resamples: int, rng: np.random.Generator) -> Statistics:
    """Mean over root mean square of differences (listeners, hypotheses), times √listeners.

    0 stands for what was not heard. Flips do not change the squares, so that Student's t,
    which rises with this statistic, would order the arrangements alike.

    >>> rng = np.random.default_rng(1)
    >>> found = flipped(np.array([[0.1, 0.2], [0.1, 0.0]]), n_resamples=99, rng=rng)
    >>> found.values.round(3).tolist()
    [[1.414, 1.0], [0.0, -1.0], [0.0, 1.0], [-1.414, -1.0]]
    """
    n = len(differences)
    exact = n <= _ALL_FLIPS_UP_TO
    if exact:
        signs = 1.0 - 2.0 * ((np.arange(1 << n)[:, np.newaxis] >> np.arange(n)) & 1)
    else:
        signs = 1.0 - 2.0 * rng.integers(0, 2, size=(n_resamples + 1, n))
        signs[0] = 1.0
    sums = signs @ differences
    size = np.sqrt(np.sum(differences**2, axis=0))
    return Statistics(
        values=np.asarray(sums / np.where(size > 0.0, size, 1.0)),
        exact=exact,
        how="signs of whole listeners flipped",
        differences=differences.mean(axis=0),
    )


def guessed(
    table: ListenerTable, chance: float, *, n_resamples: int, rng: np.random.Generator
) -> Statistics:
    """Mean of proportions less chance over its standard error, for the data and for guesses."""
    heard, trials = table.heard, np.maximum(table.n_trials, 1)
    size = np.sqrt(np.sum(np.where(heard, chance * (1.0 - chance) / trials, 0.0), axis=0))
    sums = np.where(heard, table.proportions - chance, 0.0).sum(axis=0)
    parts = [sums[np.newaxis]]
    step = max(1, _MOST_NUMBERS // heard.size)
    for at in range(0, n_resamples, step):
        shape = (min(step, n_resamples - at), *heard.shape)
        drawn = rng.binomial(table.n_trials, chance, size=shape) / trials
        parts.append(np.where(heard, drawn - chance, 0.0).sum(axis=1))
    return Statistics(
        values=np.concatenate(parts) / size,
        exact=False,
        how="guesses simulated",
        differences=sums / heard.sum(axis=0),
    )


def relabelled(
    one: ListenerTable, other: ListenerTable, *, n_resamples: int, rng: np.random.Generator
) -> Statistics:
    """Welch's t between two groups of listeners, whose labels are exchanged.

    An arrangement that leaves fewer than two listeners in a group at a level counts as the most
    extreme one, so that it cannot make a p-value smaller. DataError: the data are such themselves.
    """
    if min(one.heard.sum(axis=0).min(), other.heard.sum(axis=0).min()) < 2:
        raise DataError(
            "A test over listeners needs two of them or more in each group, at each level.",
            "Leave the levels out that one group did not hear.",
        )
    heard = np.vstack([one.heard, other.heard])
    scores = np.vstack([one.proportions, other.proportions])
    splits = splits_of(len(one.n_correct), len(other.n_correct), n_resamples=n_resamples, rng=rng)
    found = welch(scores, heard, splits.in_first)
    return Statistics(
        values=found.t,
        exact=splits.exact,
        how="listeners exchanged between the groups, Welch's t",
        differences=found.difference[0],
    )
