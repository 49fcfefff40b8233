"""Listeners' estimates: their own where trials are plenty, the group's where they are few."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import ndtr

from jndlab.analysis.groups.fit import fit_group
from jndlab.analysis.groups.two_step import two_step_threshold

from .dense import LEVELS, columns, simulate

SPAN = 3.2897072539


def varied(n_trials: int, seed: int = 3):
    """Ten listeners with thresholds and widths of their own."""
    rng = np.random.default_rng(seed)
    thresholds = 3.4 + 0.7 * rng.normal(size=(10, 1))
    widths = 2.8 * np.exp(0.35 * rng.normal(size=(10, 1)))
    return rng.binomial(n_trials, ndtr(SPAN * (LEVELS - thresholds) / widths)).astype(float)


@pytest.mark.parametrize(
    ("random", "correlated"), [("slope", True), ("slope", False), ("threshold+width", True)]
)
def test_with_many_trials_they_are_the_listeners_own_curves(random: str, correlated: bool) -> None:
    rows = columns(varied(2000), 2000)
    fit = fit_group(*rows, paradigm="yes_no", random=random, correlated=correlated)
    own = two_step_threshold(*rows, paradigm="yes_no").listeners
    for mine, theirs in zip(fit.listeners, own, strict=True):
        assert mine.listener == theirs.listener
        assert mine.threshold == pytest.approx(theirs.threshold, abs=0.01)
        assert mine.width == pytest.approx(theirs.width, rel=0.02)
        assert mine.threshold_sd == pytest.approx(theirs.standard_error, rel=0.1)
        assert mine.slope == pytest.approx(SPAN / theirs.width, rel=0.02)
        assert 0.0 < mine.slope_sd < 0.1 * mine.slope


def test_the_fewer_the_trials_the_nearer_to_the_group() -> None:
    table = simulate(np.random.default_rng(5), n_listeners=12, n_trials=30, sd=1.0)
    listener, level, n_correct, n_trials = columns(table, 30)
    full = fit_group(listener, level, n_correct, n_trials, paradigm="yes_no")
    furthest = max(
        range(12), key=lambda at: abs(full.listeners[at].threshold - full.estimate("threshold"))
    )
    kept = (listener != furthest) | (level == 3.0)
    fewer = np.where(listener == furthest, 3, n_trials)
    share = np.where(listener == furthest, np.round(3 * n_correct / n_trials), n_correct)
    part = fit_group(listener[kept], level[kept], share[kept], fewer[kept], paradigm="yes_no")
    before, after = full.listeners[furthest], part.listeners[furthest]
    distances = [
        abs(entry.threshold - fit.estimate("threshold"))
        for entry, fit in ((before, full), (after, part))
    ]
    assert distances[1] < 0.8 * distances[0]
    assert before.threshold_sd < after.threshold_sd < part.estimate("sd_threshold")


def test_laplace_gives_modes_near_the_means() -> None:
    rows = columns(varied(40), 40)
    means = fit_group(*rows, paradigm="yes_no", random="threshold")
    modes = fit_group(*rows, paradigm="yes_no", random="threshold", method="laplace")
    for mean, mode in zip(means.listeners, modes.listeners, strict=True):
        assert mode.threshold == pytest.approx(mean.threshold, abs=0.02)
        assert mode.threshold_sd == pytest.approx(mean.threshold_sd, rel=0.05)
    assert json.dumps(means.listeners[0].to_dict())


def test_the_spread_holds_the_middle_of_the_listeners() -> None:
    rows = columns(varied(40), 40)
    fit = fit_group(*rows, paradigm="yes_no", random="threshold")
    sd = fit.spread.sd_threshold
    assert sd == fit.estimate("sd_threshold")
    assert fit.spread.low == pytest.approx(fit.estimate("threshold") - 1.959964 * sd)
    assert fit.spread.high == pytest.approx(fit.estimate("threshold") + 1.959964 * sd)
    pooled = fit_group(*rows, paradigm="yes_no", random=None)
    assert pooled.spread.sd_threshold == 0.0
