"""Runs of responses: exact probabilities, and who is called out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest

from jndlab.analysis import TrialTable
from jndlab.analysis.study.response_patterns import (
    check_response_patterns,
    longest_run,
    run_probability,
)
from jndlab.errors import DataError
from tests.analysis.study.spoiled import spoiled_rows


@pytest.mark.parametrize("p", [0.5, 0.3])
@pytest.mark.parametrize("n", [1, 4, 9])
def test_run_probabilities_are_those_of_all_sequences(n, p) -> None:
    for length in range(n + 2):
        expected = sum(
            p ** sum(flips) * (1 - p) ** (n - sum(flips))
            for flips in product([0, 1], repeat=n)
            if longest_run(flips)[0] >= length
        )
        assert run_probability(length, n, p=p) == pytest.approx(expected, abs=1e-14)


def test_tiny_probabilities_are_not_lost_to_rounding() -> None:
    # Of 100 trials there are 41 places for a run of 60; a second one cannot fit.
    assert run_probability(60, 100) == pytest.approx(2.0**-60 * (1 + 40 * 0.5), rel=1e-12)
    with pytest.raises(DataError):
        run_probability(-1, 3)


def test_longest_run_takes_the_first_of_equals() -> None:
    assert longest_run([1, 1, 0, 1, 1]) == (2, 0)
    assert longest_run([]) == (0, 0)
    assert longest_run([False, False]) == (0, 0)


def session_of(row, responses: str, keys: str, participant: int = 1) -> list[dict]:
    return [
        row(
            session=f"s{participant}",
            participant=participant,
            trial=number,
            response=response,
            correct_response=key,
        )
        for number, (response, key) in enumerate(zip(responses, keys, strict=True), start=1)
    ]


def test_a_session_in_numbers(row) -> None:
    table = TrialTable.from_rows(session_of(row, "ABBBBABA", "AABABABB"))
    (one,) = check_response_patterns(table).sessions
    assert (one.response, one.share, one.n_answers) == ("B", 5 / 8, 8)
    assert one.share_p_value == pytest.approx(binomtest(5, 8).pvalue)
    assert (one.same.length, one.same.first_trial, one.same.n_correct) == (4, 2, 2)
    assert one.same.p_value == pytest.approx(run_probability(3, 7))
    assert (one.alternating.length, one.alternating.first_trial) == (4, 5)


def test_straight_lining_and_alternation_are_called_out() -> None:
    patterns = check_response_patterns(TrialTable.from_rows(spoiled_rows()))
    assert [one.participant for one in patterns.flagged] == [2, 5]
    straight, alternating = patterns.flagged
    assert straight.same.flagged
    assert not straight.alternating.flagged
    assert straight.same.length >= 36
    assert straight.same.p_value_holm < 1e-6
    assert alternating.alternating.length == 72


def test_a_keen_listener_who_follows_the_keys_is_not(row) -> None:
    keys = "AB" * 30
    (one,) = check_response_patterns(TrialTable.from_rows(session_of(row, keys, keys))).sessions
    assert one.alternating.p_value_holm < 1e-9
    assert not one.alternating.flagged
    wrong = check_response_patterns(TrialTable.from_rows(session_of(row, keys, "AABB" * 15)))
    assert wrong.sessions[0].alternating.flagged


def test_guessers_are_seldom_called_out(row) -> None:
    """200 studies of 4 guessers with 40 answers, seed 2: at most 1 % of studies expected."""
    rng = np.random.default_rng(2)
    flagged = 0
    for _ in range(200):
        lengths = [longest_run(np.diff(rng.integers(2, size=40)) == 0)[0] for _ in range(4)]
        flagged += min(4 * run_probability(length, 39) for length in lengths) < 0.01
    assert flagged <= binomtest(2, 200).proportion_ci(0.999).high * 200


def test_one_answer_has_no_pattern(row) -> None:
    assert check_response_patterns(TrialTable.from_rows([row()])).sessions == ()
