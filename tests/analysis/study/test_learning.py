"""Learning: found where it is, not where levels only come in another order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from jndlab.analysis import TrialTable
from jndlab.analysis.study.example import example_trials
from jndlab.analysis.study.learning import check_learning, listener_cells


def answers(row, right: list[int], participant: int = 1, **changes) -> list[dict]:
    return [
        row(
            session=f"s{participant}",
            participant=participant,
            trial=number,
            block=1 + (number - 1) // 4,
            response="A" if is_right else "B",
            **changes,
        )
        for number, is_right in enumerate(right, start=1)
    ]


def test_the_trend_is_the_slope_from_first_to_last(row) -> None:
    rows = [
        one
        for participant, right in enumerate(
            ([0, 0, 0, 1, 1, 0, 1, 1], [0, 1, 0, 1, 0, 1, 1, 1], [1, 0, 1, 0, 0, 1, 1, 1]), 1
        )
        for one in answers(row, right, participant)
    ]
    learning = check_learning(TrialTable.from_rows(rows))
    position = np.linspace(0, 1, 8)
    slopes = [np.polyfit(position, right, 1)[0] for right in ([0, 0, 0, 1, 1, 0, 1, 1],)]
    assert learning.trend.listeners[0].estimate == pytest.approx(slopes[0])
    assert learning.halves.listeners[0].estimate == pytest.approx(0.75 - 0.25)
    assert [block.block for block in learning.blocks] == [1, 2]
    first, second = learning.blocks
    # Each listener's four answers of a block against the listener's own mean.
    assert first.deviation == pytest.approx(np.mean([0.25 - 0.5, 0.5 - 0.625, 0.5 - 0.625]))
    assert first.deviation == pytest.approx(-second.deviation)
    assert first.interval is not None
    assert (first.n_listeners, first.n_trials) == (3, 12)


def test_a_hard_level_late_in_the_session_is_no_fatigue(row) -> None:
    rows = answers(row, [1] * 8, level=1.0)
    for one in rows[4:]:
        one.update(level=9.0)
    rows[5].update(response="B", correct=False)
    rows[6].update(response="B", correct=False)
    learning = check_learning(TrialTable.from_rows(rows))
    assert learning.trend.listeners[0].estimate == pytest.approx(0.0, abs=1e-12)
    assert learning.halves.estimate is None
    assert [block.deviation for block in learning.blocks] == pytest.approx([0.0, 0.0])


def test_cells_are_listener_condition_and_level(row) -> None:
    rows = [
        row(trial=1),
        row(trial=2, level=5.0),
        row(trial=3, condition="other"),
        row(trial=4),
        row(session="s2", participant=2),
    ]
    cells = listener_cells(TrialTable.from_rows(rows)).tolist()
    assert cells[0] == cells[3]
    assert len(set(cells)) == 4


def test_learning_is_found_in_either_direction() -> None:
    for shift, sign in ((4.0, 1.0), (-4.0, -1.0)):
        trend = check_learning(example_trials(n_listeners=16, learning=shift)).trend
        assert trend.p_value is not None
        assert trend.p_value < 0.01
        assert sign * trend.estimate > 0.05


def test_the_trend_test_holds_its_level() -> None:
    """120 studies of 8 listeners without learning, seeds 100 to 219."""
    rejected = sum(
        check_learning(example_trials(trials_per_level=4, seed=seed)).trend.p_value < 0.05
        for seed in range(100, 220)
    )
    interval = binomtest(6, 120).proportion_ci(0.999)
    assert interval.low <= rejected / 120 <= interval.high
