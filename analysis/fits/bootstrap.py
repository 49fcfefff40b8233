"""The group threshold, with an interval whose unit is the listener.

Trials of one listener resemble each other more than those of two, so an interval that takes
pooled trials as independent is too narrow (pseudo-replication; Hurlbert 1984, *Ecological
Monographs* 54, 187–211). Here whole listeners are drawn with replacement and the pooled curve
is fitted to each draw (cluster bootstrap; Davison & Hinkley 1997, *Bootstrap Methods and their
Application*, ch. 3.8). All draws share the design, so one batch fit serves them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import check_matrix, digest_counts, generator_of
from jndlab.analysis.fits.curves import FittedCurves, fit_curves
from jndlab.analysis.fits.design import Design, make_design
from jndlab.analysis.fits.engine import maximise
from jndlab.analysis.fits.fit import Threshold
from jndlab.analysis.fits.modes import join_modes
from jndlab.analysis.fits.targets import make_target
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import proportion_correct, sigmoid_name
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
FEW_LISTENERS = 10
METHOD = "bootstrap over listeners, percentile"
_STEP = 500
"""Resamples fitted between two reports of progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerBootstrap:
    """The pooled curve and its resamples over listeners.

    The threshold is that of the **average** curve of the group. Where listeners differ that
    curve is flatter than each listener's own, and its threshold need not be their mean.
    """

    paradigm: str
    n_listeners: int
    n_resamples: int
    n_converged: int
    """Resamples whose fit ended; the others are left out."""
    threshold: float
    """Of the pooled curve, in the unit of the level: the fit's own threshold (F = 0.5)."""
    threshold_interval: ConfidenceInterval
    guess_rate: float
    levels: tuple[float, ...]
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    seed: int | None
    """None where a Generator was passed in whose seed is not known here."""
    data_digest: str
    version: str
    pooled: FittedCurves = field(repr=False)
    """One curve: every listener once."""
    resamples: FittedCurves = field(repr=False)
    """The resamples whose fit ended."""

    def threshold_at(
        self,
        target_probability: float | None = None,
        *,
        d_prime: float | None = None,
        model: str | None = None,
    ) -> Threshold:
        """The level of the group curve, without lapses, at a proportion correct or a d′."""
        target = make_target(
            target_probability,
            d_prime,
            paradigm=self.paradigm,
            guess_rate=self.guess_rate,
            model=model,
            lapse_free=True,
        )
        value = float(self.pooled.threshold_at(target)[0])
        assert target.probability is not None  # a paradigm with a chance level
        return Threshold(
            target_probability=target.probability,
            lapse_free=True,
            value=value,
            interval=_percentile(
                self.resamples.threshold_at(target), self.threshold_interval.coverage
            ),
            inside_tested_range=self.levels[0] <= value <= self.levels[-1],
        )

    def band(self, levels: ArrayLike, *, coverage: float = 0.95) -> tuple[Floats, Floats]:
        """Pointwise band of the group curve at ``levels`` of shape (levels,): low, high ends."""
        check_coverage(coverage)
        design, modes = self.resamples.design, self.resamples.modes
        inner = design.to_inner(np.atleast_1d(np.asarray(levels, dtype=float)))
        heard = design.unscaled(modes.threshold[:, None], modes.width[:, None], inner[None, :])
        curves = proportion_correct(heard, self.guess_rate, modes.lapse_rate[:, None])
        tail = 50.0 * (1.0 - coverage)
        low, high = np.percentile(curves, [tail, 100.0 - tail], axis=0)
        return low, high

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON."""
        plain: dict[str, Any] = to_dict(self)
        return plain


def bootstrap_listeners(
    levels: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    seed: int | np.random.Generator,
    sigmoid: str = "norm",
    direction: Direction = "rises",
    lapse_prior: tuple[float, float] = (1.0, 10.0),
    lapse_rate: float | None = None,
    n_resamples: int = 1000,
    coverage: float = 0.95,
    progress: Callable[[int], None] | None = None,
) -> ListenerBootstrap:
    """The threshold of the pooled curve with a percentile interval over listeners.

    ``levels`` has shape (levels,), all different; ``n_correct`` and ``n_trials`` have shape
    (listeners, levels), 0 trials where a listener did not hear a level. Options as for
    :func:`jndlab.analysis.fit_psychometric`; the curves are modes of the binomial posterior, since
    the resampling itself shows how the counts scatter. Equal seeds give equal results.

    Davison & Hinkley 1997, *Bootstrap Methods and their Application*, ch. 3.8 (cluster bootstrap).
    DataError: shapes that do not fit, impossible counts, fewer than two listeners, a paradigm
    without chance level. FitError: as for a single fit, or when fewer than nine in ten resamples
    could be fitted.

    >>> counts = [[10, 11, 15, 19], [8, 13, 18, 20], [12, 10, 14, 20], [9, 12, 17, 18]]
    >>> group = bootstrap_listeners([1, 2, 3, 4], counts, [[20] * 4] * 4, paradigm="abx", seed=1)
    >>> 2.0 < group.threshold_interval.low < group.threshold < group.threshold_interval.high < 4.0
    True
    """
    guess_rate = require_guess_rate(paradigm)
    check_coverage(coverage)
    values, correct, trials = check_matrix(levels, n_correct, n_trials)
    _check(trials, n_resamples)
    design = make_design(
        values,
        guess_rate=guess_rate,
        sigmoid=sigmoid_name(sigmoid),
        direction=direction,
        lapse_prior=lapse_prior,
        lapse_rate=lapse_rate,
    )
    n_listeners = len(correct)
    rng = generator_of(seed)[0]
    draws = rng.multinomial(n_listeners, np.full(n_listeners, 1.0 / n_listeners), n_resamples)
    pooled = fit_curves(design, correct.sum(axis=0)[None], trials.sum(axis=0)[None], method="map")
    if not pooled.modes.converged[0]:
        raise FitError(
            "The search for the best pooled curve did not end.",
            "Check the counts for a column in the wrong place, and report this data set to us.",
        )
    resamples = _fit(design, draws @ correct, draws @ trials, progress)
    n_converged = len(resamples.n_correct)
    if n_converged < 0.9 * n_resamples:
        raise FitError(
            f"Only {n_converged} of {n_resamples} resamples could be fitted.",
            "Collect more listeners, or levels that span the threshold.",
        )
    thresholds = resamples.estimate("threshold")
    outside = float(np.mean((thresholds < values[0]) | (thresholds > values[-1])))
    return ListenerBootstrap(
        paradigm=paradigm,
        n_listeners=n_listeners,
        n_resamples=n_resamples,
        n_converged=n_converged,
        threshold=float(pooled.estimate("threshold")[0]),
        threshold_interval=_percentile(thresholds, coverage),
        guess_rate=guess_rate,
        levels=tuple(float(level) for level in values),
        warnings=_advice(n_listeners, n_resamples - n_converged, outside),
        options={
            "sigmoid": sigmoid_name(sigmoid),
            "direction": direction,
            "lapse_prior": lapse_prior if lapse_rate is None else None,
            "fixed_lapse_rate": lapse_rate,
            "n_resamples": n_resamples,
            "coverage": coverage,
        },
        seed=None if isinstance(seed, np.random.Generator) else int(seed),
        data_digest=digest_counts(values, correct, trials),
        version=__version__,
        pooled=pooled,
        resamples=resamples,
    )


def _fit(
    design: Design, n_correct: Floats, n_trials: Floats, progress: Callable[[int], None] | None
) -> FittedCurves:
    """The resamples whose fit ended; reports progress as it goes."""
    parts = []
    for start in range(0, len(n_correct), _STEP):
        part = slice(start, start + _STEP)
        parts.append(maximise(design, n_correct[part], n_trials[part]))
        if progress is not None:
            progress(len(parts[-1].threshold))
    modes = join_modes(parts)
    good = modes.converged
    return FittedCurves(
        design=design,
        method="map",
        n_correct=n_correct[good],
        n_trials=n_trials[good],
        modes=modes[good],
        posterior=None,
    )


def _check(n_trials: Floats, n_resamples: int) -> None:
    if n_resamples < 100:
        raise DataError(
            f"{n_resamples} resamples are too few for an interval.", "Use 1000 or more."
        )
    if len(n_trials) < 2:
        raise DataError(
            "Resampling listeners needs at least two of them.",
            "Collect more listeners, or report this one listener's own fit.",
        )
    if not np.all(n_trials.sum(axis=0) > 0):
        raise DataError("A level has no trials at all.", "Leave that level out.")


def _percentile(values: Floats, coverage: float) -> ConfidenceInterval:
    tail = 50.0 * (1.0 - coverage)
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return ConfidenceInterval(low=float(low), high=float(high), coverage=coverage, method=METHOD)


def _advice(n_listeners: int, n_failed: int, outside: float) -> tuple[str, ...]:
    warnings: list[str] = []
    if n_listeners < FEW_LISTENERS:
        warnings.append(
            f"Only {n_listeners} listeners: an interval from resampling so few tends to be too "
            "narrow."
        )
    if n_failed:
        warnings.append(f"{n_failed} resamples could not be fitted and were left out.")
    if outside > 0.025:
        warnings.append(
            f"In {outside:.0%} of the resamples the threshold lies outside the tested levels: "
            "the interval leans on extrapolation."
        )
    return tuple(warnings)
