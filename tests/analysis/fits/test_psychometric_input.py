"""Data on the edge of what a fit can tell, and past it; what a result says of itself."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jndlab.analysis import fit_psychometric
from jndlab.errors import DataError, FitError

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
SEVEN = ([1, 2, 3, 4, 5, 6, 7], [11, 10, 14, 17, 18, 19, 18], [20] * 7)


def test_equal_levels_are_added_up_and_empty_ones_dropped() -> None:
    whole = fit_psychometric(*SIX, paradigm="abx")
    split = fit_psychometric(
        [1, 2, 3, 4, 5, 6, 6, 9],
        [21, 23, 29, 33, 38, 20, 19, 0],
        [40] * 5 + [20, 20, 0],
        paradigm="abx",
    )
    assert split.data_digest == whole.data_digest
    assert split.threshold == whole.threshold
    assert split.levels == (1, 2, 3, 4, 5, 6)
    assert split.warnings == ("7 rows of counts were pooled into 6 different levels.",)


def test_advice_goes_into_the_result() -> None:
    assert fit_psychometric(*SIX, paradigm="abx").warnings == ()
    flat = fit_psychometric([1, 2, 3, 4], [10, 9, 11, 10], [20] * 4, paradigm="abx")
    text = " ".join(flat.warnings)
    assert "outside the tested levels 1 to 4" in text
    assert "Only 80 trials" in text
    assert "Only 4 levels" in text
    assert not flat.threshold_at(0.75).inside_tested_range


def test_what_the_data_cannot_tell_is_said() -> None:
    def warnings(counts, **options):
        return " ".join(
            fit_psychometric(
                [1, 2, 3, 4, 5], counts, [40] * 5, **({"paradigm": "abx"} | options)
            ).warnings
        )

    assert "Every response was correct" in warnings([40] * 5)
    assert "No response was correct" in warnings([0] * 5)
    assert "perfectly separated" in warnings([20, 20, 20, 40, 40])
    assert "perfectly separated" in warnings([20, 20, 20, 40, 40], method="ml")
    assert "scored the wrong way round" in warnings([39, 38, 30, 22, 20])
    assert "scored the wrong way round" not in warnings([39, 38, 30, 22, 20], direction="falls")
    assert "no maximum within reason" in warnings([20] * 5, method="ml", overdispersion=False)


def test_extreme_data_still_end() -> None:
    for count in (0, 20):
        fit = fit_psychometric([1, 2, 3, 4], [count] * 4, [20] * 4, paradigm="abx")
        assert np.isfinite(fit.threshold)
        assert not 1 <= fit.threshold <= 4
    far = fit_psychometric([1e-6, 1, 1e6], [10, 15, 20], [20] * 3, paradigm="abx")
    assert np.isfinite([far.threshold, far.interval("width").high]).all()
    with pytest.raises(FitError, match="too many for a beta-binomial"):
        fit_psychometric([1, 2, 3], [5e8, 7e8, 9e8], [1e9] * 3, paradigm="abx")
    two = fit_psychometric([1, 2, 3], [1, 0, 0], [1, 1, 1], paradigm="abx")
    assert "Only 3 trials" in " ".join(two.warnings)


def test_the_result_says_how_it_was_made() -> None:
    fit = fit_psychometric(*SIX, paradigm="2AFC", lapse_prior=(1, 20))
    assert fit.options["lapse_prior"] == (1, 20)
    assert fit.options["fixed_lapse_rate"] is None
    assert (fit.paradigm, fit.method, fit.guess_rate) == ("2afc", "posterior", 0.5)
    narrow, wide = fit.interval("threshold", 0.9), fit.interval("threshold")
    assert wide.low < narrow.low < narrow.high < wide.high
    plain = fit.to_dict()
    assert plain["estimates"]["threshold"] == fit.threshold
    assert plain["intervals"]["width"]["low"] == fit.interval("width").low
    assert "curves" not in plain
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.paradigm = "abx"  # type: ignore[misc]
    with pytest.raises(FitError, match="no parameter"):
        fit.estimate("alpha")
    with pytest.raises(FitError, match="no posterior"):
        fit_psychometric(*SIX, paradigm="abx", method="map").estimate("threshold", "mean")


def test_the_paradigm_has_no_default() -> None:
    with pytest.raises(TypeError):
        fit_psychometric(*SIX)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("levels", "n_correct", "n_trials", "options", "error", "message"),
    [
        ([1, 2], [5, 8], [10, 10], {}, FitError, "2 level"),
        ([1, 2, 3], [5, 8], [10, 10], {}, DataError, "differ in length"),
        ([1, 2, 3], [5, 11, 9], [10, 10, 10], {}, DataError, "11 correct of 10 trials at level 2"),
        ([1, 2, 3], [0.5, 0.7, 0.9], [10, 10, 10], {}, DataError, "whole numbers"),
        ([1, 2, np.nan], [5, 7, 9], [10, 10, 10], {}, DataError, "missing"),
        ([1, 2, 3], [0, 0, 0], [0, 0, 0], {}, DataError, "no trials"),
        ([0, 1, 2], [5, 7, 9], [10, 10, 10], {"sigmoid": "weibull"}, FitError, "above 0"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"sigmoid": "step"}, FitError, "no sigmoid"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"direction": "up"}, FitError, "no direction"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"lapse_rate": 0.6}, FitError, "cannot be fixed"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"lapse_prior": (0.5, 10)}, FitError, "unbounded"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"method": "mcmc"}, FitError, "no method"),
        ([1, 2, 3], ["5", "x", "9"], [10, 10, 10], {}, DataError, "not a number"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"paradigm": "maybe"}, DataError, "no paradigm"),
    ],
)
def test_wrong_input_is_refused_with_a_remedy(
    levels, n_correct, n_trials, options, error, message
) -> None:
    with pytest.raises(error, match=message) as caught:
        fit_psychometric(levels, n_correct, n_trials, **({"paradigm": "abx"} | options))
    assert caught.value.remedy
