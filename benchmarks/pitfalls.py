"""The commonest mistakes of listening-test statistics, each with simulated data.

    python benchmarks/pitfalls.py [--quick] [--json FILE]

Every row compares a common practice with what jndlab does, on studies whose truth is known.
Takes some two minutes of CPU time, --quick a quarter of it. Seeds are printed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from printing import arguments, finish, show
from scipy.special import bdtr, bdtrc

from jndlab.analysis import (
    bootstrap_listeners,
    clopper_pearson,
    equivalence_test,
    fit_many,
    fit_psychometric,
    proportion_correct,
)
from jndlab.sigmoids import proportion_correct as scaled
from jndlab.sigmoids import sigmoid

LEVELS = np.arange(1.0, 9.0)
Row = dict[str, Any]


def share_inside(low: np.ndarray, high: np.ndarray, truth: float) -> float:
    return float(np.mean((low <= truth) & (truth <= high)))


def lapses(n_sets: int) -> Row:
    """95 % intervals of the threshold, true lapse rate 6 %, with the lapse rate at 0 and free."""
    rng = np.random.default_rng(1)
    right = scaled(sigmoid("norm", LEVELS, 4.5, 4.0), 0.5, 0.06)
    counts = rng.binomial(30, right, (n_sets, 8))
    covered = []
    for rate in (0.0, None):
        fits = fit_many(
            LEVELS, counts, [30] * 8, paradigm="abx", overdispersion=False, lapse_rate=rate
        )
        interval = fits.interval("threshold")
        covered.append(share_inside(interval.low, interval.high, 4.5))
    return {
        "mistake": "Lapse rate fixed at 0",
        "question": "95 % interval of the threshold covers the truth (lapses: 6 %)",
        "common practice": f"{covered[0]:.0%}",
        "jndlab": f"{covered[1]:.0%}",
        "seed": 1,
    }


def trials_as_listeners(n_sets: int) -> Row:
    """The interval of a group's threshold, trials pooled and listeners resampled."""
    rng = np.random.default_rng(2)
    trials = np.full((16, 8), 20)

    def right(n: int) -> np.ndarray:
        return scaled(sigmoid("norm", LEVELS, rng.normal(4.5, 1.5, (n, 1)), 2.0), 0.5, 0.02)

    average = np.round(1e7 * right(20_000).mean(axis=0))
    truth = fit_psychometric(
        LEVELS, average, [10**7] * 8, paradigm="abx", method="map", overdispersion=False
    ).threshold
    pooled = listeners = 0
    for i in range(n_sets):
        counts = rng.binomial(trials, right(16))
        fit = fit_psychometric(
            LEVELS, counts.sum(axis=0), trials.sum(axis=0), paradigm="abx", overdispersion=False
        )
        pooled += truth in fit.interval("threshold")
        group = bootstrap_listeners(LEVELS, counts, trials, paradigm="abx", seed=i, n_resamples=400)
        listeners += truth in group.threshold_interval
    return {
        "mistake": "Trials of all listeners pooled as if independent",
        "question": "95 % interval of the group's threshold covers the truth",
        "common practice": f"{pooled / n_sets:.0%}",
        "jndlab": f"{listeners / n_sets:.0%}",
        "seed": 2,
    }


def not_significant(n_sets: int) -> Row:
    """Twelve listeners, ten trials each, all truly 60 % correct: 'no significant difference'."""
    rng = np.random.default_rng(3)
    counts = rng.binomial(10, 0.6, (n_sets, 12))
    silent = np.mean(bdtrc(counts.sum(axis=1) - 1, 120, 0.5) > 0.05)
    claims = sum(
        equivalence_test(row, [10] * 12, paradigm="abx", bound=0.6).verdict == "equivalent"
        for row in counts
    )
    return {
        "mistake": '"Not significant" read as "the same"',
        "question": "an audible version (60 % correct, 12 x 10 trials) is called inaudible",
        "common practice": f"{silent:.0%}",
        "jndlab": f"{claims / n_sets:.1%}",
        "seed": 3,
    }


def pooled_equivalence(n_sets: int) -> Row:
    """The claim 'below 60 %' at a truth of exactly 60 % with listeners who differ."""
    rng = np.random.default_rng(4)
    shares = np.clip(rng.normal(0.6, 0.15, (4 * n_sets, 20)), 0.0, 1.0)
    shares += 0.6 - shares.mean()
    counts = rng.binomial(60, np.clip(shares, 0.0, 1.0))
    pooled = np.mean(bdtr(counts.sum(axis=1), 1200, 0.6) < 0.05)
    tests = [
        equivalence_test(row, [60] * 20, paradigm="abx", bound=0.6).verdict
        for row in counts[:n_sets]
    ]
    claims = np.mean([verdict in ("equivalent", "both") for verdict in tests])
    return {
        "mistake": "Equivalence tested on pooled trials (listeners' SD .15)",
        "question": "false claim at the bound; nominal 5 %",
        "common practice": f"{pooled:.0%}",
        "jndlab": f"{claims:.1%}",
        "seed": 4,
    }


def peeking(n_sets: int) -> Row:
    """A binomial test after every trial from the tenth on, up to 200, of people who guess."""
    rng = np.random.default_rng(5)
    n = np.arange(1, 201)
    totals = np.cumsum(rng.integers(0, 2, (5 * n_sets, 200)), axis=1)
    p_values = np.where(totals > 0, bdtrc(np.maximum(totals - 1, 0), n, 0.5), 1.0)
    found = np.mean((p_values[:, 9:] < 0.05).any(axis=1))
    return {
        "mistake": "Testing after every trial, stopping when p < .05",
        "question": "guessing declared audible within 200 trials; nominal 5 %",
        "common practice": f"{found:.0%}",
        "jndlab": "at most 5 % (confidence sequence)",
        "seed": 5,
    }


def tasks(n_sets: int) -> Row:
    """What the same sensitivity comes to in two tasks: exact."""
    two, abx = (float(proportion_correct(1.0, paradigm=p)) for p in ("2afc", "abx"))
    return {
        "mistake": "Percent correct compared between tasks",
        "question": "proportion correct at d' = 1",
        "common practice": "the same number meant everywhere",
        "jndlab": f"2AFC {two:.1%}, ABX {abx:.1%}",
        "seed": "",
    }


def pooled_curve(n_sets: int) -> Row:
    """The slope of a curve fitted to everybody's answers together: exact counts."""
    thresholds = np.random.default_rng(6).normal(4.5, 1.5, (2000, 1))
    right = scaled(sigmoid("norm", LEVELS, thresholds, 2.0), 0.5, 0.0).mean(axis=0)
    width = fit_psychometric(
        LEVELS,
        np.round(1e6 * right),
        [10**6] * 8,
        paradigm="abx",
        method="ml",
        overdispersion=False,
    ).width
    return {
        "mistake": "A pooled curve read as a listener's",
        "question": "width of the curve; every listener's own is 2.0",
        "common practice": f"{width:.1f}",
        "jndlab": "mixed model: spread of thresholds and width apart",
        "seed": 6,
    }


def few_trials(n_sets: int) -> Row:
    """The exact interval after the classic sixteen ABX trials."""
    interval = clopper_pearson(12, 16)
    return {
        "mistake": "Sixteen ABX trials as proof of anything",
        "question": "12 of 16 correct: the 95 % interval of the proportion correct",
        "common practice": '"75 % correct"',
        "jndlab": f"{interval.low:.0%} to {interval.high:.0%}",
        "seed": "",
    }


def main() -> None:
    options = arguments(__doc__)
    n_sets = 100 if options.quick else 400
    parts = (lapses, trials_as_listeners, not_significant, pooled_equivalence)
    parts += (peeking, tasks, pooled_curve, few_trials)
    rows = [part(n_sets) for part in parts]
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
