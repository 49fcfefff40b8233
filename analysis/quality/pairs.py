"""Paired comparisons: preferences of every pair, one scale of them all, first-position bias."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.quality.differences import holm_within
from jndlab.analysis.quality.listener_means import cell_means, t_p_value
from jndlab.analysis.quality.preference import Preference, preference_of
from jndlab.analysis.quality.results import FirstPosition
from jndlab.analysis.quality.scale_values import MODELS, ScaleValues, fit_scale_values
from jndlab.analysis.quality.stimulus_results import Drawing, family_of
from jndlab.analysis.quality.votes import Votes
from jndlab.errors import JndlabError

Floats = NDArray[np.float64]


def preferences_of(votes: Votes, drawing: Drawing) -> tuple[Preference, ...]:
    """Every compared pair; p-values are adjusted within families (Holm)."""
    cells = sorted(set(zip(votes.stimulus.tolist(), votes.other.tolist(), strict=True)))
    found = []
    for stimulus, other in cells:
        mine = votes.select((votes.stimulus == stimulus) & (votes.other == other))
        n = len(votes.listeners)
        found.append(
            preference_of(
                np.bincount(mine.listener[mine.value > 0.5], minlength=n),
                np.bincount(mine.listener, minlength=n),
                stimulus=votes.stimuli[stimulus],
                other=votes.stimuli[other],
                coverage=drawing.coverage,
                alpha=drawing.alpha,
                bound=drawing.bound,
                rng=drawing.rng,
            )
        )
    families = [family_of(one.stimulus, one.other) for one in found]
    adjusted = holm_within([one.p_value for one in found], families)
    return tuple(replace(one, p_value_holm=holm) for one, holm in zip(found, adjusted, strict=True))


def scales_of(
    votes: Votes, *, coverage: float, n_resamples: int, seed: int
) -> tuple[tuple[ScaleValues, ...], tuple[str, ...]]:
    """Thurstone's and Bradley–Terry's scale of the stimuli; and why there is none."""
    wins = wins_of(votes)
    names = tuple(one.name for one in votes.stimuli)
    try:
        made = tuple(
            fit_scale_values(
                wins,
                stimuli=names,
                model=model,
                coverage=coverage,
                n_resamples=n_resamples,
                seed=seed,
            )
            for model in MODELS
        )
    except JndlabError as error:
        return (), (f"There is no scale of all versions. {error}",)
    return made, made[0].warnings


def wins_of(votes: Votes) -> Floats:
    """How often each listener preferred each stimulus to each; (listeners, stimuli, stimuli)."""
    size = len(votes.stimuli)
    wins = np.zeros((len(votes.listeners), size, size))
    won = votes.value > 0.5
    winner = np.where(won, votes.stimulus, votes.other)
    loser = np.where(won, votes.other, votes.stimulus)
    np.add.at(wins, (votes.listener, winner, loser), 1.0)
    return wins


def first_position(votes: Votes, drawing: Drawing) -> FirstPosition | None:
    """How far the first of two is favoured; None where nobody heard both orders.

    Of every listener the mean of the two orders, so that a preference for what was heard cancels.
    """
    if votes.paradigm not in ("preference", "ccr") or len(votes) == 0:
        return None
    middle = 0.5 if votes.paradigm == "preference" else 0.0
    favour = middle + (votes.value - middle) * votes.sign
    same = votes.stimulus == votes.other
    side = np.where(same, 0, (votes.sign < 0).astype(np.int64))
    means, _ = cell_means(votes.listener, side, favour, n_listeners=len(votes.listeners), n_cells=2)
    both = means[:, 0] if same.all() else means.mean(axis=1)
    if np.isnan(both).all():
        return None
    found = drawing.mean(both, len(votes))
    return FirstPosition(
        favour=found, p_value=t_p_value(found.mean - middle, found.sd, found.n_listeners)
    )
