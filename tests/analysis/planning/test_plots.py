"""The figure of a plan shows every line, the target and the answer."""

from __future__ import annotations

from typing import Any

import pytest

from jndlab.analysis.planning.listeners import ProportionListeners
from jndlab.analysis.planning.plan import plan_study
from jndlab.analysis.planning.plots import plot_power
from jndlab.analysis.planning.results import StudyPlan
from jndlab.errors import DataError


def plan(**options: Any) -> StudyPlan:
    people = ProportionListeners(paradigm="abx", proportion_correct=0.75)
    chosen: dict[str, Any] = {"listeners": [4, 8, 12], "trials": [5, 10], "n_simulations": 40}
    return plan_study(people, goal="difference", seed=1, **(chosen | options))


def test_one_line_per_number_of_trials_with_its_powers() -> None:
    made = plan()
    axes = plot_power(made).axes[0]
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    for trials in (5, 10):
        cells = [cell for cell in made.cells if cell.trials_per_level == trials]
        line = lines[f"{trials} trials per level"]
        assert list(line.get_xdata()) == [4, 8, 12]
        assert list(line.get_ydata()) == [cell.power for cell in cells]
    assert len(axes.collections) == 2  # a Monte-Carlo band each
    assert made.answer is not None
    ring = lines["Smallest study that is enough"]
    assert list(ring.get_xdata()) == [made.answer.n_listeners]
    assert [text.get_text() for text in axes.texts] == ["90% wanted"]


def test_without_an_answer_there_is_no_ring() -> None:
    labels = [str(line.get_label()) for line in plot_power(plan(listeners=[2])).axes[0].get_lines()]
    assert "Smallest study that is enough" not in labels


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(DataError, match="7 lines cannot be told apart"):
        plot_power(plan(listeners=[4], trials=range(1, 8), n_simulations=2))
