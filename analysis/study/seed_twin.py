"""What another seed alone would have scored: the zero point of separately trained models.

Two networks of one size, trained alike from two seeds, differ audibly. On an axis of models that
were trained one by one, a seed twin of the baseline says how much of what listeners hear may be the
seed. Its objective distances to the baseline are looked up on the axis: the level that is as far
away, and what the fitted curve gives there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.errors import DataError
from jndlab.study.trials import Direction

Place = Literal["among", "nearer", "farther"]
"""Of the twin: among the versions, nearer to the baseline than all of them, or farther away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinDistance:
    """One objective distance of the twin, and where the versions have the same."""

    score: str
    value: float
    """Mean over the items that were heard."""
    place: Place
    level: float | None
    """Of equal distance, between the versions; None where the twin is not among them."""
    proportion_correct: float | None
    """What the fitted curve gives at that level; None without level or curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedTwin:
    """What is known of a twin of the baseline."""

    level: float
    """Where it stands on the axis."""
    seed: str
    tested: bool
    """Listeners heard it: its answers stand with those of its level."""
    distances: tuple[TwinDistance, ...]
    """To the baseline, one per score in which versions change in one direction."""


def seed_twin(
    facts: ModelFacts,
    *,
    condition: str,
    direction: Direction,
    levels: Sequence[float],
    items: Sequence[str] | None = None,
    fit: PsychometricFit | None = None,
) -> SeedTwin | None:
    """The twin in a manifest, placed among the tested ``levels``; None where there is none.

    No ``levels``: all that the manifest has. Scores are means over ``items``, by default all;
    between levels they are taken as straight lines of the level. DataError: no such condition.

    >>> from jndlab.analysis.study.manifest import load_model_facts
    >>> rows = [
    ...     {"item": "a", "condition": "width", "level": level, "snr": snr, "origin": origin}
    ...     for level, snr, origin in [
    ...         (0, 20.0, "seed-twin"), (1, 22.0, ""), (2, 16.0, ""), (3, 10.0, "")
    ...     ]
    ... ]
    >>> found = seed_twin(load_model_facts(rows), condition="width", direction="rises", levels=[])
    >>> found.level, found.distances[0].place, round(found.distances[0].level, 2)
    (0.0, 'among', 1.33)
    """
    twins = facts.twin_levels(condition)
    if not twins:
        return None
    tested = set(levels) or set(facts.levels(condition))
    versions = [one for one in facts.levels(condition) if one not in twins and one in tested]
    placed = [
        _placed(facts, score, twins[0], versions, condition, direction, items, fit)
        for score in facts.distances()
    ]
    return SeedTwin(
        level=twins[0],
        seed=facts.text("seed", condition=condition, level=twins[0]),
        tested=twins[0] in levels,
        distances=tuple(one for one in placed if one is not None),
    )


def _placed(
    facts: ModelFacts,
    score: str,
    twin: float,
    versions: Sequence[float],
    condition: str,
    direction: Direction,
    items: Sequence[str] | None,
    fit: PsychometricFit | None,
) -> TwinDistance | None:
    """None where an item lacks the score, or versions do not change in one direction."""
    try:
        known, means = facts.score_by_level(score, condition=condition, items=items)
    except DataError:
        return None
    by_level = dict(zip(known.tolist(), means.tolist(), strict=True))
    x = np.array(sorted((one for one in versions if one in by_level), reverse=direction == "falls"))
    y = np.array([by_level[one] for one in x.tolist()])
    steps = np.diff(y)
    if twin not in by_level or len(x) < 2 or not ((steps > 0).all() or (steps < 0).all()):
        return None
    value = by_level[twin]
    sign = 1.0 if y[-1] > y[0] else -1.0  # sign · y grows with the distance to the baseline
    place: Place = "among"
    if sign * value < sign * y[0]:
        place = "nearer"
    elif sign * value > sign * y[-1]:
        place = "farther"
    level = float(np.interp(sign * value, sign * y, x)) if place == "among" else None
    return TwinDistance(
        score=score,
        value=value,
        place=place,
        level=level,
        proportion_correct=None if fit is None or level is None else float(fit.predict(level)),
    )
