"""The JND in other units, as a result that says itself in sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.score_titles import score_title
from jndlab.errors import DataError
from jndlab.study.trials import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class FactAtJnd:
    """One size or score at the JND. Ends of intervals beyond the known levels are open."""

    name: str
    kind: Literal["size", "score"]
    estimate: float | None
    """None: the JND lies beyond the levels where this is known."""
    interval: ConfidenceInterval
    """What the level's interval comes to; the fact itself is taken as known without error."""
    baseline: float | None
    times_smaller: float | None
    """Sizes: that of the baseline divided by that at the JND."""
    times_smaller_interval: ConfidenceInterval | None
    levels: tuple[float, ...]
    """Where it is known, ascending."""
    values: tuple[float, ...]
    """There, for scores the mean over items."""
    warnings: tuple[str, ...]

    @property
    def beside_baseline(
        self,
    ) -> tuple[float, ConfidenceInterval, Literal["smaller", "larger"]] | None:
        """How many times smaller or larger than the baseline; None where that is not known.

        A version may well be larger in something: group communication costs operations.
        """
        times, ends = self.times_smaller, self.times_smaller_interval
        if times is None or ends is None:
            return None
        if times >= 1:
            return times, ends, "smaller"
        turned = replace(ends, low=1 / ends.high, high=1 / ends.low if ends.low else math.inf)
        return 1 / times, turned, "larger"


@dataclass(frozen=True, slots=True, kw_only=True)
class JndInUnits:
    """A JND in the unit of its axis, in sizes of the model, and on objective scores."""

    condition: str
    unit: str
    direction: Direction
    value: float
    interval: ConfidenceInterval
    facts: tuple[FactAtJnd, ...]
    """Sizes first, then scores."""
    warnings: tuple[str, ...]
    method: str
    source: str
    version: str

    def fact(self, name: str) -> FactAtJnd:
        """One of the facts. DataError: there is none of that name."""
        for one in self.facts:
            if one.name == name:
                return one
        raise DataError(
            f"There is no {name!r} at the JND.",
            f"There is: {', '.join(one.name for one in self.facts) or 'nothing'}.",
        )

    def describe(self) -> tuple[str, ...]:
        """One sentence per unit: the axis, each size, each score."""
        return (
            f"JND of {self.condition}: {self.value:.3g} {self.unit}".rstrip()
            + f" ({_coverage(self.interval)} {_ends(self.interval)}).",
            *(_sentence(one) for one in self.facts),
        )

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def _sentence(one: FactAtJnd) -> str:
    title = score_title(one.name)
    interval = f"{_coverage(one.interval)} {_ends(one.interval)}"
    if one.estimate is None:
        return f"{title}: not known at the JND, beyond the manifest ({interval})."
    if one.kind == "score":
        rest = "" if one.baseline is None else f"; baseline {one.baseline:.3g}"
        return f"{title} at the JND: {one.estimate:.3g} ({interval}{rest})."
    text = f"{title} at the JND: {one.estimate:,.0f} ({interval})"
    if one.beside_baseline is None:
        return f"{text}."
    times, ends, word = one.beside_baseline
    return f"{text}, {times:.3g} times {word} than the baseline ({_ends(ends)})."


def _coverage(interval: ConfidenceInterval) -> str:
    return f"{interval.coverage:.0%} interval"


def _ends(interval: ConfidenceInterval) -> str:
    ends = (
        "−∞" if end == -math.inf else "∞" if end == math.inf else plain_number(end)
        for end in (interval.low, interval.high)
    )
    return " to ".join(ends)


def plain_number(value: float) -> str:
    """Three digits or all before the point, never an exponent.

    >>> plain_number(569058.2), plain_number(2.8512)
    ('569,058', '2.85')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
