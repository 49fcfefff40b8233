"""Blocks of trials in the order in which they were run, and how they add up to a fit's counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import merge_counts
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Blocks = Sequence[ArrayLike]
"""Levels, numbers correct and numbers of trials of the blocks, in the order they were run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCounts:
    """Checked blocks; arrays of shape (blocks,)."""

    level: NDArray[np.intp] = field(repr=False)
    """Place of each block's level among the levels of the fit."""
    n_correct: Floats = field(repr=False)
    n_trials: Floats = field(repr=False)
    n_levels: int

    def __len__(self) -> int:
        return len(self.level)

    def pooled(self, values: Floats) -> Floats:
        """Sums over the blocks of each level: (…, blocks) to (…, levels)."""
        member = self.level[:, None] == np.arange(self.n_levels)
        return np.asarray(values @ member.astype(float))

    def resample(self, rng: np.random.Generator, n_resamples: int) -> tuple[Floats, Floats]:
        """Numbers correct and of trials (resamples, levels) of blocks drawn within each level."""
        times = np.zeros((n_resamples, len(self)))
        for level in range(self.n_levels):
            members = np.flatnonzero(self.level == level)
            share = np.full(len(members), 1.0 / len(members))
            times[:, members] = rng.multinomial(len(members), share, n_resamples)
        return self.pooled(times * self.n_correct), self.pooled(times * self.n_trials)


def check_blocks(fit: PsychometricFit, blocks: Blocks) -> BlockCounts:
    """The blocks of a fit's data.

    DataError: columns of unequal length, impossible counts, counts that do not add up to the fit's.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3], [11, 15, 19], [20] * 3, paradigm="2afc")
    >>> blocks = check_blocks(fit, ([1, 2, 3, 3, 2, 1], [5, 7, 10, 9, 8, 6], [10] * 6))
    >>> blocks.level.tolist()
    [0, 1, 2, 2, 1, 0]
    """
    if len(blocks) != 3:
        raise DataError(
            f"Blocks have three columns, not {len(blocks)}.",
            "Give levels, numbers correct and numbers of trials, one entry per block.",
        )
    values, correct, trials = merge_counts(*blocks)
    same = (
        tuple(values) == fit.levels
        and tuple(correct) == fit.n_correct
        and tuple(trials) == fit.n_trials
    )
    if not same:
        raise DataError(
            "The blocks do not add up to the counts of the fit.",
            "Give the blocks of the data that were fitted, all of them and no others.",
        )
    columns = [np.asarray(column, dtype=float) for column in blocks]
    levels, n_correct, n_trials = (column[columns[2] > 0] for column in columns)
    return BlockCounts(
        level=np.searchsorted(values, levels),
        n_correct=n_correct,
        n_trials=n_trials,
        n_levels=len(values),
    )
