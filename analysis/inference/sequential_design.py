"""Where a study stops: two boundaries, what crossing them means, and how they are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jndlab.analysis.checks import numbers, one_number
from jndlab.analysis.inference.sequential_paths import (
    futility_boundary,
    lower_boundary,
    no_lower,
    no_upper,
    upper_boundary,
)
from jndlab.analysis.inference.sequential_spending import Spending, spent_error
from jndlab.analysis.inference.trial_counts import require_countable
from jndlab.errors import DataError

Stop = Literal["different", "equivalent", "futility"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """What crossing one of the two boundaries means, and how often it may happen wrongly."""

    stop: Stop
    """The claim that follows; "futility": none, the study is given up."""
    proportion: float
    """Proportion correct at which the rate holds: the edge of the hypothesis that the claim
    rejects, or for futility the proportion that was hoped for."""
    rate: float
    """Of wrong stops at that proportion, at all looks together."""

    @property
    def claims(self) -> bool:
        return self.stop != "futility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundaries:
    """Looks after which a study stops when the correct responses reach ``upper`` or ``lower``."""

    looks: tuple[int, ...]
    """Trials at each look, all together so far."""
    lower: tuple[int, ...]
    """Stop at this many correct or fewer; −1: never."""
    upper: tuple[int, ...]
    """Stop at this many correct or more; one above the trials: never."""
    lower_rule: StopRule | None
    upper_rule: StopRule | None

    def stops(self, look: int, n_correct: int) -> tuple[Stop, ...]:
        """What is crossed at a look (counted from 0), claims and futility."""
        found: list[Stop] = []
        if self.upper_rule is not None and n_correct >= self.upper[look]:
            found.append(self.upper_rule.stop)
        if self.lower_rule is not None and n_correct <= self.lower[look]:
            found.append(self.lower_rule.stop)
        return tuple(found)

    def mirrored(self) -> Boundaries:
        """The same with wrong responses counted instead of correct ones."""

        def turn(rule: StopRule | None) -> StopRule | None:
            if rule is None:
                return None
            return StopRule(stop=rule.stop, proportion=1.0 - rule.proportion, rate=rule.rate)

        return Boundaries(
            looks=self.looks,
            lower=tuple(n - count for n, count in zip(self.looks, self.upper, strict=True)),
            upper=tuple(n - count for n, count in zip(self.looks, self.lower, strict=True)),
            lower_rule=turn(self.upper_rule),
            upper_rule=turn(self.lower_rule),
        )


def find_boundaries(
    looks: Sequence[int],
    *,
    n_planned: int,
    spending: Spending,
    lower_rule: StopRule | None,
    upper_rule: StopRule | None,
) -> Boundaries:
    """Exact boundaries. Each claim keeps its rate whether or not the other boundary is obeyed.

    Where no count is left to go on with, the study is certain to end: later looks are dropped, and
    all of the rates are spent there. ``n_planned``: trials of the whole study, as it was planned.

    >>> rule = StopRule(stop="different", proportion=0.5, rate=0.05)
    >>> find_boundaries([20, 40], n_planned=40, spending="pocock", lower_rule=None,
    ...                 upper_rule=rule).upper
    (15, 27)
    """
    kept = tuple(looks)
    while True:
        lower, upper = _both(kept, n_planned, spending, lower_rule, upper_rule)
        certain = [look for look, n in enumerate(kept) if lower[look] >= upper[look] - 1]
        if not certain or certain[0] == len(kept) - 1:
            return Boundaries(
                looks=kept, lower=lower, upper=upper, lower_rule=lower_rule, upper_rule=upper_rule
            )
        kept = kept[: certain[0] + 1]


def _both(
    looks: tuple[int, ...],
    n_planned: int,
    spending: Spending,
    lower_rule: StopRule | None,
    upper_rule: StopRule | None,
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    def spent(rule: StopRule) -> list[float]:
        values = spent_error(np.array(looks) / n_planned, rate=rule.rate, spending=spending)
        return [*values[:-1].tolist(), rule.rate]

    lower, upper = no_lower(looks), no_upper(looks)
    if upper_rule is not None and upper_rule.claims:
        upper = upper_boundary(looks, proportion=upper_rule.proportion, spent=spent(upper_rule))
    if lower_rule is not None and lower_rule.claims:
        lower = lower_boundary(looks, proportion=lower_rule.proportion, spent=spent(lower_rule))
    if lower_rule is not None and not lower_rule.claims:
        lower = futility_boundary(
            looks, upper, proportion=lower_rule.proportion, spent=spent(lower_rule)
        )
    if upper_rule is not None and not upper_rule.claims:
        turned = tuple(n - count for n, count in zip(looks, lower, strict=True))
        mirrored = futility_boundary(
            looks, turned, proportion=1.0 - upper_rule.proportion, spent=spent(upper_rule)
        )
        upper = tuple(n - count for n, count in zip(looks, mirrored, strict=True))
    return lower, upper


def require_looks(n_trials: Sequence[int] | int, n_looks: int | None) -> tuple[int, ...]:
    """Cumulative numbers of trials at the looks: as given, or so many looks evenly spaced.

    DataError: numbers that are not whole or do not increase; a number of looks that does not fit.

    >>> require_looks(100, 3)
    (33, 67, 100)
    >>> require_looks([20, 40], None)
    (20, 40)
    """
    values = numbers(n_trials, "n_trials")
    if values.ndim > 1 or values.size == 0 or not np.all(np.isfinite(values)):
        raise DataError("The looks are not a list of numbers of trials.", _LOOKS)
    if np.any(values % 1) or np.any(values < 1):
        raise DataError("A look after a number of trials that is not whole, or below 1.", _LOOKS)
    require_countable(int(values.max()), most=50_000)
    if values.ndim == 0:
        return _even_looks(int(values), n_looks)
    if n_looks is not None and n_looks != values.size:
        raise DataError(
            f"{values.size} looks are listed, but n_looks is {n_looks}.", "Leave n_looks out."
        )
    if np.any(np.diff(values) <= 0):
        raise DataError("The trials at the looks do not increase.", _LOOKS)
    return tuple(int(value) for value in values)


_LOOKS = (
    "Give the trials of all listeners so far at each look, such as [40, 80, 120], or their total "
    "and n_looks."
)


def _even_looks(n_trials: int, n_looks: int | None) -> tuple[int, ...]:
    if n_looks is None:
        raise DataError("The number of looks is missing.", _LOOKS)
    number = one_number(n_looks, "n_looks")
    if not 1 <= number <= n_trials or number % 1:
        raise DataError(
            f"{n_looks} looks do not fit {n_trials} trials.",
            "Give a whole number of looks from 1 to the number of trials.",
        )
    return tuple(round(n_trials * look / number) for look in range(1, int(number) + 1))
