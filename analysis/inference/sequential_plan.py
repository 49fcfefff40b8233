"""What a group-sequential plan is, and how often its claims are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.proportions import Alternative
from jndlab.analysis.inference.sequential_design import (
    Boundaries,
    Stop,
    StopRule,
    find_boundaries,
)
from jndlab.analysis.inference.sequential_paths import arrivals, no_lower, no_upper
from jndlab.analysis.inference.sequential_spending import Spending, spending_text
from jndlab.analysis.records import to_dict

Question = Literal["difference", "equivalence", "difference and equivalence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSequentialPlan:
    """At which counts a study stops, and what it may then say."""

    question: Question
    boundaries: Boundaries
    """Trials at the looks, and the counts to stop at."""
    looks: tuple[int, ...]
    """Trials at the looks that were asked for; ``boundaries`` may do without the last ones."""
    n_total: int
    """Trials of the whole study as planned: what shares of the data refer to."""
    chance: float
    bound: float | None
    """As a proportion correct; None: the question is a difference only."""
    alternative: Alternative | None
    """Of the test against chance; None: there is none."""
    alpha: float
    spending: Spending
    size_difference: float | None
    """Exact probability, over all looks, to claim a difference when trials are at chance."""
    size_equivalence: float | None
    """Exact probability, over all looks, to claim equivalence when trials are at the bound."""
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def make_plan(
    looks: Sequence[int],
    *,
    n_total: int,
    question: Question,
    chance: float,
    bound: float | None,
    alternative: Alternative | None,
    alpha: float,
    spending: Spending,
    lower_rule: StopRule | None,
    upper_rule: StopRule | None,
    warnings: tuple[str, ...] = (),
) -> GroupSequentialPlan:
    """The plan that follows from its rules, with its exact sizes and what there is to say of it."""
    boundaries = find_boundaries(
        looks,
        n_planned=n_total,
        spending=spending,
        lower_rule=lower_rule,
        upper_rule=upper_rule,
    )
    return GroupSequentialPlan(
        question=question,
        boundaries=boundaries,
        looks=tuple(looks),
        n_total=n_total,
        chance=chance,
        bound=bound,
        alternative=alternative,
        alpha=float(alpha),
        spending=spending,
        size_difference=_size(boundaries, "different"),
        size_equivalence=_size(boundaries, "equivalent"),
        method=(
            f"exact binomial group-sequential boundaries, {len(boundaries.looks)} looks, "
            + spending_text(spending)
        ),
        warnings=warnings + _advice(boundaries, looks),
    )


def _size(boundaries: Boundaries, claim: Stop) -> float | None:
    """Probability of a claim at the proportion where it is wrong, obeying only its own boundaries.

    None: the design does not make the claim.
    """
    looks = boundaries.looks
    lower, upper = no_lower(looks), no_upper(looks)
    null: float | None = None
    if boundaries.lower_rule is not None and boundaries.lower_rule.stop == claim:
        lower, null = boundaries.lower, boundaries.lower_rule.proportion
    if boundaries.upper_rule is not None and boundaries.upper_rule.stop == claim:
        upper, null = boundaries.upper, boundaries.upper_rule.proportion
    if null is None:
        return None
    total = 0.0
    for n, low, high, share in zip(looks, lower, upper, arrivals(looks, lower, upper), strict=True):
        here = share * binomial_probabilities(n, null)
        total += float(np.sum(here[: low + 1]) + np.sum(here[high:]))
    return total


def _advice(boundaries: Boundaries, looks: Sequence[int]) -> tuple[str, ...]:
    found: list[str] = []
    kept = boundaries.looks
    if len(kept) < len(looks):
        found.append(
            f"The study is certain to end at look {len(kept)}, after {kept[-1]} trials: "
            "later looks were dropped and the whole error rate is spent by then. Fewer trials can "
            "be planned."
        )
    idle = [
        n
        for n, low, high in zip(kept[:-1], boundaries.lower, boundaries.upper, strict=False)
        if low < 0 and high > n
    ]
    if idle:
        found.append(
            f"No result can stop the study at {len(idle)} of its {len(kept)} looks, the last of "
            f"them after {idle[-1]} trials."
        )
    for rule, possible in (
        (boundaries.lower_rule, max(boundaries.lower) >= 0),
        (boundaries.upper_rule, any(u <= n for n, u in zip(kept, boundaries.upper, strict=True))),
    ):
        if rule is not None and rule.claims and not possible:
            found.append(f"So few trials can never support the claim {rule.stop!r}: plan for more.")
    return tuple(found)
