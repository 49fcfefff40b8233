"""What planning by simulation gives: the power of each cell, and the smallest that is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.planning.goals import GoalName
from jndlab.analysis.records import to_dict


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCell:
    """Simulated studies with one number of listeners and one of trials per level."""

    n_listeners: int
    """Recruited."""
    trials_per_level: int
    trials_per_listener: float
    """Test trials at all levels together, on average."""
    power: float
    """Share of the simulated studies that reached the goal."""
    power_interval: ConfidenceInterval
    """Of the power, because studies are counted: exact, 95 %."""
    mean_width: float
    """Of the interval, over the studies that could be analysed; nan if none could."""
    width_10: float
    """One study in ten has an interval as narrow as this; a failed analysis counts as infinite."""
    width_50: float
    width_90: float
    """Nine studies in ten have an interval as narrow as this."""
    mean_analysed: float
    """Listeners left on average, after drop-outs and exclusions."""
    n_reached: int
    n_failed: int
    """Studies whose analysis failed; they did not reach the goal."""
    n_simulations: int
    enough: bool
    """This cell and every cell with more listeners and as many trials reach the power asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """How many listeners and trials a goal takes, and what that rests on."""

    goal: GoalName
    goal_options: Mapping[str, Any]
    power: float
    """Asked for."""
    cells: tuple[PlanCell, ...]
    """By trials per level, then by listeners."""
    smallest: tuple[PlanCell, ...]
    """For each number of trials the fewest listeners that are enough, where the grid has them."""
    answer: PlanCell | None
    """Of these the one with the fewest trials in all; None: nothing in the grid is enough."""
    assumptions: Mapping[str, Any]
    """What is assumed of the listeners."""
    n_simulations: int
    seed: int
    method: str
    warnings: tuple[str, ...]
    version: str

    @property
    def table(self) -> list[dict[str, Any]]:
        """One row per cell, plain numbers: for a data frame or a CSV file."""
        names = [entry.name for entry in fields(PlanCell) if entry.name != "power_interval"]
        return [
            {name: getattr(cell, name) for name in names}
            | {"power_low": cell.power_interval.low, "power_high": cell.power_interval.high}
            for cell in self.cells
        ]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)
