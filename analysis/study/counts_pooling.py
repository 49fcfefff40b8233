"""Hundreds of different levels, as tracking procedures test, brought down to what a curve needs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.counts_table import CountsTable, merge_rows

MOST_LEVELS = 60
"""Of one condition. More cost time and memory, and leave the curve where it is."""


def pool_levels(table: CountsTable, *, most: int = MOST_LEVELS) -> tuple[CountsTable, str | None]:
    """The table with at most ``most`` levels per condition, and a sentence if any were pooled.

    Neighbouring levels with about equal shares of the trials are put together at their mean,
    weighted by trials: where a procedure such as QUEST tested most, groups are narrowest. A
    condition with few enough levels stays as it is.

    >>> from jndlab.analysis import load_counts
    >>> table = load_counts({"x": [1.0, 1.1, 4.0, 4.3], "correct": [0, 1, 1, 1]})
    >>> pooled, sentence = pool_levels(table, most=2)
    >>> pooled.levels.round(2).tolist(), pooled.n_trials.tolist()
    ([1.05, 4.15], [2.0, 2.0])
    """
    levels = table.levels.copy()
    told = []
    for name in table.conditions:
        mine = np.ones(len(levels), dtype=bool)
        if table.condition is not None:
            mine = np.asarray(table.condition == name)
        n_levels = len(np.unique(levels[mine]))
        if n_levels > most:
            levels[mine] = _grouped(levels[mine], table.n_trials[mine], most)
            told.append(f"{n_levels} different levels{f' of {name}' if name else ''}")
    if not told:
        return table, None
    everything = np.ones(len(levels), dtype=bool)
    pooled = merge_rows(replace(table, levels=levels), everything)
    sentence = (
        f"{', '.join(told)}: neighbours were pooled at their mean, to {most} levels at most. To "
        "choose the groups yourself, round the levels in the file."
    )
    return replace(pooled, notes=table.notes, data_digest=table.data_digest), sentence


def _grouped(
    levels: NDArray[np.float64], n_trials: NDArray[np.float64], most: int
) -> NDArray[np.float64]:
    """Every level replaced by the mean of its group."""
    distinct, where = np.unique(levels, return_inverse=True)
    trials = np.bincount(where, weights=n_trials)
    before = np.cumsum(trials) - trials / 2.0
    group = np.minimum((most * before / trials.sum()).astype(int), most - 1)
    weights = np.bincount(group, weights=trials)
    scale = max(float(np.abs(distinct).max()), np.finfo(float).tiny)
    means = np.bincount(group, weights=trials * (distinct / scale)) / np.maximum(weights, 1.0)
    means = scale * means
    gaps = np.diff(means[weights > 0])
    if len(gaps):  # to a hundredth of the distance of groups
        means = np.round(means, 2 - int(np.floor(np.log10(np.median(gaps)))))
    return np.asarray(means[group][where])
