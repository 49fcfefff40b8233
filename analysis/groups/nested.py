"""The two nested models of a comparison: what varies over listeners, and the fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jndlab.analysis.groups.advice import require_answers
from jndlab.analysis.groups.comparison import Question
from jndlab.analysis.groups.counts import GroupCounts
from jndlab.analysis.groups.cutoffs import Cutoffs, chi_square_cutoffs, mean_cutoffs
from jndlab.analysis.groups.effects import RandomEffects, get_random_effects
from jndlab.analysis.groups.maximum import Maximum, Method, maximise
from jndlab.analysis.groups.model import Model, build_model
from jndlab.analysis.groups.rates import RateChoice
from jndlab.analysis.groups.start import carried
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import SigmoidName
from jndlab.study.trials import Direction

_MODELS: dict[Question, tuple[tuple[bool, bool], tuple[bool, bool]]] = {
    "shift": ((False, False), (True, False)),
    "slope": ((True, False), (True, True)),
    "both": ((False, False), (True, True)),
}
"""Whether thresholds and slopes differ, in the smaller and in the larger model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPlan:
    """What is compared, and how."""

    test: Question
    effects: RandomEffects
    method: Method
    n_groups: int | None
    """Groups of listeners whose means are compared, 1 where listeners are compared with
    themselves; None where the tested difference does not vary over listeners."""
    crossed: bool
    """Some listener heard more than one condition."""

    def cutoffs(
        self, counts: GroupCounts, coverage: float, *, of_slope: bool = False
    ) -> tuple[float, Cutoffs]:
        """The coverage, and the cutoffs of a contrast's interval."""
        if self._groups(counts) is None or of_slope:
            return coverage, chi_square_cutoffs(coverage)
        return coverage, mean_cutoffs(coverage, len(counts.listeners), self._groups(counts) or 1)

    def _groups(self, counts: GroupCounts) -> int | None:
        return groups_of(counts, self.effects, crossed=self.crossed)


def plan_comparison(
    counts: GroupCounts,
    random: str | None,
    *,
    test: Question,
    direction: Direction,
    with_items: bool,
) -> ComparisonPlan:
    """The plan. DataError: fewer than two conditions, an empty one. FitError: no such effects."""
    if counts.empty_conditions:
        raise DataError(
            f"The condition {counts.empty_conditions[0]} has no trials.", "Leave its rows out."
        )
    if len(counts.conditions) < 2:
        raise DataError(
            "There is only one condition.", "Give the condition of each row, at least two in all."
        )
    heard = _conditions_heard(counts)
    effects = _effects(counts, random, heard)
    require_answers(counts, effects, direction=direction)
    _require_conditions(counts, test)
    crossed = max(heard) > 1
    groups = None if test == "slope" else groups_of(counts, effects, crossed=crossed)
    if groups is not None and len(counts.listeners) - groups < (2 if test == "both" else 1):
        raise FitError(
            f"{len(counts.listeners)} listeners are too few to compare.",
            "Collect more listeners; random=None compares the trials of these alone.",
        )
    return ComparisonPlan(
        test=test,
        effects=effects,
        method="laplace" if with_items else "quadrature",
        n_groups=groups,
        crossed=crossed,
    )


def groups_of(counts: GroupCounts, effects: RandomEffects, *, crossed: bool) -> int | None:
    """Groups whose means are compared; None where the difference does not vary over listeners."""
    if "condition" in effects.parts:
        return 1
    return len(counts.conditions) if effects.parts and not crossed else None


def fit_nested(
    counts: GroupCounts,
    plan: ComparisonPlan,
    rates: RateChoice,
    sigmoid: SigmoidName,
    direction: Direction,
) -> tuple[Maximum, Maximum]:
    """The smaller and the larger model at their maxima; the larger one starts from the smaller."""

    def model(parts: tuple[bool, bool]) -> Model:
        return build_model(
            counts,
            plan.effects,
            sigmoid=sigmoid,
            direction=direction,
            guess_rate=rates.guess_rate,
            lapse_rate=rates.lapse_rate,
            lapse_prior=rates.lapse_prior,
            use_items=plan.method != "quadrature",
            shift=parts[0],
            tilt=parts[1],
        )

    sign = -1.0 if direction == "falls" else 1.0
    smaller, larger = (model(parts) for parts in _MODELS[plan.test])
    small = maximise(smaller, method=plan.method, direction_sign=sign)
    start = carried(small.top.point, smaller, larger)
    return small, maximise(larger, method=plan.method, direction_sign=sign, start=start)


def about_design(counts: GroupCounts, plan: ComparisonPlan) -> Iterator[str]:
    """What a reader should know about how listeners and conditions meet."""
    if not plan.effects.parts:
        return
    if plan.crossed and "condition" not in plan.effects.parts:
        yield (
            "Listeners heard more than one condition, and the model takes the difference as the "
            "same for all of them: if it varies, the test and its interval are too sure of "
            'themselves. With two conditions, random="intercept+condition" lets it vary.'
        )
    if not plan.crossed:
        yield "No listener heard more than one condition: different listeners are compared."


def _conditions_heard(counts: GroupCounts) -> list[int]:
    """How many conditions each listener heard."""
    pairs = zip(counts.condition, counts.n_trials, strict=True)
    return [len(np.unique(conditions[trials > 0])) for conditions, trials in pairs]


def _effects(counts: GroupCounts, random: str | None, heard: list[int]) -> RandomEffects:
    n_both = sum(number > 1 for number in heard)
    if random == "auto":
        varies = len(counts.conditions) == 2 and n_both >= 2
        return get_random_effects("intercept+condition" if varies else "intercept")
    effects = get_random_effects(random)
    if "condition" not in effects.parts:
        return effects
    if len(counts.conditions) != 2:
        raise FitError(
            f"Random effects {effects.name!r} are for two conditions, not for "
            f"{len(counts.conditions)}.",
            "Compare two at a time and adjust the p-values (adjust_p_values).",
        )
    if n_both < 2:
        raise FitError(
            "Fewer than two listeners heard both conditions: how far their differences lie apart "
            "cannot be told.",
            f'Use random="{effects.parts[0]}".',
        )
    return effects


def _require_conditions(counts: GroupCounts, test: Question) -> None:
    for at, label in enumerate(counts.conditions):
        seen = (counts.condition == at) & (counts.n_trials > 0)
        right, total = counts.n_correct[seen].sum(), counts.n_trials[seen].sum()
        if right in (0.0, total):
            word = "Every" if right else "No"
            raise FitError(
                f"{word} response in condition {label} was correct: its threshold is not "
                "determined.",
                "Test levels of it at which some responses are wrong and some are right.",
            )
        if test != "shift" and len(np.unique(counts.level[seen])) < 2:
            raise FitError(
                f"Condition {label} was tested at one level only: it has no slope.",
                'Test more levels, or ask for test="shift".',
            )
