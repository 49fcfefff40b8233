"""How far listeners agree with themselves and with each other, and with known answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson
from jndlab.analysis.quality.votes import Votes, read_votes
from jndlab.analysis.study.data import TrialTable

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntraclassCorrelation:
    """Shrout & Fleiss 1979, *Psychological Bulletin* 86, 420–428."""

    form: str
    """ICC(1,1): of single votes given twice; ICC(2,1), ICC(2,k): of single listeners, of the mean
    of all."""
    value: float
    interval: ConfidenceInterval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Trials that were given twice."""

    n_pairs: int
    n_listeners: int
    n_equal: int
    """Pairs with the same vote."""
    share_equal: float
    """Mean over listeners."""
    mean_difference: float
    """Second vote minus first, mean over listeners."""
    mean_distance: float
    """Mean over listeners of the votes' distance."""
    icc: IntraclassCorrelation | None
    """ICC(1,1) over all pairs; None for preferences, and where votes do not vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswers:
    """Trials of one kind that have a right answer: gold or trap."""

    kind: str
    n_trials: int
    n_right: int
    n_listeners: int
    interval: ConfidenceInterval
    """Exact; takes the trials as independent."""
    failing: tuple[int, ...]
    """Participants with at least half of them wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """All of it. None: no such trials, or too few listeners."""

    repeats: Repeats | None
    gold: KnownAnswers | None
    trap: KnownAnswers | None
    single: IntraclassCorrelation | None
    """ICC(2,1) over stimuli."""
    panel: IntraclassCorrelation | None
    """ICC(2,k): how far a panel of as many listeners would give the same means."""


def check_reliability(
    kept: TrialTable, means: Floats, *, coverage: float, preference: bool
) -> Reliability:
    """From the trials that the rules keep, and ``means`` of shape (listeners, stimuli)."""
    single, panel = agreement_of(means, coverage=coverage)
    return Reliability(
        repeats=_repeats(kept, coverage=coverage, preference=preference),
        gold=_known(kept, "gold", coverage),
        trap=_known(kept, "trap", coverage),
        single=single,
        panel=panel,
    )


def _repeats(kept: TrialTable, *, coverage: float, preference: bool) -> Repeats | None:
    """Every repeated trial with the last earlier test trial of the same session and sounds."""
    main = kept.select(kept["phase"] == "main")
    if not (main["trial_kind"] == "repeated").any():
        return None
    votes = read_votes(main.select(np.isin(main["trial_kind"], ["test", "repeated"])))
    rows = main.select(np.isin(main["trial_kind"], ["test", "repeated"]) & main.answered)
    order = np.lexsort((rows["trial"][votes.trial], rows["session"][votes.trial]))
    earlier: dict[tuple[object, ...], float] = {}
    pairs: list[tuple[int, float, float]] = []
    for at in order.tolist():
        row = int(votes.trial[at])
        key = _key(rows, votes, row, at)
        if rows["trial_kind"][row] == "repeated" and key in earlier:
            pairs.append((int(votes.listener[at]), earlier[key], float(votes.value[at])))
        earlier[key] = float(votes.value[at])
    if not pairs:
        return None
    who = np.array([pair[0] for pair in pairs])
    first, second = np.array([pair[1] for pair in pairs]), np.array([pair[2] for pair in pairs])
    equal = np.isclose(first, second)
    icc = None if preference else icc_pairs(np.column_stack([first, second]), coverage=coverage)
    return Repeats(
        n_pairs=len(pairs),
        n_listeners=len(np.unique(who)),
        n_equal=int(equal.sum()),
        share_equal=_over_listeners(who, equal.astype(float)),
        mean_difference=_over_listeners(who, second - first),
        mean_distance=_over_listeners(who, np.abs(second - first)),
        icc=icc,
    )


def _key(rows: TrialTable, votes: Votes, row: int, at: int) -> tuple[object, ...]:
    return (
        str(rows["session"][row]),
        str(rows["item"][row]),
        int(votes.stimulus[at]),
        int(votes.other[at]),
    )


def _over_listeners(who: NDArray[np.int64], values: Floats) -> float:
    return float(np.mean([values[who == one].mean() for one in np.unique(who)]))


def _known(kept: TrialTable, kind: str, coverage: float) -> KnownAnswers | None:
    rows = (kept["trial_kind"] == kind) & kept.answered & (kept["correct_response"] != "")
    part = kept.select(rows)
    if len(part) == 0:
        return None
    right, who = part["correct"], part["participant"]
    failing = [int(one) for one in np.unique(who) if right[who == one].mean() <= 0.5]
    return KnownAnswers(
        kind=kind,
        n_trials=len(part),
        n_right=int(right.sum()),
        n_listeners=len(np.unique(who)),
        interval=clopper_pearson(int(right.sum()), len(part), coverage=coverage),
        failing=tuple(failing),
    )


def icc_pairs(pairs: Floats, *, coverage: float) -> IntraclassCorrelation | None:
    """ICC(1,1) of votes given twice, shape (pairs, 2); None where they do not vary.

    >>> round(icc_pairs(np.array([[1., 2.], [3., 3.], [5., 4.], [4., 4.]]), coverage=0.95).value, 3)
    0.867
    """
    n, k = pairs.shape
    if n < 2 or np.ptp(pairs) == 0.0:
        return None
    means = pairs.mean(axis=1)
    between = k * float(np.sum((means - pairs.mean()) ** 2)) / (n - 1)
    within = float(np.sum((pairs - means[:, None]) ** 2)) / (n * (k - 1))
    value = (between - within) / (between + (k - 1) * within)
    interval = None
    if within > 0.0:
        ratio, tail = between / within, (1.0 - coverage) / 2.0
        low = ratio / float(fdtri(n - 1, n * (k - 1), 1.0 - tail))
        high = ratio * float(fdtri(n * (k - 1), n - 1, 1.0 - tail))
        interval = ConfidenceInterval(
            low=(low - 1.0) / (low + k - 1.0),
            high=(high - 1.0) / (high + k - 1.0),
            coverage=coverage,
            method="F",
        )
    return IntraclassCorrelation(form="ICC(1,1)", value=value, interval=interval)


def agreement_of(
    means: Floats, *, coverage: float
) -> tuple[IntraclassCorrelation | None, IntraclassCorrelation | None]:
    """ICC(2,1) and ICC(2,k) of the listeners who voted on every stimulus.

    ``means`` of shape (listeners, stimuli). None, None with fewer than three such listeners or
    stimuli, or where nothing varies.

    >>> table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8],
    ...                   [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.]])  # Shrout & Fleiss, table 2
    >>> single, panel = agreement_of(table.T, coverage=0.95)
    >>> round(single.value, 2), round(panel.value, 2)
    (0.29, 0.62)
    """
    table = means[~np.isnan(means).any(axis=1)].T  # targets in rows, judges in columns
    n, k = table.shape
    if n < 3 or k < 3 or np.ptp(table) == 0.0:
        return None, None
    rows, columns, all_ = table.mean(axis=1), table.mean(axis=0), table.mean()
    ms_rows = k * float(np.sum((rows - all_) ** 2)) / (n - 1)
    ms_columns = n * float(np.sum((columns - all_) ** 2)) / (k - 1)
    rest = table - rows[:, None] - columns[None, :] + all_
    ms_rest = float(np.sum(rest**2)) / ((n - 1) * (k - 1))
    if ms_rows == 0.0:
        return None, None
    single = (ms_rows - ms_rest) / (ms_rows + (k - 1) * ms_rest + k * (ms_columns - ms_rest) / n)
    panel = (ms_rows - ms_rest) / (ms_rows + (ms_columns - ms_rest) / n)
    interval = _icc2_interval(ms_rows, ms_columns, ms_rest, single, n, k, coverage)
    both = None
    if interval is not None:
        both = ConfidenceInterval(
            low=k * interval.low / (1.0 + (k - 1) * interval.low),
            high=k * interval.high / (1.0 + (k - 1) * interval.high),
            coverage=coverage,
            method="F, Satterthwaite",
        )
    return (
        IntraclassCorrelation(form="ICC(2,1)", value=single, interval=interval),
        IntraclassCorrelation(form="ICC(2,k)", value=panel, interval=both),
    )


def _icc2_interval(
    ms_rows: float, ms_columns: float, ms_rest: float, icc: float, n: int, k: int, coverage: float
) -> ConfidenceInterval | None:
    """The interval of Shrout & Fleiss for ICC(2,1), with Satterthwaite's degrees of freedom."""
    if ms_rest <= 0.0:
        return None
    ratio = ms_columns / ms_rest
    top = k * icc * ratio + n * (1 + (k - 1) * icc) - k * icc
    freedom = (
        (k - 1)
        * (n - 1)
        * top**2
        / ((n - 1) * (k * icc * ratio) ** 2 + (n * (1 + (k - 1) * icc) - k * icc) ** 2)
    )
    tail = (1.0 - coverage) / 2.0
    if freedom <= 0.0:
        return None
    upper = float(fdtri(n - 1, freedom, 1.0 - tail))
    lower = float(fdtri(freedom, n - 1, 1.0 - tail))
    spread = k * ms_columns + (k * n - k - n) * ms_rest
    return ConfidenceInterval(
        low=n * (ms_rows - upper * ms_rest) / (upper * spread + n * ms_rows),
        high=n * (lower * ms_rows - ms_rest) / (spread + n * lower * ms_rows),
        coverage=coverage,
        method="F, Satterthwaite",
    )
