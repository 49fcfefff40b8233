"""Interval bias: recovered from known listeners, with the d′ that it hides."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from jndlab.analysis import TrialTable, clopper_pearson
from jndlab.analysis.study.example import example_trials
from jndlab.analysis.study.interval_bias import check_interval_bias
from jndlab.errors import DataError


def counted(row, by_order: dict[str, tuple[str, int, int]], participant: int = 1, **changes):
    """Order -> (right response, right answers, trials)."""
    rows, trial = [], 0
    for order, (key, n_right, n) in by_order.items():
        for number in range(n):
            trial += 1
            other = {"A": "B", "B": "A", "1": "2", "2": "1"}[key]
            rows.append(
                row(
                    session=f"s{participant}",
                    participant=participant,
                    trial=trial,
                    order=order,
                    correct_response=key,
                    response=key if number < n_right else other,
                    **changes,
                )
            )
    return rows


def two_interval(row, first: int, second: int, participant: int) -> list[dict]:
    return counted(
        row,
        {"CB": ("1", first, 20), "BC": ("2", second, 20)},
        participant,
        paradigm="two-interval",
        guess_rate=0.5,
        plays="1;1",
    )


def test_shares_orders_and_d_prime_by_hand(row) -> None:
    rows = [
        one
        for n, (a, b) in enumerate([(18, 10), (16, 12), (19, 13)], 1)
        for one in two_interval(row, a, b, n)
    ]
    bias = check_interval_bias(TrialTable.from_rows(rows))
    assert bias.responses == ("1", "2")
    said_first = 53 + (60 - 35)
    assert bias.share_first == pytest.approx(said_first / 120)
    assert bias.response.estimate == pytest.approx(np.mean([0.2, 0.1, 0.15]))
    assert [one.estimate for one in bias.response.listeners] == pytest.approx([0.2, 0.1, 0.15])
    orders = {one.order: one for one in bias.orders}
    assert orders["CB"].interval == clopper_pearson(53, 60)
    assert orders["CB"].correct_response == "1"
    (level,) = bias.levels
    hit, false_alarm = 53.5 / 61, 25.5 / 61
    z = norm.ppf(hit) - norm.ppf(false_alarm)
    assert level.d_prime_unbiased == pytest.approx(z / np.sqrt(2), abs=1e-9)
    assert level.proportion_correct_unbiased == pytest.approx(norm.cdf(z / 2))
    plain = 0.5 * (hit + 1 - false_alarm)
    assert level.d_prime == pytest.approx(np.sqrt(2) * norm.ppf(plain), abs=1e-9)
    assert level.d_prime_unbiased > level.d_prime
    assert bias.others == ()


def test_unequal_numbers_of_orders_are_no_bias(row) -> None:
    rows = counted(row, {"AB-A": ("A", 15, 20), "AB-B": ("B", 6, 8)})
    (one,) = check_interval_bias(TrialTable.from_rows(rows)).response.listeners
    assert one.estimate == pytest.approx(0.0)


def test_levels_do_not_pass_for_bias(row) -> None:
    # Easy trials have A right mostly, hard ones B: at equal levels there is no preference.
    rows = counted(row, {"AB-A": ("A", 16, 16), "AB-B": ("B", 4, 4)}, level=1.0)
    hard = counted(row, {"AB-A": ("A", 2, 4), "AB-B": ("B", 8, 16)}, level=9.0)
    for number, one in enumerate(hard, start=100):
        one["trial"] = number
    bias = check_interval_bias(TrialTable.from_rows(rows + hard))
    assert bias.response.listeners[0].estimate == pytest.approx(0.0)
    assert bias.share_first != 0.5


def test_the_three_contrasts_of_abx(row) -> None:
    by_order = {
        "AB-A": ("A", 19, 20),
        "AB-B": ("B", 15, 20),
        "BA-A": ("B", 13, 20),
        "BA-B": ("A", 17, 20),
    }
    bias = check_interval_bias(TrialTable.from_rows(counted(row, by_order)))
    assert bias.response.estimate == pytest.approx(0.5 * ((19 + 17) - (15 + 13)) / 40)
    compressed, baseline_first = bias.others
    assert compressed.estimate == pytest.approx(((15 + 17) - (19 + 13)) / 40)
    assert baseline_first.estimate == pytest.approx(((19 + 15) - (13 + 17)) / 40)


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
def test_a_known_bias_is_found_and_none_is_not(paradigm) -> None:
    biased = check_interval_bias(example_trials(n_listeners=20, paradigm=paradigm, bias=0.2))
    assert biased.response.p_value is not None
    assert biased.response.p_value < 1e-6
    # Guesses are biased by 0.2, and about half of the trials are guesses.
    assert 0.06 < biased.response.estimate < 0.14
    fair = check_interval_bias(example_trials(n_listeners=20, paradigm=paradigm))
    assert fair.response.p_value > 0.01
    assert fair.response.interval is not None
    assert 0.0 in fair.response.interval


def test_what_has_no_two_responses_is_refused(row) -> None:
    with pytest.raises(DataError, match="two responses"):
        check_interval_bias(TrialTable.from_rows([row()]))
