"""Interval bias: a preference for one response or one order, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from jndlab.analysis.detection.convert import d_prime
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage, clopper_pearson
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusions import scored_trials
from jndlab.analysis.study.response_shares import most_preferred
from jndlab.analysis.study.session_rows import require_one_study
from jndlab.analysis.study.within_listeners import (
    MeanEffect,
    effect_within_strata,
    mean_over_listeners,
)
from jndlab.errors import DataError

Mask = NDArray[np.bool_]
_SHARES = {3: "one third", 4: "one quarter", 5: "one fifth"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCount:
    """Answers to one order of presentation, pooled over listeners and levels."""

    order: str
    correct_response: str
    n_correct: int
    n_trials: int
    interval: ConfidenceInterval
    """Exact (Clopper–Pearson); takes the trials as independent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasedLevel:
    """One level of one condition: d′ as it is, and freed from the preference for a response."""

    condition: str
    level: float
    n_first: int
    """Trials in which the first response was right; likewise the second."""
    n_correct_first: int
    n_second: int
    n_correct_second: int
    proportion_correct: float
    proportion_correct_unbiased: float
    """Φ(½(z(H) − z(F))): what the same sensitivity gives without a preference."""
    d_prime: float
    d_prime_unbiased: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalBias:
    """Preferences of the listeners: for a response, an order, a kind of sound."""

    paradigm: str
    responses: tuple[str, ...]
    """All that are possible. Of two the first is the one a positive bias prefers."""
    preferred: str
    """The response that ``response`` is about: of two the first, of more the one whose mean share
    departs most from its fair share."""
    fair_share: str
    """What its share would be without a preference, in words: "one half", "one third"."""
    share_first: float
    """Share of the response ``preferred`` among all answers."""
    orders: tuple[OrderCount, ...]
    response: MeanEffect
    """Share of that response beyond its fair share, were all equally often right."""
    others: tuple[MeanEffect, ...]
    """ABX: the difference in proportion correct that it makes what X is, and what comes first."""
    levels: tuple[BiasedLevel, ...]
    """From pooled counts, with the log-linear correction throughout. Empty with more than two
    responses: one number does not say then what the preference costs."""
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_interval_bias(table: TrialTable, *, coverage: float = 0.95) -> IntervalBias:
    """Shares per response and order, with tests whose unit is the listener.

    The bias of a listener is ½ [P(right | first right) − P(right | second right)] at equal levels:
    the share of first responses beyond one half. Balanced orders keep a bias from favouring a
    condition, but it lowers the proportion correct; the unbiased one is Φ(½(z(H) − z(F))), where H
    and F are the rates of the first response when it is right and when it is wrong, each with ½
    added to the count and 1 to the trials (Hautus 1995, *Behavior Research Methods, Instruments, &
    Computers* 27, 46–51; Macmillan & Creelman 2005, ch. 7 and 9). In ABX, where B is nearer to X, a
    preference for B is also what forgetting A gives (recency).

    With more than two responses (m-AFC, oddity, tetrad) each listener's share of every response is
    averaged over the right answers and compared with 1/m; the one that departs most is told, its
    p-values multiplied by m for the choice (Bonferroni).

    Answered test trials. DataError: none, several studies, mixed sessions, a single response.

    >>> from jndlab.analysis.study.example import example_trials
    >>> bias = check_interval_bias(example_trials(bias=0.2))
    >>> bias.responses[0], round(bias.response.estimate, 3), round(bias.response.p_value, 4)
    ('A', 0.146, 0.0)
    """
    check_coverage(coverage)
    trials = scored_trials(table)
    require_one_study(trials)
    responses = np.unique([*trials["correct_response"], *trials["response"]])
    if len(responses) < 2:
        raise DataError(
            f"A bias needs two responses, and the trials hold {len(responses)}: "
            f"{', '.join(responses)}.",
            "Check the columns response and correct_response.",
        )
    if len(responses) > 2:
        return _of_several(trials, tuple(map(str, responses)), coverage)
    first = trials["correct_response"] == responses[0]
    paradigm = str(trials["paradigm"][0])
    return IntervalBias(
        paradigm=paradigm,
        responses=(str(responses[0]), str(responses[1])),
        preferred=str(responses[0]),
        fair_share="one half",
        share_first=float(np.mean(trials["response"] == responses[0])),
        orders=_orders(trials, coverage),
        response=_effect(f"bias to {responses[0]}", trials, first, 0.5, coverage),
        others=_order_effects(trials, coverage) if paradigm == "abx" else (),
        levels=_levels(trials, first, paradigm),
        method="difference in proportion correct within listener, condition and level (weights of "
        "Mantel and Haenszel), averaged over listeners; t test over listeners; each listener's own "
        "by a stratified permutation z, Holm over listeners",
    )


def _of_several(trials: TrialTable, responses: tuple[str, ...], coverage: float) -> IntervalBias:
    preferred, effect = most_preferred(trials, responses, coverage=coverage)
    return IntervalBias(
        paradigm=str(trials["paradigm"][0]),
        responses=responses,
        preferred=preferred,
        fair_share=_SHARES.get(len(responses), f"1/{len(responses)}"),
        share_first=float(np.mean(trials["response"] == preferred)),
        orders=_orders(trials, coverage),
        response=effect,
        others=(),
        levels=(),
        method=effect.method,
    )


def _orders(trials: TrialTable, coverage: float) -> tuple[OrderCount, ...]:
    found = []
    for order in np.unique(trials["order"]):
        rows = trials["order"] == order
        n_correct, n_trials = int(trials["correct"][rows].sum()), int(rows.sum())
        found.append(
            OrderCount(
                order=str(order),
                correct_response=str(trials["correct_response"][rows][0]),
                n_correct=n_correct,
                n_trials=n_trials,
                interval=clopper_pearson(n_correct, n_trials, coverage=coverage),
            )
        )
    return tuple(found)


def _order_effects(trials: TrialTable, coverage: float) -> tuple[MeanEffect, ...]:
    """What X is, and which version comes first: the other two contrasts of the four ABX orders."""
    orders = trials["order"]
    compressed_x = np.char.endswith(orders, "B")
    baseline_first = np.char.startswith(orders, "A")
    return (
        _effect("X is the compressed version", trials, compressed_x, 1.0, coverage),
        _effect("the baseline comes first", trials, baseline_first, 1.0, coverage),
    )


def _effect(
    name: str, trials: TrialTable, marked: Mask, scale: float, coverage: float
) -> MeanEffect:
    """Difference in proportion correct, marked less others, times ``scale``, over listeners."""
    cells = _cells(trials)
    effects = []
    for listener in np.unique(trials["participant"]):
        rows = trials["participant"] == listener
        found = effect_within_strata(marked[rows], trials["correct"][rows], cells[rows])
        if found is not None:
            effects.append((int(listener), scale * found[0], found[1]))
    return mean_over_listeners(
        name,
        effects,
        coverage=coverage,
        method=f"{scale:g} × difference in proportion correct at equal levels, mean over listeners",
    )


def _cells(trials: TrialTable) -> NDArray[np.intp]:
    """A number for every combination of condition and level; shape (trials,)."""
    _, condition = np.unique(trials["condition"], return_inverse=True)
    levels, level = np.unique(trials["level"], return_inverse=True)
    return np.asarray(condition * len(levels) + level)


def _levels(trials: TrialTable, first: Mask, paradigm: str) -> tuple[BiasedLevel, ...]:
    found = []
    for condition in np.unique(trials["condition"]):
        inside = trials["condition"] == condition
        for level in np.unique(trials["level"][inside]):
            rows = inside & (trials["level"] == level)
            if (first & rows).any() and (~first & rows).any():
                found.append(_level(trials, rows, first, paradigm))
    return tuple(found)


def _level(trials: TrialTable, rows: Mask, first: Mask, paradigm: str) -> BiasedLevel:
    correct = trials["correct"]
    n_first, n_second = int((rows & first).sum()), int((rows & ~first).sum())
    k_first, k_second = int(correct[rows & first].sum()), int(correct[rows & ~first].sum())
    hit = (k_first + 0.5) / (n_first + 1)
    false_alarm = (n_second - k_second + 0.5) / (n_second + 1)
    unbiased = float(ndtr(0.5 * (ndtri(hit) - ndtri(false_alarm))))
    # The same correction for both, or the comparison would show the correction.
    plain = 0.5 * (hit + 1.0 - false_alarm)
    at = int(np.flatnonzero(rows)[0])
    return BiasedLevel(
        condition=str(trials["condition"][at]),
        level=float(trials["level"][at]),
        n_first=n_first,
        n_correct_first=k_first,
        n_second=n_second,
        n_correct_second=k_second,
        proportion_correct=(k_first + k_second) / (n_first + n_second),
        proportion_correct_unbiased=unbiased,
        d_prime=float(d_prime(plain, paradigm=paradigm)),
        d_prime_unbiased=float(d_prime(unbiased, paradigm=paradigm)),
    )
