"""The listeners of one condition, one by one."""

from __future__ import annotations

from jndlab.analysis.fits.fit import PsychometricFit
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
    """One listener's own curve, as far as so few answers carry one."""
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
            sigmoid=options.sigmoid,
            direction=direction,
            lapse_prior=options.lapse_prior,
            overdispersion=False,
        )
    except FitError as error:
        problem = error.message
    return ListenerResult(
        participant=part.listeners[row],
        n_trials=n,
        n_correct=k,
        interval=clopper_pearson(k, n, coverage=options.coverage),
        threshold=fit.threshold if fit else None,
        threshold_interval=fit.interval("threshold", options.coverage) if fit else None,
        inside_tested_range=bool(fit and part.levels[0] <= fit.threshold <= part.levels[-1]),
        problem=problem,
        fit=fit,
    )
