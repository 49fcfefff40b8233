"""plan_study from end to end: power, widths, the answer, what is impossible."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jndlab.analysis.planning.listeners import CurveListeners, ProportionListeners
from jndlab.analysis.planning.plan import plan_study
from jndlab.analysis.planning.simulation import Attrition, SimulatedStudy
from jndlab.errors import DataError, FitError

PEOPLE = ProportionListeners(paradigm="abx", proportion_correct=0.62, spread=0.05)
EARS = CurveListeners(
    levels=(1, 2, 3, 4, 5, 6), paradigm="abx", threshold=3.5, width=3.0, threshold_spread=0.6
)


def plan_difference(**options: Any) -> Any:
    chosen = {"goal": "difference", "listeners": [4, 8, 16], "trials": [10, 20], "seed": 2}
    return plan_study(options.pop("simulate", PEOPLE), **(chosen | options))


def test_more_listeners_and_more_trials_give_more_power_and_narrower_intervals() -> None:
    plan = plan_difference()
    size = [(cell.trials_per_level, cell.n_listeners) for cell in plan.cells]
    assert size == [(10, 4), (10, 8), (10, 16), (20, 4), (20, 8), (20, 16)]
    for few, many in ((0, 1), (1, 2), (3, 4), (4, 5), (1, 4), (2, 5)):
        assert plan.cells[few].power < plan.cells[many].power
        assert plan.cells[few].mean_width > plan.cells[many].mean_width


def test_the_answer_is_the_fewest_trials_that_are_enough() -> None:
    plan = plan_difference(listeners=[8, 12, 16, 24, 32])
    for chosen in plan.smallest:
        same = [cell for cell in plan.cells if cell.trials_per_level == chosen.trials_per_level]
        assert all((cell.power >= 0.9) for cell in same if cell.n_listeners >= chosen.n_listeners)
        fewer = [cell for cell in same if cell.n_listeners < chosen.n_listeners]
        assert not fewer or fewer[-1].power < 0.9
    costs = [cell.n_listeners * cell.trials_per_level for cell in plan.smallest]
    assert plan.answer is not None
    assert plan.answer.n_listeners * plan.answer.trials_per_level == min(costs)


def test_power_comes_with_its_monte_carlo_interval() -> None:
    cell = plan_difference(listeners=[8], trials=[20], n_simulations=50).cells[0]
    assert cell.n_reached == round(cell.power * 50)
    assert cell.power in cell.power_interval
    assert cell.power_interval.method == "Clopper-Pearson"
    assert cell.width_10 <= cell.width_50 <= cell.width_90


def test_equal_seeds_give_equal_plans_and_a_generator_is_written_down() -> None:
    small: dict[str, Any] = {"listeners": [4], "trials": [5], "n_simulations": 30}
    assert plan_difference(**small) == plan_difference(**small)
    assert plan_difference(**small, seed=3) != plan_difference(**small)
    drawn = plan_difference(**small, seed=np.random.default_rng(1))
    assert plan_difference(**small, seed=drawn.seed) == drawn


def test_the_threshold_goal_needs_more_listeners_where_they_differ_more() -> None:
    options: dict[str, Any] = {
        "goal": "threshold",
        "interval_width": 1.2,
        "listeners": [6, 18],
        "trials": [10],
        "n_simulations": 40,
        "seed": 4,
    }
    alike = plan_study(replace(EARS, threshold_spread=0.1), **options)
    apart = plan_study(replace(EARS, threshold_spread=1.5), **options)
    for one, other in zip(alike.cells, apart.cells, strict=True):
        assert one.width_50 < other.width_50
        assert one.power >= other.power
    assert alike.cells[0].width_50 > alike.cells[1].width_50
    assert alike.cells[0].trials_per_listener == 60


def test_the_equivalence_goal_gains_from_listeners() -> None:
    nobody = ProportionListeners(paradigm="abx", proportion_correct=0.5)
    plan = plan_study(
        nobody,
        goal="equivalence",
        bound=0.65,
        listeners=[4, 12],
        trials=[20],
        n_simulations=60,
        seed=1,
    )
    few, many = plan.cells
    assert few.power < 0.5 < many.power
    # Of the one-sided interval from 0: its upper limit.
    assert few.width_50 > many.width_50 > 0.5
    assert plan.goal_options["bound"] == 0.65


def test_drop_outs_cost_power_and_are_counted() -> None:
    options: dict[str, Any] = {"listeners": [12], "trials": [15]}
    full = plan_difference(**options).cells[0]
    rules = Attrition(dropout=0.4)
    partial = plan_difference(simulate=replace(PEOPLE, attrition=rules), **options).cells[0]
    assert full.mean_analysed == 12
    assert partial.mean_analysed == pytest.approx(0.6 * 12, abs=0.5)
    assert partial.power < full.power


def test_any_callable_can_be_planned_with() -> None:
    def staircase(
        rng: np.random.Generator, *, n_listeners: int, trials_per_level: int
    ) -> SimulatedStudy:
        # Every other listener never comes to the second level.
        n_trials = np.full((n_listeners, 2), float(trials_per_level))
        n_trials[::2, 1] = 0.0
        return SimulatedStudy(
            levels=np.array([1.0, 2.0]),
            n_correct=rng.binomial(n_trials.astype(int), 0.7).astype(float),
            n_trials=n_trials,
            paradigm="2afc",
            n_recruited=n_listeners,
        )

    plan = plan_difference(simulate=staircase, listeners=[10], level=2.0, n_simulations=20)
    assert plan.assumptions == {"kind": "staircase"}
    assert plan.cells[0].trials_per_listener == 15


def test_the_result_goes_into_json_and_into_a_table() -> None:
    plan = plan_difference(listeners=[2, 4], trials=[1], n_simulations=20)
    content = json.loads(json.dumps(plan.to_dict()))
    assert content["assumptions"]["proportion_correct"] == 0.62
    assert content["seed"] == 2
    assert [row["n_listeners"] for row in plan.table] == [2, 4]
    assert plan.table[0]["power_low"] == plan.cells[0].power_interval.low
    assert all(isinstance(value, int | float) for row in plan.table for value in row.values())


def test_a_plan_says_when_it_is_rough_or_off_its_grid() -> None:
    rough = plan_difference(listeners=[24, 48], n_simulations=20)
    assert any("Only 20 simulated studies" in warning for warning in rough.warnings)
    assert any("fewer may be, too" in warning for warning in rough.warnings)
    none = plan_difference(listeners=[2, 3], n_simulations=20)
    assert none.answer is None
    assert none.smallest == ()


def test_progress_counts_every_study() -> None:
    finished: list[int] = []
    plan_difference(listeners=[2, 4], trials=[5], n_simulations=25, progress=finished.append)
    assert sum(finished) == 50


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"goal": "precision"}, "no goal 'precision'"),
        ({"goal": "threshold"}, "needs interval_width"),
        ({"goal": "threshold", "interval_width": 1.0}, "at least three levels"),
        ({"goal": "equivalence"}, "needs a bound"),
        ({"goal": "equivalence", "bound": 0.6}, "no number of listeners can show equivalence"),
        ({"simulate": replace(PEOPLE, proportion_correct=0.5, spread=0)}, "no difference"),
        ({"simulate": EARS}, "no level is named"),
        ({"simulate": EARS, "level": 7.0}, "there is no level 7"),
        ({"listeners": []}, "The listeners of a plan"),
        ({"listeners": [1, 8]}, "whole numbers from 2 on"),
        ({"trials": [0]}, "The trials of a plan"),
        ({"trials": [2.5]}, "The trials of a plan"),
        ({"n_simulations": 0}, "0 simulations"),
        ({"power": 90}, "power cannot be 90"),
        ({"seed": -1}, "seed of -1"),
    ],
)
def test_plans_that_cannot_be(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        plan_difference(**change)
    assert caught.value.remedy


def test_a_threshold_outside_the_levels_cannot_be_planned() -> None:
    with pytest.raises(DataError, match="lies outside the tested levels 1 to 6"):
        plan_difference(simulate=replace(EARS, threshold=9.0), goal="threshold", interval_width=1.0)


def test_studies_that_nobody_is_left_in_are_an_error_not_a_low_power() -> None:
    emptied = replace(
        PEOPLE,
        gross_lapse_rate=1.0,
        attrition=Attrition(gross_trials=4, min_gross_correct=1.0),
    )
    with pytest.raises(FitError, match="None of 20 simulated studies could be analysed"):
        plan_difference(simulate=emptied, listeners=[4], trials=[10], n_simulations=20)


def test_failures_are_told() -> None:
    rules = Attrition(dropout=0.6)
    plan = plan_difference(
        simulate=replace(PEOPLE, attrition=rules), listeners=[3], trials=[10], n_simulations=100
    )
    cell = plan.cells[0]
    assert 0 < cell.n_failed < 100
    assert cell.width_90 == np.inf
    assert np.isfinite(cell.mean_width)
    assert any(f"{cell.n_failed} of 100 simulated studies" in text for text in plan.warnings)
