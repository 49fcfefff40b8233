"""Scores and counts of stimuli, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import numbers
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
FEWEST_SCORES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreData:
    """One score and the answers of listeners for each stimulus."""

    scores: Floats = field(repr=False)
    """Shape (stimuli,)."""
    n_correct: Floats = field(repr=False)
    """Shape (listeners, stimuli); one row where counts came pooled."""
    n_trials: Floats = field(repr=False)
    labels: tuple[str, ...]
    items: Integers = field(repr=False)
    """Item number of each stimulus."""
    groups: Integers | None = field(repr=False)
    n_listeners: int | None
    """None: pooled."""
    warnings: tuple[str, ...]


def read_scores(
    scores: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    labels: Sequence[str] | None = None,
    items: Sequence[object] | None = None,
    groups: Sequence[object] | None = None,
) -> ScoreData:
    """The data of :func:`~jndlab.analysis.study.score_agreement.score_agreement`, checked.

    Stimuli that nobody heard are left out. DataError: shapes that do not fit, values missing,
    impossible counts, fewer than three different scores.

    >>> data = read_scores([4.0, 3.0, 2.0], [5, 7, 9], [10, 10, 10])
    >>> data.n_correct.shape, data.labels, data.n_listeners
    ((1, 3), ('1', '2', '3'), None)
    """
    values = np.atleast_1d(numbers(scores, "scores"))
    correct, trials = numbers(n_correct, "n_correct"), numbers(n_trials, "n_trials")
    pooled = correct.ndim == 1
    correct, trials = np.atleast_2d(correct), np.atleast_2d(trials)
    if trials.ndim == 2 and trials.shape[0] == 1:
        trials = np.broadcast_to(trials, (correct.shape[0], trials.shape[1]))
    if values.ndim != 1 or correct.shape[1:] != values.shape or trials.shape != correct.shape:
        raise DataError(
            f"{len(values)} scores do not fit counts of shape {correct.shape} and {trials.shape}.",
            "Give one score per stimulus, and counts of shape (stimuli,) or (listeners, stimuli).",
        )
    if not all(np.isfinite(one).all() for one in (values, correct, trials)):
        raise DataError("A score or a count is missing.", "Leave that stimulus out, or fill it in.")
    if (correct < 0).any() or (correct > trials).any() or (correct % 1 + trials % 1).any():
        raise DataError("There are impossible counts.", "Give 0 ≤ n_correct ≤ n_trials, whole.")
    named = {"labels": labels, "items": items, "groups": groups}
    for name, given in named.items():
        if given is not None and len(given) != len(values):
            raise DataError(
                f"{len(given)} {name} do not fit {len(values)} scores.", "Give one per stimulus."
            )
    heard = trials.sum(axis=0) > 0
    if len(np.unique(values[heard])) < FEWEST_SCORES:
        raise DataError(
            f"The stimuli have {len(np.unique(values[heard]))} different scores.",
            f"Agreement needs at least {FEWEST_SCORES}.",
        )
    silent = int((~heard).sum())
    shown = list(labels) if labels is not None else [str(n + 1) for n in range(len(values))]
    return ScoreData(
        scores=values[heard],
        n_correct=correct[:, heard],
        n_trials=np.array(trials[:, heard]),
        labels=tuple(str(label) for label, kept in zip(shown, heard, strict=True) if kept),
        items=_numbered(items if items is not None else range(len(values)))[heard],
        groups=None if groups is None else _numbered(groups)[heard],
        n_listeners=None if pooled else len(correct),
        warnings=(f"{silent} stimuli that nobody heard are left out.",) if silent else (),
    )


def _numbered(labels: Sequence[object]) -> Integers:
    """A number for every different label, by first appearance."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.intp)
