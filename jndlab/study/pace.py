"""How long a trial takes this participant, from the times of the answers so far."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from jndlab.study.trials import TrialRecord

NEWEST = 20
"""So many answers are looked at: people become faster."""
FEWEST = 4
"""With fewer answers nothing is said."""


def seconds_per_trial(history: Sequence[TrialRecord]) -> float | None:
    """Median time from one answer to the next; a break or a night in between does not change it."""
    times = [record.answered_at for record in history if record.answered_at is not None]
    newest = sorted(times)[-NEWEST:]
    if len(newest) < FEWEST:
        return None
    steps = [(end - start).total_seconds() for start, end in pairwise(newest)]
    return round(median(steps), 1)
