"""From simulated studies to the cells of a plan: power, widths, which are enough, advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.planning.goals import GoalName
from jndlab.analysis.planning.results import PlanCell
from jndlab.analysis.planning.runs import StudyOutcome
from jndlab.errors import FitError

FEW_SIMULATIONS = 100
FEW_LISTENERS = 10
MANY_FAILURES = 0.01


def make_cells(
    grid: Sequence[tuple[int, int]], outcomes: Sequence[Sequence[StudyOutcome]], *, power: float
) -> tuple[PlanCell, ...]:
    """The cells of the grid, (listeners, trials per level) each, sorted by trials, listeners."""
    cells = [
        _cell(n_listeners, n_trials, found)
        for (n_listeners, n_trials), found in zip(grid, outcomes, strict=True)
    ]
    enough: dict[int, bool] = {}
    marked = []
    # From the most listeners down: more of them must not fall short again, by chance or not.
    for cell in sorted(cells, key=lambda one: one.n_listeners, reverse=True):
        so_far = enough.get(cell.trials_per_level, True)
        enough[cell.trials_per_level] = so_far and cell.power >= power
        marked.append(replace(cell, enough=enough[cell.trials_per_level]))
    return tuple(sorted(marked, key=lambda one: (one.trials_per_level, one.n_listeners)))


def _cell(n_listeners: int, trials_per_level: int, found: Sequence[StudyOutcome]) -> PlanCell:
    widths = np.array([outcome.width for outcome in found])
    known = widths[np.isfinite(widths)]
    # Inverted: no interpolation between a width and an infinite one.
    low, middle, high = np.quantile(widths, [0.1, 0.5, 0.9], method="inverted_cdf")
    n_reached = sum(outcome.reached for outcome in found)
    n_analysed = sum(outcome.n_analysed for outcome in found)
    return PlanCell(
        n_listeners=n_listeners,
        trials_per_level=trials_per_level,
        trials_per_listener=sum(outcome.n_trials for outcome in found) / max(n_analysed, 1),
        power=n_reached / len(found),
        power_interval=clopper_pearson(n_reached, len(found)),
        mean_width=float(known.mean()) if known.size else float("nan"),
        width_10=float(low),
        width_50=float(middle),
        width_90=float(high),
        mean_analysed=n_analysed / len(found),
        n_reached=n_reached,
        n_failed=sum(outcome.problem != "" for outcome in found),
        n_simulations=len(found),
        enough=False,
    )


def smallest_cells(cells: Sequence[PlanCell]) -> tuple[PlanCell, ...]:
    """For each number of trials per level the cell with the fewest listeners that is enough."""
    first: dict[int, PlanCell] = {}
    for cell in cells:
        if cell.enough:
            first.setdefault(cell.trials_per_level, cell)
    return tuple(first.values())


def require_analysed(outcomes: Sequence[Sequence[StudyOutcome]]) -> None:
    """Raise FitError if not one simulated study could be analysed: that is no low power."""
    problems = [outcome.problem for cell in outcomes for outcome in cell]
    if all(problems):
        what, _, remedy = Counter(problems).most_common(1)[0][0].partition("\n")
        raise FitError(
            f"None of {len(problems)} simulated studies could be analysed: {what}",
            remedy or "Plan with more listeners, or fewer exclusions.",
        )


def advice(
    cells: Sequence[PlanCell],
    outcomes: Sequence[Sequence[StudyOutcome]],
    answer: PlanCell | None,
    *,
    goal: GoalName,
    power: float,
) -> tuple[str, ...]:
    """What a reader of the plan should know, in sentences."""
    warnings: list[str] = []
    n_simulations = cells[0].n_simulations
    if n_simulations < FEW_SIMULATIONS:
        warnings.append(
            f"Only {n_simulations} simulated studies per cell: the powers are rough. "
            "Use 200 or more."
        )
    problems = Counter(one.problem for cell in outcomes for one in cell if one.problem)
    n_all = n_simulations * len(cells)
    if problems.total() > MANY_FAILURES * n_all:
        what = problems.most_common(1)[0][0].partition("\n")[0]
        warnings.append(
            f"{problems.total()} of {n_all} simulated studies could not be analysed and count as "
            f"failures of the study, most often: {what}"
        )
    if answer is None:
        return tuple(warnings)
    if goal == "threshold" and answer.n_listeners < FEW_LISTENERS:
        warnings.append(
            f"Intervals from resampling fewer than {FEW_LISTENERS} listeners tend to be too "
            "narrow: recruit more than the answer says."
        )
    if answer.power_interval.low < power:
        low, high = answer.power_interval.low, answer.power_interval.high
        warnings.append(
            f"The power of the smallest study that is enough is known only to lie between "
            f"{low:.0%} and {high:.0%}; more simulations narrow that."
        )
    fewest = min(cell.n_listeners for cell in cells)
    if answer.n_listeners == fewest:
        warnings.append(
            f"{fewest} listeners, the fewest in the grid, are enough already: fewer may be, too."
        )
    return tuple(warnings)
