"""Means of every stimulus over listeners, and their differences from the baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.quality.differences import contrasts_of
from jndlab.analysis.quality.listener_means import ListenerMean, cell_means, summarise
from jndlab.analysis.quality.results import ItemMean, OtherSelection, StimulusResult
from jndlab.analysis.quality.votes import REFERENCE, Stimulus, Votes

Floats = NDArray[np.float64]
CATEGORIES: dict[str, tuple[float, ...]] = {
    "acr": (5.0, 4.0, 3.0, 2.0, 1.0),
    "dcr": (5.0, 4.0, 3.0, 2.0, 1.0),
    "ccr": (3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0),
}
"""Of scales that have them, from the highest down."""
_AGAINST_NOTHING = ("ccr", "bs1116", "preference")
"""Votes of these are differences from what they are compared with already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How intervals are made."""

    coverage: float
    alpha: float
    bound: float | None
    n_resamples: int
    rng: np.random.Generator

    def mean(self, values: Floats, n_votes: int) -> ListenerMean:
        """Of listeners' means, nan where one has none."""
        return summarise(
            values,
            n_votes=n_votes,
            coverage=self.coverage,
            rng=self.rng,
            n_resamples=self.n_resamples,
        )


def stimulus_results(votes: Votes, drawing: Drawing) -> list[StimulusResult]:
    """One result per stimulus and what it was compared with, in the order of the stimuli.

    The difference from the baseline is taken within listeners and items: of each listener the mean
    over the items of which he rated both (a listener who shared none is left out of it). Votes that
    are comparisons already are tested against none.
    """
    cells = sorted(set(zip(votes.stimulus.tolist(), votes.other.tolist(), strict=True)))
    made: list[StimulusResult] = []
    differences: list[ListenerMean | None] = []
    for stimulus, other in cells:
        rows = (votes.stimulus == stimulus) & (votes.other == other)
        mine = votes.select(rows)
        rating = drawing.mean(listener_mean(mine), len(mine))
        low, middle, high = np.percentile(mine.value, [25.0, 50.0, 75.0])
        made.append(
            StimulusResult(
                stimulus=votes.stimuli[stimulus],
                other=None if other < 0 else votes.stimuli[other],
                rating=rating,
                median=float(middle),
                lower_quartile=float(low),
                upper_quartile=float(high),
                counts=_counts(mine),
                contrast=None,
            )
        )
        differences.append(_difference(votes, mine, made[-1], drawing))
    return _with_contrasts(made, differences, drawing)


def _with_contrasts(
    made: list[StimulusResult], differences: list[ListenerMean | None], drawing: Drawing
) -> list[StimulusResult]:
    at = [place for place, one in enumerate(differences) if one is not None]
    contrasts = contrasts_of(
        [one for one in differences if one is not None],
        [family_of(made[place].stimulus, made[place].other) for place in at],
        bound=drawing.bound,
        alpha=drawing.alpha,
    )
    for place, contrast in zip(at, contrasts, strict=True):
        made[place] = replace(made[place], contrast=contrast)
    return made


def family_of(stimulus: Stimulus, other: Stimulus | None) -> str:
    """p-values are adjusted over the levels of a condition, and over all pairs without baseline."""
    return stimulus.condition if other in (None, REFERENCE) else ""


def _difference(
    votes: Votes, mine: Votes, result: StimulusResult, drawing: Drawing
) -> ListenerMean | None:
    if result.stimulus == REFERENCE:
        return None
    if votes.paradigm in _AGAINST_NOTHING:
        if votes.paradigm == "preference":
            return drawing.mean(listener_mean(mine) - 0.5, len(mine))
        return result.rating
    baseline = votes.index(REFERENCE)
    if baseline < 0 or not (votes.stimulus == baseline).any():
        return None
    values = paired_difference(votes, mine, votes.select(votes.stimulus == baseline))
    if np.isnan(values).all():
        return None
    return drawing.mean(values, len(mine))


def paired_difference(votes: Votes, mine: Votes, others: Votes) -> Floats:
    """Of each listener the mean over shared items of (mine − others); shape (listeners,).

    Where a listener shares no item the difference of the listener's two means stands in, if both
    are there: designs that rate the baseline on few items only.
    """
    n_listeners, n_items = len(votes.listeners), len(votes.items)
    both = [
        cell_means(
            part.listener * n_items + part.item,
            np.zeros(len(part), dtype=np.int64),
            part.value,
            n_listeners=n_listeners * n_items,
            n_cells=1,
        )[0].reshape(n_listeners, n_items)
        for part in (mine, others)
    ]
    gap = both[0] - both[1]
    shared = ~np.isnan(gap)
    paired = np.where(shared, gap, 0.0).sum(axis=1) / np.maximum(shared.sum(axis=1), 1)
    plain = listener_mean(mine) - listener_mean(others)
    return np.asarray(np.where(shared.any(axis=1), paired, plain))


def listener_mean(votes: Votes) -> Floats:
    """Mean vote of every listener, nan where there is none; shape (listeners,)."""
    means, _ = cell_means(
        votes.listener,
        np.zeros(len(votes), dtype=np.int64),
        votes.value,
        n_listeners=len(votes.listeners),
        n_cells=1,
    )
    return np.asarray(means[:, 0])


def stimulus_means(votes: Votes) -> Floats:
    """Mean vote of every listener on every stimulus but anchors; shape (listeners, stimuli)."""
    means, counts = cell_means(
        votes.listener,
        votes.stimulus,
        votes.value,
        n_listeners=len(votes.listeners),
        n_cells=len(votes.stimuli),
    )
    wanted = [at for at, one in enumerate(votes.stimuli) if not one.is_anchor]
    return means[:, [at for at in wanted if counts[:, at].any()]]


def item_means(votes: Votes, drawing: Drawing) -> tuple[ItemMean, ...]:
    """Of every item over all levels of all conditions, baseline and anchors left out."""
    tested = np.array([not one.is_anchor and one != REFERENCE for one in votes.stimuli])
    votes = votes.select(tested[votes.stimulus])
    found = []
    for at, item in enumerate(votes.items):
        mine = votes.select(votes.item == at)
        if len(mine):
            found.append(ItemMean(item=item, rating=drawing.mean(listener_mean(mine), len(mine))))
    return tuple(found)


def other_selection(
    votes: Votes, drawing: Drawing, *, label: str, participants: tuple[int, ...]
) -> OtherSelection | None:
    """The means of these participants; None where there are none."""
    chosen = np.isin(np.array(votes.listeners), participants)
    if not chosen.any():
        return None
    results = stimulus_results(votes.select(chosen[votes.listener]), drawing)
    rows: tuple[tuple[Stimulus, ListenerMean, ListenerMean | None], ...] = tuple(
        (one.stimulus, one.rating, one.contrast.difference if one.contrast else None)
        for one in results
    )
    return OtherSelection(label=label, n_listeners=int(chosen.sum()), ratings=rows)


def _counts(votes: Votes) -> tuple[tuple[float, int], ...]:
    categories = CATEGORIES.get(votes.paradigm, ())
    return tuple((one, int(np.isclose(votes.value, one).sum())) for one in categories)
