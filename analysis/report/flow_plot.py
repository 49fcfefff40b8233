"""The flow of participants as a diagram: boxes from the first trial to the analysis."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jndlab.analysis.report.figure_style import INK, QUIET, WIDTH, style
from jndlab.analysis.study.flow import ParticipantFlow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARGIN, _MAIN_WIDTH, _SIDE_WIDTH, _GAP = 0.05, 2.35, 3.0, 0.1
_LINE, _PADDING, _FONT = 0.175, 0.09, 9.0
_CHARACTERS = 43
"""That fit into a line of a box at the side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    main: tuple[str, ...]
    side: tuple[str, ...] = ()
    """Who leaves between this stage and the next one, or at the last stage a remark."""


def plot_flow(flow: ParticipantFlow) -> Figure:
    """Sessions from the first trial to the analysis, those left out at the side by rule.

    After the flow diagram of CONSORT 2010. The box at the lower right accounts for the trials.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.flow import participant_flow
    >>> len(plot_flow(participant_flow(example_trials())).axes[0].texts)
    13
    """
    with style():
        from matplotlib.figure import Figure

        stages = _stages(flow)
        last = len(stages) - 1
        height = 2 * _MARGIN + sum(
            _stage_height(stage, last=number == last) for number, stage in enumerate(stages)
        )
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.set_xlim(0.0, WIDTH)
        axes.set_ylim(-height, 0.0)
        top = -_MARGIN
        for number, stage in enumerate(stages):
            top = _draw_stage(axes, stage, top, last=number == last)
        return figure


def describe_flow(flow: ParticipantFlow) -> str:
    """The diagram in words, for those who cannot see it.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.flow import participant_flow
    >>> describe_flow(participant_flow(example_trials()))[:47]
    'Flow of participants. Sessions with a trial: 8;'
    """
    opened = "" if flow.n_opened is None else f"Sessions opened: {flow.n_opened}; with a trial: "
    begin = f"{opened or 'Sessions with a trial: '}{flow.n_started}"
    rules = "; ".join(f"{one.reason}: {one.n_sessions}" for one in flow.excluded)
    trials = "; ".join(f"{one.reason}: {one.n_trials}" for one in flow.trials_left_out)
    return (
        f"Flow of participants. {begin}; left during practice: {flow.n_left_in_practice}; finished "
        f"practice: {flow.n_finished_practice}, of which {flow.n_completed} were completed. Left "
        f"out: {flow.n_excluded} ({rules}). Analysed: {flow.n_analysed} sessions of "
        f"{flow.n_listeners} listeners, {flow.n_trials_analysed} test trials. Of "
        f"{flow.n_presented} trials handed out, not analysed: {trials or 'none'}."
    )


def _stages(flow: ParticipantFlow) -> list[_Stage]:
    stages = []
    if flow.n_opened is not None:
        ended = flow.n_opened - flow.n_started
        stages.append(
            _Stage(
                main=(f"Opened (n = {flow.n_opened})",),
                side=(f"Ended before the first trial (n = {ended})",),
            )
        )
    stages += [
        _Stage(
            main=(f"Began (n = {flow.n_started})",),
            side=(f"Left during practice (n = {flow.n_left_in_practice})",),
        ),
        _Stage(
            main=(
                f"Finished practice (n = {flow.n_finished_practice})",
                f"completed the session: {flow.n_completed}",
            ),
            side=(
                f"Left out (n = {flow.n_excluded})",
                *_entries([(one.n_sessions, one.reason) for one in flow.excluded]),
            ),
        ),
        _Stage(main=_analysed(flow), side=_trials(flow)),
    ]
    return stages


def _analysed(flow: ParticipantFlow) -> tuple[str, ...]:
    unfinished = flow.n_analysed_unfinished
    return (
        f"Analysed (n = {flow.n_analysed})",
        f"listeners: {flow.n_listeners}",
        *((f"not completed: {unfinished}",) if unfinished else ()),
        f"test trials: {flow.n_trials_analysed}",
    )


def _trials(flow: ParticipantFlow) -> tuple[str, ...]:
    return (
        f"Trials handed out: {flow.n_presented}",
        *_entries(
            [
                *((one.n_trials, one.reason) for one in flow.trials_left_out),
                (flow.n_trials_analysed, "analysed"),
            ]
        ),
    )


def _entries(counts: list[tuple[int, str]]) -> list[str]:
    """Numbers below each other, each with what it counts."""
    digits = max(len(str(number)) for number, _ in counts)
    # A figure space is as wide as a digit.
    return [f"  {number:\u2007>{digits}}  {reason}" for number, reason in counts]


def _lines(texts: tuple[str, ...]) -> list[str]:
    return [
        line
        for text in texts
        for line in textwrap.wrap(
            text, _CHARACTERS, subsequent_indent=" " * 8, drop_whitespace=False
        )
    ]


def _box_height(lines: Sequence[str]) -> float:
    return len(lines) * _LINE + 2 * _PADDING


def _stage_height(stage: _Stage, *, last: bool) -> float:
    """Of the box and what lies between it and the next one."""
    main, side = _box_height(stage.main), _box_height(_lines(stage.side))
    return max(main, side) if last else main + side + 2 * _GAP


def _draw_stage(axes: Axes, stage: _Stage, top: float, *, last: bool) -> float:
    """Draw a stage below ``top``; returns where the next one begins."""
    middle, left = _MARGIN + _MAIN_WIDTH / 2, WIDTH - _MARGIN - _SIDE_WIDTH
    lines = _lines(stage.side)
    _draw_box(axes, _MARGIN, top, _MAIN_WIDTH, stage.main, bold=True)
    bottom = top - _stage_height(stage, last=last)
    if last:
        _draw_box(axes, left, top, _SIDE_WIDTH, lines, quiet=True)
        return bottom
    under = top - _box_height(stage.main)
    branch = under - _GAP - _box_height(lines) / 2
    _draw_box(axes, left, under - _GAP, _SIDE_WIDTH, lines)
    _draw_arrow(axes, (middle, under), (middle, bottom))
    _draw_arrow(axes, (middle, branch), (left, branch))
    return bottom


def _draw_box(
    axes: Axes,
    left: float,
    top: float,
    width: float,
    lines: Sequence[str],
    *,
    bold: bool = False,
    quiet: bool = False,
) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (left, top - _box_height(lines)),
            width,
            _box_height(lines),
            facecolor="white",
            edgecolor=QUIET if quiet else INK,
            linewidth=0.9,
            linestyle=(0, (3, 2)) if quiet else "-",
        )
    )
    for number, line in enumerate(lines):
        axes.text(
            left + 0.1,
            top - _PADDING - _LINE * (number + 0.5),
            line,
            va="center",
            fontsize=_FONT,
            fontweight="bold" if bold and number == 0 else "normal",
        )


def _draw_arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0, color=INK
        )
    )
