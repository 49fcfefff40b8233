"""What a group-sequential study may say after each look: go on, or stop with which verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from jndlab.analysis.inference.equivalence_wording import Verdict, decide
from jndlab.analysis.inference.sequential_design import Boundaries, Stop
from jndlab.analysis.inference.sequential_input import count_list, require_cumulative
from jndlab.analysis.inference.sequential_ordering import Result
from jndlab.analysis.inference.sequential_plan import GroupSequentialPlan, make_plan
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Action = Literal["continue", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSequentialDecision:
    """The state of a study at its latest look; with a verdict, once it has stopped."""

    action: Action
    verdict: Verdict
    """"undecided" also while the study goes on, and where it was given up."""
    reason: str
    look: int
    """The look that counts, from 1: the first at which a claim's boundary was crossed, else the
    latest one."""
    n_trials: tuple[int, ...]
    """So far, at each look up to that one."""
    n_correct: tuple[int, ...]
    p_value: float | None
    """Of the plan's claim (equivalence where that is asked, else difference) by the stage-wise
    ordering of results; None while the study goes on."""
    p_value_difference: float | None
    """Against chance; None while the study goes on, or where the plan has no such test."""
    estimate: float | None
    """Median-unbiased proportion correct; None while the study goes on."""
    interval: ConfidenceInterval | None
    """Of the proportion correct, by the stage-wise ordering. Each end leaves out what the one-sided
    test of the plan rejects, so it lies beyond chance or bound exactly if the plan claims that."""
    plan: GroupSequentialPlan
    """With the looks that were taken."""
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def decide_group_sequential(
    plan: GroupSequentialPlan, n_correct: ArrayLike, *, n_trials: ArrayLike | None = None
) -> GroupSequentialDecision:
    """Whether to stop, and p-value, median-unbiased estimate and interval if so.

    ``n_correct``, shape (looks so far,): correct responses so far at each look up to now. If looks
    took place after other numbers of trials than planned, give them as ``n_trials``: the boundaries
    are computed anew from the spending function, which is right as long as the data did not decide
    the moments.

    Estimate, interval and p-value take into account that the study could have stopped early (by
    the stage-wise ordering; Jennison & Turnbull 2000, chapter 8, on exact probabilities); the
    proportion correct itself would be biased towards the boundary crossed. Where a claim's
    boundary was crossed before the latest look, the study should have stopped there, and that look
    counts. A futility boundary may be passed over.

    DataError: counts that decrease or exceed the trials, more looks than the plan has.

    >>> from jndlab.analysis.inference.sequential_group import plan_group_sequential
    >>> plan = plan_group_sequential([40, 80, 120], chance=0.5)
    >>> decide_group_sequential(plan, [24]).action
    'continue'
    >>> result = decide_group_sequential(plan, [24, 52])
    >>> result.verdict, round(result.p_value, 4), round(result.estimate, 3)
    ('different', 0.005, 0.649)
    """
    correct = count_list(n_correct, "n_correct")
    warnings: list[str] = []
    if n_trials is not None:
        taken = count_list(n_trials, "n_trials").tolist()
        if len(taken) != len(correct):
            raise DataError(
                f"{len(correct)} counts do not fit {len(taken)} entries of n_trials.",
                "Give one entry per look that took place in each.",
            )
        warnings += [_MOVED] if tuple(taken) != plan.looks[: len(taken)] else []
        plan = _replanned(plan, taken)
    design = plan.boundaries
    if len(correct) > len(plan.looks):
        raise DataError(
            f"{len(correct)} looks are more than the {len(plan.looks)} of the plan.",
            "Give correct responses so far at each look, and n_trials where looks were added.",
        )
    require_cumulative(correct, np.array(plan.looks[: len(correct)]))
    counts = correct.tolist()[: len(design.looks)]
    look = _look_that_counts(design, counts)
    if look + 1 < len(correct):
        warnings.append(
            f"The study should have stopped at look {look + 1}: that look counts, and what came "
            "after it is left out."
        )
    return _decision(plan, counts[: look + 1], tuple(warnings))


_MOVED = (
    "Looks took place after other numbers of trials than planned; the boundaries were computed "
    "anew. That is right only if the responses did not decide when to look."
)


def _replanned(plan: GroupSequentialPlan, n_trials: list[int]) -> GroupSequentialPlan:
    """The plan with the looks that were taken, and of the planned ones those still to come."""
    require_cumulative(np.zeros(len(n_trials), dtype=np.int64), np.array(n_trials))
    return make_plan(
        (*n_trials, *(n for n in plan.looks if n > n_trials[-1])),
        n_total=plan.n_total,
        question=plan.question,
        chance=plan.chance,
        bound=plan.bound,
        alternative=plan.alternative,
        alpha=plan.alpha,
        spending=plan.spending,
        lower_rule=plan.boundaries.lower_rule,
        upper_rule=plan.boundaries.upper_rule,
        warnings=plan.warnings,
    )


def _look_that_counts(design: Boundaries, counts: list[int]) -> int:
    """The first look at which a claim's boundary is crossed, else the latest one."""
    for look, count in enumerate(counts):
        if set(design.stops(look, count)) - {"futility"}:
            return look
    return len(counts) - 1


def _decision(
    plan: GroupSequentialPlan, counts: list[int], warnings: tuple[str, ...]
) -> GroupSequentialDecision:
    design, look = plan.boundaries, len(counts) - 1
    stops = design.stops(look, counts[-1])
    ended = bool(stops) or look == len(design.looks) - 1
    passed = [j for j in range(look) if "futility" in design.stops(j, counts[j])]
    if passed:
        warnings += (
            f"The futility boundary was passed over at {len(passed)} look(s). The error rate "
            "holds; estimate and interval are those of a plan without it there.",
        )
    if not ended:
        warnings += (
            "The study goes on: p-value, estimate and interval exist once it has stopped. "
            "confidence_sequence gives an interval that is valid at any time.",
        )
    result = Result(_without(design, passed), look, counts[-1])
    p_difference = _p_difference(plan, result) if ended else None
    p_equivalence = result.at_most(plan.bound) if ended and plan.bound is not None else None
    return GroupSequentialDecision(
        action="stop" if ended else "continue",
        verdict=decide(smaller_than_bound="equivalent" in stops, above_chance="different" in stops),
        reason=_reason(plan, look, counts[-1], stops),
        look=look + 1,
        n_trials=design.looks[: look + 1],
        n_correct=tuple(counts),
        p_value=p_difference if plan.bound is None else p_equivalence,
        p_value_difference=p_difference,
        estimate=result.estimate() if ended else None,
        interval=_interval(plan, result) if ended else None,
        plan=plan,
        method=f"{plan.method}; stage-wise ordering",
        warnings=plan.warnings + warnings,
    )


def _without(design: Boundaries, passed: list[int]) -> Boundaries:
    """The design without the futility boundary at the looks at which it was passed over."""
    lower, upper = list(design.lower), list(design.upper)
    for look in passed:
        if design.lower_rule is not None and not design.lower_rule.claims:
            lower[look] = -1
        else:
            upper[look] = design.looks[look] + 1
    return replace(design, lower=tuple(lower), upper=tuple(upper))


def _p_difference(plan: GroupSequentialPlan, result: Result) -> float | None:
    if plan.alternative is None:
        return None
    if plan.alternative == "greater":
        return result.at_least(plan.chance)
    if plan.alternative == "less":
        return result.at_most(plan.chance)
    return min(1.0, 2.0 * min(result.at_least(plan.chance), result.at_most(plan.chance)))


def _interval(plan: GroupSequentialPlan, result: Result) -> ConfidenceInterval:
    tail = plan.alpha / 2.0 if plan.alternative == "two-sided" else plan.alpha
    return ConfidenceInterval(
        low=result.lower_limit(tail),
        high=result.upper_limit(tail),
        coverage=1.0 - 2.0 * tail,
        method="exact, stage-wise ordering",
    )


def _reason(plan: GroupSequentialPlan, look: int, count: int, stops: tuple[Stop, ...]) -> str:
    design = plan.boundaries
    seen = f"{count} of {design.looks[look]} correct at look {look + 1} of {len(design.looks)}"
    if "different" in stops and "equivalent" in stops:
        return f"{seen}: above chance, and below the bound."
    if "different" in stops:
        return f"{seen}: beyond the boundary of a difference."
    if "equivalent" in stops:
        return f"{seen}: at or below the boundary of equivalence."
    if look == len(design.looks) - 1:
        return f"{seen}: this was the last look, and no boundary of a claim is crossed."
    if "futility" in stops:
        return (
            f"{seen}: the boundary of futility is crossed. The study can be given up; that is no "
            "evidence that there is no difference."
        )
    return f"{seen}: between the boundaries, so the study goes on."
