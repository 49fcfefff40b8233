"""Where a score puts two stimuli in one order and listeners in the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.inference.binomial_probabilities import log_choose
from jndlab.analysis.study.score_data import ScoreData

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Two stimuli, neighbours on the score: the one with the better score was told apart more."""

    better: str
    """Label of the one with the better score."""
    worse: str
    better_score: float
    worse_score: float
    better_proportion_correct: float
    worse_proportion_correct: float
    p_value: float
    """Fisher's exact test, one-sided, of "the better one is not heard more"."""
    p_value_holm: float
    """Adjusted over all pairs of neighbours."""


def find_reversals(data: ScoreData, *, higher_is_better: bool) -> tuple[Reversal, ...]:
    """Pairs of neighbours on the score that listeners put the other way round.

    Every one is listed; those with a small ``p_value_holm`` are more than chance. Stimuli of equal
    score are pooled. The test takes the trials as independent.

    >>> from jndlab.analysis.study.score_data import read_scores
    >>> data = read_scores([1.0, 2.0, 3.0], [38, 20, 36], [40, 40, 40], labels=["a", "b", "c"])
    >>> [(one.better, one.worse) for one in find_reversals(data, higher_is_better=True)]
    [('c', 'b')]
    """
    sign = 1.0 if higher_is_better else -1.0
    ranked, where = np.unique(sign * data.scores, return_inverse=True)
    k = np.bincount(where, weights=data.n_correct.sum(axis=0))
    n = np.bincount(where, weights=data.n_trials.sum(axis=0))
    names = [
        " and ".join(label for label, at in zip(data.labels, where, strict=True) if at == rank)
        for rank in range(len(ranked))
    ]
    pairs = range(len(ranked) - 1)
    p_values = [_more_right(k[at + 1], n[at + 1], k[at], n[at]) for at in pairs]
    adjusted = adjust_p_values(p_values, method="holm")
    return tuple(
        Reversal(
            better=names[at + 1],
            worse=names[at],
            better_score=float(sign * ranked[at + 1]),
            worse_score=float(sign * ranked[at]),
            better_proportion_correct=float(k[at + 1] / n[at + 1]),
            worse_proportion_correct=float(k[at] / n[at]),
            p_value=p_values[at],
            p_value_holm=float(adjusted[at]),
        )
        for at in pairs
        if k[at + 1] / n[at + 1] > k[at] / n[at]
    )


def _more_right(k: float, n: float, k_other: float, n_other: float) -> float:
    """P(K ≥ k) if both have the same proportion: hypergeometric given the right answers of both."""
    right, total = k + k_other, n + n_other
    counts = np.arange(k, min(n, right) + 1)
    logs = log_choose(n, counts) + log_choose(n_other, right - counts) - log_choose(total, right)
    return float(min(1.0, np.exp(logs).sum()))
