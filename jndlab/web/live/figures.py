"""The overview as small figures: shapes with classes, which the page draws as SVG.

No colour, no font: those are the style sheet's, in light and in dark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jndlab.study.phrases import plural
from jndlab.web.live.cells import percent
from jndlab.web.live.overview import MINUTES
from jndlab.web.live.overview_records import SessionNow, StudyOverview

WIDTH, HEIGHT = 360, 170
LEFT, RIGHT, TOP, BOTTOM = 36, 352, 10, 142
"""Of the area inside the axes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One SVG element."""

    tag: str
    style: str
    """Its class."""
    attributes: dict[str, str | float] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and what it shows, in a sentence for those who do not see it."""

    name: str
    title: str
    says: str
    shapes: tuple[Shape, ...]
    width: int = WIDTH
    height: int = HEIGHT


def figures(overview: StudyOverview) -> tuple[Figure, ...]:
    """Every figure of the live view."""
    return (
        sessions_over_time(overview),
        answers_per_minute(overview),
        funnel(overview),
        response_times(overview),
        *((catch_rates(overview),) if overview.tasks.gross or overview.tasks.identical else ()),
    )


def sessions_over_time(overview: StudyOverview) -> Figure:
    """How many sessions were opened, and how many finished, up to each moment."""
    opened = sorted(one.summary.opened_at for one in overview.sessions)
    finished = sorted(
        one.summary.finished_at
        for one in overview.sessions
        if one.summary.finished_at and one.summary.state == "finished"
    )
    shapes: list[Shape] = []
    if opened:
        start, end = opened[0], max(overview.at, opened[-1])
        across = scale(start.timestamp(), end.timestamp(), LEFT, RIGHT)
        up = scale(0, len(opened), BOTTOM, TOP)
        shapes = [
            *_axes(str(len(opened)), _moment(start, end), _moment(end, start)),
            _steps(opened, end, across, up, "opened"),
            _steps(finished, end, across, up, "finished"),
        ]
    return Figure(
        name="sessions-over-time",
        title="Sessions over time",
        says=f"{plural(len(opened), 'session')} opened (thin), {len(finished)} finished (thick).",
        shapes=tuple(shapes),
    )


def answers_per_minute(overview: StudyOverview) -> Figure:
    """Answers in each of the last sixty minutes."""
    minutes = overview.minutes
    most = max(minutes)
    up = scale(0, max(most, 1), BOTTOM, TOP)
    each = (RIGHT - LEFT) / MINUTES
    bars = [
        rect(LEFT + place * each + 0.5, up(number), each - 1, BOTTOM - up(number), "bar")
        for place, number in enumerate(minutes)
        if number
    ]
    return Figure(
        name="answers-per-minute",
        title="Answers per minute",
        says=f"{plural(sum(minutes), 'answer')} in the last hour, at most {most} in a minute.",
        shapes=(*_axes(str(max(most, 1)), f"{MINUTES} min ago", "now"), *bars),
    )


def funnel(overview: StudyOverview) -> Figure:
    """How far the sessions came."""
    stages = overview.funnel
    most = max(stages[0].n_sessions, 1)
    left = 124
    room = RIGHT - left - 34
    height = (BOTTOM + 10 - TOP) / len(stages)
    shapes: list[Shape] = []
    for place, stage in enumerate(stages):
        top = TOP + place * height
        length = room * stage.n_sessions / most
        shapes += [
            words(left - 8, top + height / 2 + 5, stage.name, "label end"),
            rect(left, top + 3, length, height - 6, "bar"),
            words(left + length + 6, top + height / 2 + 5, str(stage.n_sessions), "label"),
        ]
    return Figure(
        name="funnel",
        title="How far they came",
        says=", ".join(f"{stage.n_sessions} {stage.name}" for stage in stages) + ".",
        shapes=tuple(shapes),
    )


def response_times(overview: StudyOverview) -> Figure:
    """The sessions' median response times beside the study's own spread."""
    timed = [(one, one.summary.median_ms) for one in overview.sessions if one.summary.median_ms]
    values = [value for _, value in timed if value]
    n_unusual = sum(one.unusual_time for one, _ in timed)
    spread = overview.times
    shapes: list[Shape] = []
    if values:
        edges = [*values, *(edge for edge in (spread.low, spread.high) if edge)]
        low, high = math.log(min(edges) / 1.1), math.log(max(edges) * 1.1)
        across = scale(low, high, LEFT, RIGHT)
        shapes = [*_axes("", _seconds(math.exp(low)), _seconds(math.exp(high)))]
        if spread.low and spread.high:
            left, right = across(math.log(spread.low)), across(math.log(spread.high))
            shapes.append(rect(left, TOP, right - left, BOTTOM - TOP, "usual"))
        if spread.median:
            middle = across(math.log(spread.median))
            shapes.append(line(middle, TOP, middle, BOTTOM, "middle"))
        shapes += [
            dot(
                across(math.log(value)),
                _row(place, len(timed)),
                "dot odd" if one.unusual_time else "dot",
                f"No. {one.summary.participant}: {_seconds(value)}",
            )
            for place, (one, value) in enumerate(timed)
            if value
        ]
    middle_said = f", in the middle {_seconds(spread.median)}" if spread.median else ""
    return Figure(
        name="response-times",
        title="Response times",
        says=f"Median of {plural(len(timed), 'session')}{middle_said}; {n_unusual} stand out.",
        shapes=tuple(shapes),
    )


def catch_rates(overview: StudyOverview) -> Figure:
    """Share of right answers to gross catch trials, and agreement in identical pairs."""
    shown = [
        one
        for one in overview.sessions
        if one.summary.gross.n_trials or one.summary.identical.n_trials
    ]
    across = scale(0, max(len(shown) - 1, 1), LEFT + 6, RIGHT - 6)
    up = scale(0, 1, BOTTOM - 4, TOP + 4)
    shapes: list[Shape] = []
    if shown:
        shapes = [*_axes("1", _number(shown[0]), _number(shown[-1]) if len(shown) > 1 else "")]
        for chance in overview.tasks.chances:
            shapes.append(line(LEFT, up(chance), RIGHT, up(chance), "middle"))
        for place, one in enumerate(shown):
            for tally, style in (
                (one.summary.identical, "ring"),
                (one.summary.gross, "dot"),
            ):
                if tally.share is not None:
                    told = f"{_number(one)}: {tally.n_correct} of {tally.n_trials}"
                    odd = " odd" if style == "dot" and tally.share < 1 else ""
                    shapes.append(dot(across(place), up(tally.share), style + odd, told))
    gross, identical = overview.gross, overview.identical
    return Figure(
        name="catch-rates",
        title="Catch trials",
        says=(
            f"Gross differences (dots): {_tally(gross.share)} right of {gross.n_trials}. "
            f"Identical pairs (rings): {_tally(identical.share)} of {identical.n_trials}"
            f"{_chance(overview.tasks.chances)}."
        ),
        shapes=tuple(shapes),
    )


def _chance(chances: Sequence[float]) -> str:
    """Of several parts each has its own; then the lines in the figure have to do."""
    if len(chances) != 1:
        return ""
    return (
        ", where chance is half"
        if chances[0] == 0.5
        else f", where chance is {percent(chances[0])}"
    )


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Values from ``low`` to ``high`` -> places from ``start`` to ``end``."""
    span = high - low

    def place(value: float) -> float:
        return start + (end - start) * ((value - low) / span if span else 0.5)

    return place


def _axes(top: str, left: str, right: str) -> list[Shape]:
    return [
        line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"),
        words(LEFT - 5, TOP + 6, top, "label end"),
        words(LEFT, HEIGHT - 8, left, "label"),
        words(RIGHT, HEIGHT - 8, right, "label end"),
    ]


def _steps(
    moments: Sequence[datetime],
    end: datetime,
    across: Callable[[float], float],
    up: Callable[[float], float],
    style: str,
) -> Shape:
    path = [f"M{LEFT} {up(0):.1f}"]
    for number, moment in enumerate(moments, start=1):
        path.append(f"H{across(moment.timestamp()):.1f}V{up(number):.1f}")
    path.append(f"H{across(end.timestamp()):.1f}")
    return Shape(tag="path", style=f"steps {style}", attributes={"d": "".join(path)})


def rect(x: float, y: float, width: float, height: float, style: str) -> Shape:
    """A box."""
    box = {"x": x, "y": y, "width": width, "height": height}
    return Shape(tag="rect", style=style, attributes=_rounded(box))


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> Shape:
    """A straight line."""
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return Shape(tag="line", style=style, attributes=_rounded(ends))


def dot(x: float, y: float, style: str, told: str) -> Shape:
    """A point that says what it is when it is pointed at."""
    return Shape(
        tag="circle", style=style, attributes=_rounded({"cx": x, "cy": y, "r": 4}), text=told
    )


def words(x: float, y: float, text: str, style: str) -> Shape:
    """A label."""
    return Shape(tag="text", style=style, attributes=_rounded({"x": x, "y": y}), text=text)


def _rounded(numbers: dict[str, float]) -> dict[str, str | float]:
    return {name: round(value, 1) for name, value in numbers.items()}


def _row(place: int, number: int) -> float:
    """Heights of dots in turn, so that equal values do not hide one another."""
    rows = min(max(number, 1), 9)
    return TOP + 8 + (BOTTOM - TOP - 16) * ((place * 4) % rows) / max(rows - 1, 1)


def _number(one: SessionNow) -> str:
    return f"No. {one.summary.participant}"


def _tally(share: float | None) -> str:
    return "none" if share is None else percent(share)


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f} s"


def _moment(moment: datetime, other: datetime) -> str:
    """The time of the day, with the date where the other end of the axis is on another one."""
    form = "%H:%M UTC" if moment.date() == other.date() else "%Y-%m-%d"
    return moment.strftime(form)
