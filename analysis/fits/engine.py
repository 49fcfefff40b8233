"""The fitting engine: modes or maxima of many data sets that share one design, at once.

Maximises the log posterior density, or the log likelihood, of (threshold, width, lapse rate,
guess rate, overdispersion) by Newton's method with the exact Hessian in (threshold, log width,
rates). Each data set starts from the best point of a table: log ψ is tabulated once, so that one
matrix product rates all starting points for all data sets. Steps follow the absolute
eigenvalues of the Hessian, so that they lead uphill also where the surface is not concave, and
are shortened until it rises. A parameter at its bound stays there while the surface falls inwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.design import GUESS, LAPSE, LOG_WIDTH, OVERDISPERSION, THRESHOLD, Design
from jndlab.analysis.fits.likelihood import Counts, prepare
from jndlab.analysis.fits.priors import THRESHOLD_SUPPORT, WIDEST
from jndlab.analysis.fits.surface import Surface, curve_at

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MOST_ITERATIONS = 200
_MOST_SHORTENINGS = 20
_TOLERANCE = 1e-10
"""Largest rise of the surface that a further Newton step may promise."""
_NEXT_TO_NOTHING = 1e-3
"""A rise that no inference would notice: where a search may end for want of a better step."""
_ROUNDING = 1e-15
"""What rounding leaves of a height, as a share of it: no step can be told from it."""
_LARGEST_STEP = np.array([0.25, 0.7, 0.1, 0.1, 0.2])
_START_OVERDISPERSION = 0.1
_WORTH_A_CLIMB = 3.0
"""A start this much lower than the best one may still lead to a higher top."""
_CHUNK = 512
"""Data sets at a time: bounds the memory."""
_CHUNK_TERMS = 2_000_000
_TINY = 1e-300
_SNAP = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """Maxima on the inner scale, one per data set; shape (data sets,) each."""

    threshold: Floats
    width: Floats
    lapse_rate: Floats
    guess_rate: Floats
    overdispersion: Floats
    log_posterior: Floats
    """What was maximised: without binomial coefficients and normalising constants."""
    converged: Bools

    def __getitem__(self, rows: slice | Bools) -> Modes:
        return Modes(**{name: getattr(self, name)[rows] for name in self.__slots__})

    @property
    def points(self) -> Floats:
        """Shape (data sets, 5): threshold, log width, lapse rate, guess rate, overdispersion."""
        columns = (self.threshold, np.log(self.width), self.lapse_rate)
        return np.column_stack([*columns, self.guess_rate, self.overdispersion])


def join_modes(parts: Sequence[Modes]) -> Modes:
    """Modes of parts of the data sets, put together again."""
    return Modes(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Modes.__slots__
        }
    )


def maximise(
    design: Design,
    n_correct: Floats,
    n_trials: Floats,
    *,
    use_prior: bool = True,
    start: Floats | None = None,
) -> Modes:
    """Posterior modes, or maxima of the likelihood without ``use_prior``, of many data sets.

    Counts have shape (data sets, levels), in the order of the levels. ``start``, of shape
    (data sets, 5), replaces the table of starting points.
    """
    n_sets, n_levels = n_correct.shape
    if design.binomial:
        size = n_sets
    else:
        size = max(1, int(_CHUNK_TERMS / max(1.0, n_levels * float(n_trials.max()))))
    surface = Surface.of(design, use_prior=use_prior)
    parts = []
    for first in range(0, n_sets, size):
        part = slice(first, first + size)
        counts = prepare(n_correct[part], n_trials[part], binomial=design.binomial)
        if start is None:
            parts.append(_highest(surface, counts))
        else:
            parts.append(climb(surface, counts, start[part].copy()))
    return join_modes(parts)


def _highest(surface: Surface, counts: Counts) -> Modes:
    """The highest of the tops reached from the best start of each region of the table.

    A gentle curve without lapses and a steep one with lapses can both be tops of one surface.
    """
    starts, rating = _starts(surface, counts)
    rows = np.arange(len(rating))
    first = np.argmax(rating, axis=1)
    tops = climb(surface, counts, starts[rows, first])
    for region in range(rating.shape[1]):
        near = rating[:, region] > rating[rows, first] - _WORTH_A_CLIMB
        again = np.flatnonzero(near & (first != region))
        if again.size == 0:
            continue
        others = climb(surface, counts[again], starts[again, region])
        higher = others.log_posterior > tops.log_posterior[again]
        for name in Modes.__slots__:
            getattr(tops, name)[again[higher]] = getattr(others, name)[higher]
    return tops


def _starts(surface: Surface, counts: Counts) -> tuple[Floats, Floats]:
    """The best point of each region of a coarse table, and its height.

    Shapes (data sets, regions, 5) and (data sets, regions); regions are narrow and wide curves,
    with and without lapses.
    """
    design = surface.design
    lapse, guess, overdispersion = design.fixed
    log_widths = np.linspace(np.log(design.priors.spacing), np.log(WIDEST), 12)[1:-1]
    lapses = np.array([0.003, 0.04, 0.15] if lapse is None else [lapse])
    axes = [
        np.linspace(*THRESHOLD_SUPPORT, 26)[1:-1],
        log_widths,
        lapses,
        np.array([0.003, 0.04, 0.2] if guess is None else [guess]),
        np.array([_START_OVERDISPERSION if overdispersion is None else overdispersion]),
    ]
    table = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 5)
    curve = curve_at(design, table)
    log_right = np.log(np.maximum(curve.right, _TINY))
    log_wrong = np.log(np.maximum(curve.wrong, _TINY))
    prior = design.priors.log_density(table) if surface.use_prior else np.zeros(len(table))
    both = np.hstack([log_right, log_wrong]).T
    narrow = table[:, LOG_WIDTH] < log_widths[len(log_widths) // 2]
    lapsing = table[:, LAPSE] > lapses[0]
    regions = [
        np.flatnonzero((narrow == n) & (lapsing == k)) for n in (True, False) for k in (0, 1)
    ]
    strata = [region for region in regions if region.size]
    n_sets = len(counts.n_correct)
    best = np.empty((n_sets, len(strata)), dtype=np.intp)
    rated = np.empty((n_sets, len(strata)))
    for start in range(0, n_sets, _CHUNK):
        part = slice(start, start + _CHUNK)
        rating = np.hstack([counts.n_correct[part], counts.n_wrong[part]]) @ both + prior
        for i, rows in enumerate(strata):
            at = np.argmax(rating[:, rows], axis=1)
            best[part, i] = rows[at]
            rated[part, i] = rating[np.arange(len(at)), rows[at]]
    return table[best], rated


def climb(surface: Surface, counts: Counts, point: Floats) -> Modes:
    """From starting points (data sets, 5) to the tops."""
    n_sets = len(point)
    value = surface.value(point, counts)
    converged = np.zeros(n_sets, dtype=bool)
    active, left = np.arange(n_sets), counts
    low, high = surface.limits[surface.free].T
    for _ in range(_MOST_ITERATIONS):
        here = point[active]
        gradient, hessian = surface.derivatives(here, left)
        known = np.isfinite(gradient).all(axis=1) & np.isfinite(hessian).all(axis=(1, 2))
        lost = np.asarray(~known)
        gradient[lost], hessian[lost] = 0.0, -np.eye(len(surface.free))
        step, promise = _newton_step(here[:, surface.free], gradient, hessian, low, high)
        done = promise < _TOLERANCE + _ROUNDING * np.abs(value[active])
        converged[active[done]] = ~lost[done]
        if done.any():
            active, here, left = active[~done], here[~done], left[~done]
            step, promise = step[~done], promise[~done]
            if active.size == 0:
                break
        excess = np.max(np.abs(step) / _LARGEST_STEP[surface.free], axis=1)
        step /= np.maximum(excess, 1.0)[:, None]
        moved, height = _ascend(surface, left, here, value[active], step)
        stuck = height < value[active]
        point[active[~stuck]], value[active[~stuck]] = moved[~stuck], height[~stuck]
        if stuck.any():
            # No step of any length leads up: a top to rounding, if Newton promised next to nothing.
            converged[active[stuck]] = promise[stuck] < _NEXT_TO_NOTHING
            active, left, promise = active[~stuck], left[~stuck], promise[~stuck]
            if active.size == 0:
                break
    else:  # creeping along a ridge on which heights hardly differ
        converged[active] = promise < _NEXT_TO_NOTHING
    return Modes(
        threshold=point[:, THRESHOLD],
        width=np.exp(point[:, LOG_WIDTH]),
        lapse_rate=point[:, LAPSE],
        guess_rate=point[:, GUESS],
        overdispersion=point[:, OVERDISPERSION],
        log_posterior=value,
        converged=converged,
    )


def _ascend(
    surface: Surface, counts: Counts, here: Floats, value: Floats, step: Floats
) -> tuple[Floats, Floats]:
    """Points after steps shortened until the surface rises, and their heights.

    Where none does the height returned is lower than ``value``.
    """
    low, high = surface.limits[surface.free].T
    moved, height = here.copy(), np.full(len(here), -np.inf)
    rows, left, step = np.arange(len(here)), counts, step.copy()
    for _ in range(_MOST_SHORTENINGS):
        trial = here[rows]
        trial[:, surface.free] = _within(trial[:, surface.free] + step, low, high)
        reached = surface.value(trial, left)
        moved[rows], height[rows] = trial, reached
        short = reached < value[rows]
        if not short.any():
            break
        rows, left, step = rows[short], left[short], step[short] / 4.0
    return moved, height


def _newton_step(
    here: Floats, gradient: Floats, hessian: Floats, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """An uphill step for each data set, and the rise of the surface it promises."""
    at_low, at_high = here <= low, here >= high
    held = (at_low & (gradient <= 0.0)) | (at_high & (gradient >= 0.0))
    step, promise = _solve(gradient, hessian, held)
    for _ in range(3):
        # A coupled step may lead out of bounds although the slope leads in: hold it then.
        out = ~held & ((at_low & (step < 0.0)) | (at_high & (step > 0.0)))
        rows = np.flatnonzero(out.any(axis=1))
        if rows.size == 0:
            break
        held[rows] |= out[rows]
        step[rows], _ = _solve(gradient[rows], hessian[rows], held[rows])
    return step, promise


def _solve(gradient: Floats, hessian: Floats, held: Bools) -> tuple[Floats, Floats]:
    """Newton steps and the rise they promise; what is ``held`` stays.

    Where the surface is not concave the step follows the absolute eigenvalues, which lead uphill.
    """
    if held.any():
        gradient = np.where(held, 0.0, gradient)
        apart = held[:, :, None] | held[:, None, :]
        hessian = np.where(apart, -np.eye(gradient.shape[1]), hessian)
    step, promise, sound = _concave_step(gradient, hessian)
    rest = np.flatnonzero(~sound)
    if rest.size:
        eigenvalues, vectors = np.linalg.eigh(hessian[rest])
        size = np.abs(eigenvalues)
        size = np.maximum(size, 1e-9 * size.max(axis=1, keepdims=True) + 1e-9)
        along = np.einsum("rji,rj->ri", vectors, gradient[rest])
        step[rest] = np.einsum("rij,rj->ri", vectors, along / size)
        promise[rest] = 0.5 * (along**2 / size).sum(axis=1)
    return step, promise


def _concave_step(gradient: Floats, hessian: Floats) -> tuple[Floats, Floats, Bools]:
    """−H⁻¹g by LDLᵀ, all data sets at once; and where −H is positive definite, so that it holds.

    Elimination by hand: for thousands of tiny systems a loop over five columns is several times
    faster than LAPACK called once for each.
    """
    n = gradient.shape[1]
    curvature = -hessian.transpose(1, 2, 0)
    lower: dict[tuple[int, int], Floats] = {}
    pivots: list[Floats] = []
    sound = np.ones(len(gradient), dtype=bool)
    for j in range(n):
        pivot = curvature[j, j] - sum(lower[j, k] ** 2 * pivots[k] for k in range(j))
        good = pivot > 1e-9 * np.abs(curvature[j, j]) + 1e-12
        sound &= good
        pivots.append(np.where(good, pivot, 1.0))
        for i in range(j + 1, n):
            inner = sum(lower[i, k] * lower[j, k] * pivots[k] for k in range(j))
            lower[i, j] = (curvature[i, j] - inner) / pivots[j]
    reduced: list[Floats] = []
    for i in range(n):
        reduced.append(gradient[:, i] - sum(lower[i, k] * reduced[k] for k in range(i)))
    step = np.empty_like(gradient)
    for i in reversed(range(n)):
        step[:, i] = reduced[i] / pivots[i] - sum(lower[k, i] * step[:, k] for k in range(i + 1, n))
    promise = 0.5 * sum(r**2 / p for r, p in zip(reduced, pivots, strict=True))
    return step, np.asarray(promise), sound


def _within(moved: Floats, low: Floats, high: Floats) -> Floats:
    """Inside the bounds, and exactly on a bound where it is all but there: no creeping up to it."""
    moved = np.where(moved < low + _SNAP, low, moved)
    return np.where(moved > high - _SNAP, high, moved)
