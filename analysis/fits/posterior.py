"""What the posterior says: means and quantiles of parameters and of what follows from them.

Densities are known at Gauss–Legendre nodes. The logarithm of a density, less the prior's, is
smooth; a polynomial through the nodes gives it in between, and its integral the quantiles,
without the shift by half a cell that sums over the nodes of a grid have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.fits.design import LOG_WIDTH, OVERDISPERSION, Design
from jndlab.analysis.fits.grid import Grid, integrate, legendre
from jndlab.analysis.fits.modes import Modes

Floats = NDArray[np.float64]

_FINE = 401
"""Places at which a density is read off its polynomial."""
_TINY = 1e-280
_CHUNK_CELLS = 2_500_000
_MOST_TRIES = 120
_NEAR = 1e-9
"""How near a place, or its share, is to what was sought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """The posterior of many data sets of one design; the first axis is the data set.

    Everything is on the inner scale: threshold, log width, lapse rate, guess rate, overdispersion.
    """

    design: Design = field(repr=False)
    boxes: Floats = field(repr=False)
    nodes: tuple[Floats, ...] = field(repr=False)
    weights: tuple[Floats, ...] = field(repr=False)
    mass: Floats = field(repr=False)
    """Of the curve: shape (data sets, nodes of each of the first four); sums to 1 each."""
    overdispersion: Floats = field(repr=False)
    """Marginal mass of the overdispersion, shape (data sets, nodes)."""

    def __getitem__(self, rows: slice) -> Posterior:
        return Posterior(
            design=self.design,
            boxes=self.boxes[rows],
            nodes=tuple(nodes[rows] for nodes in self.nodes),
            weights=tuple(weights[rows] for weights in self.weights),
            mass=self.mass[rows],
            overdispersion=self.overdispersion[rows],
        )

    def without_threshold(self) -> Posterior:
        """The same with the threshold integrated out: for what does not depend on it."""
        middle = self.nodes[0][:, :1]
        return replace(
            self,
            nodes=(middle, *self.nodes[1:]),
            weights=(np.ones_like(middle), *self.weights[1:]),
            mass=self.mass.sum(axis=1, keepdims=True),
        )

    def marginal(self, parameter: int) -> Floats:
        """Mass at the nodes of one parameter, shape (data sets, nodes)."""
        if parameter == OVERDISPERSION:
            return self.overdispersion
        others = tuple(axis for axis in range(1, 5) if axis != parameter + 1)
        return np.asarray(self.mass.sum(axis=others))

    def cells(self) -> tuple[Floats, ...]:
        """The nodes of the four parameters of the curve, ready to broadcast with ``mass``."""
        return tuple(n.reshape(_along(p, n, 5)) for p, n in enumerate(self.nodes[:4]))

    def expectation(self, value: Callable[..., Floats]) -> Floats:
        """Posterior mean, shape (data sets,), of a function of the curve's four parameters."""
        values = np.broadcast_to(value(*self.cells()), self.mass.shape)
        return np.asarray((self.mass * values).sum(axis=(1, 2, 3, 4)))

    def mean(self, parameter: int) -> Floats:
        """Posterior mean of one parameter, shape (data sets,)."""
        return np.asarray((self.marginal(parameter) * self.nodes[parameter]).sum(axis=1))

    def quantiles(self, parameter: int, shares: ArrayLike) -> Floats:
        """Marginal quantiles of one parameter, shape (data sets, shares)."""
        wanted = np.atleast_1d(np.asarray(shares, dtype=float))
        if parameter not in self.design.free:
            return np.repeat(self.boxes[:, parameter, :1], len(wanted), axis=1)
        places, cumulative = self._cumulative(parameter, self.marginal(parameter)[:, None, :])
        cumulative = cumulative[:, 0]
        return _invert(places, cumulative / cumulative[:, -1:], wanted)

    def density(self, parameter: int) -> tuple[Floats, Floats]:
        """Places and marginal density of a free parameter: two arrays (data sets, places).

        The density of the width is that of the log width.
        """
        places, fine = self._fine(parameter, self.marginal(parameter)[:, None, :])
        density = fine[:, 0]
        area = np.asarray(np.trapezoid(density, places, axis=1))
        return places, density / area[:, None]

    def derived_quantiles(
        self, parameter: int, place: Callable[..., Floats], shares: ArrayLike
    ) -> Floats:
        """Quantiles of a quantity that rises with one free parameter, (data sets, shares).

        ``place(value, *others)`` gives the place of ``parameter`` at which the quantity is
        ``value``, of shape (data sets, 1); ``others`` are the other three parameters of the
        curve in their order, of shape (data sets, cells). It must rise with the value, and may
        be infinite where the quantity never is so low or so high.
        """
        wanted = np.atleast_1d(np.asarray(shares, dtype=float))
        cells = self.mass[0].size // self.mass.shape[parameter + 1] * _FINE
        size = max(1, _CHUNK_CELLS // cells)
        parts = [
            self[start : start + size]._derived(parameter, place, wanted)
            for start in range(0, len(self.mass), size)
        ]
        return np.concatenate(parts)

    def _derived(self, parameter: int, place: Callable[..., Floats], shares: Floats) -> Floats:
        n_sets, n_nodes = len(self.mass), self.mass.shape[parameter + 1]
        rows = np.moveaxis(self.mass, parameter + 1, -1)
        shape = rows.shape[:-1]
        others = [
            np.broadcast_to(np.moveaxis(cell, parameter + 1, -1)[..., 0], shape).reshape(n_sets, -1)
            for p, cell in enumerate(self.cells())
            if p != parameter
        ]
        rows = rows.reshape(n_sets, -1, n_nodes)
        places, cumulative = self._cumulative(parameter, rows)
        share = rows.sum(axis=2)
        with np.errstate(invalid="ignore"):
            cumulative *= (share / cumulative[:, :, -1])[:, :, None]
        low, step = places[:, :1], places[:, 1:2] - places[:, :1]
        index = np.ogrid[: cumulative.shape[0], : cumulative.shape[1]]

        def below(value: Floats) -> Floats:
            at = np.clip((place(value, *others) - low) / step, 0.0, _FINE - 1.0)
            cell = np.minimum(at.astype(np.intp), _FINE - 2)
            before, after = cumulative[*index, cell], cumulative[*index, cell + 1]
            return np.asarray((before + (at - cell) * (after - before)).sum(axis=1))

        return np.column_stack([_solve(below, float(s), n_sets) for s in shares])

    def _fine(self, parameter: int, mass: Floats) -> tuple[Floats, Floats]:
        """Density at evenly spaced places from mass at nodes (data sets, rows, nodes)."""
        box, nodes = self.boxes[:, parameter], self.nodes[parameter]
        places = box[:, :1] + (box[:, 1:] - box[:, :1]) * np.linspace(0.0, 1.0, _FINE)
        density = mass / self.weights[parameter][:, None, :]
        value = np.log(np.maximum(density, _TINY))
        value -= self._log_prior(parameter, nodes)[:, None, :]
        fine = value @ interpolation(nodes.shape[1])
        fine += self._log_prior(parameter, places)[:, None, :]
        fine -= fine.max(axis=2, keepdims=True)
        return places, np.exp(fine)

    def _cumulative(self, parameter: int, mass: Floats) -> tuple[Floats, Floats]:
        places, fine = self._fine(parameter, mass)
        cumulative = np.zeros_like(fine)
        np.cumsum((fine[..., 1:] + fine[..., :-1]) / 2.0, axis=-1, out=cumulative[..., 1:])
        return places, cumulative

    def _log_prior(self, parameter: int, values: Floats) -> Floats:
        prior = self.design.priors.of(parameter, values)
        assert prior is not None, "a fixed parameter has no density"
        return prior.value + values if parameter == LOG_WIDTH else prior.value


def posterior_of(design: Design, modes: Modes, n_correct: Floats, n_trials: Floats) -> Posterior:
    """The posterior of counts of shape (data sets, levels) around their modes."""
    size = max(1, _CHUNK_CELLS // (26_000 * (1 if design.binomial else 8)))
    parts = [
        _reduced(
            design, integrate(design, modes[start:end], n_correct[start:end], n_trials[start:end])
        )
        for start in range(0, len(n_correct), size)
        for end in [start + size]
    ]
    if len(parts) == 1:
        return parts[0]
    return Posterior(
        design=design,
        boxes=np.concatenate([p.boxes for p in parts]),
        nodes=tuple(
            np.concatenate(column) for column in zip(*(p.nodes for p in parts), strict=True)
        ),
        weights=tuple(
            np.concatenate(column) for column in zip(*(p.weights for p in parts), strict=True)
        ),
        mass=np.concatenate([p.mass for p in parts]),
        overdispersion=np.concatenate([p.overdispersion for p in parts]),
    )


def _reduced(design: Design, grid: Grid) -> Posterior:
    """Mass from log density: of the curve, and apart from it of the overdispersion."""
    mass = np.exp(grid.log_density)
    for parameter, weight in enumerate(grid.weights):
        mass *= weight.reshape(_along(parameter, weight, 6))
    mass /= mass.sum(axis=(1, 2, 3, 4, 5), keepdims=True)
    return Posterior(
        design=design,
        boxes=grid.boxes,
        nodes=grid.nodes,
        weights=grid.weights,
        mass=mass.sum(axis=5),
        overdispersion=mass.sum(axis=(1, 2, 3, 4)),
    )


def _along(parameter: int, values: Floats, n_axes: int) -> list[int]:
    shape = [1] * n_axes
    shape[0], shape[parameter + 1] = values.shape
    return shape


@cache
def interpolation(n_nodes: int) -> Floats:
    """Matrix (nodes, places) from values at Legendre nodes to evenly spaced places (barycentric).

    Weights of Legendre nodes: Wang & Xiang 2012, *Mathematics of Computation* 81, 861–877.
    """
    nodes, weights = legendre(n_nodes)
    barycentric = (-1.0) ** np.arange(n_nodes) * np.sqrt((1.0 - nodes**2) * weights)
    distance = np.linspace(-1.0, 1.0, _FINE)[None, :] - nodes[:, None]
    exact = np.abs(distance) < 1e-14
    terms = barycentric[:, None] / np.where(exact, 1.0, distance)
    matrix = terms / terms.sum(axis=0)
    hits = exact.any(axis=0)
    matrix[:, hits] = exact[:, hits]
    return np.asarray(matrix)


def _invert(places: Floats, cumulative: Floats, shares: Floats) -> Floats:
    """Places (data sets, shares) at which rising functions (data sets, places) reach shares."""
    after = np.stack([(cumulative < share).sum(axis=1) for share in shares], axis=1)
    after = np.clip(after, 1, cumulative.shape[1] - 1)
    rows = np.arange(len(places))[:, None]
    low, high = cumulative[rows, after - 1], cumulative[rows, after]
    part = (shares - low) / np.maximum(high - low, _TINY)
    start, end = places[rows, after - 1], places[rows, after]
    return np.asarray(start + np.clip(part, 0.0, 1.0) * (end - start))


def _solve(below: Callable[[Floats], Floats], share: float, n_sets: int) -> Floats:
    """The values (data sets,) at which rising functions of all numbers reach ``share``.

    Infinite where they never do: a curve that ends below a target has no threshold there.
    """
    low, high = np.full((n_sets, 1), -4.0), np.full((n_sets, 1), 4.0)
    for _ in range(30):
        short, far = below(high) < share, below(low) > share
        if not (short.any() or far.any()):
            break
        high[short] *= 4.0
        low[far] *= 4.0
    value = np.asarray(_between(below, share, low, high))
    value = np.where(far[:, None], -np.inf, np.where(short[:, None], np.inf, value))
    return np.asarray(value[:, 0])


def _between(below: Callable[[Floats], Floats], share: float, low: Floats, high: Floats) -> Floats:
    """Where rising functions reach ``share`` between two ends: false position, Illinois variant.

    The height of an end that stays for a second time is halved, so that the other one crosses
    over (Dowell & Jarratt 1971, *BIT* 11, 168–174); every third step halves the way instead.
    """
    under, over = below(low)[:, None] - share, below(high)[:, None] - share
    value, before = (low + high) / 2.0, np.full(low.shape, -1)
    for number in range(_MOST_TRIES):
        with np.errstate(divide="ignore", invalid="ignore"):
            cut = (low * over - high * under) / (over - under)
        good = (cut > low) & (cut < high) & (number % 3 < 2)
        value = np.where(good, cut, (low + high) / 2.0)
        rest = below(value)[:, None] - share
        less, again = rest < 0.0, before == (rest < 0.0)
        over = np.where(less, np.where(again, over / 2.0, over), rest)
        under = np.where(less, rest, np.where(again, under / 2.0, under))
        low, high, before = np.where(less, value, low), np.where(less, high, value), less
        if np.all((high - low < _NEAR) | (np.abs(rest) < _NEAR)):
            break
    return value
