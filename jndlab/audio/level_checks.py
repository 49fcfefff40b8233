"""What is looked at over all levels of an item: is each what its place on the axis says?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from jndlab.audio.limits import LIMITS, PairLimits
from jndlab.audio.pairs import Fault
from jndlab.audio.reading import Clip
from jndlab.study.definition import Condition

NOTHING_DB = -200.0
"""Of the difference between equal samples."""


def check_levels(
    condition: Condition,
    clips: Mapping[float, Clip],
    differences_db: Mapping[float, float],
    *,
    limits: PairLimits = LIMITS,
) -> Iterator[tuple[float, Fault]]:
    """Faults of one item in one condition, each with its level.

    ``differences_db`` are the levels of the difference to the baseline, for those levels where it
    is one; both mappings are by level.
    """
    yield from _same_sounds(condition, clips, differences_db)
    yield from _not_monotone(condition, differences_db, limits)


def _same_sounds(
    condition: Condition, clips: Mapping[float, Clip], differences_db: Mapping[float, float]
) -> Iterator[tuple[float, Fault]]:
    seen: list[float] = []
    for level in _told_apart(condition, differences_db):
        same = [
            other
            for other in seen
            if differences_db[other] == differences_db[level]
            and np.array_equal(clips[other].samples, clips[level].samples)
        ]
        seen.append(level)
        if same:
            files = clips[same[0]].source_digest == clips[level].source_digest
            yield (
                level,
                Fault(
                    code="same-sound",
                    severity="warning",
                    message=f"is the same {'file, byte by byte,' if files else 'sound'} as level "
                    f"{same[0]:g}",
                    remedy="Check that both levels were really rendered.",
                ),
            )


def _not_monotone(
    condition: Condition, differences_db: Mapping[float, float], limits: PairLimits
) -> Iterator[tuple[float, Fault]]:
    farthest: float | None = None
    for level in _told_apart(condition, differences_db):
        if farthest is None or differences_db[level] >= differences_db[farthest]:
            farthest = level
            continue
        nearer = differences_db[farthest] - differences_db[level]
        if nearer > limits.monotone_db:
            yield (
                level,
                Fault(
                    code="not-monotone",
                    severity="warning",
                    message=f"lies {nearer:.1f} dB nearer to the baseline than the less "
                    f"compressed level {farthest:g}",
                    remedy="Look whether the folders are mixed up. If not, this item has no "
                    "order on this axis: leave it out, or say why it stays.",
                    figure=nearer,
                    limit=limits.monotone_db,
                    unit="dB",
                ),
            )


def _told_apart(condition: Condition, differences_db: Mapping[float, float]) -> list[float]:
    """Least to most compressed. A copy of the baseline is a finding of its own, and left out."""
    return [
        level
        for level in condition.by_compression()
        if differences_db.get(level, NOTHING_DB) > NOTHING_DB
    ]
