"""The group threshold, with an interval whose unit is the listener.

Trials of one listener resemble each other more than those of two, so an interval that takes
pooled trials as independent is too narrow (pseudo-replication; Hurlbert 1984, *Ecological
Monographs* 54, 187–211). Here whole listeners are drawn with replacement and the pooled curve
is fitted to each draw (cluster bootstrap; Davison & Hinkley 1997, *Bootstrap Methods and their
Application*, ch. 3.8). All draws share the design, so one batch fit serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import check_target, digest_counts
from jndlab.analysis.detection.models import check_paradigm
from jndlab.analysis.fits.design import Design, make_design
from jndlab.analysis.fits.engine import maximise
from jndlab.analysis.fits.psychometric import Threshold
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import Option
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import SigmoidName, proportion_correct
from jndlab.study.trials import Direction, ParadigmName

Floats = NDArray[np.float64]
FEW_LISTENERS = 10
METHOD = "bootstrap over listeners, percentile"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerBootstrap:
    """The pooled curve and its resamples over listeners.

    The threshold is that of the **average** curve of the group. Where listeners differ that
    curve is flatter than each listener's own, and its threshold need not be their mean.
    """

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
    thresholds: Floats = field(repr=False)
    """Shape (converged resamples,), on the inner scale of the design, like the next two."""
    widths: Floats = field(repr=False)
    lapse_rates: Floats = field(repr=False)
    point: tuple[float, float, float] = field(repr=False)
    """Pooled fit on the inner scale: threshold, width, lapse rate."""
    design: Design = field(repr=False)

    def threshold_at(self, target_probability: float) -> Threshold:
        """The level of the group curve, without lapses, at ``target_probability``."""
        check_target(target_probability, self.guess_rate)
        unscaled = (target_probability - self.guess_rate) / (1.0 - self.guess_rate)
        resamples = self.design.inner_at(unscaled, self.thresholds, self.widths)
        threshold, width, _ = self.point
        value = float(self.design.to_level(self.design.inner_at(unscaled, threshold, width)))
        coverage = self.threshold_interval.coverage
        return Threshold(
            target_probability=target_probability,
            lapse_free=True,
            value=value,
            interval=_percentile(self.design.to_level(resamples), coverage),
            inside_tested_range=self.levels[0] <= value <= self.levels[-1],
        )

    def band(self, levels: ArrayLike, *, coverage: float = 0.95) -> tuple[Floats, Floats]:
        """Pointwise band of the group curve at ``levels`` of shape (levels,): low, high ends."""
        check_coverage(coverage)
        inner = self.design.to_inner(np.atleast_1d(np.asarray(levels, dtype=float)))
        heard = self.design.unscaled(self.thresholds[:, None], self.widths[:, None], inner[None, :])
        curves = proportion_correct(heard, self.guess_rate, self.lapse_rates[:, None])
        tail = 50.0 * (1.0 - coverage)
        low, high = np.percentile(curves, [tail, 100.0 - tail], axis=0)
        return low, high


def bootstrap_listeners(
    levels: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: ParadigmName,
    seed: int | np.random.Generator,
    sigmoid: SigmoidName = "norm",
    direction: Direction = "rises",
    lapse_prior: tuple[float, float] = (1.0, 10.0),
    lapse_rate: float | None = None,
    n_resamples: int = 1000,
    coverage: float = 0.95,
) -> ListenerBootstrap:
    """The threshold of the pooled curve with a percentile interval over listeners.

    ``levels`` has shape (levels,), all different; ``n_correct`` and ``n_trials`` have shape
    (listeners, levels), 0 trials where a listener did not hear a level. Options as for
    :func:`jndlab.analysis.fit_psychometric`. Equal seeds give equal results.

    DataError: shapes that do not fit, impossible counts, fewer than two listeners. FitError:
    as for a single fit, or when fewer than nine in ten resamples could be fitted.
    """
    guess_rate = check_paradigm(paradigm)
    check_coverage(coverage)
    values, correct, trials = _check_listeners(levels, n_correct, n_trials)
    if n_resamples < 100:
        raise DataError(
            f"{n_resamples} resamples are too few for an interval.", "Use 1000 or more."
        )
    order = np.argsort(values)
    values, correct, trials = values[order], correct[:, order], trials[:, order]
    design = make_design(
        values,
        guess_rate=guess_rate,
        sigmoid=sigmoid,
        direction=direction,
        lapse_prior=lapse_prior,
        lapse_rate=lapse_rate,
    )
    n_listeners = len(correct)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(n_listeners, np.full(n_listeners, 1.0 / n_listeners), n_resamples)
    # Row 0 holds every listener once: the pooled fit itself.
    weights = np.vstack([np.ones(n_listeners), draws])
    modes = maximise(design, weights @ correct, weights @ trials)
    if not modes.converged[0]:
        raise FitError(
            "The search for the best pooled curve did not end.",
            "Check the counts for a column in the wrong place, and report this data set to us.",
        )
    good = modes.converged[1:]
    n_converged = int(good.sum())
    if n_converged < 0.9 * n_resamples:
        raise FitError(
            f"Only {n_converged} of {n_resamples} resamples could be fitted.",
            "Collect more listeners, or levels that span the threshold.",
        )
    threshold = float(design.to_level(modes.threshold[0]))
    resampled = design.to_level(modes.threshold[1:][good])
    outside = float(np.mean((resampled < values[0]) | (resampled > values[-1])))
    return ListenerBootstrap(
        n_listeners=n_listeners,
        n_resamples=n_resamples,
        n_converged=n_converged,
        threshold=threshold,
        threshold_interval=_percentile(resampled, coverage),
        guess_rate=guess_rate,
        levels=tuple(float(level) for level in values),
        warnings=_advice(n_listeners, n_resamples - n_converged, outside),
        options={
            "paradigm": paradigm,
            "sigmoid": sigmoid,
            "direction": direction,
            "lapse_prior": lapse_prior if lapse_rate is None else None,
            "fixed_lapse_rate": lapse_rate,
            "n_resamples": n_resamples,
            "coverage": coverage,
        },
        seed=None if isinstance(seed, np.random.Generator) else int(seed),
        data_digest=digest_counts(values, correct, trials),
        version=__version__,
        thresholds=modes.threshold[1:][good],
        widths=modes.width[1:][good],
        lapse_rates=modes.lapse_rate[1:][good],
        point=(float(modes.threshold[0]), float(modes.width[0]), float(modes.lapse_rate[0])),
        design=design,
    )


def _check_listeners(
    levels: ArrayLike, n_correct: ArrayLike, n_trials: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    values = np.asarray(levels, dtype=float)
    correct, trials = np.asarray(n_correct, dtype=float), np.asarray(n_trials, dtype=float)
    if values.ndim != 1 or correct.ndim != 2 or correct.shape != trials.shape:
        raise DataError(
            "Levels must have one axis, the counts two: listeners and levels.",
            "Give n_correct and n_trials of shape (listeners, levels).",
        )
    if correct.shape[1] != len(values) or len(np.unique(values)) != len(values):
        raise DataError(
            f"{correct.shape[1]} columns of counts do not fit {len(np.unique(values))} levels.",
            "Give one column per level, all levels different.",
        )
    if not (np.all(np.isfinite(correct)) and np.all(np.isfinite(trials))):
        raise DataError("A count is missing.", "Write 0 trials where a listener has none.")
    if np.any(correct < 0) or np.any(correct > trials) or np.any(correct % 1) or np.any(trials % 1):
        raise DataError("There are impossible counts.", "Give 0 ≤ n_correct ≤ n_trials, whole.")
    if len(correct) < 2:
        raise DataError(
            "Resampling listeners needs at least two of them.",
            "Collect more listeners, or report this one listener's own fit.",
        )
    if not np.all(trials.sum(axis=0) > 0):
        raise DataError("A level has no trials at all.", "Leave that level out.")
    return values, correct, trials


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
