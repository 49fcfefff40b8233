"""The ordinal mixed model: categories as categories, listeners as a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from jndlab.analysis.checks import numbers
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.quality.ordinal_likelihood import Link, OrdinalModel
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError, FitError

Floats = NDArray[np.float64]
_STEP = 1e-4
_FLAT = 1e-2
"""Largest slope of the log-likelihood at its maximum, in units of a standard error."""
_NO_SPREAD = 1e-3
_FEW_LISTENERS = 10
_UNBOUNDED = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalEffect:
    """One effect on the latent scale, in its standard deviations (probit) or logits."""

    name: str
    estimate: float
    standard_error: float
    """The larger of two: by the model's curvature, and robust (listeners as clusters)."""
    interval: ConfidenceInterval
    """Estimate ± t · standard error, of listeners − 1 degrees of freedom."""
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalFit:
    """A cumulative link mixed model, fitted."""

    link: Link
    categories: tuple[float, ...]
    """Those that were answered, ascending; of a symmetric model also their mirror images."""
    symmetric: bool
    thresholds: tuple[float, ...]
    """Between one category and the next, ascending."""
    effects: tuple[OrdinalEffect, ...]
    sd_listeners: float
    """Standard deviation of the listeners' intercepts."""
    log_likelihood: float
    converged: bool
    n_listeners: int
    n_answers: int
    n_nodes: int
    method: str
    warnings: tuple[str, ...]

    def effect(self, name: str) -> OrdinalEffect:
        """An effect by name. KeyError: there is none."""
        return {one.name: one for one in self.effects}[name]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def fit_ordinal(
    rating: ArrayLike,
    design: ArrayLike,
    listener: ArrayLike,
    *,
    names: tuple[str, ...],
    link: Link = "probit",
    symmetric: bool = False,
    coverage: float = 0.95,
    n_nodes: int = 15,
) -> OrdinalFit:
    """Thresholds, effects and spread of listeners by maximum likelihood.

    ``rating`` and ``listener`` of shape (answers,), ``design`` of shape (answers, effects) without
    a constant, which the thresholds are. ``symmetric``: thresholds mirror each other around 0, for
    ratings of comparisons (Agresti 1992, *Applied Statistics* 41, 287–297). With one node
    the likelihood is that of R's ``ordinal::clmm``, whose slopes this quadrature has not: take five
    nodes or more, or it may not settle. Standard errors are never smaller than robust ones
    that take listeners as clusters (Liang & Zeger 1986, *Biometrika* 73, 13–22), since listeners
    differ in more than their intercept.

    DataError: shapes differ, values missing, effects that the design cannot tell apart. FitError:
    one category only, or fewer than two listeners.

    >>> rng = np.random.default_rng(3)
    >>> listener = np.repeat(np.arange(20), 20)
    >>> x = np.tile([0.0, 1.0], 200)
    >>> latent = 1.0 * x + rng.normal(size=20)[listener] * 0.5 + rng.normal(size=400)
    >>> fit = fit_ordinal(np.digitize(latent, [-0.5, 0.5, 1.5]), x[:, None], listener, names=("x",))
    >>> fit.converged, fit.effect("x").interval.low < 1.0 < fit.effect("x").interval.high
    (True, True)
    """
    check_coverage(coverage)
    y, x, who = _checked(rating, design, listener, names)
    values = np.unique(np.concatenate([y, -y]) if symmetric else y)
    if len(values) < 2:
        raise FitError("All answers are the same category.", "There is nothing to model.")
    labels, at = np.unique(who, return_inverse=True)
    if len(labels) < 2:
        raise FitError("One listener does not show how listeners differ.", "Collect more.")
    model = OrdinalModel(
        category=np.searchsorted(values, y),
        design=x,
        listener=np.asarray(at, dtype=np.int64),
        n_categories=len(values),
        n_listeners=len(labels),
        symmetric=symmetric,
        link=link,
        n_nodes=n_nodes,
    )
    point, settled = _maximise(model)
    here = model.height(point)
    covariance, sound = _covariance(model, point, here.scores)
    first = model.n_thresholds
    estimates, errors = point[first:-1], np.sqrt(np.diag(covariance))[first : first + x.shape[1]]
    converged = settled and sound and not np.any(np.abs(estimates) > _UNBOUNDED)
    return OrdinalFit(
        link=link,
        categories=tuple(float(one) for one in values),
        symmetric=symmetric,
        thresholds=tuple(float(one) for one in model.thresholds(point)),
        effects=tuple(
            _effect(name, float(estimate), float(error), len(labels), coverage)
            for name, estimate, error in zip(names, estimates, errors, strict=True)
        ),
        sd_listeners=abs(float(point[-1])),
        log_likelihood=here.value,
        converged=converged,
        n_listeners=len(labels),
        n_answers=len(y),
        n_nodes=n_nodes,
        method=f"cumulative {link} model, random intercept per listener, adaptive Gauss–Hermite "
        f"quadrature with {n_nodes} nodes, robust standard errors",
        warnings=_warnings(converged, len(labels)),
    )


def _checked(
    rating: ArrayLike, design: ArrayLike, listener: ArrayLike, names: tuple[str, ...]
) -> tuple[Floats, Floats, NDArray[Any]]:
    y, x, who = numbers(rating, "rating"), numbers(design, "design"), np.asarray(listener)
    if y.ndim != 1 or x.shape != (len(y), len(names)) or who.shape != y.shape or not len(names):
        raise DataError(
            "rating, design and listener do not fit together.",
            "Give a rating, a row of the design and a listener per answer; a name per effect.",
        )
    if not np.all(np.isfinite(y)) or not np.all(np.isfinite(x)):
        raise DataError("A rating or an effect is missing.", "Leave such answers out.")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise DataError(
            "The design cannot tell its effects apart.", "Leave out effects that repeat others."
        )
    return y, x, who


def _maximise(model: OrdinalModel) -> tuple[Floats, bool]:
    from scipy.optimize import minimize

    def down(point: Floats) -> tuple[float, Floats]:
        here = model.height(point)
        return -here.value, -here.scores.sum(axis=0)

    found = minimize(
        down, model.start(), jac=True, method="BFGS", options={"gtol": 1e-5, "maxiter": 500}
    )
    slope = float(np.abs(found.jac).max())
    return np.asarray(found.x), slope < _FLAT and bool(np.all(np.isfinite(found.x)))


def _covariance(model: OrdinalModel, point: Floats, scores: Floats) -> tuple[Floats, bool]:
    """The larger of the two covariances by its diagonal, and whether the maximum is a peak.

    A spread of nearly 0 lies on its edge: then it is taken as known.
    """
    free = np.ones(len(point), dtype=bool)
    free[-1] = abs(point[-1]) > _NO_SPREAD
    chosen = np.flatnonzero(free)
    information = np.zeros((len(chosen), len(chosen)))
    for row, at in enumerate(chosen):
        step = np.zeros(len(point))
        step[at] = _STEP
        slopes = [model.height(point + way * step).scores.sum(axis=0) for way in (1.0, -1.0)]
        information[row] = -((slopes[0] - slopes[1]) / (2.0 * _STEP))[chosen]
    information = 0.5 * (information + information.T)
    found = np.full((len(point), len(point)), np.nan)
    if not np.all(np.linalg.eigvalsh(information) > 1e-8):
        return found, False
    inverse = np.linalg.inv(information)
    mine = scores[:, chosen]
    n = model.n_listeners
    robust = inverse @ (mine.T @ mine) @ inverse * n / (n - 1.0)
    grown = np.sqrt(np.maximum(np.diag(robust) / np.diag(inverse), 1.0))
    found[np.ix_(chosen, chosen)] = inverse * np.outer(grown, grown)
    return found, True


def _effect(
    name: str, estimate: float, error: float, n_listeners: int, coverage: float
) -> OrdinalEffect:
    half = float(stdtrit(n_listeners - 1, 0.5 + coverage / 2.0)) * error
    return OrdinalEffect(
        name=name,
        estimate=estimate,
        standard_error=error,
        interval=ConfidenceInterval(
            low=estimate - half, high=estimate + half, coverage=coverage, method="robust, t"
        ),
        p_value=float(2.0 * stdtr(n_listeners - 1, -abs(estimate) / error)),
    )


def _warnings(converged: bool, n_listeners: int) -> tuple[str, ...]:
    found = []
    if not converged:
        found.append(
            "The ordinal model did not settle: an effect or a threshold goes on growing, as where "
            "versions hardly share a category, or the likelihood is level. Do not quote its "
            "numbers."
        )
    if n_listeners < _FEW_LISTENERS:
        found.append(
            f"{n_listeners} listeners: the intervals of the ordinal model, made for many, are "
            "approximate."
        )
    return tuple(found)
