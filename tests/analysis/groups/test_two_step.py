"""Fit each listener, then combine: against single fits, and beside the mixed model."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jndlab.analysis.fits.psychometric import fit_psychometric
from jndlab.analysis.groups.fit import fit_group
from jndlab.analysis.groups.two_step import two_step_threshold
from jndlab.errors import FitError

from .dense import GLMM, LEVELS, columns, simulate


def test_listeners_have_the_thresholds_of_their_own_fits() -> None:
    found = two_step_threshold(*columns(GLMM, 20), paradigm="yes_no")
    for person in (0, 3, 7):
        own = fit_psychometric(
            LEVELS,
            GLMM[person],
            np.full(6, 20),
            paradigm="yes_no",
            method="ml",
            guess_rate=0.0,
            lapse_rate=0.0,
            overdispersion=False,
        )
        assert found.listeners[person].threshold == pytest.approx(own.threshold, abs=1e-5)
        assert found.listeners[person].width == pytest.approx(own.width, rel=1e-4)


def test_it_agrees_with_the_mixed_model_where_trials_are_plenty() -> None:
    table = simulate(np.random.default_rng(4), n_listeners=20, n_trials=60, sd=0.8)
    rows = columns(table, 60)
    steps = two_step_threshold(*rows, paradigm="yes_no", method="reml")
    mixed = fit_group(*rows, paradigm="yes_no", random="threshold")
    assert steps.estimate == pytest.approx(mixed.estimate("threshold"), abs=0.03)
    assert steps.meta.tau == pytest.approx(mixed.estimate("sd_threshold"), rel=0.1)
    assert steps.meta.standard_error == pytest.approx(mixed.standard_error("threshold"), rel=0.1)
    assert not steps.without_threshold


def test_listeners_without_a_threshold_are_left_out_and_named() -> None:
    table = np.vstack([GLMM, [[0.0, 0, 0, 20, 20, 20]], [[20.0] * 6]])
    found = two_step_threshold(*columns(table, 20), paradigm="yes_no")
    assert found.without_threshold == (12, 13)
    assert any("2 listeners have no threshold" in warning for warning in found.warnings)
    assert len(found.listeners) == 12
    assert json.dumps(found.to_dict())


def test_falling_data_and_log_levels() -> None:
    table = simulate(np.random.default_rng(4), n_listeners=8, n_trials=40, sd=0.5)
    rows = columns(table, 40)
    listener, level, n_correct, n_trials = rows
    mirrored = two_step_threshold(
        listener, -level, n_correct, n_trials, paradigm="yes_no", direction="falls"
    )
    plain = two_step_threshold(*rows, paradigm="yes_no")
    assert mirrored.estimate == pytest.approx(-plain.estimate)
    logs = two_step_threshold(
        listener, np.exp(level), n_correct, n_trials, paradigm="yes_no", sigmoid="lognormal"
    )
    assert logs.estimate == pytest.approx(plain.estimate)
    assert logs.listeners[0].threshold == pytest.approx(np.exp(plain.listeners[0].threshold))


def test_refusals() -> None:
    table = np.array([[0.0, 0, 0, 20, 20, 20], [0, 0, 20, 20, 20, 20], [1, 4, 9, 14, 18, 20]])
    with pytest.raises(FitError, match="Only 1 of 3"):
        two_step_threshold(*columns(table, 20), paradigm="yes_no")
    with pytest.raises(FitError, match="rates of single listeners"):
        two_step_threshold(*columns(GLMM, 20), paradigm="yes_no", guess_rate="estimate")
