"""The psychometric function of a score: proportion correct against it, and the score at the JND."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.bootstrap import bootstrap_listeners
from jndlab.analysis.fits.fit import PsychometricFit, Threshold
from jndlab.analysis.fits.psychometric import fit_psychometric
from jndlab.analysis.study.score_data import ScoreData
from jndlab.errors import JndlabError
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
FEWEST_LISTENERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCurve:
    """Proportion correct as a function of a score."""

    fit: PsychometricFit | None
    """Of pooled counts; None: ``problem`` says why."""
    threshold: Threshold | None
    """The score at the JND."""
    unit_of_inference: str
    """Of the threshold's interval: "listeners" (bootstrap) or "trials" (posterior)."""
    problem: str | None
    warnings: tuple[str, ...]


def fit_score_curve(
    data: ScoreData,
    *,
    paradigm: str,
    direction: Direction,
    target_probability: float = 0.75,
    coverage: float = 0.95,
    seed: int | np.random.Generator,
) -> ScoreCurve:
    """Fit the proportion correct over the score; stimuli of equal score are pooled.

    ``direction``: the proportion correct rises or falls with the score. The threshold has an
    interval over listeners where there are at least five. What cannot be fitted is reported.

    >>> from jndlab.analysis.study.score_data import read_scores
    >>> data = read_scores([4.4, 4.1, 3.6, 3.0, 2.4], [21, 24, 30, 36, 39], [40] * 5)
    >>> curve = fit_score_curve(data, paradigm="abx", direction="falls", seed=1)
    >>> 3.0 < curve.threshold.value < 4.0, curve.unit_of_inference
    (True, 'trials')
    """
    scores, where = np.unique(data.scores, return_inverse=True)
    shape = (len(data.n_correct), len(scores))
    k, n = np.zeros(shape), np.zeros(shape)
    np.add.at(k.T, where, data.n_correct.T)
    np.add.at(n.T, where, data.n_trials.T)
    try:
        fit = fit_psychometric(
            scores, k.sum(axis=0), n.sum(axis=0), paradigm=paradigm, direction=direction
        )
    except JndlabError as error:
        return ScoreCurve(
            fit=None,
            threshold=None,
            unit_of_inference="trials",
            problem=error.message,
            warnings=(f"The proportion correct could not be fitted over it. {error.message}",),
        )
    threshold, unit, warnings = (
        fit.threshold_at(target_probability, coverage=coverage),
        "trials",
        [],
    )
    heard = n.sum(axis=1) > 0
    if data.n_listeners is not None and heard.sum() >= FEWEST_LISTENERS:
        try:
            group = bootstrap_listeners(
                scores,
                k[heard],
                n[heard],
                paradigm=paradigm,
                direction=direction,
                coverage=coverage,
                seed=seed,
            )
            threshold, unit = group.threshold_at(target_probability), "listeners"
        except JndlabError as error:
            warnings.append(f"The interval takes trials as independent. {error.message}")
    if not threshold.inside_tested_range:
        warnings.append("The score at the JND lies beyond the scores of the stimuli.")
    return ScoreCurve(
        fit=fit,
        threshold=threshold,
        unit_of_inference=unit,
        problem=None,
        warnings=tuple(warnings),
    )
