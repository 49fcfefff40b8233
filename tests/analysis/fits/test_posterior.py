"""The integrated posterior against plain sums over the whole support, on hard little data sets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln
from scipy.stats import norm

from jndlab.analysis import fit_psychometric
from jndlab.sigmoids import get_sigmoid

SEVEN = ([1, 2, 3, 4, 5, 6, 7], [11, 10, 14, 17, 18, 19, 18], [20] * 7)


def brute_force(levels, n_correct, n_trials, *, sigmoid, guess_rate, overdispersed, n):
    """Plain integration over a grid of the whole prior's support: slow, and nothing clever."""
    places = (np.asarray(levels) - levels[0]) / (levels[-1] - levels[0])
    spacing = np.diff(places).min()
    axes = [
        np.linspace(-0.5, 1.5, 2 * n[0] + 1)[1::2],
        np.exp(np.linspace(np.log(spacing), np.log(3.0), 2 * n[1] + 1)[1::2]),
        0.5 * np.linspace(0, 1, 2 * n[2] + 1)[1::2] ** 2,
        0.6 * np.linspace(0, 1, 2 * n[3] + 1)[1::2] ** 2 if overdispersed else np.array([0.0]),
    ]
    family = get_sigmoid(sigmoid)
    t = family.centre + family.span * (places - axes[0][:, None, None]) / axes[1][:, None]
    heard = family.cdf(t)[:, :, None, :]
    lapse = axes[2][:, None]
    psi = guess_rate + (1.0 - guess_rate - lapse) * heard
    beyond = np.clip(np.maximum(-axes[0], axes[0] - 1.0), 0.0, 0.5)
    rising = np.clip((axes[1] - spacing) / spacing, 0.0, 1.0)
    falling = np.clip((axes[1] - 1.0) / 2.0, 0.0, 1.0)
    prior = (
        np.cos(np.pi * beyond)[:, None, None] ** 2
        * ((np.sin(np.pi * rising / 2) * np.cos(np.pi * falling / 2)) ** 2 * axes[1])[:, None]
        * ((1.0 - axes[2]) ** 9 * np.sqrt(axes[2]))
    )
    mass = np.empty((*prior.shape, len(axes[3])))
    for i, eta in enumerate(axes[3]):
        if eta == 0.0:
            value = (
                np.log(psi) * n_correct + np.log1p(-psi) * (np.asarray(n_trials) - n_correct)
            ).sum(axis=-1)
        else:
            nu = 1.0 / eta**2 - 1.0
            value = (
                betaln(np.asarray(n_correct) + psi * nu, n_trials - n_correct + (1.0 - psi) * nu)
                - betaln(psi * nu, (1.0 - psi) * nu)
            ).sum(axis=-1)
        weight = (1.0 - eta) ** 9 * np.sqrt(eta) if overdispersed else 1.0
        mass[..., i] = np.log(np.maximum(prior * weight, 1e-300)) + value
    mass = np.exp(mass - mass.max())

    def ends(axis, edges):
        others = tuple(a for a in range(4) if a != axis)
        cumulative = np.concatenate([[0.0], np.cumsum(mass.sum(axis=others))])
        return np.interp([0.025, 0.975], cumulative / cumulative[-1], edges)

    threshold = ends(0, np.linspace(-0.5, 1.5, n[0] + 1))
    width = np.exp(ends(1, np.linspace(np.log(spacing), np.log(3.0), n[1] + 1)))
    scale = levels[-1] - levels[0]
    return levels[0] + scale * threshold, scale * width


FINE, COARSE = (220, 90, 34, 1), (130, 70, 22, 18)
HARD = [
    ([0, 1, 2, 3, 5], [3, 5, 4, 7, 9], [9, 9, 8, 9, 9], "logistic", FINE),
    ([0, 1, 2, 3, 5], [5, 5, 9, 10, 10], [10] * 5, "gumbel", FINE),
    ([1, 2, 3, 4, 5, 6], [20, 19, 30, 22, 37, 36], [40] * 6, "norm", COARSE),
    ([1, 2, 3, 4, 6], [10, 10, 10, 10, 10], [10] * 5, "norm", FINE),
    ([1, 2, 3, 4, 6], [4, 6, 5, 4, 6], [10] * 5, "student-t", COARSE),
    ([1, 2, 3, 4, 5, 6], [22, 19, 20, 39, 40, 40], [40] * 6, "hyperbolic-secant", FINE),
    ([1, 2, 3, 4, 5, 6, 7, 8], [30, 29, 33, 35, 48, 55, 57, 56], [60] * 8, "norm", COARSE),
]


@pytest.mark.parametrize(("levels", "n_correct", "n_trials", "sigmoid", "cells"), HARD)
def test_interval_ends_against_plain_integration(
    levels, n_correct, n_trials, sigmoid, cells
) -> None:
    """Little, flat, separated and scattered data, where a grid in the wrong place would show.

    The plain integration itself is good to about one per cent of the length.
    """
    levels, n_correct, n_trials = (np.array(v, float) for v in (levels, n_correct, n_trials))
    overdispersed = cells[3] > 1
    fit = fit_psychometric(
        levels, n_correct, n_trials, paradigm="abx", sigmoid=sigmoid, overdispersion=overdispersed
    )
    truth = brute_force(
        levels,
        n_correct,
        n_trials,
        sigmoid=sigmoid,
        guess_rate=0.5,
        overdispersed=overdispersed,
        n=cells,
    )
    for name, (low, high) in zip(("threshold", "width"), truth, strict=True):
        interval, slack = fit.interval(name), 0.012 * (high - low)
        assert interval.low == pytest.approx(low, abs=slack), name
        assert interval.high == pytest.approx(high, abs=slack), name


def test_intervals_of_other_targets_come_from_the_joint_posterior() -> None:
    """Against draws from the grid, a normal one over each cell's threshold. Seed 3."""
    fit = fit_psychometric(*SEVEN, paradigm="two-interval", overdispersion=False)
    posterior, design = fit.curves.posterior, fit.design
    assert posterior is not None
    rng = np.random.default_rng(3)
    rows = posterior.mass[0, ..., 0]
    u = (np.arange(401) + 0.5) / 401
    places = posterior.boxes[0, 0, 0] + np.diff(posterior.boxes[0, 0])[0] * u
    values, weights, nodes = [], [], posterior.nodes
    for j, log_width in enumerate(nodes[1][0]):
        for m, lapse in enumerate(nodes[2][0]):
            mass = rows[:, j, m]
            if mass.sum() < 1e-9:
                continue
            density = np.exp(np.interp(places, nodes[0][0], np.log(mass / posterior.weights[0][0])))
            values.append(
                places + np.exp(log_width) * norm.ppf(0.3 / (0.5 - lapse)) / (2 * norm.ppf(0.95))
                if lapse < 0.2
                else np.full(401, np.inf)
            )
            weights.append(density / density.sum() * mass.sum())
    drawn = rng.choice(np.ravel(values), size=400_000, p=np.ravel(weights) / np.sum(weights))
    interval = fit.threshold_at(0.8, lapse_free=False).interval
    ends = design.to_level(np.percentile(drawn, [2.5, 97.5], method="nearest"))
    np.testing.assert_allclose([interval.low, interval.high], ends, atol=0.02 * interval.length)
