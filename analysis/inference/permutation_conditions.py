"""Do listeners do better in one condition than in another? Tests without a distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import Seed, digest_counts, generator_of
from jndlab.analysis.inference.label_permutations import splits_of, welch
from jndlab.analysis.inference.listener_table import ListenerTable, listener_table
from jndlab.analysis.inference.permutation_nulls import Null, choose_null, scores_between
from jndlab.analysis.inference.permutation_result import (
    USUAL_LEVEL,
    PermutationTest,
    cut_interval,
    hypothesis_text,
    interval_by_flips,
    no_small_p,
    require_two_listeners,
    tails_of_scores,
    too_few_to_flip,
)
from jndlab.analysis.inference.proportions import Alternative, require_alternative
from jndlab.analysis.inference.random_sums import Tails
from jndlab.analysis.inference.resampling import TIE, require_resamples
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.errors import DataError

Floats = NDArray[np.float64]


def permutation_test_conditions(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    other_correct: ArrayLike,
    other_trials: ArrayLike,
    *,
    same_listeners: bool,
    alternative: Alternative = "two-sided",
    null: Null | None = None,
    coverage: float = 0.95,
    n_resamples: int = 19_999,
    seed: Seed = 1,
) -> PermutationTest:
    """Do listeners do better in one condition than in another?

    Counts of shape (listeners,) in each condition; Fisher's randomisation (1935, *The Design of
    Experiments*). ``same_listeners``: entry i of both belongs to one person, and signs of the
    differences are flipped (``null`` "symmetric", the default), or each person's correct responses
    dealt out anew over all own trials ("no_effect"). Flips are exact where a listener has as many
    trials in both, else approximate, which is then said. Different listeners: labels are exchanged,
    with Welch's t (1947, *Biometrika* 34, 28–35) as statistic (``label_permutations``), exact where
    both groups are alike in all but the label. The estimate is the first mean less the second.

    DataError: impossible counts, lengths that differ, fewer than two listeners (in a group).

    >>> result = permutation_test_conditions([18, 15, 19, 14, 17], 20, [14, 13, 15, 14, 12], 20,
    ...                                      same_listeners=True, alternative="greater")
    >>> result.p_value, round(result.estimate, 2)
    (0.0625, 0.15)
    """
    sides = require_alternative(alternative)
    check_coverage(coverage)
    rng, seed_used = generator_of(seed)
    draws = require_resamples(n_resamples)
    one, other = listener_table(n_correct, n_trials), listener_table(other_correct, other_trials)
    if one.n_correct.shape[1] != 1 or other.n_correct.shape[1] != 1:
        raise DataError("There are several columns of counts.", "For several tests: max_t_test.")
    if same_listeners:
        found = _paired(one, other, sides, null, coverage, draws, rng)
    else:
        if null is not None:
            raise DataError(
                f"Labels are exchanged between different listeners: null={null!r} has no meaning.",
                "Leave null out.",
            )
        found = _groups(one, other, sides, coverage, draws, rng)
    exact = bool(found.pop("exact"))
    return PermutationTest(
        **found,
        alternative=sides,
        chance=None,
        exact=exact,
        n_resamples=0 if exact else draws,
        seed=seed_used,
        data_digest=digest_counts(one.numbers(), other.numbers()),
    )


def _paired(
    one: ListenerTable,
    other: ListenerTable,
    sides: Alternative,
    null: Null | None,
    coverage: float,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    if len(one.n_correct) != len(other.n_correct):
        raise DataError(
            f"{len(one.n_correct)} and {len(other.n_correct)} listeners cannot be the same.",
            "Give both conditions of each listener, 0 trials where one is missing.",
        )
    both = (one.heard & other.heard)[:, 0]
    warnings = []
    if not both.all():
        warnings.append(
            f"Left out because one condition has no trials: {int(np.sum(~both))} listener(s)."
        )
        one, other = one.rows(both), other.rows(both)
    require_two_listeners(int(both.sum()))
    chosen = choose_null(null, chance=None)
    if chosen == "symmetric":
        warnings += too_few_to_flip(int(both.sum()))
        if np.any(one.n_trials != other.n_trials):
            warnings.append(
                "Listeners have unequal numbers of trials in the two conditions: their differences "
                "are not quite symmetric without an effect, and the p-value is approximate."
            )
    tails = tails_of_scores(scores_between(one, other, chosen), draws, rng)
    differences = (one.proportions - other.proportions)[:, 0]
    how = {
        "symmetric": "signs of listeners' differences flipped",
        "no_effect": "responses dealt out anew within listeners",
    }[chosen]
    return {
        "p_value": tails.p_value(sides),
        "estimate": float(differences.mean()),
        "interval": interval_by_flips(differences, sides, coverage, (-1.0, 1.0), draws, rng),
        "hypothesis": hypothesis_text(chosen, "differences between the conditions"),
        "n_listeners": len(differences),
        "exact": tails.exact,
        "method": f"permutation test of the mean difference, {how}, {sides}",
        "warnings": tuple(warnings),
    }


def _groups(
    one: ListenerTable,
    other: ListenerTable,
    sides: Alternative,
    coverage: float,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    kept = [table.rows(table.heard[:, 0]) for table in (one, other)]
    n_absent = len(one.n_correct) + len(other.n_correct) - sum(len(t.n_correct) for t in kept)
    for table in kept:
        require_two_listeners(len(table.n_correct))
    scores = np.concatenate([table.proportions for table in kept])
    n_first, n_other = (len(table.n_correct) for table in kept)
    splits = splits_of(n_first, n_other, n_resamples=draws, rng=rng)
    found = welch(scores, np.ones_like(scores, dtype=bool), splits.in_first)
    difference, error = float(found.difference[0, 0]), float(found.error[0, 0])
    tails = _tails_of_first(found.t[:, 0], exact=splits.exact)
    warnings = []
    if n_absent:
        warnings.append(f"Left out because they have no trials: {n_absent} listener(s).")
    if splits.exact and len(splits.in_first) < 1.0 / USUAL_LEVEL:
        warnings.append(no_small_p(1.0 / len(splits.in_first)))
    return {
        "p_value": tails.p_value(sides),
        "estimate": difference,
        "interval": _studentised(difference, error, found.t[:, 0], sides, coverage),
        "hypothesis": "both groups of listeners come from one population",
        "n_listeners": n_first + n_other,
        "exact": splits.exact,
        "method": f"permutation test of two groups of listeners by Welch's t, {sides}",
        "warnings": tuple(warnings),
    }


def _tails_of_first(statistics: Floats, *, exact: bool) -> Tails:
    """Shares of statistics as large and as small as the first, which counts as one of them."""
    slack = TIE * (1.0 + abs(statistics[0]) if np.isfinite(statistics[0]) else 0.0)
    return Tails(
        greater=float(np.mean(statistics >= statistics[0] - slack)),
        less=float(np.mean(statistics <= statistics[0] + slack)),
        exact=exact,
    )


def _studentised(
    difference: float, error: float, t: Floats, sides: Alternative, coverage: float
) -> ConfidenceInterval:
    """Difference ± standard error × quantile of t over the splits: as wide as the test says."""
    tail = (1.0 - coverage) / (2.0 if sides == "two-sided" else 1.0)
    ordered = np.sort(t)
    place = int(np.floor(tail * len(t) * (1.0 + 1e-12)))
    low, high = -np.inf, np.inf
    if place and error > 0.0:
        low, high = difference - error * ordered[-place], difference - error * ordered[place - 1]
    return cut_interval(low, high, sides, coverage, (-1.0, 1.0), "permutations of Welch's t")
