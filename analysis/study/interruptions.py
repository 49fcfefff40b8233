"""Reloads, gaps, replays and devices: how undisturbed the sessions were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.records import to_dict
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.session_rows import main_trials, moments, sessions_of
from jndlab.errors import DataError

LONG_GAP_MINUTES = 10.0
"""A longer gap is called an interruption: no break between blocks takes that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time without an answer."""

    trial: int
    """Number of the trial whose answer ended it."""
    minutes: float
    between_trials: bool
    """False: the trial had been handed out, and its answer took that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInterruptions:
    """How undisturbed one session was; answered main trials."""

    session: str
    participant: int
    n_trials: int
    duration_minutes: float
    """From the first trial handed out to the last answer."""
    n_reloaded: int
    """Trials handed out more than once: after a reload, or when the session was resumed."""
    n_extra_loads: int
    """How often trials were handed out again."""
    longest_gap_minutes: float
    gaps: tuple[Gap, ...]
    """Those longer than the limit."""
    mean_plays: tuple[float, ...]
    """Mean number of plays of each interval, in the order of the page; empty if not recorded."""
    n_unheard: int
    """Trials with an interval that was never played."""
    n_backwards: int
    """Times that run backwards: an answer stored before its trial was handed out."""
    sample_rates_hz: tuple[int, ...]
    """Of the browser's audio context; more than one: the device changed."""
    reloaded_trials: tuple[int, ...] = field(repr=False)
    trials: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruptions:
    """Reloads, gaps, replays and devices of all sessions."""

    sessions: tuple[SessionInterruptions, ...]
    long_gap_minutes: float
    n_trials: int
    n_reloaded: int
    proportion_correct_reloaded: float | None
    """Over all reloaded test trials; None: there are none."""
    proportion_correct_undisturbed: float | None
    sample_rates_hz: Mapping[int, int]
    """Sample rate of the audio context -> number of sessions that had it."""
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_interruptions(
    table: TrialTable, *, long_gap_minutes: float = LONG_GAP_MINUTES
) -> Interruptions:
    """Reloaded trials, long gaps, plays per interval and sample rates of each session.

    A gap lies between an answer and the next trial, or between a trial and its answer. DataError:
    no rows, several studies, mixed sessions, a column of plays that cannot be read.

    >>> from jndlab.analysis.study.example import example_trials
    >>> calm = check_interruptions(example_trials())
    >>> calm.n_reloaded, round(calm.sessions[0].duration_minutes, 1)
    (0, 6.5)
    """
    trials = main_trials(table)
    presented, answered = moments(trials, "presented_at"), moments(trials, "answered_at")
    plays = [_plays(text, trials, row) for row, text in enumerate(trials["plays"].tolist())]
    sessions = tuple(
        _session(
            trials,
            one.session,
            one.participant,
            one.rows,
            presented[one.rows],
            answered[one.rows],
            [plays[row] for row in one.rows],
            long_gap_minutes,
        )
        for one in sessions_of(trials)
    )
    test = trials["trial_kind"] == "test"
    reloaded = trials["n_loads"] > 1
    rates: dict[int, int] = {}
    for rate in (rate for one in sessions for rate in one.sample_rates_hz):
        rates[rate] = rates.get(rate, 0) + 1
    return Interruptions(
        sessions=sessions,
        long_gap_minutes=long_gap_minutes,
        n_trials=len(trials),
        n_reloaded=int(reloaded.sum()),
        proportion_correct_reloaded=_share(trials["correct"][test & reloaded]),
        proportion_correct_undisturbed=_share(trials["correct"][test & ~reloaded]),
        sample_rates_hz=dict(sorted(rates.items())),
        method=f"answered main trials; gaps of more than {long_gap_minutes:g} min are listed",
    )


def _session(
    trials: TrialTable,
    session: str,
    participant: int,
    rows: NDArray[np.intp],
    presented: NDArray[np.datetime64],
    answered: NDArray[np.datetime64],
    plays: list[tuple[int, ...]],
    long_gap_minutes: float,
) -> SessionInterruptions:
    numbers = trials["trial"][rows]
    within = _minutes(answered - presented)
    between = np.concatenate(([0.0], _minutes(presented[1:] - answered[:-1])))
    gaps = [
        Gap(trial=int(numbers[at]), minutes=float(minutes[at]), between_trials=is_between)
        for minutes, is_between in ((between, True), (within, False))
        for at in np.flatnonzero(minutes > long_gap_minutes)
    ]
    loads = trials["n_loads"][rows]
    rates = trials["context_rate_hz"][rows]
    known = [one for one in plays if one]
    even = {len(one) for one in known}
    last = answered[~np.isnat(answered)]
    return SessionInterruptions(
        session=session,
        participant=participant,
        n_trials=len(rows),
        duration_minutes=float(_minutes(last.max() - presented.min())) if len(last) else 0.0,
        n_reloaded=int(np.sum(loads > 1)),
        n_extra_loads=int(np.sum(np.maximum(loads - 1, 0))),
        longest_gap_minutes=float(max(within.max(), between.max(), 0.0)),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.trial)),
        mean_plays=tuple(float(mean) for mean in np.mean(known, axis=0)) if len(even) == 1 else (),
        n_unheard=sum(min(one) == 0 for one in known),
        n_backwards=int(np.sum(within < 0) + np.sum(between < 0)),
        sample_rates_hz=tuple(int(rate) for rate in np.unique(rates[np.isfinite(rates)])),
        reloaded_trials=tuple(int(number) for number in numbers[loads > 1]),
        trials=tuple(int(number) for number in numbers),
    )


def _minutes(times: Any) -> Any:
    """Minutes of a difference of times; 0 where one of them is not known."""
    minutes = np.asarray(times / np.timedelta64(60, "s"), dtype=float)
    return np.where(np.isnan(minutes), 0.0, minutes)


def _plays(text: str, trials: TrialTable, row: int) -> tuple[int, ...]:
    try:
        counts = tuple(int(part) for part in text.split(";")) if text else ()
    except ValueError:
        counts = (-1,)
    if counts and min(counts) < 0:
        raise DataError(
            f"Session {trials['session'][row]}, trial {trials['trial'][row]}: the plays {text!r} "
            "cannot be read.",
            "Give how often each interval was played, such as 2;1;1, or nothing.",
        )
    return counts


def _share(correct: NDArray[np.bool_]) -> float | None:
    return float(correct.mean()) if len(correct) else None
