"""Hits and false alarms of every condition, by listener and level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from jndlab.analysis.study.data import TrialTable
from jndlab.study.trials import BASELINE

Floats = NDArray[np.float64]
SIGNAL = frozenset({"different", "yes"})
"""Responses that say there is a difference; right where there is one."""
_LEAST_EXPECTED = 2.0
"""Count below which the chi-square distribution is too rough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionCounts:
    """Test trials of one condition."""

    condition: str
    listeners: tuple[int, ...]
    levels: tuple[float, ...]
    """Ascending; those at which there was a difference."""
    n_hits: Floats
    """Shape (listeners, levels); likewise the trials with a difference."""
    n_signal: Floats
    n_false_alarms: Floats
    """Shape (listeners,): trials without a difference, whatever level's place they took."""
    n_noise: Floats


def condition_labels(table: TrialTable) -> NDArray[np.str_]:
    """What each trial tests, shape (trials,): the condition, and what it is heard beside if that is
    not the baseline."""
    labels = []
    for condition, other, level in zip(
        table["condition"], table["compared_with"], table["compared_level"], strict=True
    ):
        beside = "" if other in ("", BASELINE) else f" against {other}"
        at = f" {level:.12g}" if beside and not np.isnan(level) else ""
        labels.append(f"{condition}{beside}{at}")
    return np.array(labels, dtype=np.str_)


def detection_counts(trials: TrialTable, condition: str) -> DetectionCounts:
    """The counts of the answered test trials of one condition."""
    signal = np.isin(trials["correct_response"], list(SIGNAL))
    said = np.isin(trials["response"], list(SIGNAL))
    listeners, row = np.unique(trials["participant"], return_inverse=True)
    levels = np.unique(trials["level"][signal])
    column = np.searchsorted(levels, trials["level"])
    n_signal = np.zeros((len(listeners), len(levels)))
    n_hits = np.zeros_like(n_signal)
    np.add.at(n_signal, (row[signal], column[signal]), 1.0)
    np.add.at(n_hits, (row[signal], column[signal]), said[signal].astype(float))
    noise = ~signal
    return DetectionCounts(
        condition=condition,
        listeners=tuple(int(one) for one in listeners),
        levels=tuple(float(level) for level in levels),
        n_hits=n_hits,
        n_signal=n_signal,
        n_false_alarms=np.bincount(row[noise & said], minlength=len(listeners)).astype(float),
        n_noise=np.bincount(row[noise], minlength=len(listeners)).astype(float),
    )


def uneven_false_alarms(trials: TrialTable) -> tuple[list[float], float]:
    """Rate of false alarms at each level whose place the trials took, ascending, and the p-value
    of their being one rate (chi-square test; 1 where there is nothing to compare).

    Trials are taken as independent. Levels are mixed and balanced within listeners, so that
    listeners who differ make the test cautious.
    """
    noise = ~np.isin(trials["correct_response"], list(SIGNAL))
    said = np.isin(trials["response"][noise], list(SIGNAL))
    levels, column = np.unique(trials["level"][noise], return_inverse=True)
    n_noise = np.bincount(column, minlength=len(levels))
    n_said = np.bincount(column[said], minlength=len(levels))
    rates = (n_said / n_noise).tolist()
    share = float(said.mean()) if len(said) else 0.0
    if len(levels) < 2 or float(n_noise.min()) * min(share, 1.0 - share) < _LEAST_EXPECTED:
        return rates, 1.0
    squares = (n_said - n_noise * share) ** 2 / (n_noise * share * (1.0 - share))
    return rates, float(chdtrc(len(levels) - 1, squares.sum()))


def rating_counts(trials: TrialTable) -> tuple[Floats, Floats]:
    """Categories and whether there was a difference, both of shape (trials with confidence,).

    A category is a number from 0, surely no difference, to 2K − 1, surely one, where K is the
    highest confidence given.
    """
    confidence = trials["confidence"]
    known = ~np.isnan(confidence)
    if not known.any():
        return np.zeros(0), np.zeros(0)
    most = confidence[known].max()
    said = np.isin(trials["response"][known], list(SIGNAL))
    sure = confidence[known]
    category = np.where(said, most + sure - 1.0, most - sure)
    signal = np.isin(trials["correct_response"][known], list(SIGNAL))
    return category, signal.astype(float)
