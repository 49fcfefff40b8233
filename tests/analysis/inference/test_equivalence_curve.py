"""p-values over bounds."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis.inference.equivalence import equivalence_test
from jndlab.analysis.inference.equivalence_curve import equivalence_curve
from jndlab.errors import DataError

COUNTS = [9, 11, 10, 12, 8, 10, 13, 9, 10, 11]


@pytest.mark.parametrize("counts", [110, COUNTS])
def test_the_curve_is_the_test_at_each_bound(counts: int | list[int]) -> None:
    n_trials = 200 if counts == 110 else 20
    curve = equivalence_curve(counts, n_trials, paradigm="abx", bounds=[0.7, 0.55, 0.6])
    assert curve.bounds.tolist() == [0.55, 0.6, 0.7]
    for bound, p_value, tost in zip(curve.bounds, curve.p_values, curve.p_values_tost, strict=True):
        one = equivalence_test(counts, n_trials, paradigm="abx", bound=bound)
        assert (p_value, tost) == (one.p_value, one.p_value_tost)


def test_the_curve_falls_and_crosses_alpha_at_the_smallest_rejected_bound() -> None:
    curve = equivalence_curve(COUNTS, 20, paradigm="abx", bound_on="discriminators")
    assert len(curve.bounds) == 33
    assert np.all(np.diff(curve.p_values) < 0.002)
    smallest = curve.smallest_rejected_bound
    assert smallest is not None
    assert np.all(curve.p_values[curve.bounds > smallest + 0.005] <= 0.05)
    assert np.all(curve.p_values[curve.bounds < smallest - 0.005] > 0.05)
    assert "bounds" not in curve.to_dict()


def test_impossible_bounds_are_refused() -> None:
    for bounds in ([], [0.4], [[0.6]], [0.6, float("nan")]):
        with pytest.raises(DataError):
            equivalence_curve(52, 100, paradigm="abx", bounds=bounds)
