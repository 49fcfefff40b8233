"""What a group-sequential plan promises: how often it claims what, and after how many trials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jndlab.analysis.checks import numbers
from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.equivalence_wording import decide
from jndlab.analysis.inference.sequential_paths import Floats, arrivals
from jndlab.analysis.inference.sequential_plan import GroupSequentialPlan
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSequentialPower:
    """Exact probabilities of the verdicts at proportions correct, of shape (proportions,)."""

    proportion: Floats
    different: Floats
    equivalent: Floats
    both: Floats
    undecided: Floats
    """Given up, or at the last look without a claim."""
    futility: Floats
    """The part of ``undecided`` that was given up before the last look."""
    expected_trials: Floats
    stop_at_look: Floats = field(repr=False)
    """Probability to stop at each look, shape (proportions, looks)."""
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def group_sequential_power(
    plan: GroupSequentialPlan, proportion: ArrayLike
) -> GroupSequentialPower:
    """Probability of each verdict and the expected number of trials at ``proportion`` correct.

    Exact sums over paths (Jennison & Turnbull 2000, *Group Sequential Methods*, chapter 12), with
    all boundaries obeyed. ``proportion`` of shape (proportions,), or one number; results likewise.
    DataError: a proportion outside 0 to 1.

    >>> from jndlab.analysis.inference.sequential_group import plan_group_sequential
    >>> plan = plan_group_sequential([40, 80, 120], chance=0.5)
    >>> power = group_sequential_power(plan, [0.5, 0.65])
    >>> power.different.round(3).tolist(), power.expected_trials.round(1).tolist()
    ([0.043, 0.948], [119.6, 91.7])
    """
    values = np.atleast_1d(numbers(proportion, "proportion"))
    if values.ndim != 1 or not np.all((values >= 0.0) & (values <= 1.0)):
        raise DataError("A proportion correct lies outside 0 to 1.", "Give numbers from 0 to 1.")
    design = plan.boundaries
    shares = arrivals(design.looks, design.lower, design.upper)
    verdicts = {
        name: np.zeros(len(values)) for name in ("different", "equivalent", "both", "undecided")
    }
    futility, stop_at_look = np.zeros(len(values)), np.zeros((len(values), len(design.looks)))
    last = len(design.looks) - 1
    for look, (n, share) in enumerate(zip(design.looks, shares, strict=True)):
        here = binomial_probabilities(n, values) * share
        for count in range(n + 1):
            stops = design.stops(look, count)
            if not stops and look < last:
                continue
            stop_at_look[:, look] += here[:, count]
            verdict = decide(
                smaller_than_bound="equivalent" in stops, above_chance="different" in stops
            )
            verdicts[verdict] += here[:, count]
            if "futility" in stops and look < last:
                futility += here[:, count]
    return GroupSequentialPower(
        proportion=values,
        **verdicts,
        futility=futility,
        expected_trials=stop_at_look @ np.array(design.looks, dtype=float),
        stop_at_look=stop_at_look,
        method=f"exact path probabilities, {plan.method}",
    )
