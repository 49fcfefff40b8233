"""The empirical ROC: its area by counting pairs, its intervals by their definitions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from jndlab.analysis.detection.roc import check_ratings, roc_area, roc_points
from jndlab.errors import DataError

NOISE, SIGNAL = [40, 30, 15, 10, 5], [10, 14, 16, 25, 35]


def expanded(counts: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


def test_points() -> None:
    points = roc_points(NOISE, SIGNAL)
    np.testing.assert_allclose(points.false_alarm_rates, [0, 0.05, 0.15, 0.3, 0.6, 1])
    np.testing.assert_allclose(points.hit_rates, [0, 0.35, 0.6, 0.76, 0.9, 1])
    assert points.to_dict()["hit_rates"][1] == 0.35


def test_area_counts_pairs_and_is_the_trapezoids() -> None:
    pairs = itertools.product(expanded(SIGNAL), expanded(NOISE))
    wins = np.mean([(s > n) + (s == n) / 2 for s, n in pairs])
    area = roc_area(NOISE, SIGNAL)
    assert area.estimate == pytest.approx(wins)
    points = roc_points(NOISE, SIGNAL)
    assert np.trapezoid(points.hit_rates, points.false_alarm_rates) == pytest.approx(wins)


def test_delong_by_single_ratings() -> None:
    """Placements of every single rating, and the variances of their means."""
    noise, signal = expanded(NOISE), expanded(SIGNAL)
    wins = (signal[:, np.newaxis] > noise) + (signal[:, np.newaxis] == noise) / 2
    variance = wins.mean(axis=1).var(ddof=1) / len(signal) + wins.mean(axis=0).var(ddof=1) / len(
        noise
    )
    area = roc_area(NOISE, SIGNAL)
    assert area.standard_error == pytest.approx(np.sqrt(variance))
    assert area.interval.high == pytest.approx(area.estimate + 1.959964 * np.sqrt(variance))


def test_hanley_and_mcneil_and_the_score_interval() -> None:
    def variance(a: float) -> float:
        q1, q2 = a / (2 - a), 2 * a**2 / (1 + a)
        return (a * (1 - a) + 99 * (q1 - a**2) + 99 * (q2 - a**2)) / 1e4

    area = roc_area(NOISE, SIGNAL, interval="hanley_mcneil")
    assert area.standard_error == pytest.approx(np.sqrt(variance(area.estimate)))
    score = roc_area(NOISE, SIGNAL, interval="score").interval
    for end in (score.low, score.high):
        distance = abs(area.estimate - end) / np.sqrt(variance(end))
        assert distance == pytest.approx(1.959964, abs=1e-6)


def test_ratings_told_apart_without_a_mistake_keep_a_length() -> None:
    for interval in ("delong", "hanley_mcneil", "score"):
        area = roc_area([10, 5, 0], [0, 0, 9], interval=interval)  # type: ignore[arg-type]
        assert area.estimate == area.interval.high == 1.0
        assert 0.6 < area.interval.low < 0.9
        assert bool(area.warnings) == (interval != "score")
    worst = roc_area([0, 0, 9], [10, 5, 0])
    assert worst.estimate == worst.interval.low == 0.0
    assert worst.interval.high == pytest.approx(1 - roc_area([10, 5, 0], [0, 0, 9]).interval.low)


def test_wrong_input_is_refused() -> None:
    for noise, signal, message in (
        ([1, 2, 3], [1, 2], "as many counts"),
        ([3], [2], "two categories"),
        ([1, -2], [1, 2], "negative"),
        ([1, 2.5], [1, 2], "not whole"),
        ([1, np.nan], [1, 2], "missing"),
        ([0, 0], [1, 2], "no ratings"),
        (["a", 1], [1, 2], "not a number"),
    ):
        with pytest.raises(DataError, match=message):
            check_ratings(noise, signal)
    with pytest.raises(DataError, match="no interval"):
        roc_area(NOISE, SIGNAL, interval="x")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="coverage"):
        roc_area(NOISE, SIGNAL, coverage=95)
