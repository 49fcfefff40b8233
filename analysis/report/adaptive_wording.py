"""What adaptive tracks come to, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jndlab.analysis.report.citations import Citations
from jndlab.analysis.report.formats import (
    format_interval,
    format_like,
    format_number,
    format_share,
)
from jndlab.analysis.report.wording import plural, quantity
from jndlab.analysis.study.adaptive import AdaptiveResult
from jndlab.analysis.study.results import ConditionAnalysis

_NAMES = {"staircase": "Staircases", "questplus": "The tracks (QUEST+)", "psi": "The tracks (psi)"}


def adaptive_sentence(condition: ConditionAnalysis) -> str:
    """Where the tracks of a condition ended; empty where there are none, and where only their
    procedure could tell and is not at hand."""
    result = condition.adaptive
    if result is None or (result.recomputed and result.n_without == len(result.listeners)):
        return ""
    unit = condition.level_unit or "level"
    name = _NAMES.get(result.procedure, "Tracks")
    target = ""
    if result.target_probability is not None:
        target = f", which look for {format_share(result.target_probability)} correct,"
    where = _where(result, unit)
    limits = [
        f"{plural(number, 'listener')} {'has' if number == 1 else 'have'} a threshold {side} "
        f"compressed level"
        for number, side in (
            (result.n_at_or_below, "at or below the least"),
            (result.n_at_or_above, "at or above the most"),
        )
        if number
    ]
    text = f"{name}{target} {where}."
    if limits:
        text += f" {' and '.join(limits)}, so a mean would mean nothing."
    if result.n_without:
        text += f" {plural(result.n_without, 'listener')} came to no estimate."
    return text


def _where(result: AdaptiveResult, unit: str) -> str:
    n = len(result.listeners)
    if result.mean is not None and result.interval is not None:
        value = quantity(format_like(result.mean, result.interval), unit)
        return (
            f"end at a mean of {value} over {plural(n, 'listener')} "
            f"({format_share(result.interval.coverage)} interval of the mean "
            f"{format_interval(result.interval)})"
        )
    if result.mean is not None:
        value = quantity(format_number(result.mean), unit)
        return f"end at a mean of {value} over {plural(n, 'listener')}, too few for an interval"
    if result.median is not None:
        value = quantity(format_number(result.median), unit)
        interval = result.median_interval
        ends = ""
        if interval is not None:
            low, high = (
                format_number(end) if math.isfinite(end) else "beyond the levels"
                for end in (interval.low, interval.high)
            )
            ends = f" ({format_share(interval.coverage)} interval {low} to {high})"
        return f"end at a median of {value} over {plural(n, 'listener')}{ends}"
    return "do not end at a level that could be given"


def adaptive_paragraphs(
    conditions: Sequence[ConditionAnalysis], citations: Citations
) -> list[tuple[str, str]]:
    """How levels followed from answers, and what became of the tracks; empty where they did not."""
    results = [one.adaptive for one in conditions if one.adaptive is not None]
    if not results:
        return []
    first = results[0]
    if first.procedure == "staircase":
        text = (
            "Levels followed from answers by staircases "
            f"{citations.cite('levitt', 'kaernbach')}. The estimate of a track is the mean of its "
            "late reversals"
        )
    else:
        work = citations.cite("watson" if first.procedure == "questplus" else "kontsevich")
        text = (
            "Each level was chosen so that its answer was expected to tell most about threshold "
            f"and width {work}. The estimate of a track is the mean of its posterior"
        )
    text += (
        "; tracks of one listener and condition were averaged, then listeners, with a t interval. "
        "Where the levels ended before a threshold did, the estimate is a limit: listeners are "
        "then told by their median, in which limits count as beyond the levels. The slope of "
        "a curve fitted to adaptive trials is biased "
        f"{citations.cite('kaernbach_slope')}; it is shown for its place, not for its slope."
    )
    return [("Adaptive tracks", text)]
