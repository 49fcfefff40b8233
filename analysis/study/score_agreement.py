"""Does an objective score predict what listeners hear?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import digest_counts, generator_of
from jndlab.analysis.detection.convert import d_prime, decision_curve
from jndlab.analysis.fits.fit import PsychometricFit, Threshold
from jndlab.analysis.inference.resampling import require_resamples
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage, clopper_pearson
from jndlab.analysis.paradigms import get_paradigm, require_guess_rate
from jndlab.analysis.records import Option, to_dict
from jndlab.analysis.study.correlations import (
    Correlations,
    Resample,
    bootstrap_correlations,
    check_resample,
)
from jndlab.analysis.study.panel_reliability import panel_reliability
from jndlab.analysis.study.score_curve import ScoreCurve, fit_score_curve
from jndlab.analysis.study.score_data import ScoreData, read_scores
from jndlab.analysis.study.score_order import Reversal, find_reversals
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Outcome = Literal["proportion_correct", "d_prime"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredStimulus:
    """One stimulus: its score, and what listeners made of it."""

    label: str
    score: float
    n_correct: int
    n_trials: int
    proportion_correct: float
    interval: ConfidenceInterval
    """Exact (Clopper–Pearson); takes the trials as independent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreAgreement:
    """How well a score agrees with listeners."""

    score: str
    """Name of the score."""
    paradigm: str
    outcome: Outcome
    higher_is_better: bool
    n_listeners: int | None
    """None: counts came pooled."""
    n_items: int
    stimuli: tuple[ScoredStimulus, ...]
    """From the worst score to the best."""
    overall: Correlations
    """Of score and outcome over all stimuli. A good score whose high values mean good quality has
    negative coefficients: fewer differences are heard."""
    within: Correlations | None
    """Within groups of equal level, if groups were given: overall agreement is cheap, since
    compression makes both worse."""
    reliability: float | None
    """Correlation that two such panels of listeners would have (split half, Spearman–Brown):
    no score can be expected to agree with listeners better than about its square root."""
    reversals: tuple[Reversal, ...]
    """Neighbours on the score whose proportions correct are the wrong way round."""
    curve: ScoreCurve
    """The psychometric function of the score, and the score at the JND."""
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    method: str
    seed: int | None
    """None where a Generator was passed in."""
    data_digest: str
    version: str

    @property
    def fit(self) -> PsychometricFit | None:
        """Proportion correct as a function of the score; None: ``curve.problem`` says why."""
        return self.curve.fit

    @property
    def threshold(self) -> Threshold | None:
        """The score at the JND."""
        return self.curve.threshold

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def score_agreement(
    scores: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    seed: int | np.random.Generator,
    score: str = "score",
    higher_is_better: bool | None = None,
    labels: Sequence[str] | None = None,
    items: Sequence[object] | None = None,
    groups: Sequence[object] | None = None,
    outcome: Outcome = "proportion_correct",
    model: str | None = None,
    resample: Resample | None = None,
    n_resamples: int = 2000,
    coverage: float = 0.95,
    target_probability: float = 0.75,
    progress: Callable[[int], None] | None = None,
) -> ScoreAgreement:
    """Agreement of a score with listeners: correlations, reversals, and the score at the JND.

    ``scores`` has shape (stimuli,); counts have shape (listeners, stimuli), 0 trials where somebody
    did not hear a stimulus, or (stimuli,) where they are pooled. ``items``: the item of each
    stimulus, drawn as a whole by the bootstrap; by default every stimulus is its own. ``groups``:
    levels, for the agreement within them. ``outcome``: what the score is correlated with; d′
    (decision ``model``) is computed with ½ added to the counts and 1 to the trials. ``resample``:
    "both" listeners and items by default, items where counts are pooled or "listeners".
    ``higher_is_better`` is known for PESQ, STOI, SI-SDR, DNSMOS and the like, and otherwise read
    from the data, with a warning.

    The curve is :func:`jndlab.analysis.fit_psychometric` over the score; its threshold has an
    interval over listeners where there are at least five, else over trials.

    DataError: shapes that do not fit, values missing, impossible counts, fewer than three different
    scores, unknown option.

    >>> pesq = [4.4, 4.1, 3.6, 3.0, 2.4]
    >>> result = score_agreement(pesq, [21, 24, 30, 36, 39], [40] * 5, paradigm="abx", seed=1,
    ...                          score="pesq", n_resamples=200)
    >>> round(result.overall.spearman.estimate, 2), result.reversals
    (-1.0, ())
    >>> 3.0 < result.threshold.value < 4.0
    True
    """
    check_coverage(coverage)
    data = read_scores(scores, n_correct, n_trials, labels=labels, items=items, groups=groups)
    values_of = _outcome(outcome, paradigm, model)
    better, warnings = _direction(score, higher_is_better, data)
    chosen = _resample(resample, data)
    require_resamples(n_resamples, least=20)
    rng, number = generator_of(seed)

    def correlations(grouping: NDArray[np.intp] | None) -> Correlations:
        return bootstrap_correlations(
            data.scores,
            values_of,
            data.n_correct,
            data.n_trials,
            resample=chosen,
            items=data.items,
            groups=grouping,
            rng=rng,
            n_resamples=n_resamples,
            coverage=coverage,
            progress=progress,
        )

    overall = correlations(None)
    within = correlations(data.groups) if data.groups is not None else None
    curve = fit_score_curve(
        data,
        paradigm=paradigm,
        direction="falls" if better else "rises",
        target_probability=target_probability,
        coverage=coverage,
        seed=rng,
    )
    return ScoreAgreement(
        score=score,
        paradigm=get_paradigm(paradigm).name,
        outcome=outcome,
        higher_is_better=better,
        n_listeners=data.n_listeners,
        n_items=len(np.unique(data.items)),
        stimuli=_stimuli(data, better, coverage),
        overall=overall,
        within=within,
        reliability=panel_reliability(data, values_of, rng=rng),
        reversals=find_reversals(data, higher_is_better=better),
        curve=curve,
        warnings=(*warnings, *_warnings(data), *curve.warnings),
        options={
            "resample": chosen,
            "n_resamples": n_resamples,
            "coverage": coverage,
            "target_probability": target_probability,
            "model": model,
        },
        method="Pearson, Spearman and Kendall (τ-b) with bootstrap intervals; psychometric "
        "function of the score; reversals by Fisher's exact test, Holm",
        seed=number,
        data_digest=digest_counts(data.scores, data.n_correct, data.n_trials),
        version=__version__,
    )


_BETTER = ("pesq", "stoi", "sdr", "snr", "dnsmos", "mos", "visqol", "pesqwb", "polqa", "utmos")
_WORSE = ("lsd", "mse", "mae", "wer", "distance", "loss", "cer", "above_mask")


def _direction(
    name: str, higher_is_better: bool | None, data: ScoreData
) -> tuple[bool, tuple[str, ...]]:
    if higher_is_better is not None:
        return higher_is_better, ()
    key = str(name).lower().replace("-", "_")
    for words, better in ((_WORSE, False), (_BETTER, True)):
        if any(word in key for word in words):
            return better, ()
    pooled = data.n_correct.sum(axis=0) / data.n_trials.sum(axis=0)
    falls = float(np.cov(data.scores, pooled)[0, 1]) <= 0
    return falls, (
        f"That {'high' if falls else 'low'} values of {name} are good was read from the data: "
        "give higher_is_better to say it.",
    )


def _resample(resample: Resample | None, data: ScoreData) -> Resample:
    n_listeners, n_items = len(data.n_correct), len(np.unique(data.items))
    chosen = resample or ("both" if n_listeners > 1 else "stimuli")
    check_resample(chosen, n_listeners=n_listeners, n_items=n_items)
    return chosen


def _outcome(
    outcome: Outcome, paradigm: str, model: str | None
) -> Callable[[Floats, Floats], Floats]:
    require_guess_rate(paradigm)
    decision_curve(paradigm, model)  # which says what models there are
    if outcome == "proportion_correct":
        return lambda k, n: k / n
    if outcome == "d_prime":
        return lambda k, n: d_prime((k + 0.5) / (n + 1.0), paradigm=paradigm, model=model)
    raise DataError(f"There is no outcome {outcome!r}.", 'Use "proportion_correct" or "d_prime".')


def _stimuli(data: ScoreData, better: bool, coverage: float) -> tuple[ScoredStimulus, ...]:
    k, n = data.n_correct.sum(axis=0), data.n_trials.sum(axis=0)
    order = np.argsort(data.scores if better else -data.scores, kind="stable")
    return tuple(
        ScoredStimulus(
            label=data.labels[at],
            score=float(data.scores[at]),
            n_correct=int(k[at]),
            n_trials=int(n[at]),
            proportion_correct=float(k[at] / n[at]),
            interval=clopper_pearson(int(k[at]), int(n[at]), coverage=coverage),
        )
        for at in order
    )


_FEW_STIMULI = 8


def _warnings(data: ScoreData) -> tuple[str, ...]:
    warnings = list(data.warnings)
    if len(data.scores) < _FEW_STIMULI:
        warnings.append(
            f"{len(data.scores)} stimuli say little about a score: a coefficient near ±1 comes "
            "cheap with so few."
        )
    if data.groups is None and len(np.unique(data.items)) < len(data.scores):
        warnings.append(
            "Without groups the coefficients mix levels and items: give the levels as groups to "
            "see whether the score tells items apart at one level."
        )
    return tuple(warnings)
