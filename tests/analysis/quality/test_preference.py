"""Preferences: shares with clustered intervals, exact tests, first-position bias."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from jndlab.analysis import TrialTable, read_votes
from jndlab.analysis.quality.pairs import first_position, preferences_of, wins_of
from jndlab.analysis.quality.preference import preference_of, sign_test, sign_turning_test
from jndlab.analysis.quality.stimulus_results import Drawing
from jndlab.analysis.quality.votes import Stimulus
from tests.analysis.quality.simulated import simulate, simulated_table


def drawing(**changes) -> Drawing:
    rng = np.random.default_rng(3)
    options = {"coverage": 0.95, "alpha": 0.05, "bound": None, "n_resamples": 200, "rng": rng}
    return Drawing(**(options | changes))


def of(n_preferred, n_trials, **changes):
    options = {"coverage": 0.95, "alpha": 0.05, "bound": None, "rng": np.random.default_rng(1)}
    return preference_of(
        np.asarray(n_preferred),
        np.broadcast_to(n_trials, len(n_preferred)),
        stimulus=Stimulus("seofp", 3.0),
        other=Stimulus("baseline"),
        **(options | changes),
    )


def test_tests_of_signs_are_exact() -> None:
    assert sign_test(9, 1) == pytest.approx(stats.binomtest(9, 10, 0.5).pvalue)
    assert sign_test(0, 0) is None
    values = np.array([0.5, 0.25, -0.25, 0.5, 0.0, 0.25])
    turns = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1)
    sums = np.abs(values @ turns)
    expected = np.mean(sums >= abs(values.sum()) - 1e-12)
    assert sign_turning_test(values, rng=np.random.default_rng(1)) == pytest.approx(expected)
    assert sign_turning_test(values[:1], rng=np.random.default_rng(1)) is None


def test_many_listeners_are_turned_by_a_sample() -> None:
    values = np.random.default_rng(6).normal(0.15, 0.5, size=30)
    sampled = sign_turning_test(values, rng=np.random.default_rng(1))
    assert sampled == pytest.approx(stats.ttest_1samp(values, 0.0).pvalue, abs=0.01)


def test_a_listener_counts_once() -> None:
    found = of([90, 0, 1], [100, 2, 2])
    assert found.share == pytest.approx((0.9 + 0.0 + 0.5) / 3)
    assert (found.n_for, found.n_against, found.n_preferred) == (1, 1, 91)


def test_single_answers_have_an_exact_interval_and_clustered_ones_a_wider_one() -> None:
    single = of([1] * 12 + [0] * 8, 1)
    assert single.interval.method == "Clopper-Pearson"
    same = of([6] * 10, 10)
    split = of([10] * 6 + [0] * 4, 10)
    assert same.share == pytest.approx(0.6)
    assert split.share == pytest.approx(0.6)
    assert split.interval.length > 2 * same.interval.length


def test_everybody_prefers_the_same() -> None:
    found = of([4] * 8, 4)
    assert found.share == 1.0
    assert found.interval.high == 1.0
    assert 0.5 < found.interval.low < 0.95
    assert found.p_value == pytest.approx(2 / 2**8)


def test_one_listener_speaks_of_nobody_else() -> None:
    found = of([7], [10])
    assert found.p_value is None
    assert "nobody else's" in found.warnings[0]


def test_no_preference_is_shown_within_a_bound() -> None:
    found = of([10, 11, 9, 10, 10, 12, 8, 10, 9, 11], 20, bound=0.1)
    assert found.equivalence.verdict == "equivalent"
    assert of([10, 11, 9], 20, bound=0.02).equivalence.verdict == "undecided"


@pytest.mark.slow
def test_intervals_of_listeners_who_differ_cover_as_stated() -> None:
    draws, hits, n_studies = np.random.default_rng(9), 0, 100
    for _ in range(n_studies):
        shares = draws.beta(3.0, 3.0, size=14)
        hits += 0.5 in of(draws.binomial(12, shares), 12).interval
    assert stats.binomtest(hits, n_studies, 0.95).pvalue > 0.001


def test_shares_of_the_simulated_are_recovered() -> None:
    votes = read_votes(simulated_table("preference", n_listeners=24, repeats=2))
    for found in preferences_of(votes, drawing(coverage=0.999)):
        truth = {"seofp@4": 0.0, "seofp@2": -0.6, "seofp@0": -1.8}.get(found.stimulus.name)
        if truth is not None:
            expected = stats.norm.cdf(truth / np.sqrt(1.0 + 0.4**2))
            assert expected in found.interval


def test_a_favour_for_the_first_is_told_from_preference() -> None:
    truth = {("baseline", None): 0.0, ("seofp", 0.0): -0.8}
    votes = read_votes(
        simulated_table("preference", truth=truth, first=0.6, repeats=4, n_listeners=20)
    )
    found = first_position(votes, drawing())
    gap, spread = np.array([-0.8 + 0.6, 0.8 + 0.6]), np.sqrt(1.0 + 0.4**2)
    assert stats.norm.cdf(gap / spread).mean() in found.favour.interval
    assert found.p_value < 0.001
    without = read_votes(simulated_table("preference", truth=truth, repeats=4, n_listeners=20))
    assert 0.5 in first_position(without, drawing()).favour.interval


def test_ccr_favours_the_first_in_points() -> None:
    votes = read_votes(simulated_table("ccr", first=0.5, repeats=2, n_listeners=20))
    assert 0.5 in first_position(votes, drawing(coverage=0.999)).favour.interval


def test_wins_count_both_sides() -> None:
    rows = simulate("preference", n_listeners=3, n_items=2, every_pair=True)
    wins = wins_of(read_votes(TrialTable.from_rows(rows)))
    assert wins.shape == (3, 6, 6)
    assert wins.sum() == len(rows)
    assert np.all((wins + wins.swapaxes(1, 2))[:, ~np.eye(6, dtype=bool)] == 2)
