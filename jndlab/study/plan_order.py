"""The order of the trials of a session: at random, without long runs of equal right answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from jndlab.study.trials import Trial

MAX_RUN = 3
"""No more than this many equal correct responses in a row."""


def in_random_order(
    trials: Sequence[Trial], rng: np.random.Generator, *, after: Sequence[Trial] = ()
) -> list[Trial]:
    """The trials in random order, with short runs of equal correct responses.

    ``after`` are the trials before them, which a run may begin in.
    """
    mixed = [trials[index] for index in rng.permutation(len(trials))]
    by_response: dict[str, list[Trial]] = defaultdict(list)
    for trial in mixed:
        by_response[trial.correct_response].append(trial)
    if "" in by_response or not by_response:  # nothing is right or wrong, but in catch trials
        return mixed[::-1]
    responses = draw_without_runs(
        [trial.correct_response for trial in trials],
        rng,
        after=[trial.correct_response for trial in after],
    )
    return [by_response[response].pop() for response in responses]


def draw_without_runs(
    labels: Sequence[str],
    rng: np.random.Generator,
    *,
    max_run: int = MAX_RUN,
    after: Sequence[str] = (),
) -> list[str]:
    """A random order of ``labels`` in which none stands more than ``max_run`` times in a row.

    ``after`` stands before them and counts for the first run. Labels are drawn one by one in
    proportion to what is left of them; a draw after which the rest could not be placed is
    not offered. Where the counts allow no such order at all (all labels equal, say), the
    shortest possible runs are allowed.
    """
    left = Counter(labels)
    last = after[-1] if after else ""
    run = next((n for n, label in enumerate(reversed(after)) if label != last), len(after))
    while not all(_placeable(left, label, run if label == last else 0, max_run) for label in left):
        max_run += 1
    drawn: list[str] = []
    for _ in labels:
        offered = [label for label in sorted(left) if _offered(left, label, last, run, max_run)]
        weights = np.array([left[label] for label in offered], dtype=float)
        label = offered[int(rng.choice(len(offered), p=weights / weights.sum()))]
        run = run + 1 if label == last else 1
        last = label
        drawn.append(label)
        left[label] -= 1
    return drawn


def _offered(left: Counter[str], label: str, last: str, run: int, max_run: int) -> bool:
    if left[label] == 0:
        return False
    run = run + 1 if label == last else 1
    if run > max_run:
        return False
    after = left.copy()
    after[label] -= 1
    return all(_placeable(after, other, run if other == label else 0, max_run) for other in after)


def _placeable(left: Counter[str], label: str, run: int, max_run: int) -> bool:
    """Whether the rest of ``label`` fits between the rest of the others, after ``run`` of it."""
    others = left.total() - left[label]
    return left[label] <= max_run * (others + 1) - run
