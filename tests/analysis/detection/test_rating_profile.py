"""Profile bounds of ratings: where the deviance is the limit, and where the data set none."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis.detection.rating_likelihood import LOCATION, LOG_SIGMA, RatingLikelihood
from jndlab.analysis.detection.rating_profile import RatingProfile, separation

LIMIT = 3.841459
LIKELIHOOD = RatingLikelihood(
    np.array([40.0, 30.0, 15.0, 10.0, 5.0]), np.array([8.0, 12.0, 15.0, 25.0, 40.0])
)


@pytest.mark.parametrize("index", [LOCATION, LOG_SIGMA])
@pytest.mark.parametrize("location", ["d_prime", "d_a"])
def test_bounds_lie_where_the_deviance_is_the_limit(index, location) -> None:
    """The deviance there is found anew from the counts, not from the best fit."""
    profile = RatingProfile(LIKELIHOOD, True, LIMIT)
    best = profile.best(location)
    low, high = profile.bounds(index, best)
    assert low < best.parameters[index] < high
    for end in (low, high):
        found = LIKELIHOOD.maximise({index: end}, location)
        deviance = 2 * (best.log_likelihood - found.log_likelihood)
        assert deviance == pytest.approx(LIMIT, abs=1e-5)


def test_the_maximum_is_carried_from_one_location_to_the_other() -> None:
    profile = RatingProfile(LIKELIHOOD, True, LIMIT)
    best = profile.best("d_a")
    carried, sought = profile.best("d_prime", start=best), profile.best("d_prime")
    np.testing.assert_allclose(carried.parameters, sought.parameters, atol=1e-6)
    np.testing.assert_allclose(carried.standard_errors, sought.standard_errors, rtol=1e-5)


def test_equal_variances_are_kept() -> None:
    profile = RatingProfile(LIKELIHOOD, False, LIMIT)
    best = profile.best("d_a")
    assert best.parameters[LOG_SIGMA] == 0.0
    assert np.isnan(best.standard_errors[LOG_SIGMA])


def test_a_bound_that_the_data_do_not_set_is_infinite() -> None:
    """Ratings told apart without a mistake: only the lower bound exists, at the limit."""
    separate = RatingLikelihood(np.array([10.0, 5.0, 0.0]), np.array([0.0, 3.0, 9.0]))
    assert separation(separate) == 1
    profile = RatingProfile(separate, False, LIMIT)
    best = profile.best("d_a")
    low, high = profile.bounds_if_separate(1, best)
    assert high == np.inf
    assert profile.deviance(LOCATION, low, best, separate.saturated()) == pytest.approx(
        LIMIT, abs=1e-5
    )


def test_separation() -> None:
    for noise, signal, expected in (
        ([5, 2, 0], [0, 1, 4], 1),
        ([0, 1, 4], [5, 2, 0], -1),
        ([5, 2, 1], [0, 1, 4], 0),
        ([5, 0], [0, 4], 1),
    ):
        likelihood = RatingLikelihood(np.array(noise, float), np.array(signal, float))
        assert separation(likelihood) == expected
