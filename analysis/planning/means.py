"""How many listeners a mean of ratings, or a share of preferences, takes: in closed form.

The unit is the listener: each one's mean over trials goes into a t test, so that the power is that
of a noncentral t distribution (Owen 1965, *Biometrika* 52, 437-446), without simulation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit
from scipy.stats import nct

from jndlab import __version__
from jndlab.analysis.checks import one_number
from jndlab.analysis.planning.exact import check_share
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

MOST_LISTENERS = 10_000
FEW_LISTENERS = 10
_METHOD = "two-sided t test over listeners, power from the noncentral t distribution"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanCell:
    """One number of listeners and one of trials."""

    n_listeners: int
    """Recruited."""
    n_trials: int
    """Of each listener, at the level compared."""
    power: float
    half_width: float
    """Expected half width of the 95 % interval of the mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanPlan:
    """How many listeners it takes to find a mean, and what that rests on."""

    difference: float
    """Mean to be found, away from that of no difference."""
    between_sd: float
    """Standard deviation of the true difference between listeners."""
    within_sd: float
    """Standard deviation of one trial's difference within a listener."""
    dropout: float
    alpha: float
    power: float
    """Asked for."""
    cells: tuple[MeanCell, ...]
    answers: tuple[MeanCell, ...]
    """For each number of trials the fewest listeners that are enough."""
    method: str
    warnings: tuple[str, ...]
    version: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def plan_mean(
    *,
    difference: float,
    between_sd: float,
    within_sd: float,
    listeners: Sequence[int],
    trials: Sequence[int],
    alpha: float = 0.05,
    power: float = 0.9,
    dropout: float = 0.0,
) -> MeanPlan:
    """Power for every number of ``listeners`` x ``trials``, and the fewest listeners that do.

    A listener's mean over n trials has the standard deviation sqrt(between_sd² + within_sd²/n)
    around the group's. Listeners that drop out, a share of ``dropout``, are recruited in vain.
    DataError: no difference, a deviation or share that cannot be, or more than 10,000 listeners.

    >>> plan = plan_mean(difference=5, between_sd=8, within_sd=28, listeners=[20], trials=[8])
    >>> [(cell.n_listeners, round(cell.power, 3)) for cell in plan.cells]
    [(20, 0.385)]
    >>> plan.answers[0].n_listeners
    71
    """
    check_share("alpha", alpha)
    check_share("power", power)
    if not 0.0 <= one_number(dropout, "dropout") < 1.0:
        raise DataError(f"A share of dropout of {dropout:g} cannot be.", "Give 0 to below 1.")
    if not 0.0 < abs(one_number(difference, "difference")) < np.inf:
        raise DataError(
            "A difference of 0 is not to be found.", "Give the smallest one that would matter."
        )
    for name, value in (("between_sd", between_sd), ("within_sd", within_sd)):
        if not 0.0 <= one_number(value, name) < np.inf:
            raise DataError(f"{name} cannot be {value}.", "Give a standard deviation, 0 or more.")
    if min(listeners) < 2 or min(trials) < 1:
        raise DataError(
            "Two listeners and one trial are the fewest.", "Give whole numbers from there on."
        )
    cells, answers = [], []
    for n_trials in sorted(set(trials)):
        sd = math.sqrt(between_sd**2 + within_sd**2 / n_trials)
        if sd == 0.0:
            raise DataError(
                "Listeners and ratings that never differ need no plan.",
                "Give a standard deviation above 0.",
            )
        for recruited in sorted(set(listeners)):
            cells.append(_cell(recruited, n_trials, difference, sd, alpha, dropout))
        fewest = _fewest(difference, sd, alpha, power)
        recruited = math.ceil(fewest / (1.0 - dropout) - 1e-9)
        answers.append(_cell(recruited, n_trials, difference, sd, alpha, dropout))
    warnings = [
        f"Means of fewer than {FEW_LISTENERS} listeners are far from normal: recruit more."
        for answer in answers[:1]
        if answer.n_listeners < FEW_LISTENERS
    ]
    return MeanPlan(
        difference=difference,
        between_sd=between_sd,
        within_sd=within_sd,
        dropout=dropout,
        alpha=alpha,
        power=power,
        cells=tuple(cells),
        answers=tuple(answers),
        method=_METHOD,
        warnings=tuple(warnings),
        version=__version__,
    )


def power_of_mean(n_listeners: int, *, difference: float, sd: float, alpha: float = 0.05) -> float:
    """Power of the two-sided one-sample t test of a mean, noncentrality |difference| √n / sd.

    >>> round(power_of_mean(34, difference=0.5, sd=1.0), 3)  # G*Power: 0.808
    0.808
    """
    degrees = n_listeners - 1
    critical = float(stdtrit(degrees, 1.0 - alpha / 2.0))
    shift = abs(difference) * math.sqrt(n_listeners) / sd
    upper, lower = nct.sf(critical, degrees, shift), nct.cdf(-critical, degrees, shift)
    return float(min(1.0, upper + (0.0 if np.isnan(lower) else lower)))


def _cell(
    recruited: int, n_trials: int, difference: float, sd: float, alpha: float, dropout: float
) -> MeanCell:
    left = max(2, math.floor(recruited * (1.0 - dropout) + 1e-9))
    return MeanCell(
        n_listeners=recruited,
        n_trials=n_trials,
        power=power_of_mean(left, difference=difference, sd=sd, alpha=alpha),
        half_width=float(stdtrit(left - 1, 0.975)) * sd / math.sqrt(left),
    )


def _fewest(difference: float, sd: float, alpha: float, power: float) -> int:
    """The fewest listeners with that power; it rises with their number."""
    low, high = 2, 4
    while power_of_mean(high, difference=difference, sd=sd, alpha=alpha) < power:
        low, high = high, 2 * high
        if high > MOST_LISTENERS:
            raise DataError(
                f"A difference of {difference:g} takes more than {MOST_LISTENERS:,} listeners.",
                "Plan for a larger difference, or for more trials of each listener.",
            )
    while low < high:
        middle = (low + high) // 2
        if power_of_mean(middle, difference=difference, sd=sd, alpha=alpha) >= power:
            high = middle
        else:
            low = middle + 1
    return low
