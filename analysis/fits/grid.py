"""The posterior density on an adaptive grid of Gauss–Legendre nodes, for many data sets at once.

Every parameter gets a few nodes in a box that holds all but a negligible share of its mass; the
box is found from the mode and mended by coarse passes until nothing sticks out. The density is
smooth inside the box, so that a dozen nodes integrate it to several digits, where a grid of
equal cells needs many times as many.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from jndlab.analysis.fits.design import LOG_WIDTH, THRESHOLD, Design
from jndlab.analysis.fits.likelihood import prepare
from jndlab.analysis.fits.modes import Modes
from jndlab.analysis.fits.surface import Surface

Floats = NDArray[np.float64]

NODES = (18, 16, 8, 8, 7)
"""Of threshold, log width, lapse rate, guess rate, overdispersion, where they are estimated."""
_MORE_NODES = (48, 40, 16, 12, 16)
_MANY_TRIALS = 3000
"""At a level, with overdispersion: without it the curve is known so well, and with a little of
it so badly, that one box holds a needle in a haystack."""
_SEARCH_NODES = (9, 9, 6, 6, 5)
_REACH = 5.5
"""Half the length of a box in standard deviations of the marginal."""
_REACH_OF_RATES = 8.0
"""Upwards: rates fall off as an exponential, not as a normal distribution."""
_EDGE = 7.0
"""Fall of the log density from its peak that the edge of a box must show."""
_MOST_PASSES = 15
_TABLE_STEP = 0.03
_TINY = 1e-300
_SMALLEST_THETA = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Boxes, nodes and log density of many data sets; the first axis is the data set."""

    boxes: Floats
    """Shape (data sets, 5, 2)."""
    nodes: tuple[Floats, ...]
    """Per parameter: shape (data sets, nodes); one node where it is fixed."""
    weights: tuple[Floats, ...]
    """Quadrature weights of the nodes; 1 where the parameter is fixed."""
    log_density: Floats
    """Shape (data sets, nodes of each of the five parameters); its greatest value is 0."""
    peak: Floats
    """Shape (data sets,): what was taken off to make it 0."""


@cache
def legendre(n_nodes: int) -> tuple[Floats, Floats]:
    """Gauss–Legendre nodes and weights on −1 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    return nodes, weights


def integrate(design: Design, modes: Modes, n_correct: Floats, n_trials: Floats) -> Grid:
    """The posterior of counts of shape (data sets, levels) around their modes."""
    needle = not design.binomial and n_trials.max() > _MANY_TRIALS
    sizes = _MORE_NODES if needle else NODES
    return evaluate(design, _locate(design, modes, n_correct, n_trials), n_correct, n_trials, sizes)


def evaluate(
    design: Design,
    boxes: Floats,
    n_correct: Floats,
    n_trials: Floats,
    sizes: tuple[int, ...],
) -> Grid:
    """The posterior density at the nodes of given boxes (data sets, 5, 2)."""
    nodes, weights = [], []
    for parameter, size in enumerate(sizes):
        low, high = boxes[:, parameter, 0, None], boxes[:, parameter, 1, None]
        if parameter in design.free:
            place, weight = legendre(size)
            nodes.append(low + (high - low) * (place + 1.0) / 2.0)
            weights.append((high - low) / 2.0 * weight)
        else:
            nodes.append(low)
            weights.append(np.ones_like(low))
    log_density = _log_likelihood(design, nodes, n_correct, n_trials)
    for parameter in design.free:
        prior = design.priors.of(parameter, nodes[parameter])
        if prior is None:
            continue
        value = prior.value
        if parameter == LOG_WIDTH:
            value = value + nodes[parameter]  # the prior is a density of the width
        shape = [1] * 6
        shape[0], shape[parameter + 1] = value.shape
        log_density += value.reshape(shape)
    peak = log_density.reshape(len(boxes), -1).max(axis=1)
    log_density -= peak[:, None, None, None, None, None]
    return Grid(
        boxes=boxes,
        nodes=tuple(nodes),
        weights=tuple(weights),
        log_density=log_density,
        peak=peak,
    )


def _log_likelihood(
    design: Design, nodes: list[Floats], n_correct: Floats, n_trials: Floats
) -> Floats:
    threshold, log_width, lapse_rate, guess_rate, overdispersion = nodes
    t = design.standardised(
        threshold[:, :, None, None], np.exp(log_width)[:, None, :, None], design.inner
    )
    heard, missed = design.standard.cdf(t), design.standard.survival(t)
    rates = (slice(None), None, None, slice(None), slice(None), None)
    lapse = lapse_rate[:, None, None, :, None, None]
    guess = guess_rate[:, None, None, None, :, None]
    hearing = (1.0 - guess_rate[:, None, :] - lapse_rate[:, :, None])[rates]
    right = hearing * heard[:, :, :, None, None, :]
    right += guess
    wrong = hearing * missed[:, :, :, None, None, :]
    wrong += lapse
    shape = right.shape[:-1]
    n_sets, n_levels = n_correct.shape
    for values in (right, wrong):
        np.maximum(values, _TINY, out=values)
        np.log(values, out=values)
    log_right, log_wrong = (v.reshape(n_sets, -1, n_levels) for v in (right, wrong))
    n_wrong = n_trials - n_correct
    if design.binomial:
        value = np.matmul(log_right, n_correct[:, :, None])
        value += np.matmul(log_wrong, n_wrong[:, :, None])
        return np.asarray(value.reshape(*shape, 1))
    value = np.stack(
        [
            _overdispersed(log_right[i], log_wrong[i], n_correct[i], n_wrong[i], overdispersion[i])
            for i in range(n_sets)
        ]
    )
    return value.reshape(*shape, overdispersion.shape[1])


def _overdispersed(
    log_right: Floats, log_wrong: Floats, n_correct: Floats, n_wrong: Floats, eta: Floats
) -> Floats:
    """Beta-binomial log likelihood of one data set, shape (points, overdispersion nodes).

    The rising factorials are tabulated over log ψ, where they are smooth, and interpolated:
    a thousandth of the log-gamma functions that the grid would take.
    """
    theta = np.maximum(eta**2 / (1.0 - eta**2), _SMALLEST_THETA)
    n_trials = n_correct + n_wrong
    value = np.zeros((len(log_right), len(eta)))
    for places, counts in ((log_right, n_correct), (log_wrong, n_wrong)):
        low = float(places.min())
        table = _rising_table(low, float(places.max()), counts, theta)
        position = (places - low) * (1.0 / _TABLE_STEP)
        cell = position.astype(np.intp)
        position -= cell
        rise = np.diff(table, axis=1)
        for level in np.flatnonzero(counts):
            index = cell[:, level]
            value += table[level].take(index, axis=0)
            between = rise[level].take(index, axis=0)
            between *= position[:, level, None]
            value += between
    a = 1.0 / theta
    whole = gammaln(a + n_trials[:, None]) - gammaln(a) + n_trials[:, None] * np.log(theta)
    value -= whole.sum(axis=0)
    return value


def _rising_table(low: float, high: float, counts: Floats, theta: Floats) -> Floats:
    """Σ_{i<k} log(x + iθ) over a grid of log x: shape (levels, places, θ)."""
    places = low + _TABLE_STEP * np.arange(int((high - low) / _TABLE_STEP) + 2)
    a = np.exp(places)[:, None] / theta
    table = gammaln(a + counts[:, None, None])
    table -= gammaln(a)
    table += counts[:, None, None] * np.log(theta)
    return np.asarray(table)


def _locate(design: Design, modes: Modes, n_correct: Floats, n_trials: Floats) -> Floats:
    """Boxes (data sets, 5, 2) that hold the posterior."""
    boxes = _first_boxes(design, modes, n_correct, n_trials)
    limits = design.limits
    active = np.arange(len(boxes))
    for _ in range(_MOST_PASSES):
        grid = evaluate(design, boxes[active], n_correct[active], n_trials[active], _SEARCH_NODES)
        mended, good = _mend(design, grid, limits)
        boxes[active] = mended
        active = active[~good]
        if active.size == 0:
            break
    return boxes


def _first_boxes(design: Design, modes: Modes, n_correct: Floats, n_trials: Floats) -> Floats:
    """Boxes from the curvature at the mode: where a parabola has fallen far enough.

    A rate at its bound falls off by its slope; the other parameters scatter as their joint
    curvature says, and somewhat more where such a rate will move away from its bound.
    """
    points, limits = modes.points, design.limits
    counts = prepare(n_correct, n_trials, binomial=design.binomial)
    _, gradient, hessian = Surface.of(design, use_prior=True).at(points, counts)
    free = np.array(design.free)
    here = points[:, free]
    held = (here <= limits[free, 0]) | (here >= limits[free, 1])
    pull, bend = np.abs(gradient), np.abs(np.diagonal(hessian, axis1=1, axis2=2))
    alone = (np.sqrt(pull**2 + 20.0 * bend) - pull) / np.maximum(bend, 1e-9)
    apart = held[:, :, None] | held[:, None, :]
    eigenvalues, vectors = np.linalg.eigh(np.where(apart, -np.eye(len(free)), hessian))
    sound = eigenvalues[:, -1] < 0.0
    variance = np.einsum("rij,rj->ri", vectors**2, 1.0 / np.maximum(-eigenvalues, 1e-12))
    reach = _REACH * np.where(held.any(axis=1), 1.3, 1.05)
    together = np.where(sound, reach * np.sqrt(variance).T, np.inf).T
    half = np.where(held, 1.5 * alone, together)
    boxes = np.repeat(points[:, :, None], 2, axis=2)
    boxes[:, free, 0] -= half
    boxes[:, free, 1] += half
    return np.clip(boxes, limits[:, :1], limits[:, 1:])


def _mend(design: Design, grid: Grid, limits: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Boxes after one coarse pass, and whether each will do as it now is."""
    boxes = grid.boxes.copy()
    n_sets = len(boxes)
    good = np.ones(n_sets, dtype=bool)
    mass = np.exp(grid.log_density)
    for parameter, weight in enumerate(grid.weights):
        shape = [1] * 6
        shape[0], shape[parameter + 1] = weight.shape
        mass = mass * weight.reshape(shape)
    for parameter in design.free:
        others = tuple(axis for axis in range(1, 6) if axis != parameter + 1)
        profile, marginal = grid.log_density.max(axis=others), mass.sum(axis=others)
        nodes = grid.nodes[parameter]
        total = marginal.sum(axis=1)
        mean = (marginal * nodes).sum(axis=1) / total
        spread = np.sqrt((marginal * (nodes - mean[:, None]) ** 2).sum(axis=1) / total)
        low, high = boxes[:, parameter].T.copy()
        length = high - low
        # So coarse a pass may see one node of a narrow density: go down in steps.
        spread = np.maximum(spread, length / 40.0)
        bottom, top = limits[parameter]
        open_low = (profile[:, 0] > -_EDGE) & (low > bottom)
        open_high = (profile[:, -1] > -_EDGE) & (high < top)
        reach = _REACH if parameter in (THRESHOLD, LOG_WIDTH) else _REACH_OF_RATES
        first, last = _seen(profile, nodes, low, high)
        # Never beyond what this pass has seen, unless the density has not fallen there.
        new_low = np.maximum(low, np.minimum(mean - _REACH * spread, first))
        new_high = np.minimum(high, np.maximum(mean + reach * spread, last))
        new_low = np.where(open_low, low - length, new_low)
        new_high = np.where(open_high, high + length, new_high)
        new_low, new_high = np.maximum(new_low, bottom), np.minimum(new_high, top)
        boxes[:, parameter, 0], boxes[:, parameter, 1] = new_low, new_high
        good &= ~open_low & ~open_high
        # Much narrower: the coarse nodes saw little of it, so look again.
        good &= new_high - new_low > 0.4 * length
    return boxes, good


def _seen(profile: Floats, nodes: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The places next to the outermost nodes at which there is density: long flat tails count."""
    dense = profile > -_EDGE
    framed = np.column_stack([low, nodes, high])
    rows = np.arange(len(nodes))
    first = np.argmax(dense, axis=1)
    last = nodes.shape[1] - 1 - np.argmax(dense[:, ::-1], axis=1)
    return framed[rows, first], framed[rows, last + 2]
