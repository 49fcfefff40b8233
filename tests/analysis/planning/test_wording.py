"""What a plan says, in sentences."""

from __future__ import annotations

from typing import Any

import pytest

from jndlab.analysis.planning.listeners import CurveListeners, ProportionListeners
from jndlab.analysis.planning.plan import plan_study
from jndlab.analysis.planning.results import StudyPlan
from jndlab.analysis.planning.simulation import Attrition
from jndlab.analysis.planning.wording import describe_assumptions, describe_plan, goal_clause

NOBODY = ProportionListeners(paradigm="abx", proportion_correct=0.5)


def plan_small(simulate: Any = NOBODY, **options: Any) -> StudyPlan:
    chosen: dict[str, Any] = {
        "goal": "equivalence",
        "bound": 0.6,
        "listeners": [4],
        "trials": [10],
        "n_simulations": 10,
        "seed": 1,
    }
    return plan_study(simulate, **(chosen | options))


@pytest.mark.parametrize(
    ("options", "clause"),
    [
        ({}, "listeners are shown to be right in less than 60% of trials (alpha 0.05)"),
        ({"bound": 1.0, "bound_on": "d_prime"}, "d′ is shown to be below 1 (alpha 0.05)"),
        (
            {"bound": 0.2, "bound_on": "discriminators", "alpha": 0.01},
            "fewer than 20% of listeners are shown to hear a difference (alpha 0.01)",
        ),
    ],
)
def test_the_claim_is_named_on_its_own_scale(options: dict[str, Any], clause: str) -> None:
    assert goal_clause(plan_small(**options)) == clause


def test_nothing_enough_says_what_the_best_is() -> None:
    text = describe_plan(plan_small())
    assert text.startswith("Nothing in this grid is enough for a power of 90%. The best are 4")
    assert "Plan for more listeners or trials" in text


def test_an_answer_names_its_alternatives() -> None:
    people = ProportionListeners(paradigm="abx", proportion_correct=0.8)
    plan = plan_small(people, goal="difference", trials=[20, 40], listeners=[4, 8])
    assert plan.answer is not None
    text = describe_plan(plan)
    assert text.startswith(f"Recruit {plan.answer.n_listeners} listeners with 20 trials per level")
    assert "Enough, too: 4 listeners with 40 trials per level." in text


def test_a_threshold_is_told_in_its_unit() -> None:
    ears = CurveListeners(
        levels=(1, 2, 3, 4),
        paradigm="abx",
        threshold=2.5,
        width=2.0,
        threshold_spread=0.5,
        attrition=Attrition(dropout=0.1, gross_trials=4, min_gross_correct=0.75),
    )
    plan = plan_small(ears, goal="threshold", interval_width=1.5, n_simulations=2)
    assert goal_clause(plan, unit="bits") == (
        "the 95% interval of the JND is at most 1.5 bits wide"
    )
    assert describe_assumptions(plan, unit="bits") == (
        "thresholds of 2.5 ± 0.5 bits (mean ± SD of listeners), width 2 bits, lapse rate 0.02; "
        "10% drop out, 0% guess throughout, excluded below 75% of 4 gross catch trials."
    )


def test_a_simulation_of_ones_own_is_named() -> None:
    def mine(*arguments: Any, **options: Any) -> Any:
        return NOBODY(*arguments, **options)

    assert describe_assumptions(plan_small(mine)) == "the listeners of mine."
