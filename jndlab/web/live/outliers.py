"""Which values stand out among their own kind: the robust rule of the live view and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CUTOFF = 3.5
"""Robust standard deviations beyond which a value stands out (Iglewicz & Hoaglin 1993)."""
MAD_TO_SD = 1.4826
"""Of a normal distribution."""
FEWEST_TIMES = 8
"""Answers from which the median of a session and its deviations say something."""
FEWEST_SESSIONS = 5
TOO_FAST_MS = 200.0
"""From the first sound to a choice takes longer: what is below was not listened to."""

RULE = (
    f"A session stands out if the logarithm of its value lies more than {CUTOFF:g} robust standard "
    f"deviations (1.4826 times the median absolute deviation) from the median of this study's own "
    f"sessions. It takes {FEWEST_SESSIONS} sessions with at least {FEWEST_TIMES} answers each."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Where the middle of some positive values lies, and beyond which limits one stands out."""

    median: float | None
    """None: there is no value."""
    low: float | None
    """None: too few values, or all alike, so that nothing can be said."""
    high: float | None

    def stands_out(self, value: float | None) -> bool:
        """Whether a value lies beyond the limits."""
        if value is None or self.low is None or self.high is None:
            return False
        return not self.low <= value <= self.high


def spread_of(values: Sequence[float], *, fewest: int) -> Spread:
    """Median and limits of positive values, on the scale of their logarithms."""
    if not values:
        return Spread(median=None, low=None, high=None)
    logs = np.log(np.asarray(values, dtype=float))
    centre = float(np.median(logs))
    median = float(np.exp(centre))
    scale = MAD_TO_SD * float(np.median(np.abs(logs - centre)))
    if len(values) < fewest or scale == 0.0:
        return Spread(median=median, low=None, high=None)
    return Spread(
        median=median,
        low=float(np.exp(centre - CUTOFF * scale)),
        high=float(np.exp(centre + CUTOFF * scale)),
    )
