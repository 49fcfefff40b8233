"""Data that a result hangs on: the refits are fits without them, and the odd one is found."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import fit_psychometric
from jndlab.analysis.fits.influential import influential_data
from jndlab.errors import DataError

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
ODD = ([1, 2, 3, 4, 5, 6, 7], [21, 20, 22, 34, 39, 40, 27], [40] * 7)


@pytest.mark.parametrize("method", ["ml", "posterior"])
def test_what_is_left_out_is_left_out(method: str) -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method=method, overdispersion=False)
    result = influential_data(fit)
    # A level inside the range: the tested range and with it the priors stay as they are.
    row, keep = result.rows[2], [0, 1, 3, 4, 5]
    assert (row.number, row.level, row.n_correct, row.n_trials) == (3, 3.0, 29, 40)
    if method == "ml":
        rest = fit_psychometric(
            *(np.array(column)[keep] for column in SIX),
            paradigm="2afc",
            method=method,
            overdispersion=False,
        )
        assert row.threshold == pytest.approx(rest.threshold, abs=1e-4)
        assert row.width == pytest.approx(rest.width, abs=1e-3)
    half = fit.interval("threshold").length / 2
    assert row.threshold_influence == pytest.approx(abs(row.threshold - fit.threshold) / half)
    assert result.influential == ()
    assert "No single level" in result.verdict


def test_the_odd_level_is_found() -> None:
    fit = fit_psychometric(*ODD, paradigm="2afc", lapse_rate=0.01, overdispersion=False)
    result = influential_data(fit)
    assert 7.0 in [row.level for row in result.influential]
    assert "level 7 (27 of 40 correct)" in result.verdict
    assert "reason stated beforehand" in result.verdict


def test_blocks_are_left_out_one_by_one() -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method="map", overdispersion=False)
    blocks = (
        SIX[0] + SIX[0],
        [11, 12, 15, 17, 19, 19, 10, 11, 14, 16, 19, 20],
        [20] * 12,
    )
    result = influential_data(fit, blocks=blocks)
    assert (result.unit, len(result.rows)) == ("block", 12)
    rest = fit_psychometric(
        SIX[0],
        [21, 23, 29, 17, 38, 39],
        [40, 40, 40, 20, 40, 40],
        paradigm="2afc",
        method="map",
        overdispersion=False,
    )
    without = result.rows[9]
    assert (without.level, without.n_correct, without.n_trials) == (4.0, 16, 20)
    assert without.threshold == pytest.approx(rest.threshold)
    assert without.width == pytest.approx(rest.width)
    with pytest.raises(DataError, match="add up"):
        influential_data(fit, blocks=(SIX[0], SIX[1], [41] * 6))


def test_influence_on_an_endless_interval_cannot_be_told() -> None:
    fit = fit_psychometric([1, 2, 3, 4], [10, 9, 11, 10], [20] * 4, paradigm="2afc", method="ml")
    result = influential_data(fit)
    assert all(row.threshold_influence is None for row in result.rows)
    assert result.influential == ()
    assert any("has no end" in sentence for sentence in result.warnings)
    assert result.to_dict()["rows"][0]["threshold_influence"] is None
