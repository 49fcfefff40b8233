"""The transparent check of a group model: fit each listener, then combine the thresholds.

Each listener's own threshold and log width by maximum likelihood (Newton's method), with a
standard error from the observed information, and a random-effects meta-analysis of the thresholds.
Listeners without a maximum (all correct, separated, at chance) have no threshold of their own and
drop out: that is the price of the method, and is said.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.groups.advice import require_answers
from jndlab.analysis.groups.climb import climb
from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.effects import get_random_effects
from jndlab.analysis.groups.meta import MetaAnalysis, MetaMethod, meta_analyse
from jndlab.analysis.groups.model import STEP_WIDTH, Model, build_model
from jndlab.analysis.groups.quadrature import QuadratureSurface
from jndlab.analysis.groups.rates import GuessRate, choose_rates
from jndlab.analysis.groups.start import starting_point
from jndlab.analysis.records import to_dict
from jndlab.errors import FitError
from jndlab.sigmoids import sigmoid_name
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
_VAGUE = 2.0
"""Standard error of a listener's threshold, in half ranges of the levels, that is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnThreshold:
    """One listener's threshold from that listener's trials alone."""

    listener: Hashable
    n_trials: int
    threshold: float
    standard_error: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStepThreshold:
    """The population's threshold from the thresholds of its listeners."""

    meta: MetaAnalysis
    """On the log level: of the thresholds' natural logarithms."""
    listeners: tuple[OwnThreshold, ...]
    without_threshold: tuple[Hashable, ...]
    """Listeners whose own trials do not determine a threshold; they are left out."""
    warnings: tuple[str, ...]

    @property
    def estimate(self) -> float:
        return self.meta.estimate

    def to_dict(self) -> Any:
        """The result as plain values, ready for JSON."""
        return to_dict(self)


def two_step_threshold(
    listener: Iterable[Any],
    level: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    sigmoid: str = "norm",
    direction: Direction = "rises",
    guess_rate: GuessRate = None,
    lapse_rate: float = 0.0,
    method: MetaMethod = "hksj",
    coverage: float = 0.95,
) -> TwoStepThreshold:
    """The mean threshold (midpoint of the unscaled curve) of the population, in two steps.

    Columns, of shape (rows,), as in :func:`jndlab.analysis.fit_group` (two-level analysis:
    Moscatelli, Mezzetti & Lacquaniti 2012, *Journal of Vision* 12(11):26); ``lapse_rate`` is fixed
    and common: one listener's trials seldom determine it. ``method`` as in :func:`meta_analyse`.

    DataError: impossible counts. FitError: fewer than two listeners with a threshold.

    >>> rows = [("a", 1, 5), ("a", 2, 12), ("a", 3, 18), ("b", 1, 2), ("b", 2, 6), ("b", 3, 15),
    ...         ("c", 1, 9), ("c", 2, 15), ("c", 3, 20), ("d", 1, 4), ("d", 2, 11), ("d", 3, 16)]
    >>> listener, level, n_correct = zip(*rows)
    >>> result = two_step_threshold(listener, level, n_correct, [20] * 12, paradigm="yes_no")
    >>> round(result.estimate, 2), round(result.meta.tau, 2)
    (1.81, 0.46)
    """
    counts = pack_counts(listener, level, n_correct, n_trials)
    effects = get_random_effects("threshold")
    require_answers(counts, effects, direction=direction)
    rates = choose_rates(paradigm=paradigm, guess_rate=guess_rate, lapse_rate=lapse_rate)
    if rates.guess_rate is None or rates.lapse_rate is None:
        raise FitError(
            "The rates of single listeners cannot be estimated here.",
            "Give guess_rate and lapse_rate as numbers.",
        )
    model = build_model(
        counts,
        get_random_effects(None),
        sigmoid=sigmoid_name(sigmoid),
        direction=direction,
        guess_rate=rates.guess_rate,
        lapse_rate=rates.lapse_rate,
        lapse_prior=None,
    )
    sign = -1.0 if direction == "falls" else 1.0
    own, without = [], []
    for at, label in enumerate(counts.listeners):
        found = _own_threshold(model.part(np.array([at])), sign)
        if found is None:
            without.append(label)
            continue
        threshold, error, width = found
        own.append(
            OwnThreshold(
                listener=label,
                n_trials=int(counts.trials_per_listener[at]),
                threshold=float(model.scale.to_level(threshold)),
                standard_error=error * model.scale.half_range,
                width=width * model.scale.half_range,
            )
        )
    if len(own) < 2:
        raise FitError(
            f"Only {len(own)} of {len(counts.listeners)} listeners have a threshold of their own.",
            "Use fit_group, which lets listeners help each other, or collect more trials.",
        )
    values = np.array([entry.threshold for entry in own])
    if model.scale.log_level:
        values = np.log(values)
    meta = meta_analyse(
        values, [entry.standard_error for entry in own], method=method, coverage=coverage
    )
    return TwoStepThreshold(
        meta=meta,
        listeners=tuple(own),
        without_threshold=tuple(without),
        warnings=(*_about(without), *meta.warnings),
    )


def _own_threshold(model: Model, sign: float) -> tuple[float, float, float] | None:
    """Threshold, its standard error and the width by inner level; None: not determined."""
    right, wrong = float(model.correct.sum()), float(model.wrong.sum())
    if right == 0.0 or wrong == 0.0:
        return None
    surface = QuadratureSurface.of(model, 1)
    top = climb(surface, starting_point(model, direction_sign=sign))
    intercept, slope = (float(value) for value in top.point)
    width = model.standard.span / max(abs(slope), 1e-300)
    if not top.converged or slope * sign <= 0.0 or width < STEP_WIDTH:
        return None
    threshold = (model.standard.centre - intercept) / slope
    gradient = np.array([-1.0 / slope, -threshold / slope])
    values, vectors = np.linalg.eigh(-top.height.hessian)
    if values.min() <= 1e-9 * values.max():
        return None
    error = float(np.sqrt(((vectors.T @ gradient) ** 2 / values).sum()))
    return (threshold, error, width) if error < _VAGUE else None


def _about(without: list[Hashable]) -> tuple[str, ...]:
    if not without:
        return ()
    names = ", ".join(str(label) for label in without[:5])
    return (
        f"{len(without)} listeners have no threshold of their own and were left out ({names}): "
        "where these are the best or the worst, the mean is biased. fit_group keeps them.",
    )
