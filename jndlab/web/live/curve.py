"""The running result: proportion correct per level with intervals, and a fitted curve.

Made once per look and kept as it was then. All trials are pooled: what is claimed in the end is
the report's, which has the listener as its unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from jndlab.errors import JndlabError
from jndlab.study.rows import Row

if TYPE_CHECKING:
    from jndlab.analysis.study.exclusions import ListenerCounts

N_PLACES = 60
"""Of the fitted curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelNow:
    """One level of one condition, so far."""

    level: float
    n_correct: int
    n_trials: int
    low: float
    """Exact interval, as if this were the only look; likewise ``high``."""
    high: float
    any_time_low: float
    """Limits that hold however often one looks: a confidence sequence over the listeners."""
    any_time_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveNow:
    """One condition, so far."""

    condition: str
    unit: str
    compression: str
    guess_rate: float
    n_listeners: int
    levels: tuple[LevelNow, ...]
    curve: tuple[tuple[float, float], ...]
    """Points of the fitted curve; empty if there is none."""
    problem: str
    """Why there is no curve; empty if there is one."""
    part: str = ""
    """Part of the session; empty where it is all one."""


def running_curves(rows: Iterable[Row], *, part: str = "") -> tuple[CurveNow, ...]:
    """The curves over the tidy rows of one part and one kind of session; conditions sorted by name.

    Empty where no test trial was answered yet. Practice and catch trials are left out.
    """
    from jndlab.analysis import TrialTable
    from jndlab.analysis.study.exclusions import listener_counts, scored_trials

    answered = [row for row in rows if row["response"] is not None]
    if not any(_is_test(row) for row in answered):
        return ()
    table = scored_trials(TrialTable.from_rows(answered))
    first = {str(row["condition"]): row for row in answered if _is_test(row)}
    return tuple(
        replace(_curve(counts, first[counts.condition]), part=part)
        for counts in listener_counts(table)
    )


def _is_test(row: Row) -> bool:
    return row["phase"] == "main" and row["trial_kind"] == "test"


def _curve(part: ListenerCounts, row: Row) -> CurveNow:
    curve: tuple[tuple[float, float], ...] = ()
    problem = ""
    try:
        curve = _fitted(part, row)
    except JndlabError as error:
        problem = error.message
    return CurveNow(
        condition=part.condition,
        unit=str(row["level_unit"] or ""),
        compression=str(row["compression"]),
        guess_rate=float(row["guess_rate"] or 0.0),
        n_listeners=len(part.listeners),
        levels=tuple(_level(part, place) for place in range(len(part.levels))),
        curve=curve,
        problem=problem,
    )


def _level(part: ListenerCounts, place: int) -> LevelNow:
    from jndlab.analysis import clopper_pearson, confidence_sequence_listeners

    correct, trials = part.n_correct[:, place], part.n_trials[:, place]
    heard = trials > 0
    exact = clopper_pearson(int(correct.sum()), int(trials.sum()))
    # In the order of their numbers, which is the order in which they came.
    any_time = confidence_sequence_listeners(correct[heard], trials[heard]).interval
    return LevelNow(
        level=part.levels[place],
        n_correct=int(correct.sum()),
        n_trials=int(trials.sum()),
        low=exact.low,
        high=exact.high,
        any_time_low=any_time.low,
        any_time_high=any_time.high,
    )


def _fitted(part: ListenerCounts, row: Row) -> tuple[tuple[float, float], ...]:
    from jndlab.analysis import fit_psychometric

    fit = fit_psychometric(
        part.levels,
        part.n_correct.sum(axis=0),
        part.n_trials.sum(axis=0),
        paradigm=str(row["paradigm"]),
        # More compression is easier to hear: the curve rises with it.
        direction="falls" if row["compression"] == "falls" else "rises",
    )
    places = np.linspace(min(part.levels), max(part.levels), N_PLACES)
    return tuple(zip(places.tolist(), fit.predict(places).tolist(), strict=True))


def curves_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[CurveNow, ...]:
    """The curves that ``dataclasses.asdict`` took apart for a job's result."""
    return tuple(
        CurveNow(
            **{
                **one,
                "levels": tuple(LevelNow(**level) for level in one["levels"]),
                "curve": tuple((float(level), float(share)) for level, share in one["curve"]),
            }
        )
        for one in stored
    )
