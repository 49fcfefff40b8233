"""What a paradigm is: its intervals and orders, its wording, and which answers there are."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jndlab.study.trials import (
    BASELINE,
    GUESS_RATES,
    TASKS,
    Interval,
    Measure,
    ParadigmName,
    TrialKind,
)

_NUMBER = re.compile(r"(?!-0(?:\.0*)?$)-?(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,6})?")
"""A rating as it is written in a response: no leading zero, and nothing below zero that is zero."""

Source = Literal["baseline", "compressed"]
"""The two sides of a trial. Where two conditions are compared, the first stands for the one that
the other is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of presentation: what each interval plays, and the response that is right."""

    code: str
    sources: tuple[Source, ...]
    correct_response: str = ""
    """Empty where nothing is right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Numbers that an interval is rated with."""

    lowest: float
    highest: float
    step: float
    labels: tuple[tuple[float, str], ...]
    """Words along the scale, each at its number, from the highest down."""
    needs_highest: bool = False
    """Whether the page asks for the highest number at least once, for the hidden reference."""

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        return max(0, math.ceil(-math.log10(self.step)))

    def holds(self, rating: float) -> bool:
        """Whether the rating is on the scale and on one of its steps."""
        if not self.lowest - 1e-9 <= rating <= self.highest + 1e-9:
            return False
        steps = (rating - self.lowest) / self.step
        return math.isclose(steps, round(steps), abs_tol=1e-6)


@dataclass(frozen=True, slots=True)
class Side:
    """A condition at a level; the baseline has none."""

    condition: str = BASELINE
    level: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paradigm:
    """One trial type."""

    name: ParadigmName
    called: str
    """What experimenters call it, in a sentence: ABX."""
    summary: str
    """What listeners do, in one sentence, for experimenters."""
    title: str
    """On the page, above its trials."""
    labels: tuple[str, ...]
    """Labels of the intervals on the page. Of a paradigm that holds several conditions in one
    trial: those that every trial has; the others are lettered by the plan."""
    playback: Literal["switched", "sequence"]
    """switched: the participant changes between intervals at will; sequence: one after the
    other, scheduled in one go."""
    orders: tuple[Order, ...]
    """Empty where the plan draws an order of its own (MUSHRA)."""
    responses: tuple[str, ...] = ()
    """What can be answered; empty where intervals are rated on a scale."""
    response_labels: tuple[str, ...] = ()
    """What the answer buttons say, in the order of ``responses``."""
    question: str
    gate: str
    """Shown until the answers open."""
    instructions: tuple[str, ...]
    part: Literal["buttons", "sliders"] = "buttons"
    """The template part under templates/participant/answers that takes the answer."""
    scale: Scale | None = None
    """Of ratings with sliders."""
    unrated: tuple[str, ...] = ()
    """Labels of intervals that have no slider: the open reference."""
    groups: tuple[int, ...] = ()
    """How many intervals belong together, in a sequence: the silence between two groups is twice as
    long. Empty: all alike."""
    several: bool = False
    """Whether one trial holds the baseline and every level of every condition at once."""
    rates_baseline: bool = False
    """Whether the baseline is also rated by itself, as one more condition."""
    symmetric: bool = False
    """Whether two conditions can be compared with each other, without the baseline."""

    @property
    def measure(self) -> Measure:
        """What an answer says."""
        return TASKS[self.name].measure

    @property
    def guess_rate(self) -> float:
        """Chance of a correct response by guessing. KeyError where there is none."""
        return GUESS_RATES[self.name]

    @property
    def adaptive(self) -> bool:
        """Whether levels can follow from answers: these have to be right or wrong, at a chance
        level that no bias moves."""
        return self.measure == "correct"

    @property
    def has_identical(self) -> bool:
        """Whether there is a catch trial that plays the same sound throughout and is none of its
        own test trials: a hidden reference and "the same" are."""
        if self.scale is not None or len(self.labels) < 2:
            return False
        return self.measure != "detection"

    @property
    def has_gross(self) -> bool:
        """Whether the most compressed level shows who attends: only where something is right."""
        return self.measure in ("correct", "detection")

    @property
    def asks_confidence(self) -> bool:
        """Whether a study can ask how sure an answer was: a rating says it itself."""
        return self.measure != "rating"

    @property
    def rated_in_digits(self) -> bool:
        """Whether the answers are a scale of digits, which stand beside their words (ACR, DCR)."""
        digits = all(len(one) == 1 and one.isdigit() for one in self.responses)
        return self.measure == "rating" and digits

    @property
    def keys(self) -> tuple[str, ...]:
        """The key of each answer: its own digit where all of them are digits (the third: 3;
        excellent: 5), else its place."""
        own = all(len(one) == 1 and one in "123456789" for one in self.responses)
        places = tuple(str(place) for place in range(1, len(self.responses) + 1))
        return self.responses if own else places

    def order(self, code: str) -> Order:
        """The order of that code. KeyError: there is none."""
        return {order.code: order for order in self.orders}[code]

    def intervals(
        self,
        order: Order,
        *,
        kind: TrialKind,
        condition: str,
        level: float | None,
        compared: Side = Side(),
    ) -> tuple[Interval, ...]:
        """The intervals of one trial. An identical pair plays what is compared with throughout."""
        tested = compared if kind == "identical" else Side(condition, level)
        sides = {"baseline": compared, "compressed": tested}
        return tuple(
            Interval(label=label, condition=sides[source].condition, level=sides[source].level)
            for label, source in zip(self.labels, order.sources, strict=True)
        )

    def ratings(self, response: str, intervals: Sequence[Interval]) -> tuple[float, ...] | None:
        """The ratings that a response holds; None if it is none of this paradigm in this trial."""
        n_rated = sum(interval.label not in self.unrated for interval in intervals)
        parts = response.split(";")
        if self.scale is None or len(parts) != n_rated or not all(map(_NUMBER.fullmatch, parts)):
            return None
        ratings = tuple(map(float, parts))
        return ratings if all(self.scale.holds(rating) for rating in ratings) else None

    def takes(self, response: str, intervals: Sequence[Interval]) -> bool:
        """Whether ``response`` can be answered to a trial of these intervals."""
        if self.scale is None:
            return response in self.responses
        return self.ratings(response, intervals) is not None

    def seconds_per_trial(
        self, clip_seconds: float, gap_seconds: float, *, n_intervals: int | None = None
    ) -> float:
        """Rough time that a trial takes, for planning: listening plus deciding."""
        n_clips = n_intervals or len(self.labels)
        if self.scale is not None:
            return 2.5 * n_clips * clip_seconds + 3.0 * n_clips
        if self.playback == "sequence":
            n_gaps = n_clips - 1 + max(0, len(self.groups) - 1)
            return n_clips * clip_seconds + n_gaps * gap_seconds + 2.0
        return 1.3 * n_clips * clip_seconds + 2.5
