"""Where catch trials come among the others: anywhere, or one in each of as many equal stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import Literal

import numpy as np

from jndlab.study.plan_order import MAX_RUN
from jndlab.study.trials import Trial

Placement = Literal["random", "spread"]


def catch_places(
    n_places: int, n_catch: int, rng: np.random.Generator, *, placement: Placement
) -> set[int]:
    """Which of the places, from 0, hold catch trials. There must be as many places.

    spread: one in each of ``n_catch`` stretches whose lengths differ by one at most.
    """
    if placement == "random":
        return set(rng.choice(n_places, size=n_catch, replace=False).tolist())
    limits = [n_places * number // n_catch for number in range(n_catch + 1)] if n_catch else [0]
    return {int(rng.integers(low, high)) for low, high in pairwise(limits)}


def place_among(
    trials: Sequence[Trial],
    catch: Sequence[Trial],
    rng: np.random.Generator,
    *,
    placement: Placement,
    first: int,
) -> list[Trial]:
    """The trials in their order with the catch trials among them, none before index ``first``.

    Which catch trial comes in which of its places is drawn at random, but one that would make a
    long run of equal right answers waits for another place as long as there are others.
    """
    rest = list(trials[first:])
    at = catch_places(len(rest) + len(catch), len(catch), rng, placement=placement)
    left = [catch[int(index)] for index in rng.permutation(len(catch))]
    merged = list(trials[:first])
    for place in range(len(rest) + len(catch)):
        if place not in at:
            merged.append(rest.pop(0))
            continue
        fits = (index for index, one in enumerate(left) if _run(merged, one, rest) <= MAX_RUN)
        merged.append(left.pop(next(fits, 0)))
    return merged


def repeats_among(
    trials: Sequence[Trial], n_repeated: int, rng: np.random.Generator, *, placement: Placement
) -> list[Trial]:
    """The trials, and some test trials of their first half once more in the second half."""
    if not n_repeated:
        return list(trials)
    tests = [index for index, trial in enumerate(trials) if trial.kind == "test"]
    early = tests[: len(tests) // 2]
    again = [
        replace(trials[early[int(index)]], kind="repeated")
        for index in rng.choice(len(early), size=n_repeated, replace=False)
    ]
    return place_among(trials, again, rng, placement=placement, first=early[-1] + 1)


def _run(before: Sequence[Trial], trial: Trial, after: Sequence[Trial]) -> int:
    """How many equal right answers stand in a row around the trial; 0 where nothing is right."""
    if not trial.correct_response:
        return 0

    def equal(other: Trial) -> bool:
        return other.correct_response == trial.correct_response

    n_before = len(list(takewhile(equal, reversed(before))))
    return n_before + 1 + len(list(takewhile(equal, after)))
