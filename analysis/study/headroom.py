"""Headroom: how much louder a difference could be before it is heard.

On an axis of difference gain a version is ``baseline + g · (compressed − baseline)``, with the gain
g in dB: 0 dB is the real compressed output. The gain at the just-noticeable difference is then a
figure of merit that a pass or a fail lacks: +6 dB says that the difference could be twice as large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jndlab.analysis.fits.fit import Threshold
from jndlab.analysis.intervals import ConfidenceInterval

GAIN_UNIT = "dB re the real difference"
"""Unit of the levels of such an axis."""

Verdict = Literal["below", "above", "open"]
"""Where the real difference lies by the interval: below the JND, above it, or either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """The gain of the difference at the JND."""

    gain_db: float
    """Positive: the real difference must be amplified to be heard; negative: it is heard as is."""
    interval: ConfidenceInterval
    target_probability: float
    """Proportion correct that the JND stands for."""
    inside_tested_range: bool
    """False: the gain is an extrapolation, and must not be quoted."""
    lowest_db: float
    highest_db: float
    """The gains that were tested."""

    @property
    def factor(self) -> float:
        """The same as a factor on the amplitude of the difference."""
        return float(10 ** (self.gain_db / 20))

    @property
    def verdict(self) -> Verdict:
        if self.interval.low > 0:
            return "below"
        return "above" if self.interval.high < 0 else "open"


def is_gain(unit: str) -> bool:
    """Whether levels of that unit are gains of a difference."""
    return unit.strip().lower() == GAIN_UNIT.lower()


def headroom(jnd: Threshold, levels: tuple[float, ...]) -> Headroom:
    """The headroom that a JND on an axis of difference gain comes to.

    >>> interval = ConfidenceInterval(low=4.0, high=8.0, coverage=0.95, method="profile")
    >>> jnd = Threshold(target_probability=0.75, lapse_free=True, value=6.0, interval=interval,
    ...                 inside_tested_range=True)
    >>> found = headroom(jnd, (-12.0, 0.0, 12.0))
    >>> round(found.factor, 2), found.verdict
    (2.0, 'below')
    """
    return Headroom(
        gain_db=jnd.value,
        interval=jnd.interval,
        target_probability=jnd.target_probability,
        inside_tested_range=jnd.inside_tested_range,
        lowest_db=min(levels),
        highest_db=max(levels),
    )
