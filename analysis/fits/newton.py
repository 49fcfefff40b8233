"""Newton steps uphill for thousands of small surfaces at once, between bounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_SNAP = 1e-9


def newton_step(
    here: Floats,
    gradient: Floats,
    hessian: Floats,
    *,
    bounds: tuple[Floats, Floats],
    largest: Floats,
) -> tuple[Floats, Floats]:
    """An uphill step for each data set, and the rise of the surface it promises.

    Places and gradients of shape (data sets, parameters); ``bounds`` (low, high) and ``largest``
    step of shape (parameters,). A parameter at its bound stays there while the surface falls
    inwards; one that would cross its bound goes as far as that, and the others make the best of
    it: cut off alone, a step of coupled parameters may lead downhill.
    """
    low, high = bounds
    held = ((here <= low) & (gradient <= 0.0)) | ((here >= high) & (gradient >= 0.0))
    step, promise = _solve(gradient, hessian, held, largest)
    for _ in range(here.shape[1]):
        reached = here + step
        out = ~held & ((reached < low) | (reached > high))
        rows = np.flatnonzero(out.any(axis=1))
        if rows.size == 0:
            break
        held[rows] |= out[rows]
        fixed = np.where(held[rows], np.clip(reached[rows], low, high) - here[rows], 0.0)
        slope = gradient[rows] + np.einsum("rij,rj->ri", hessian[rows], fixed)
        free, _ = _solve(slope, hessian[rows], held[rows], largest)
        step[rows] = np.where(held[rows], fixed, free)
    return step, promise


def within(moved: Floats, low: Floats, high: Floats) -> Floats:
    """Inside the bounds, and exactly on a bound where it is all but there: no creeping up to it."""
    moved = np.where(moved < low + _SNAP, low, moved)
    return np.where(moved > high - _SNAP, high, moved)


def _solve(
    gradient: Floats, hessian: Floats, held: Bools, largest: Floats
) -> tuple[Floats, Floats]:
    """Newton steps and the rise they promise; what is ``held`` stays."""
    if held.any():
        gradient = np.where(held, 0.0, gradient)
        apart = held[:, :, None] | held[:, None, :]
        hessian = np.where(apart, -np.eye(gradient.shape[1]), hessian)
    with np.errstate(over="ignore", invalid="ignore"):
        step, promise, sound = _concave_step(gradient, hessian)
        sound &= (np.abs(step) <= largest).all(axis=1)
    rest = np.flatnonzero(~sound)
    if rest.size:
        step[rest], promise[rest] = _limited_step(gradient[rest], hessian[rest], largest)
    return step, promise


def _limited_step(gradient: Floats, hessian: Floats, largest: Floats) -> tuple[Floats, Floats]:
    """Steps along the eigenvectors of the Hessian in units of the ``largest`` step.

    Along each by its absolute eigenvalue, which leads uphill also where the surface is not
    concave, and by one unit at most: a flat direction does not shorten the step along the others.
    """
    eigenvalues, vectors = np.linalg.eigh(hessian * largest * largest[:, None])
    along = np.einsum("rji,rj->ri", vectors, gradient * largest)
    size = np.abs(eigenvalues)
    size = np.maximum(size, 1e-9 * size.max(axis=1, keepdims=True) + 1e-12)
    move = np.clip(along / size, -1.0, 1.0)
    step = np.einsum("rij,rj->ri", vectors, move) * largest
    return step, np.asarray(0.5 * (along**2 / size).sum(axis=1))


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
