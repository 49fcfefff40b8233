"""What can be wrong with a grid of curves, found before anybody is tested."""

from __future__ import annotations

import math

from jndlab.problems import Problem
from jndlab.sigmoids import get_sigmoid
from jndlab.study.procedures.curve_grid import MAX_CELLS, PARAMETERS, CurveGrid
from jndlab.study.procedures.track import level_problems

_FEWEST_THRESHOLDS = 5


def grid_problems(grid: CurveGrid) -> list[Problem]:
    """Every problem of the grid; empty: it can serve."""
    problems = level_problems(grid.levels)
    if grid.n_cells > MAX_CELLS:
        problems.append(
            _wrong(
                f"{len(grid.levels)} levels times {math.prod(grid.shape)} curves are more than "
                f"{MAX_CELLS} cells.",
                "Consider fewer thresholds, widths or lapse rates.",
            )
        )
    if len(grid.thresholds) < _FEWEST_THRESHOLDS:
        problems.append(
            _wrong(
                f"{len(grid.thresholds)} thresholds to choose from say little.",
                f"Consider at least {_FEWEST_THRESHOLDS}.",
            )
        )
    elif not any(min(grid.levels) <= one <= max(grid.levels) for one in grid.thresholds):
        problems.append(
            _wrong(
                f"The thresholds considered, {min(grid.thresholds):g} to "
                f"{max(grid.thresholds):g}, all lie outside the levels.",
                f"Consider thresholds from {min(grid.levels):g} to {max(grid.levels):g}, and some "
                "beyond.",
            )
        )
    return problems + _value_problems(grid) + _rate_problems(grid) + _weight_problems(grid)


def _value_problems(grid: CurveGrid) -> list[Problem]:
    problems = []
    for name in PARAMETERS:
        values = grid.values(name)
        if (
            len(values) == 0
            or len(set(values)) < len(values)
            or not all(map(math.isfinite, values))
        ):
            problems.append(
                _wrong(
                    f"The values considered for the {_words(name)} are none, infinite, or not all "
                    "different.",
                    "Give each value once.",
                )
            )
    if any(width <= 0.0 for width in grid.widths):
        problems.append(_wrong("A width is not above 0.", "Give widths above 0."))
    if get_sigmoid(grid.sigmoid).log_level and min((*grid.levels, *grid.thresholds)) <= 0.0:
        problems.append(
            _wrong(
                f"The {grid.sigmoid} sigmoid needs levels and thresholds above 0.",
                'Use sigmoid "norm" or "logistic", or levels on a positive scale.',
            )
        )
    if not 0.0 < grid.threshold_at < 1.0:
        problems.append(
            _wrong(
                f"No threshold has an unscaled sigmoid of {grid.threshold_at:g}.",
                "Give a number between 0 and 1.",
            )
        )
    return problems


def _rate_problems(grid: CurveGrid) -> list[Problem]:
    highest = max(grid.lapse_rates, default=0.0)
    lowest = min((grid.guess_rate, *grid.lapse_rates))
    if lowest >= 0.0 and grid.guess_rate + highest < 1.0:
        return []
    return [
        _wrong(
            f"A guess rate of {grid.guess_rate:g} and lapse rates up to {highest:g} leave no room "
            "for hearing.",
            "Give rates from 0 whose sum is below 1.",
        )
    ]


def _weight_problems(grid: CurveGrid) -> list[Problem]:
    return [
        _wrong(
            f"The prior of the {_words(name)} needs {len(grid.values(name))} weights above 0.",
            "Give one weight for each value that is considered.",
        )
        for name, weights in grid.weights
        if len(weights) != len(grid.values(name))
        or not all(math.isfinite(weight) and weight > 0.0 for weight in weights)
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _wrong(message: str, remedy: str) -> Problem:
    return Problem(message=message, remedy=remedy)
