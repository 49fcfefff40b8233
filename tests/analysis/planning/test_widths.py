"""Expected widths of exact intervals against sums by hand."""

from __future__ import annotations

from math import comb
from typing import Any

import pytest

from jndlab.analysis.intervals import clopper_pearson, jeffreys, wilson
from jndlab.analysis.planning.widths import expected_width
from jndlab.errors import DataError

MAKE = {"clopper-pearson": clopper_pearson, "wilson": wilson, "jeffreys": jeffreys}


@pytest.mark.parametrize("interval", MAKE)
@pytest.mark.parametrize("truth", [0.5, 0.85])
def test_the_mean_is_the_sum_over_all_counts(interval: Any, truth: float) -> None:
    n = 23
    by_hand = sum(
        comb(n, k) * truth**k * (1 - truth) ** (n - k) * MAKE[interval](k, n, coverage=0.9).length
        for k in range(n + 1)
    )
    width = expected_width(n, proportion_correct=truth, coverage=0.9, interval=interval)
    assert width.expected == pytest.approx(by_hand, abs=1e-9)


def test_quantiles_are_widths_that_can_come_out() -> None:
    # Three trials at 0.5: widths of 0 and 3 correct (a quarter of the time) and of 1 and 2.
    end, middle = clopper_pearson(0, 3).length, clopper_pearson(1, 3).length
    width = expected_width(3, proportion_correct=0.5)
    assert end < middle
    assert (width.quantile_10, width.quantile_50, width.quantile_90) == (end, middle, middle)
    certain = expected_width(3, proportion_correct=1.0)
    assert certain.expected == certain.quantile_10 == certain.quantile_90 == pytest.approx(end)


@pytest.mark.parametrize("truth", [0.5, 0.62, 0.9, 0.999])
def test_every_trial_narrows_the_interval(truth: float) -> None:
    # sample_size halves its way to the answer because of this.
    widths = [expected_width(n, proportion_correct=truth).expected for n in range(1, 80)]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(
    "change",
    [{"n_trials": 0}, {"proportion_correct": -0.1}, {"coverage": 1.0}, {"interval": "wald"}],
)
def test_impossible_options(change: dict[str, Any]) -> None:
    options: dict[str, Any] = {"n_trials": 20, "proportion_correct": 0.6} | change
    with pytest.raises(DataError):
        expected_width(options.pop("n_trials"), **options)
