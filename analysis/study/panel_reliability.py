"""How well two panels of listeners like this one would agree: the ceiling of any score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.score_data import ScoreData

Floats = NDArray[np.float64]
_N_SPLITS = 200
_FEWEST_LISTENERS, _FEWEST_STIMULI = 4, 3


def panel_reliability(
    data: ScoreData, values_of: Callable[[Floats, Floats], Floats], *, rng: np.random.Generator
) -> float | None:
    """Mean correlation of random halves of the listeners, stepped up to the whole panel.

    2r / (1 + r) (Spearman 1910, *British Journal of Psychology* 3, 271–295; Brown 1910, ibid.,
    296–322), 0 where the halves do not agree at all. ``values_of`` turns pooled counts, n_correct
    and n_trials of shape (stimuli,), into what is correlated. None: fewer than four listeners, or
    nothing varies.

    >>> from jndlab.analysis.study.score_data import read_scores
    >>> counts = [[5, 6, 8, 10], [4, 7, 9, 9], [6, 5, 8, 10], [5, 7, 7, 10]]
    >>> data = read_scores([4.0, 3.0, 2.0, 1.0], counts, [[10] * 4] * 4)
    >>> round(panel_reliability(data, lambda k, n: k / n, rng=np.random.default_rng(1)), 2)
    0.95
    """
    n_listeners = len(data.n_correct)
    if n_listeners < _FEWEST_LISTENERS:
        return None
    found = []
    for _ in range(_N_SPLITS):
        first = np.zeros(n_listeners, dtype=bool)
        first[rng.permutation(n_listeners)[: n_listeners // 2]] = True
        counts = [
            (data.n_correct[half].sum(axis=0), data.n_trials[half].sum(axis=0))
            for half in (first, ~first)
        ]
        heard = (counts[0][1] > 0) & (counts[1][1] > 0)
        if heard.sum() < _FEWEST_STIMULI:
            continue
        one, other = (values_of(k[heard], n[heard]) for k, n in counts)
        if np.ptp(one) > 0 and np.ptp(other) > 0:
            found.append(float(np.corrcoef(one, other)[0, 1]))
    if not found:
        return None
    r = float(np.mean(found))
    return 2.0 * r / (1.0 + r) if r > 0 else 0.0
