"""Which of several responses listeners prefer: the bias of tasks with more than two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.within_listeners import MeanEffect, mean_over_listeners


def most_preferred(
    trials: TrialTable, responses: Sequence[str], *, coverage: float = 0.95
) -> tuple[str, MeanEffect]:
    """The response whose mean share departs most from 1/m, and by how much, over listeners.

    A listener's share of a response is averaged over the right answers, so that the plan need not
    be balanced. Because the one that departs most was chosen, its p-values are multiplied by the
    number of responses m (Bonferroni). ``trials`` are answered test trials.
    """
    effects = {one: _effect(trials, one, responses, coverage) for one in responses}
    preferred = max(effects, key=lambda one: abs(effects[one].estimate or 0.0))
    chosen, m = effects[preferred], len(responses)
    return preferred, replace(
        chosen,
        p_value=_times(chosen.p_value, m),
        heterogeneity_p_value=_times(chosen.heterogeneity_p_value, m),
    )


def _effect(
    trials: TrialTable, response: str, responses: Sequence[str], coverage: float
) -> MeanEffect:
    fair = 1.0 / len(responses)
    given = trials["response"] == response
    effects = []
    for listener in np.unique(trials["participant"]):
        mine = trials["participant"] == listener
        right = trials["correct_response"][mine]
        shares = [float(np.mean(given[mine][right == one])) for one in np.unique(right)]
        departure = float(np.mean(shares)) - fair
        error = np.sqrt(fair * (1.0 - fair) / int(mine.sum()))
        effects.append((int(listener), departure, float(departure / error)))
    return mean_over_listeners(
        f"share of response {response}",
        effects,
        coverage=coverage,
        method="share of the response at equal right answers less 1/m, mean over listeners; t test "
        "over listeners, p-values times m for the choice of the response",
    )


def _times(p_value: float | None, m: int) -> float | None:
    return None if p_value is None else min(1.0, m * p_value)
