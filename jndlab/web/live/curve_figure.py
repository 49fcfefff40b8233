"""The running result of one condition as a figure: shares with intervals, and the fitted curve."""

from __future__ import annotations

from jndlab.web.live.cells import percent
from jndlab.web.live.curve import CurveNow
from jndlab.web.live.figures import Figure, Shape, dot, line, scale, words

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 48, 540, 14, 244


def curve_figure(curve: CurveNow) -> Figure:
    """Compression grows to the right, whichever way the level's number goes."""
    levels = [one.level for one in curve.levels]
    low, high = min(levels), max(levels)
    margin = 0.06 * (high - low or 1.0)
    ends = (low - margin, high + margin)
    first, last = ends[::-1] if curve.compression == "falls" else ends
    across = scale(first, last, LEFT, RIGHT)
    up = scale(0.0, 1.0, BOTTOM, TOP)
    shapes = [line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"), line(LEFT, TOP, LEFT, BOTTOM, "axis")]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        shapes.append(words(LEFT - 6, up(share) + 4, percent(share), "label end"))
    shapes.append(line(LEFT, up(curve.guess_rate), RIGHT, up(curve.guess_rate), "middle"))
    shapes.append(words(RIGHT, up(curve.guess_rate) - 5, "chance", "label end"))
    if curve.curve:
        path = "L".join(f"{across(level):.1f} {up(share):.1f}" for level, share in curve.curve)
        shapes.append(Shape(tag="path", style="steps finished", attributes={"d": f"M{path}"}))
    for one in curve.levels:
        x = across(one.level)
        told = f"{one.level:g}: {one.n_correct} of {one.n_trials} right"
        shapes += [
            line(x, up(one.any_time_low), x, up(one.any_time_high), "any-time"),
            line(x, up(one.low), x, up(one.high), "exact"),
            dot(x, up(one.n_correct / one.n_trials), "dot", told),
            words(x, BOTTOM + 18, f"{one.level:g}", "label middle-text"),
        ]
    axis = curve.unit or "level"
    shapes.append(words((LEFT + RIGHT) / 2, HEIGHT - 16, axis, "label middle-text"))
    return Figure(
        name=f"curve-{curve.part}-{curve.condition}",
        title=curve.condition,
        says=_says(curve),
        shapes=tuple(shapes),
        width=WIDTH,
        height=HEIGHT,
    )


def _says(curve: CurveNow) -> str:
    n_trials = sum(one.n_trials for one in curve.levels)
    shares = ", ".join(
        f"{one.level:g}: {percent(one.n_correct / one.n_trials)}" for one in curve.levels
    )
    return f"Right answers by {curve.unit or 'level'}, of {n_trials} trials: {shares}."
