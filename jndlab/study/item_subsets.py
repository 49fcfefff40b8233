"""Which of a large pool of items a session gets."""

from __future__ import annotations

import math

import numpy as np

from jndlab.study.definition import StudyDefinition

_STREAM = 1
"""Keeps these draws apart from those of the sessions' own plans."""


def session_items(study: StudyDefinition, *, place: int, seed: int) -> tuple[str, ...]:
    """The items of the session in that place of the counterbalancing (from 1).

    All of them, unless the study asks for fewer per session. Then a round of places goes through
    one random order of the pool as often as it takes to come out even: over a round every item is
    drawn equally often. Each round has an order of its own.
    """
    pool, n_items = study.stimuli.items, study.design.items_per_session
    if n_items is None:
        return pool
    n_places = len(pool) // math.gcd(len(pool), n_items)
    round_, turn = divmod(place - 1, n_places)
    order = np.random.default_rng([seed, round_, _STREAM, len(pool)]).permutation(len(pool))
    start = turn * n_items
    return tuple(pool[order[(start + number) % len(pool)]] for number in range(n_items))
