"""What is known of the stimuli besides the sound: model sizes and objective scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
SIZES = ("parameters", "bytes", "macs")
"""Numbers of a model, the same for every item."""
TEXTS = (
    *("unit", "compression", "origin", "method", "model", "seed"),
    *("parameters_rule", "bytes_rule", "macs_rule"),
)
"""What is said of a model in words, the same for every item: a rule says what was counted."""
SEED_TWIN = "seed-twin"
"""Origin of a version as large as the baseline, trained alike from another seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StimulusFacts:
    """One sound file and the model that made it."""

    item: str
    condition: str
    level: float | None
    """None for the baseline."""
    path: str
    checkpoint_digest: str
    sizes: Mapping[str, float]
    """parameters, bytes, macs: those that are known."""
    scores: Mapping[str, float]
    """Objective scores by the name of their column, those that are known."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """By the names of :data:`TEXTS`, those that are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """The manifest of the stimuli, checked: see :func:`jndlab.analysis.load_model_facts`."""

    source: str
    stimuli: tuple[StimulusFacts, ...] = field(repr=False)
    sizes: tuple[str, ...]
    """Which of parameters, bytes and macs are given anywhere."""
    scores: tuple[str, ...]
    """Columns with numbers that are not otherwise known: objective scores."""
    ignored: tuple[str, ...]
    """Columns with text that is not otherwise known."""

    def conditions(self) -> tuple[str, ...]:
        """The conditions by name, without the baseline."""
        return tuple(sorted({one.condition for one in self.stimuli if one.level is not None}))

    def levels(self, condition: str) -> tuple[float, ...]:
        """The levels of a condition, ascending. DataError: there is no such condition."""
        if condition not in self.conditions():
            raise DataError(
                f"{self.source} has no condition {condition!r}.",
                f"It has: {', '.join(self.conditions()) or 'only a baseline'}.",
            )
        return tuple(
            sorted(
                {
                    one.level
                    for one in self.stimuli
                    if one.condition == condition and one.level is not None
                }
            )
        )

    def require_levels(self, condition: str, levels: Sequence[float]) -> None:
        """Raise DataError if the manifest lacks one of the levels that were tested."""
        known = self.levels(condition)
        missing = [f"{level:g}" for level in sorted(set(levels)) if level not in known]
        if missing:
            raise DataError(
                f"{self.source} lacks level {', '.join(missing)} of {condition}, which was tested.",
                f"Add a row per item for it; it has {', '.join(f'{one:g}' for one in known)}.",
            )

    def size_by_level(self, name: str, *, condition: str) -> tuple[Floats, Floats]:
        """Levels, ascending, and a size of the model there; both of shape (levels,).

        Levels whose size is not known are left out. DataError: no such size or condition.
        """
        self._require(name, self.sizes)
        self.levels(condition)
        found = {
            one.level: one.sizes[name]
            for one in self.stimuli
            if one.condition == condition and one.level is not None and name in one.sizes
        }
        levels = sorted(found)
        return np.array(levels, dtype=float), np.array([found[one] for one in levels], dtype=float)

    def score_by_level(
        self, name: str, *, condition: str, items: Sequence[str] | None = None
    ) -> tuple[Floats, Floats]:
        """Levels, ascending, and the mean of a score over items there; both of shape (levels,).

        ``items``: only these. DataError: no such score or condition, or an item that has the score
        at one level and lacks it at another: means over different items do not compare.
        """
        scores = self.score_by_item(name, condition=condition)
        chosen = sorted({item for item, _ in scores} if items is None else set(items))
        levels = sorted({level for _, level in scores})
        for item in chosen:
            for level in levels:
                if (item, level) not in scores:
                    raise DataError(
                        f"{self.source} has no {name} of item {item} at level {level:g} of "
                        f"{condition}.",
                        "Fill it in for every item at every level, or leave the item out.",
                    )
        means = [float(np.mean([scores[item, level] for item in chosen])) for level in levels]
        return np.array(levels, dtype=float), np.array(means, dtype=float)

    def score_by_item(self, name: str, *, condition: str) -> dict[tuple[str, float], float]:
        """(item, level) -> score, where it is known. DataError: no such score or condition."""
        self._require(name, self.scores)
        self.levels(condition)
        return {
            (one.item, one.level): one.scores[name]
            for one in self.stimuli
            if one.condition == condition and one.level is not None and name in one.scores
        }

    def baseline(self, name: str, *, items: Sequence[str] | None = None) -> float | None:
        """A size, or the mean of a score over items, of the baseline; None if it is not given."""
        values = [
            value
            for one in self.stimuli
            if one.level is None and (items is None or one.item in items)
            for value in [{**one.sizes, **one.scores}.get(name)]
            if value is not None
        ]
        return float(np.mean(values)) if values else None

    def text(self, name: str, *, condition: str, level: float | None) -> str:
        """What is said of the version at a level, None: of the baseline; "" if nothing is."""
        for one in self.stimuli:
            if one.level == level and (level is None or one.condition == condition):
                said = one.texts.get(name, "")
                if said:
                    return said
        return ""

    def twin_levels(self, condition: str) -> tuple[float, ...]:
        """Levels of a condition whose version is a seed twin of the baseline, ascending."""
        return tuple(
            level
            for level in self.levels(condition)
            if self.text("origin", condition=condition, level=level) == SEED_TWIN
        )

    def distances(self) -> tuple[str, ...]:
        """Scores that only versions have: they compare with the baseline, not with clean speech."""
        own = {name for one in self.stimuli if one.level is None for name in one.scores}
        return tuple(name for name in self.scores if name not in own)

    def to_dict(self) -> Any:
        """The fields, ready for JSON, the stimuli among them."""
        return {**to_dict(self), "stimuli": to_dict(self.stimuli)}

    def _require(self, name: str, known: Sequence[str]) -> None:
        if name not in known:
            raise DataError(
                f"{self.source} has no {name!r}.",
                f"It has: {', '.join((*self.sizes, *self.scores)) or 'no facts'}.",
            )
