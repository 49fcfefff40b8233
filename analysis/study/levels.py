"""The levels of one condition: counts, d′, tests of chance, and statements of equivalence."""

from __future__ import annotations

import numpy as np

from jndlab.analysis.detection.convert import decision_curve
from jndlab.analysis.detection.estimate import estimate_d_prime
from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.inference.equivalence import equivalence_test
from jndlab.analysis.inference.equivalence_result import EquivalenceTest
from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import LevelResult


def level_results(
    part: ListenerCounts, *, paradigm: str, options: AnalysisOptions
) -> tuple[LevelResult, ...]:
    """One result per level of ``part``, ascending.

    The p-values are exact also for pooled answers: under their hypothesis everybody guesses, and
    guesses are independent. Statements of equivalence have the listener as their unit; those of a
    single listener are about nobody else.
    """
    chance = require_guess_rate(paradigm)
    n_correct = [int(count) for count in part.n_correct.sum(axis=0)]
    n_trials = [int(count) for count in part.n_trials.sum(axis=0)]
    p_values = [
        binomial_test(k, n, chance=chance).p_value for k, n in zip(n_correct, n_trials, strict=True)
    ]
    adjusted = adjust_p_values(p_values, method="holm")
    signed = decision_curve(paradigm, options.decision_model).signed
    return tuple(
        LevelResult(
            level=level,
            n_listeners=int(np.sum(part.n_trials[:, i] > 0)),
            n_trials=n_trials[i],
            n_correct=n_correct[i],
            proportion_correct=n_correct[i] / n_trials[i],
            interval=clopper_pearson(n_correct[i], n_trials[i], coverage=options.coverage),
            d_prime=estimate_d_prime(
                n_correct[i],
                n_trials[i],
                paradigm=paradigm,
                model=options.decision_model,
                coverage=options.coverage,
                below_chance="negative" if signed else "zero",
            ),
            p_value=p_values[i],
            p_value_holm=float(adjusted[i]),
            equivalence=_equivalence(part, i, paradigm=paradigm, options=options),
        )
        for i, level in enumerate(part.levels)
    )


def _equivalence(
    part: ListenerCounts, column: int, *, paradigm: str, options: AnalysisOptions
) -> EquivalenceTest | None:
    heard = part.n_trials[:, column] > 0
    alone = len(part.listeners) == 1
    if options.equivalence_bound is None or (heard.sum() < 2 and not alone):
        return None
    correct, trials = (
        counts[heard, column].astype(int) for counts in (part.n_correct, part.n_trials)
    )
    return equivalence_test(
        correct[0] if alone else correct,
        trials[0] if alone else trials,
        paradigm=paradigm,
        bound=options.equivalence_bound,
        bound_on=options.bound_on,
        alpha=options.alpha,
        n_listeners=1 if alone else None,
        model=options.decision_model,
    )
