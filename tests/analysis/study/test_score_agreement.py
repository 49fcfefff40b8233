"""Agreement of a score with listeners: signs, units, reversals, the score at the JND, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import fisher_exact, pearsonr

from jndlab.analysis import d_prime, fit_psychometric, score_agreement, to_dict
from jndlab.errors import DataError

PESQ = [4.4, 4.1, 3.6, 3.0, 2.4, 1.8]
CORRECT = [21, 24, 30, 36, 39, 40]
TRIALS = [40] * 6


def agreement(scores: Any = PESQ, n_correct: Any = CORRECT, n_trials: Any = TRIALS, **options: Any):
    options = {"paradigm": "abx", "seed": 1, "score": "pesq", "n_resamples": 100} | options
    return score_agreement(scores, n_correct, n_trials, **options)


def panel(n_listeners: int, seed: int = 5) -> np.ndarray:
    """Counts of 10 trials a stimulus that fall with PESQ, listeners of different thresholds."""
    rng = np.random.default_rng(seed)
    threshold = rng.normal(3.3, 0.3, (n_listeners, 1))
    heard = 1.0 / (1.0 + np.exp(3.0 * (np.array(PESQ) - threshold)))
    return rng.binomial(10, 0.5 + 0.49 * heard)


def test_pooled_counts_have_the_coefficients_of_their_proportions() -> None:
    result = agreement()
    expected = pearsonr(PESQ, np.array(CORRECT) / 40.0)[0]
    assert result.overall.pearson.estimate == pytest.approx(expected)
    assert (result.n_listeners, result.options["resample"]) == (None, "stimuli")
    assert [one.label for one in result.stimuli] == ["6", "5", "4", "3", "2", "1"]
    assert result.curve.unit_of_inference == "trials"
    assert "6 stimuli say little about a score" in " ".join(result.warnings)


def test_the_curve_is_a_fit_over_the_score() -> None:
    result = agreement(target_probability=0.8)
    fit = fit_psychometric(PESQ, CORRECT, TRIALS, paradigm="abx", direction="falls")
    assert result.threshold.value == pytest.approx(fit.threshold_at(0.8).value)
    assert result.fit.direction == "falls"


def test_listeners_are_the_unit_where_there_are_enough() -> None:
    result = agreement(n_correct=panel(8), n_trials=np.full((8, 6), 10))
    assert (result.n_listeners, result.options["resample"]) == (8, "both")
    assert result.curve.unit_of_inference == "listeners"
    few = agreement(n_correct=panel(3), n_trials=np.full((3, 6), 10))
    assert few.curve.unit_of_inference == "trials"


def test_d_prime_is_taken_of_counts_kept_from_the_edges() -> None:
    """(k + ½)/(n + 1): all 40 of 40 correct would be an infinite d′."""
    result = agreement(outcome="d_prime", model="differencing")
    shares = (np.array(CORRECT) + 0.5) / 41.0
    expected = pearsonr(PESQ, d_prime(shares, paradigm="abx", model="differencing"))[0]
    assert result.overall.pearson.estimate == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "scores", "better"),
    [("PESQ", PESQ, True), ("SI-SDR", PESQ, True), ("LSD", PESQ[::-1], False)],
)
def test_the_good_end_of_known_scores_is_known(
    name: str, scores: list[float], better: bool
) -> None:
    result = agreement(scores, score=name)
    assert result.higher_is_better is better
    assert not any("read from the data" in sentence for sentence in result.warnings)


@pytest.mark.parametrize(("scores", "better"), [(PESQ, True), (PESQ[::-1], False)])
def test_the_good_end_of_unknown_scores_is_read_and_said(scores: Any, better: bool) -> None:
    result = agreement(scores, score="ours")
    assert result.higher_is_better is better
    assert any("read from the data" in sentence for sentence in result.warnings)
    assert (
        agreement(scores, score="ours", higher_is_better=not better).higher_is_better is not better
    )


def test_reversals_are_fishers_exact_tests_of_neighbours() -> None:
    n_correct = [21, 36, 30, 36, 39, 40]
    (found, *_) = agreement(n_correct=n_correct).reversals
    assert (found.better, found.worse) == ("2", "3")
    p = fisher_exact([[36, 4], [30, 10]], alternative="greater")[1]
    assert found.p_value == pytest.approx(p)
    assert found.p_value_holm == pytest.approx(min(1.0, 5 * p))
    assert agreement().reversals == ()


def test_items_within_a_level_are_told_from_levels() -> None:
    """Scores that order levels but not items: strong overall, nothing within."""
    levels = np.repeat([0, 1, 2], 4)
    scores = 4.0 - levels + np.tile([0.0, 0.1, 0.2, 0.3], 3)
    n_correct = 20 + 7 * levels + np.tile([1, 4, 0, 3], 3)
    result = agreement(
        scores, n_correct, [40] * 12, groups=levels, items=np.tile(np.arange(4), 3).tolist()
    )
    assert result.overall.pearson.estimate < -0.9
    assert abs(result.within.pearson.estimate) < 0.4
    assert result.n_items == 4
    plain = agreement(scores, n_correct, [40] * 12, items=np.tile(np.arange(4), 3).tolist())
    assert plain.within is None
    assert any("mix levels and items" in sentence for sentence in plain.warnings)


def test_equal_seeds_give_equal_results() -> None:
    assert to_dict(agreement().overall) == to_dict(agreement().overall)
    assert agreement().seed == 1
    assert agreement(seed=np.random.default_rng(1)).seed is None


def test_what_nobody_heard_is_left_out_and_said() -> None:
    result = agreement(n_trials=[*TRIALS[:-1], 0], n_correct=[*CORRECT[:-1], 0])
    assert len(result.stimuli) == 5
    assert "1 stimuli that nobody heard are left out." in result.warnings


def test_a_curve_that_cannot_be_fitted_is_no_end() -> None:
    """Stimuli that are all heard alike have no correlation with anything."""
    result = agreement([4.0, 3.0, 2.0], [20, 20, 20], [40] * 3)
    assert result.overall.pearson.estimate is None
    assert result.overall.pearson.interval is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": PESQ[:-1]}, "do not fit"),
        ({"n_correct": CORRECT[:-1]}, "do not fit"),
        ({"n_trials": [[TRIALS]]}, "do not fit"),
        ({"n_correct": [41, *CORRECT[1:]]}, "impossible counts"),
        ({"n_correct": [-1, *CORRECT[1:]]}, "impossible counts"),
        ({"n_correct": [20.5, *CORRECT[1:]]}, "impossible counts"),
        ({"scores": [float("nan"), *PESQ[1:]]}, "is missing"),
        ({"scores": ["good", *PESQ[1:]]}, "not a number"),
        ({"scores": [3.0] * 6}, "1 different scores"),
        ({"labels": ["a"]}, "1 labels do not fit 6 scores"),
        ({"paradigm": "yes_no"}, "no chance level"),
        ({"outcome": "loudness"}, "no outcome 'loudness'"),
        ({"model": "guessing"}, "no decision model"),
        ({"resample": "both"}, "One of the listeners"),
        ({"coverage": 1.2}, "coverage"),
        ({"seed": -1}, "seed"),
        ({"n_resamples": -1}, "too few"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        agreement(**change)
    assert caught.value.remedy
