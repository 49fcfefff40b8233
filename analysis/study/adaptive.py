"""What adaptive tracks come to: every listener's own estimate, and the mean over listeners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from jndlab.analysis.intervals import ConfidenceInterval, t_interval
from jndlab.analysis.study.tracks import Bound, Track
from jndlab.study.trials import Direction

FEWEST_LISTENERS = 3
"""With fewer, a mean over listeners has no interval worth the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveListener:
    """One listener's tracks of a condition."""

    participant: int
    n_tracks: int
    n_trials: int
    n_reversals: int
    estimate: float | None
    """Mean over the listener's tracks; None: no track came to an estimate."""
    interval: tuple[float, float] | None
    """The procedure's own, of a single track that has one."""
    bound: Bound | None
    """Not None: the levels end before the threshold does, and ``estimate`` is only a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveResult:
    """The adaptive tracks of one condition."""

    procedure: str
    tracks: tuple[Track, ...]
    listeners: tuple[AdaptiveListener, ...]
    target_probability: float | None
    """Proportion correct at the estimates; None where the procedure did not state one."""
    mean: float | None
    """Over listeners; None where an estimate is only a limit: a mean of limits means nothing."""
    interval: ConfidenceInterval | None
    """Of the mean, by t over listeners; None with fewer than three."""
    sd: float | None
    median: float | None
    """Over listeners, those at a limit counted as beyond it; None where it is itself such a
    limit, or without estimates."""
    median_interval: ConfidenceInterval | None
    """From ranks; an end is infinite where it lies beyond the levels."""
    n_at_or_below: int
    """Listeners whose threshold lies at or below the least compressed level."""
    n_at_or_above: int
    """Listeners whose threshold lies at or above the most compressed level."""
    n_without: int
    """Listeners without an estimate."""
    recomputed: bool
    """Some estimates were computed from the trials, not by the procedure itself."""
    method: str


def adaptive_result(
    tracks: Sequence[Track], *, procedure: str, direction: Direction, coverage: float
) -> AdaptiveResult | None:
    """The listeners of the tracks, and their mean and median. None: there are no tracks."""
    if not tracks:
        return None
    listeners = tuple(
        _listener([one for one in tracks if one.participant == who])
        for who in sorted({one.participant for one in tracks})
    )
    known = [one for one in listeners if one.estimate is not None]
    free = np.array([one.estimate for one in known if one.bound is None], dtype=float)
    bounds = Counter(one.bound for one in known)
    ranked = _ranked(known, direction)
    only_free = len(free) == len(known) and len(free) > 0
    targets = {one.status.target_probability for one in tracks} - {None}
    return AdaptiveResult(
        procedure=procedure,
        tracks=tuple(tracks),
        listeners=listeners,
        target_probability=targets.pop() if len(targets) == 1 else None,
        mean=float(free.mean()) if only_free else None,
        interval=_mean_interval(free, coverage) if only_free else None,
        sd=float(free.std(ddof=1)) if len(free) > 1 else None,
        median=_median(ranked),
        median_interval=_median_interval(ranked, coverage),
        n_at_or_below=bounds["at or below"],
        n_at_or_above=bounds["at or above"],
        n_without=len(listeners) - len(known),
        recomputed=any(one.recomputed for one in tracks),
        method="mean over listeners of each one's own estimate, t interval; median with limits "
        "ranked beyond the levels, interval from order statistics (binomial)",
    )


def _listener(tracks: Sequence[Track]) -> AdaptiveListener:
    estimates = [one.status.estimate for one in tracks if one.status.estimate is not None]
    bounds = [one.status.bound for one in tracks if one.status.estimate is not None]
    alone = tracks[0].status.interval if len(tracks) == 1 else None
    # One track at an end and another inside: their mean is no limit, but neither is it certain.
    bound = next((one for one in bounds if one is not None), None)
    return AdaptiveListener(
        participant=tracks[0].participant,
        n_tracks=len(tracks),
        n_trials=sum(len(one.levels) for one in tracks),
        n_reversals=sum(
            len(one.reversals) if one.status.n_reversals is None else one.status.n_reversals
            for one in tracks
        ),
        estimate=float(np.mean(estimates)) if estimates else None,
        interval=alone,
        bound=bound,
    )


def _ranked(known: Sequence[AdaptiveListener], direction: Direction) -> list[float]:
    """Estimates in ascending order, limits put beyond all numbers on their side."""
    beyond = {"at or below": -np.inf, "at or above": np.inf}
    sign = -1.0 if direction == "falls" else 1.0
    values = []
    for one in known:
        if one.bound is not None:
            values.append(sign * beyond[one.bound])
        elif one.estimate is not None:
            values.append(one.estimate)
    return sorted(values)


def _median(ranked: Sequence[float]) -> float | None:
    if not ranked:
        return None
    low, high = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    return (low + high) / 2.0 if np.isfinite([low, high]).all() else None


def _median_interval(ranked: Sequence[float], coverage: float) -> ConfidenceInterval | None:
    """The narrowest pair of order statistics that covers the median at least as often as stated
    (Conover 1999, *Practical Nonparametric Statistics*, ch. 3.2); None: too few listeners."""
    n = len(ranked)
    rank = -1
    for below in range(n // 2):
        if 2.0 * float(bdtr(below, n, 0.5)) <= 1.0 - coverage:
            rank = below
    if rank < 0:
        return None
    return ConfidenceInterval(
        low=float(ranked[rank]),
        high=float(ranked[n - 1 - rank]),
        coverage=coverage,
        method="order statistics",
    )


def _mean_interval(values: NDArray[np.float64], coverage: float) -> ConfidenceInterval | None:
    n = len(values)
    if n < FEWEST_LISTENERS:
        return None
    return t_interval(float(values.mean()), float(values.std(ddof=1)), n, coverage=coverage)
