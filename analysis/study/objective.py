"""The JND in other units: times smaller than the baseline, and on every objective score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from jndlab import __version__
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.analysis.study.objective_results import FactAtJnd, JndInUnits
from jndlab.analysis.study.score_titles import score_title
from jndlab.errors import DataError
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]


class LevelWithInterval(Protocol):
    """A level and its interval, such as :class:`jndlab.analysis.Threshold`."""

    @property
    def value(self) -> float: ...

    @property
    def interval(self) -> ConfidenceInterval: ...


def jnd_in_units(
    jnd: LevelWithInterval,
    facts: ModelFacts,
    *,
    condition: str,
    direction: Direction,
    unit: str = "",
    tested_levels: Sequence[float] | None = None,
    items: Sequence[str] | None = None,
) -> JndInUnits:
    """Sizes of the model and objective scores at a JND, with intervals, and "times smaller".

    Between the levels of the manifest the logarithm of a size, and a score itself, is taken as a
    straight line of the level: monotone wherever the facts are. An interval of the level becomes
    all values that the fact takes on it. Beyond the most compressed level nothing is known, and the
    end is open (infinite, or 0 for a size); beyond the least compressed one the baseline ends it.
    ``direction``: compression rises or falls with the level's number. ``items``: those whose
    scores count, by default all. ``tested_levels`` must all be in the manifest.

    DataError: no such condition, a tested level missing, scores missing for single items, fewer
    than two levels with a fact.

    >>> from jndlab.analysis.study.manifest import load_model_facts
    >>> rows = [
    ...     {"item": "a", "condition": "bits", "level": bits, "bytes": 100 * 2**bits}
    ...     for bits in (1, 2, 4)
    ... ]
    >>> rows.append({"item": "a", "condition": "baseline", "level": "", "bytes": 6400})
    >>> from jndlab.analysis.fits.fit import Threshold
    >>> interval = ConfidenceInterval(low=2.0, high=5.0, coverage=0.95, method="profile")
    >>> jnd = Threshold(target_probability=0.75, lapse_free=True, value=3.0, interval=interval,
    ...                 inside_tested_range=True)
    >>> result = jnd_in_units(jnd, load_model_facts(rows), condition="bits", direction="falls")
    >>> size = result.fact("bytes")
    >>> round(size.estimate), round(size.times_smaller, 1)
    (800, 8.0)
    >>> ends = size.times_smaller_interval  # 5 bits are beyond the manifest: up to the baseline
    >>> round(ends.low, 1), round(ends.high, 1)
    (1.0, 16.0)
    """
    known = facts.levels(condition)
    if tested_levels is not None:
        facts.require_levels(condition, tested_levels)
    found = []
    for name in facts.sizes:
        levels, values = facts.size_by_level(name, condition=condition)
        if len(levels):
            baseline = facts.baseline(name)
            found.append(_fact(name, "size", levels, values, baseline, jnd, direction))
    for name in facts.scores:
        levels, values = facts.score_by_level(name, condition=condition, items=items)
        if len(levels):
            baseline = facts.baseline(name, items=items)
            found.append(_fact(name, "score", levels, values, baseline, jnd, direction))
    warnings = []
    if not known[0] <= jnd.value <= known[-1]:
        warnings.append(
            f"The JND, {jnd.value:.3g}, lies beyond the levels of the manifest, {known[0]:g} to "
            f"{known[-1]:g}: it has no size and no score."
        )
    return JndInUnits(
        condition=condition,
        unit=unit,
        direction=direction,
        value=float(jnd.value),
        interval=jnd.interval,
        facts=tuple(found),
        warnings=(*warnings, *(text for one in found for text in one.warnings)),
        method="linear interpolation over the level of log size and of the mean score over items; "
        "intervals are those of the level, transformed",
        source=facts.source,
        version=__version__,
    )


def _fact(
    name: str,
    kind: Literal["size", "score"],
    levels: Floats,
    values: Floats,
    baseline: float | None,
    jnd: LevelWithInterval,
    direction: Direction,
) -> FactAtJnd:
    if len(levels) < 2:
        raise DataError(
            f"The manifest gives {name} at one level only.", "Give it at two levels or more."
        )
    scale = np.log(values) if kind == "size" else values
    # From the least to the most compressed, as a coordinate that rises with compression.
    sign = 1.0 if direction == "rises" else -1.0
    order = np.argsort(sign * levels)
    x, y = (sign * levels)[order], scale[order]
    start = None if baseline is None else math.log(baseline) if kind == "size" else baseline
    ends = sorted((sign * jnd.interval.low, sign * jnd.interval.high))
    low, high = _image(x, y, ends[0], ends[1], start)
    at = sign * jnd.value
    inside = x[0] <= at <= x[-1]
    estimate = float(np.interp(at, x, y)) if inside else None
    if kind == "size":
        estimate = None if estimate is None else math.exp(estimate)
        low, high = math.exp(low), math.exp(high) if high < math.inf else math.inf
    interval = _transformed(jnd.interval, low, high)
    smaller = kind == "size" and baseline is not None
    return FactAtJnd(
        name=name,
        kind=kind,
        estimate=estimate,
        interval=interval,
        baseline=baseline,
        times_smaller=baseline / estimate if smaller and baseline and estimate else None,
        times_smaller_interval=_transformed(
            jnd.interval, baseline / high, baseline / low if low > 0 else math.inf
        )
        if smaller and baseline
        else None,
        levels=tuple(float(level) for level in levels),
        values=tuple(float(value) for value in values),
        warnings=_warnings(name, kind, y, baseline),
    )


def _image(
    x: Floats, y: Floats, begin: float, end: float, start: float | None
) -> tuple[float, float]:
    """Least and largest value of the line through (x, y) on [begin, end]; x ascending.

    Before x[0] it lies between y[0] and ``start`` (anywhere, if that is not known), beyond x[-1]
    it goes on in the direction it has on the whole.
    """
    inside = (x >= begin) & (x <= end)
    reached = [*y[inside]]
    if end >= x[0] and begin <= x[-1]:
        reached += [
            float(np.interp(max(begin, x[0]), x, y)),
            float(np.interp(min(end, x[-1]), x, y)),
        ]
    falls = y[-1] <= y[0]
    if begin < x[0]:
        away = math.inf if falls else -math.inf
        reached += [float(y[0]), away if start is None else start]
    if end > x[-1]:
        reached += [float(y[-1]), -math.inf if falls else math.inf]
    return float(min(reached)), float(max(reached))


def _transformed(source: ConfidenceInterval, low: float, high: float) -> ConfidenceInterval:
    return ConfidenceInterval(
        low=low, high=high, coverage=source.coverage, method=f"{source.method}, transformed"
    )


def _warnings(
    name: str, kind: Literal["size", "score"], y: Floats, baseline: float | None
) -> tuple[str, ...]:
    warnings = []
    steps = np.diff(y)
    if (steps > 0).any() and (steps < 0).any():
        warnings.append(
            f"{score_title(name)} does not change in one direction with compression, so that other "
            "levels have the same value."
        )
    if kind == "size" and baseline is None:
        warnings.append(
            f"The manifest lacks the baseline's value of {score_title(name)}: no times smaller."
        )
    return tuple(warnings)
