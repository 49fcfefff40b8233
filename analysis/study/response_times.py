"""Response times: answers too fast to be answers, and outliers within each listener."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.records import to_dict
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.session_rows import main_trials, sessions_of
from jndlab.errors import DataError

TOO_FAST_MS = 200.0
"""From the first sound to a choice takes longer: what is below was not listened to."""
CUTOFF = 3.5
"""Robust standard deviations beyond which a time is an outlier (Iglewicz & Hoaglin 1993)."""
_MAD_TO_SD = 1.4826
"""Of a normal distribution."""
_FEWEST = 8
"""Answers from which a median and its deviations say something."""
_FEWEST_SESSIONS = 5
_MOST_EQUAL = 0.5

TimeKind = Literal["too fast", "fast", "slow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOutlier:
    """One answer that came unusually early or late."""

    participant: int
    session: str
    trial: int
    response_time_ms: float
    kind: TimeKind
    """too fast: below what is possible; fast, slow: unusual for this listener."""
    correct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTimes:
    """Response times of one session; answered main trials."""

    session: str
    participant: int
    n_trials: int
    median_ms: float
    """Of the possible times; nan without any."""
    low_ms: float
    """Below this a time is an outlier of this listener; nan where the times cannot say."""
    high_ms: float
    n_too_fast: int
    n_fast: int
    n_slow: int
    share_equal: float
    """Share of the commonest time: people do not take equally long twice, programs do."""
    unusual_listener: bool
    """The median itself is an outlier among the sessions' medians."""
    times_ms: NDArray[np.float64] = field(repr=False)
    """Shape (trials,), in the order of the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTimes:
    """Response times of all sessions."""

    sessions: tuple[SessionTimes, ...]
    outliers: tuple[TimeOutlier, ...]
    n_trials: int
    """Answers with a recorded time."""
    n_without_time: int
    median_ms: float
    """Over sessions, of their medians."""
    proportion_correct_outliers: float | None
    """Test trials among the outliers; None: none."""
    proportion_correct_others: float | None
    too_fast_ms: float
    cutoff: float
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_response_times(
    table: TrialTable, *, too_fast_ms: float = TOO_FAST_MS, cutoff: float = CUTOFF
) -> ResponseTimes:
    """Impossible times, and outliers of each listener on the log scale.

    A time is an outlier if its logarithm lies more than ``cutoff`` · 1.4826 · MAD from the median
    of this listener's possible times (Iglewicz & Hoaglin 1993, *How to Detect and Handle Outliers*;
    Leys et al. 2013, *Journal of Experimental Social Psychology* 49, 764–766): neither median nor
    MAD is moved by the outliers themselves, and the log takes away the skew. Nothing is left out
    here: rules for that belong before the data. DataError: no rows, several studies, mixed
    sessions, impossible limits.

    >>> from jndlab.analysis.study.example import example_trials
    >>> times = check_response_times(example_trials())
    >>> times.n_trials, round(times.median_ms), len(times.outliers)
    (576, 2912, 3)
    """
    if not (too_fast_ms >= 0 and cutoff > 0):
        raise DataError("These limits cannot be.", "Give too_fast_ms of 0 or more, cutoff above 0.")
    trials = main_trials(table)
    times = trials["response_time_ms"]
    timed = trials.select(np.isfinite(times))
    kinds = np.full(len(timed), "", dtype="<U8")
    sessions = [
        _session(timed, one.session, one.participant, one.rows, kinds, too_fast_ms, cutoff)
        for one in sessions_of(timed)
    ]
    unusual = _unusual(np.array([one.median_ms for one in sessions]), cutoff)
    test, out = timed["trial_kind"] == "test", kinds != ""
    medians = [one.median_ms for one in sessions if np.isfinite(one.median_ms)]
    return ResponseTimes(
        sessions=tuple(
            one if not strange else _marked(one)
            for one, strange in zip(sessions, unusual, strict=True)
        ),
        outliers=_outliers(timed, kinds),
        n_trials=len(timed),
        n_without_time=len(trials) - len(timed),
        median_ms=float(np.median(medians)) if medians else float("nan"),
        proportion_correct_outliers=_share(timed["correct"][test & out]),
        proportion_correct_others=_share(timed["correct"][test & ~out]),
        too_fast_ms=too_fast_ms,
        cutoff=cutoff,
        method=f"too fast: below {too_fast_ms:g} ms after the first sound; outliers: more than "
        f"{cutoff:g} robust standard deviations (1.4826 MAD) from the listener's median log time",
    )


def _session(
    trials: TrialTable,
    session: str,
    participant: int,
    rows: NDArray[np.intp],
    kinds: NDArray[np.str_],
    too_fast_ms: float,
    cutoff: float,
) -> SessionTimes:
    """The times of one session; writes the kind of every outlier into ``kinds``."""
    times = trials["response_time_ms"][rows]
    impossible = (times < too_fast_ms) | (times <= 0)
    low = high = median = float("nan")
    if not impossible.all():
        logs = np.log(times[~impossible])
        centre = float(np.median(logs))
        deviation = _MAD_TO_SD * float(np.median(np.abs(logs - centre)))
        median = float(np.exp(centre))
        if len(logs) >= _FEWEST and deviation > 0:
            low, high = (float(np.exp(centre + side * cutoff * deviation)) for side in (-1, 1))
    fast, slow = ~impossible & (times < low), ~impossible & (times > high)
    for mask, kind in ((impossible, "too fast"), (fast, "fast"), (slow, "slow")):
        kinds[rows[mask]] = kind
    return SessionTimes(
        session=session,
        participant=participant,
        n_trials=len(rows),
        median_ms=median,
        low_ms=low,
        high_ms=high,
        n_too_fast=int(impossible.sum()),
        n_fast=int(fast.sum()),
        n_slow=int(slow.sum()),
        share_equal=float(np.unique(times, return_counts=True)[1].max() / len(times)),
        unusual_listener=False,
        times_ms=times,
    )


def is_mechanical(one: SessionTimes) -> bool:
    """Whether most times of a session are equal to the tenth of a millisecond: no person's."""
    return one.n_trials >= _FEWEST and one.share_equal > _MOST_EQUAL


def _marked(one: SessionTimes) -> SessionTimes:
    from dataclasses import replace

    return replace(one, unusual_listener=True)


def _unusual(medians: NDArray[np.float64], cutoff: float) -> NDArray[np.bool_]:
    """Which sessions' medians are outliers among the medians; shape (sessions,)."""
    known = np.isfinite(medians)
    unusual = np.zeros(len(medians), dtype=bool)
    if known.sum() < _FEWEST_SESSIONS:
        return unusual
    logs = np.log(medians[known])
    distance = np.abs(logs - np.median(logs))
    scale = _MAD_TO_SD * float(np.median(distance))
    if scale > 0:
        unusual[known] = distance > cutoff * scale
    return unusual


def _outliers(trials: TrialTable, kinds: NDArray[np.str_]) -> tuple[TimeOutlier, ...]:
    names: dict[str, TimeKind] = {"too fast": "too fast", "fast": "fast", "slow": "slow"}
    return tuple(
        TimeOutlier(
            participant=int(trials["participant"][row]),
            session=str(trials["session"][row]),
            trial=int(trials["trial"][row]),
            response_time_ms=float(trials["response_time_ms"][row]),
            kind=names[str(kinds[row])],
            correct=bool(trials["correct"][row]),
        )
        for row in np.flatnonzero(kinds != "")
    )


def _share(correct: NDArray[np.bool_]) -> float | None:
    return float(correct.mean()) if len(correct) else None
