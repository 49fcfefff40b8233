"""The listeners of one condition, one by one."""

from __future__ import annotations

from jndlab.analysis.fits.fit import PsychometricFit, Threshold
from jndlab.analysis.fits.psychometric import fit_psychometric
from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import ListenerResult
from jndlab.errors import FitError
from jndlab.study.trials import Direction


def listener_result(
    part: ListenerCounts,
    row: int,
    *,
    paradigm: str,
    direction: Direction,
    options: AnalysisOptions,
) -> ListenerResult:
    """One listener's own curve and its level at the target, as far as so few answers carry them."""
    n_correct, n_trials = part.n_correct[row], part.n_trials[row]
    k, n = int(n_correct.sum()), int(n_trials.sum())
    fit: PsychometricFit | None = None
    threshold: Threshold | None = None
    problem: str | None = None
    try:
        fit = fit_psychometric(
            part.levels,
            n_correct,
            n_trials,
            paradigm=paradigm,
            sigmoid=options.sigmoid,
            direction=direction,
            lapse_prior=options.lapse_prior,
            overdispersion=False,
        )
        threshold = fit.threshold_at(options.target_probability, coverage=options.coverage)
    except FitError as error:
        problem = error.message
    return ListenerResult(
        participant=part.listeners[row],
        n_trials=n,
        n_correct=k,
        interval=clopper_pearson(k, n, coverage=options.coverage),
        threshold=threshold.value if threshold else None,
        threshold_interval=threshold.interval if threshold else None,
        inside_tested_range=threshold is not None
        and part.levels[0] <= threshold.value <= part.levels[-1],
        problem=problem,
        fit=fit,
    )
