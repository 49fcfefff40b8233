"""The analysis of one condition: its levels, its curve, its JND, its listeners."""

from __future__ import annotations

from jndlab.analysis.detection.models import (
    ABX_MODELS,
    AbxModel,
    estimate_d_prime,
    proportion_from_d_prime,
)
from jndlab.analysis.fits.bootstrap import ListenerBootstrap, bootstrap_listeners
from jndlab.analysis.fits.psychometric import PsychometricFit, Threshold, fit_psychometric
from jndlab.analysis.inference.binomial import binomial_test, holm
from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.results import ConditionAnalysis, Jnd, LevelResult, ListenerResult
from jndlab.errors import FitError
from jndlab.sigmoids import SigmoidName
from jndlab.study.trials import GUESS_RATES, Direction, ParadigmName

HEADLINE_TARGET = 0.75
FEWEST_LISTENERS = 5
"""Fewer listeners are not resampled: the pooled posterior stands, and says so."""


def analyse_condition(
    part: ListenerCounts,
    trials: TrialTable,
    *,
    paradigm: ParadigmName,
    seed: int,
    sigmoid: SigmoidName,
    lapse_prior: tuple[float, float],
    abx_model: AbxModel,
    n_resamples: int,
    coverage: float,
) -> ConditionAnalysis:
    """Everything about one condition: levels, pooled curve, group JND, single listeners.

    ``trials`` are the scored trials of the condition that ``part`` counts. Options as for
    :func:`jndlab.analysis.analyse_study`. DataError: direction or unit changes within them.
    """
    direction: Direction = (
        "falls" if trials.only("compression", what="direction") == "falls" else "rises"
    )
    n_correct, n_trials = part.n_correct.sum(axis=0), part.n_trials.sum(axis=0)
    fit: PsychometricFit | None = None
    group: ListenerBootstrap | None = None
    problem: str | None = None
    warnings: list[str] = []
    try:
        fit = fit_psychometric(
            part.levels,
            n_correct,
            n_trials,
            paradigm=paradigm,
            sigmoid=sigmoid,
            direction=direction,
            lapse_prior=lapse_prior,
            coverage=coverage,
        )
        warnings += fit.warnings
        if len(part.listeners) >= FEWEST_LISTENERS:
            group = bootstrap_listeners(
                part.levels,
                part.n_correct,
                part.n_trials,
                paradigm=paradigm,
                seed=seed,
                sigmoid=sigmoid,
                direction=direction,
                lapse_prior=lapse_prior,
                n_resamples=n_resamples,
                coverage=coverage,
            )
            warnings += group.warnings
        else:
            warnings.append(
                f"Listeners: {len(part.listeners)}. With fewer than {FEWEST_LISTENERS} the "
                "interval of the JND takes pooled trials as independent and says nothing about "
                "other listeners."
            )
    except FitError as error:
        problem = error.message if fit is None else None
        warnings.append(str(error))
    return ConditionAnalysis(
        condition=part.condition,
        paradigm=paradigm,
        guess_rate=GUESS_RATES[paradigm],
        level_unit=trials.only("level_unit", what="unit"),
        direction=direction,
        levels=_level_results(
            part, paradigm=paradigm, direction=direction, abx_model=abx_model, coverage=coverage
        ),
        fit=fit,
        fit_problem=problem,
        group=group,
        jnds=_jnds(fit, group, paradigm),
        listeners=tuple(
            _listener_result(
                part,
                row,
                paradigm=paradigm,
                sigmoid=sigmoid,
                direction=direction,
                lapse_prior=lapse_prior,
                coverage=coverage,
            )
            for row in range(len(part.listeners))
        ),
        warnings=tuple(warnings),
    )


def _level_results(
    part: ListenerCounts,
    *,
    paradigm: ParadigmName,
    direction: Direction,
    abx_model: AbxModel,
    coverage: float,
) -> tuple[LevelResult, ...]:
    chance = GUESS_RATES[paradigm]
    totals = [
        (level, int(part.n_correct[:, i].sum()), int(part.n_trials[:, i].sum()), i)
        for i, level in enumerate(part.levels)
    ]
    p_values = [binomial_test(k, n, null_proportion=chance).p_value for _, k, n, _ in totals]
    results = [
        LevelResult(
            level=level,
            n_listeners=int((part.n_trials[:, i] > 0).sum()),
            n_trials=n,
            n_correct=k,
            proportion_correct=k / n,
            interval=clopper_pearson(k, n, coverage=coverage),
            d_prime=estimate_d_prime(
                k, n, paradigm=paradigm, abx_model=abx_model, coverage=coverage
            ),
            p_value=p_value,
            p_value_holm=adjusted,
        )
        for (level, k, n, i), p_value, adjusted in zip(
            totals, p_values, holm(p_values), strict=True
        )
    ]
    return tuple(reversed(results)) if direction == "falls" else tuple(results)


def _jnds(
    fit: PsychometricFit | None, group: ListenerBootstrap | None, paradigm: ParadigmName
) -> tuple[Jnd, ...]:
    if fit is None:
        return ()
    task = "ABX" if paradigm == "abx" else "two-interval"
    targets = [
        (
            f"{HEADLINE_TARGET:.0%} correct",
            f"the level at which {HEADLINE_TARGET:.0%} of {task} answers are right, "
            "leaving lapses of attention aside",
            HEADLINE_TARGET,
        )
    ]
    models: tuple[AbxModel, ...] = ABX_MODELS if paradigm == "abx" else ("independent",)
    for model in models:
        target = float(proportion_from_d_prime(1.0, paradigm=paradigm, abx_model=model))
        suffix = ""
        if paradigm == "abx":
            suffix = ", independent observations" if model == "independent" else ", differencing"
        targets.append(
            (
                f"d′ = 1{suffix}",
                f"the level at which sensitivity d′ is 1 (here {target:.1%} of {task} answers "
                f"right{suffix}), leaving lapses of attention aside",
                target,
            )
        )

    def threshold(target: float) -> Threshold:
        return group.threshold_at(target) if group else fit.threshold_at(target)

    return tuple(
        Jnd(
            definition=definition,
            label=label,
            threshold=threshold(target),
            unit_of_inference="listeners" if group else "trials",
        )
        for label, definition, target in targets
    )


def _listener_result(
    part: ListenerCounts,
    row: int,
    *,
    paradigm: ParadigmName,
    sigmoid: SigmoidName,
    direction: Direction,
    lapse_prior: tuple[float, float],
    coverage: float,
) -> ListenerResult:
    n_correct, n_trials = part.n_correct[row], part.n_trials[row]
    k, n = int(n_correct.sum()), int(n_trials.sum())
    fit: PsychometricFit | None = None
    problem: str | None = None
    try:
        fit = fit_psychometric(
            part.levels,
            n_correct,
            n_trials,
            paradigm=paradigm,
            sigmoid=sigmoid,
            direction=direction,
            lapse_prior=lapse_prior,
            coverage=coverage,
        )
    except FitError as error:
        problem = error.message
    return ListenerResult(
        participant=part.listeners[row],
        n_trials=n,
        n_correct=k,
        interval=clopper_pearson(k, n, coverage=coverage),
        threshold=fit.threshold if fit else None,
        threshold_interval=fit.threshold_interval if fit else None,
        inside_tested_range=bool(fit and part.levels[0] <= fit.threshold <= part.levels[-1]),
        problem=problem,
    )
