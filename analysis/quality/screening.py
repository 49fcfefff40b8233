"""Post-screening of listeners: MUSHRA by its hidden reference and anchor, BS.1116 by expertise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from jndlab.analysis.intervals import ConfidenceInterval, t_interval
from jndlab.analysis.quality.listener_means import cell_means
from jndlab.analysis.quality.votes import REFERENCE, Stimulus, Votes

Bools = NDArray[np.bool_]
GOOD_RATING = 90.0
"""BS.1534-3, § 4.1.2: the hidden reference is to be rated at least so, the mid anchor at most."""
MOST_ITEMS = 0.15
"""Largest share of items on which a listener may fail."""
MOST_LISTENERS = 0.25
"""Where more listeners than this rate the mid anchor of an item above 90, the anchor was hardly
degraded on that item, and nobody is judged by it."""
MID_ANCHOR_HZ = 7000.0
EXPERT_P_VALUE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedListener:
    """What post-screening found of one listener."""

    participant: int
    n_items: int
    n_reference_low: int
    """Items whose hidden reference was rated below 90."""
    n_anchor_items: int
    """Items that count for the mid anchor."""
    n_anchor_high: int
    """Of these, the ones whose mid anchor was rated above 90."""
    reasons: tuple[str, ...]
    """Why the listener is left out; empty: kept."""

    @property
    def excluded(self) -> bool:
        return bool(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class MushraScreening:
    """Post-screening after BS.1534-3."""

    listeners: tuple[ScreenedListener, ...]
    mid_anchor: Stimulus | None
    """None: there is no mid-range anchor, so that rule was not applied."""
    items_spared: tuple[str, ...]
    """Items whose mid anchor so many rated above 90 that nobody is judged by it."""

    @property
    def excluded(self) -> tuple[int, ...]:
        """Participants left out."""
        return tuple(one.participant for one in self.listeners if one.excluded)


def screen_mushra(votes: Votes) -> MushraScreening:
    """Who is left out by BS.1534-3, § 4.1.2, and why.

    A listener who rates the hidden reference below 90 on more than 15 % of the items; and one who
    rates the mid-range anchor above 90 on more than 15 % of the items, those left aside where more
    than 25 % of the listeners did so. Repeated ratings of an item are averaged first.
    """
    reference = _by_item(votes, votes.index(REFERENCE))
    mid = mid_anchor(votes.stimuli)
    anchor = _by_item(votes, -1 if mid is None else votes.index(mid))
    high = anchor > GOOD_RATING
    rated = ~np.isnan(anchor)
    with np.errstate(invalid="ignore"):
        too_many = high.sum(axis=0) > MOST_LISTENERS * np.maximum(rated.sum(axis=0), 1)
    low = reference < GOOD_RATING
    found = []
    for at, participant in enumerate(votes.listeners):
        judged = ~np.isnan(reference[at])
        usable = rated[at] & ~too_many
        n_low, n_high = int(low[at].sum()), int(high[at][usable].sum())
        reasons = []
        if n_low > MOST_ITEMS * judged.sum():
            reasons.append(
                f"rated the hidden reference below 90 for {n_low} of {int(judged.sum())} items"
            )
        if n_high > MOST_ITEMS * usable.sum():
            reasons.append(
                f"rated the mid-range anchor above 90 for {n_high} of {int(usable.sum())} items"
            )
        found.append(
            ScreenedListener(
                participant=participant,
                n_items=int(judged.sum()),
                n_reference_low=n_low,
                n_anchor_items=int(usable.sum()),
                n_anchor_high=n_high,
                reasons=tuple(reasons),
            )
        )
    spared = tuple(item for item, many in zip(votes.items, too_many, strict=True) if many)
    return MushraScreening(listeners=tuple(found), mid_anchor=mid, items_spared=spared)


def mid_anchor(stimuli: tuple[Stimulus, ...]) -> Stimulus | None:
    """The anchor of 7 kHz; without one the highest of several; else none.

    >>> mid_anchor((Stimulus("anchor", 3500.0), Stimulus("anchor", 7000.0))).level
    7000.0
    >>> mid_anchor((Stimulus("anchor", 3500.0),)) is None
    True
    """
    anchors = sorted((one for one in stimuli if one.is_anchor), key=lambda one: one.level or 0.0)
    for one in anchors:
        if one.level == MID_ANCHOR_HZ:
            return one
    return anchors[-1] if len(anchors) > 1 else None


def _by_item(votes: Votes, stimulus: int) -> NDArray[np.float64]:
    """Mean rating of one stimulus, shape (listeners, items), nan where there is none."""
    rows = votes.stimulus == stimulus
    return cell_means(
        votes.listener[rows],
        votes.item[rows],
        votes.value[rows],
        n_listeners=len(votes.listeners),
        n_cells=len(votes.items),
    )[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertListener:
    """Whether one listener told the version under test from the hidden reference at all."""

    participant: int
    n_trials: int
    mean: float
    """Of the listener's diffgrades, version under test minus hidden reference."""
    p_value: float | None
    """One-sided t test of a mean of 0 against a lower one; None with one trial."""
    n_identified: int
    """Trials in which the hidden reference was graded above the version under test."""
    n_missed: int
    """Trials with the version under test graded above it; the rest are ties."""
    expert: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertScreening:
    """Post-screening after BS.1116-3, and how often the hidden reference was found."""

    listeners: tuple[ExpertListener, ...]
    identification: float
    """Mean over listeners of the share of trials with the hidden reference identified; a tie counts
    one half. 0.5 is chance."""
    interval: ConfidenceInterval | None
    """t interval over listeners; None of one listener."""
    n_identified: int
    n_tied: int
    n_trials: int
    p_value: float | None
    """Exact two-sided sign-turning test over listeners of a share of one half."""

    @property
    def excluded(self) -> tuple[int, ...]:
        """Participants who are no experts by this test."""
        return tuple(one.participant for one in self.listeners if not one.expert)


def screen_experts(votes: Votes, *, coverage: float, rng: np.random.Generator) -> ExpertScreening:
    """Expertise after BS.1116-3, § 4.1.2 and attachment 1: a one-sided t test of diffgrades.

    A listener whose diffgrades are not below 0 by more than luck explains (p < 0.05) may not have
    heard any impairment: the data then cannot tell a listener without expertise from versions
    without audible impairment.
    """
    from jndlab.analysis.quality.preference import sign_turning_test

    found, shares = [], []
    for at, participant in enumerate(votes.listeners):
        grades = votes.value[votes.listener == at]
        if len(grades) == 0:
            continue
        p_value = _below_zero(grades)
        found.append(
            ExpertListener(
                participant=participant,
                n_trials=len(grades),
                mean=float(grades.mean()),
                p_value=p_value,
                n_identified=int((grades < 0).sum()),
                n_missed=int((grades > 0).sum()),
                expert=p_value is not None and p_value < EXPERT_P_VALUE,
            )
        )
        shares.append(float(np.mean(grades < 0) + 0.5 * np.mean(grades == 0)))
    values = np.array(shares)
    sd = float(values.std(ddof=1)) if len(values) > 1 else None
    n_identified = sum(one.n_identified for one in found)
    n_missed = sum(one.n_missed for one in found)
    n_trials = sum(one.n_trials for one in found)
    return ExpertScreening(
        listeners=tuple(found),
        identification=float(values.mean()),
        interval=t_interval(float(values.mean()), sd, len(values), coverage=coverage),
        n_identified=n_identified,
        n_tied=n_trials - n_identified - n_missed,
        n_trials=n_trials,
        p_value=sign_turning_test(values - 0.5, rng=rng),
    )


def _below_zero(grades: NDArray[np.float64]) -> float | None:
    n = len(grades)
    if n < 2:
        return None
    error = float(grades.std(ddof=1)) / float(np.sqrt(n))
    mean = float(grades.mean())
    if error == 0.0:
        return 0.0 if mean < 0 else 1.0
    return float(stdtr(n - 1, mean / error))
