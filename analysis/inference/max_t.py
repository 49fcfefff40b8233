"""At which levels, or in which conditions? Tests of several hypotheses with joint permutations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import Seed, digest_counts, generator_of
from jndlab.analysis.inference.listener_table import ListenerTable, listener_table
from jndlab.analysis.inference.max_t_statistics import (
    Statistics,
    flipped,
    guessed,
    relabelled,
)
from jndlab.analysis.inference.permutation_nulls import Null, choose_null
from jndlab.analysis.inference.permutation_result import require_two_listeners, too_few_to_flip
from jndlab.analysis.inference.proportions import Alternative, require_alternative
from jndlab.analysis.inference.resampling import TIE, require_resamples
from jndlab.analysis.inference.trial_counts import require_chance
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxTTest:
    """Tests of several hypotheses, with the family-wise error rate held."""

    names: tuple[str, ...]
    """Of the hypotheses, in the order of the columns."""
    adjusted_p_values: tuple[float, ...]
    """Step-down: rejecting those of at most alpha errs at all in at most alpha of the studies."""
    p_values: tuple[float, ...]
    """Of each hypothesis alone."""
    p_value: float
    """The smallest adjusted one: against all hypotheses being true together."""
    estimates: tuple[float, ...]
    """Mean over listeners of proportion correct − chance, or difference of the two means."""
    statistics: tuple[float, ...]
    alternative: Alternative
    chance: float | None
    """None between two conditions."""
    n_listeners: tuple[int, ...]
    """Those whose counts enter each hypothesis."""
    exact: bool
    """All arrangements were counted; else ``n_resamples`` were drawn."""
    n_resamples: int
    seed: int | None
    """None where a Generator was passed in."""
    method: str
    warnings: tuple[str, ...]
    data_digest: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def max_t_test(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    chance: float,
    alternative: Alternative = "greater",
    null: Null | None = None,
    names: Sequence[object] | None = None,
    n_resamples: int = 9_999,
    seed: Seed = 1,
) -> MaxTTest:
    """At which levels (or in which conditions) are listeners right more often than by chance?

    Counts have shape (listeners, hypotheses), 0 trials where a listener did not hear one. Step-down
    max-T (Westfall & Young 1993, *Resampling-Based Multiple Testing*, algorithms 2.8 and 4.1): the
    largest statistic is compared with the largest of all under the hypotheses, the next with the
    largest of the rest, and so on. As all columns of a listener are flipped together, correlated
    levels cost less than Holm's correction, which has to allow for any dependence.

    ``null`` as in :func:`permutation_test_listeners`: "symmetric" flips each listener's signs
    (default for a chance of ½; the statistic is the mean over the root mean square, which orders
    arrangements as Student's t does), "no_effect" simulates guesses (default elsewhere; the
    statistic is the mean over its standard error for guesses). The adjusted p-values hold the
    family-wise error rate whichever of the hypotheses are true. All 2^n flips are counted up to 13
    listeners; else ``n_resamples`` are drawn.

    DataError: impossible counts, fewer than two listeners, a column that nobody heard.

    >>> counts = [[11, 15, 19], [9, 13, 20], [10, 16, 18], [12, 12, 19], [8, 14, 17], [10, 15, 20]]
    >>> result = max_t_test(counts, 20, chance=0.5, names=["small", "middle", "large"])
    >>> [round(p, 4) for p in result.adjusted_p_values]
    [0.625, 0.0156, 0.0156]
    """
    null_proportion = require_chance(chance)
    sides = require_alternative(alternative)
    chosen = choose_null(null, chance=null_proportion)
    rng, seed_used = generator_of(seed)
    draws = require_resamples(n_resamples)
    table = _heard(listener_table(n_correct, n_trials))
    require_two_listeners(len(table.n_correct))
    differences = np.where(table.heard, table.proportions - null_proportion, 0.0)
    if chosen == "symmetric":
        found = flipped(differences, n_resamples=draws, rng=rng)
    else:
        found = guessed(table, null_proportion, n_resamples=draws, rng=rng)
    n_heard = table.heard.sum(axis=0)
    return _result(
        found,
        sides,
        estimates=differences.sum(axis=0) / n_heard,
        names=names,
        chance=null_proportion,
        n_listeners=n_heard,
        n_resamples=0 if found.exact else draws,
        seed=seed_used,
        warnings=too_few_to_flip(len(differences)) if chosen == "symmetric" else (),
        data_digest=digest_counts(table.numbers()),
    )


def max_t_test_conditions(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    other_correct: ArrayLike,
    other_trials: ArrayLike,
    *,
    same_listeners: bool,
    alternative: Alternative = "two-sided",
    names: Sequence[object] | None = None,
    n_resamples: int = 9_999,
    seed: Seed = 1,
) -> MaxTTest:
    """At which levels do two conditions differ?

    Counts of both have shape (listeners, levels), 0 trials where a listener did not hear one.
    ``same_listeners``: row i of both is one person, whose differences at all levels have their
    signs flipped together. Different listeners: whole listeners change groups, with Welch's t as
    statistic (Welch 1947, *Biometrika* 34, 28–35). Otherwise as :func:`max_t_test`.

    DataError: impossible counts, shapes that differ, fewer than two listeners (in a group), a level
    that nobody (fewer than two of a group) heard.

    >>> quiet = [[11, 15], [9, 13], [10, 16], [12, 12], [8, 14], [10, 15]]
    >>> loud = [[12, 19], [10, 18], [9, 20], [11, 17], [12, 18], [9, 20]]
    >>> result = max_t_test_conditions(loud, 20, quiet, 20, same_listeners=True)
    >>> [round(p, 4) for p in result.adjusted_p_values]
    [0.8125, 0.0312]
    """
    sides = require_alternative(alternative)
    rng, seed_used = generator_of(seed)
    draws = require_resamples(n_resamples)
    one, other = listener_table(n_correct, n_trials), listener_table(other_correct, other_trials)
    if one.n_correct.shape[1] != other.n_correct.shape[1]:
        raise DataError(
            f"{one.n_correct.shape[1]} and {other.n_correct.shape[1]} levels cannot be compared.",
            "Give the same levels of both conditions, 0 trials where one is missing.",
        )
    digest = digest_counts(one.numbers(), other.numbers())
    warnings: tuple[str, ...] = ()
    if same_listeners:
        differences, heard = _paired(one, other)
        found = flipped(differences, n_resamples=draws, rng=rng)
        n_listeners = heard.sum(axis=0)
        estimates = differences.sum(axis=0) / n_listeners
        warnings = too_few_to_flip(len(differences))
        if np.any((one.n_trials != other.n_trials) & one.heard & other.heard):
            warnings += (
                "Listeners have unequal numbers of trials in the two conditions: their differences "
                "are not quite symmetric without an effect, and the p-values are approximate.",
            )
    else:
        one, other = _heard(one), _heard(other)
        found = relabelled(one, other, n_resamples=draws, rng=rng)
        n_listeners = one.heard.sum(axis=0) + other.heard.sum(axis=0)
        estimates = found.differences
    return _result(
        found,
        sides,
        estimates=estimates,
        names=names,
        chance=None,
        n_listeners=n_listeners,
        n_resamples=0 if found.exact else draws,
        seed=seed_used,
        warnings=warnings,
        data_digest=digest,
    )


def step_down(statistics: Floats) -> tuple[Floats, Floats]:
    """Adjusted and raw p-values of the first row; each of shape (hypotheses,).

    ``statistics`` has shape (arrangements, hypotheses), larger against the hypothesis; the first
    row is the data's own, and counts as one of the arrangements.

    >>> adjusted, raw = step_down(np.array([[3.0, 1.0], [1.0, 2.0], [0.0, 0.0], [0.0, 1.0]]))
    >>> adjusted.tolist(), raw.tolist()
    ([0.25, 0.75], [0.25, 0.75])
    """
    seen = statistics[0]
    slack = TIE * (1.0 + np.abs(np.where(np.isfinite(seen), seen, 0.0)))
    raw = np.mean(statistics >= seen - slack, axis=0)
    order = np.argsort(seen)
    largest = np.maximum.accumulate(statistics[:, order], axis=1)
    steps = np.mean(largest >= seen[order] - slack[order], axis=0)
    adjusted = np.empty_like(steps)
    adjusted[order] = np.maximum.accumulate(steps[::-1])[::-1]
    return adjusted, np.asarray(raw)


def _result(
    found: Statistics,
    sides: Alternative,
    *,
    estimates: Floats,
    names: Sequence[object] | None,
    n_listeners: NDArray[np.int64],
    **rest: Any,
) -> MaxTTest:
    directed = {"greater": found.values, "less": -found.values, "two-sided": np.abs(found.values)}
    # What cannot be computed counts as the most extreme.
    adjusted, raw = step_down(np.where(np.isnan(found.values), np.inf, directed[sides]))
    labels = tuple(str(i + 1) for i in range(len(raw))) if names is None else _labels(names, raw)
    return MaxTTest(
        names=labels,
        adjusted_p_values=tuple(adjusted.tolist()),
        p_values=tuple(raw.tolist()),
        p_value=float(adjusted.min()),
        estimates=tuple(np.asarray(estimates).tolist()),
        statistics=tuple(found.values[0].tolist()),
        alternative=sides,
        n_listeners=tuple(n_listeners.tolist()),
        exact=found.exact,
        method=f"step-down max-T (Westfall and Young), {found.how}, {sides}",
        **rest,
    )


def _labels(names: Sequence[object], raw: Floats) -> tuple[str, ...]:
    if isinstance(names, str) or len(names) != len(raw):
        raise DataError(f"The names do not fit {len(raw)} columns.", "Give one name per column.")
    return tuple(str(name) for name in names)


def _heard(table: ListenerTable) -> ListenerTable:
    """The listeners who heard anything. DataError: a column that nobody heard."""
    _require_all_heard(table.heard)
    return table.rows(np.asarray(table.heard.any(axis=1)))


def _paired(one: ListenerTable, other: ListenerTable) -> tuple[Floats, NDArray[np.bool_]]:
    """Differences of those who heard both, 0 elsewhere; and who heard both."""
    if len(one.n_correct) != len(other.n_correct):
        raise DataError(
            f"{len(one.n_correct)} and {len(other.n_correct)} listeners cannot be the same.",
            "Give both conditions of each listener, 0 trials where one is missing.",
        )
    both = one.heard & other.heard
    _require_all_heard(both)
    kept = np.asarray(both.any(axis=1))
    require_two_listeners(int(kept.sum()))
    return np.where(both, one.proportions - other.proportions, 0.0)[kept], both[kept]


def _require_all_heard(heard: NDArray[np.bool_]) -> None:
    missing = np.flatnonzero(~heard.any(axis=0))
    if missing.size:
        raise DataError(
            f"Nobody has trials in column {missing[0] + 1}.", "Leave that level or condition out."
        )
