"""Are listeners on the whole right more often than by chance? A test without a distribution."""

from __future__ import annotations

from numpy.typing import ArrayLike

from jndlab.analysis.checks import Seed, digest_counts, generator_of
from jndlab.analysis.inference.equivalence_counts import listener_totals
from jndlab.analysis.inference.listener_table import listener_table
from jndlab.analysis.inference.permutation_nulls import Null, choose_null, scores_against_chance
from jndlab.analysis.inference.permutation_result import (
    PermutationTest,
    hypothesis_text,
    interval_by_flips,
    require_two_listeners,
    tails_of_scores,
    too_few_to_flip,
)
from jndlab.analysis.inference.proportions import Alternative, require_alternative
from jndlab.analysis.inference.resampling import require_resamples
from jndlab.analysis.inference.trial_counts import require_chance
from jndlab.analysis.intervals import check_coverage


def permutation_test_listeners(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    chance: float,
    alternative: Alternative = "greater",
    null: Null | None = None,
    listener: ArrayLike | None = None,
    coverage: float = 0.95,
    n_resamples: int = 19_999,
    seed: Seed = 1,
) -> PermutationTest:
    """Are listeners on the whole right more often than by chance?

    Counts of shape (listeners,), or with ``listener`` (entries,) with that label each. The test is
    Fisher's randomisation (1935, *The Design of Experiments*; Good 2005, *Permutation, Parametric
    and Bootstrap Tests of Hypotheses*, 3rd ed.). The statistic is the mean over listeners of
    proportion correct − chance, its distribution known from ``null`` (see
    :mod:`~jndlab.analysis.inference.permutation_nulls`): "symmetric", the default where chance is
    ½, flips the signs of listeners' differences, and takes listeners as the unit. "no_effect", the
    default elsewhere because flips are valid for a chance of ½ only, takes all responses as
    guesses. Both are exact: for equal numbers of trials "no_effect" is the binomial test of all
    trials. Counted completely where possible, as it nearly always is; else (b + 1)/(m + 1) of
    ``n_resamples``. Two-sided: twice the smaller tail.

    The interval is that of sign flips (``typical_values``); it takes listeners' proportions as
    symmetric about their mean, so away from chance it is approximate. DataError: impossible counts,
    fewer than two listeners.

    >>> counts = [14, 11, 17, 10, 19, 9, 12, 20, 8, 13, 16, 10]
    >>> result = permutation_test_listeners(counts, 20, chance=0.5)
    >>> round(result.p_value, 5), round(result.estimate, 4), result.exact
    (0.01074, 0.6625, True)
    """
    null_proportion = require_chance(chance)
    sides = require_alternative(alternative)
    check_coverage(coverage)
    chosen = choose_null(null, chance=null_proportion)
    rng, seed_used = generator_of(seed)
    draws = require_resamples(n_resamples)
    totals = listener_totals(n_correct, n_trials, listener=listener)
    table = listener_table(totals.n_correct, totals.n_trials)
    require_two_listeners(len(table.n_correct))
    scores = scores_against_chance(table, null_proportion, chosen)
    tails = tails_of_scores(scores, draws, rng)
    shares = table.proportions[:, 0]
    interval = interval_by_flips(shares, sides, coverage, (0.0, 1.0), draws, rng)
    how = {"symmetric": "signs of listeners' differences flipped", "no_effect": "guesses"}[chosen]
    return PermutationTest(
        p_value=tails.p_value(sides),
        estimate=float(shares.mean()),
        interval=interval,
        alternative=sides,
        hypothesis=hypothesis_text(chosen, "differences from chance"),
        chance=null_proportion,
        n_listeners=len(shares),
        exact=tails.exact,
        n_resamples=0 if tails.exact else draws,
        seed=seed_used,
        method=f"permutation test of the mean over listeners, {how}, {sides}",
        warnings=totals.warnings + (too_few_to_flip(len(shares)) if chosen == "symmetric" else ()),
        data_digest=digest_counts(table.numbers()),
    )
