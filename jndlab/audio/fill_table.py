"""Which sounds of a study are there: item x condition x level, and what is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jndlab.audio.places import Place
from jndlab.study.trials import BASELINE, TRAP


@dataclass(frozen=True, slots=True, kw_only=True)
class FillTable:
    """The sounds of a study, arranged."""

    items: tuple[str, ...]
    """Those of the baseline; before there is one, all."""
    levels: dict[str, tuple[float, ...]]
    """Of each condition, in ascending order; conditions by name."""
    missing: tuple[Place, ...]
    """Places without a file, although the baseline has the item."""
    extra: tuple[Place, ...]
    """Files whose item the baseline does not have: they are left out of the study."""
    has_baseline: bool

    @property
    def is_complete(self) -> bool:
        """Whether a study can be made of it."""
        return self.has_baseline and bool(self.levels) and not self.missing


def fill_table(places: Iterable[Place]) -> FillTable:
    """The table of the files at ``places``; traps are in none of its cells."""
    there = {
        (place.condition, place.level, place.item): place
        for place in places
        if place.condition != TRAP
    }
    baseline = {item for condition, _, item in there if condition == BASELINE}
    items = baseline or {item for _, _, item in there}
    levels: dict[str, set[float]] = {}
    for condition, level, _ in there:
        if level is not None:
            levels.setdefault(condition, set()).add(level)
    cells: list[tuple[str, float | None]] = [(BASELINE, None)]
    cells += [(name, level) for name in sorted(levels) for level in sorted(levels[name])]
    return FillTable(
        items=tuple(sorted(items)),
        levels={name: tuple(sorted(levels[name])) for name in sorted(levels)},
        missing=tuple(
            Place(condition=condition, level=level, item=item)
            for condition, level in cells
            for item in sorted(items)
            if (condition, level, item) not in there
        ),
        extra=tuple(sorted(p for (_, _, item), p in there.items() if item not in items))
        if baseline
        else (),
        has_baseline=bool(baseline),
    )
