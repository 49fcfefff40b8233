"""A compression axis: graded versions of one model, each with its size, cost and origin.

Every family of compression ends here. An axis is an ordered list of levels; the renderer
(:mod:`jndlab.compression.rendering`) asks it for one version after the other, lets each enhance
the same noisy sounds, and writes stimuli with a manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from jndlab.compression.counts import Parameters, Storage
from jndlab.compression.model import Model, WeightedModel
from jndlab.compression.weights import Weights, require_weights
from jndlab.errors import CompressionError
from jndlab.study.trials import Direction

Origin = Literal[
    "post-training", "fine-tuned", "separately-trained", "seed-twin", "signal", "rendered-elsewhere"
]
"""Where versions come from. Those that were trained separately differ in their seed, too: a study
of them needs a seed twin (level 0: same size, another seed), and asks for preference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compressed:
    """Weights after a compression, and what they take."""

    weights: Weights
    """Same names and shapes as before, single precision: what the model computes with."""
    storage: Storage
    parameters: Parameters
    facts: Mapping[str, float | int | str] = field(default_factory=dict)
    """Further facts of this level for the model card: "codebook entries", "sparsity"."""


class Method(Protocol):
    """A way of compressing the weights of any model, at a level."""

    @property
    def name(self) -> str:
        """Name of the condition, and of its folder: seofp, prune, cluster."""

    @property
    def unit(self) -> str:
        """Of the levels."""

    @property
    def compression(self) -> Direction:
        """Whether compression rises or falls as the level's number grows."""

    @property
    def default_levels(self) -> tuple[float, ...]:
        """From inaudible to obvious, least compressed first."""

    @property
    def rule(self) -> str:
        """What is done to the weights, with options: "fraction rounded to nearest"."""

    def compress(self, weights: Weights, level: float) -> Compressed:
        """Raises CompressionError for a level out of range, and says what the range is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The model at one level of an axis."""

    level: float
    model: Model
    storage: Storage
    parameters: Parameters
    seed: int | None = None
    """Of its training, where it was trained."""
    origin: Origin | None = None
    """Where it differs from the axis': the seed twin among separately trained models."""
    facts: Mapping[str, float | int | str] = field(default_factory=dict)


class Axis(Protocol):
    """Graded versions of a baseline."""

    @property
    def name(self) -> str:
        """Name of the condition, and of its folder."""

    @property
    def unit(self) -> str: ...

    @property
    def compression(self) -> Direction: ...

    @property
    def origin(self) -> Origin: ...

    @property
    def rule(self) -> str: ...

    @property
    def levels(self) -> tuple[float, ...]:
        """Least to most compressed."""

    @property
    def baseline(self) -> Model: ...

    def version(self, level: float) -> Version:
        """The model at that level."""


def position(level: float, compression: Direction) -> float:
    """Place on the axis that rises with compression: what a psychometric function is fitted on."""
    return (level if compression == "rises" else -level) + 0.0  # and no negative zero


def order_levels(levels: Sequence[float], compression: Direction) -> tuple[float, ...]:
    """Least to most compressed. Raises CompressionError for none, and for the same twice."""
    if not levels:
        raise CompressionError("There is no level.", "Name at least one with --levels.")
    for level in levels:
        if levels.count(level) > 1:
            raise CompressionError(f"Level {level:g} is named twice.", "Name every level once.")
    return tuple(sorted(levels, key=lambda level: position(level, compression)))


@dataclass(frozen=True, slots=True)
class WeightAxis:
    """One method at graded levels, on the weights of one trained model."""

    baseline: WeightedModel
    method: Method
    levels: tuple[float, ...]

    @classmethod
    def of(
        cls, baseline: WeightedModel, method: Method, levels: Sequence[float] | None = None
    ) -> WeightAxis:
        """Raises CompressionError for weights or levels that cannot be."""
        require_weights(baseline.weights)
        wanted = method.default_levels if levels is None else levels
        return cls(baseline, method, order_levels(wanted, method.compression))

    @property
    def name(self) -> str:
        return self.method.name

    @property
    def unit(self) -> str:
        return self.method.unit

    @property
    def compression(self) -> Direction:
        return self.method.compression

    @property
    def origin(self) -> Origin:
        return "post-training"

    @property
    def rule(self) -> str:
        return self.method.rule

    def version(self, level: float) -> Version:
        compressed = self.method.compress(self.baseline.weights, level)
        return Version(
            level=level,
            model=self.baseline.with_weights(compressed.weights),
            storage=compressed.storage,
            parameters=compressed.parameters,
            facts=compressed.facts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyAxis:
    """Models of graded size that were trained one by one."""

    name: str
    unit: str
    compression: Direction
    origin: Origin
    rule: str
    baseline: Model
    versions: Mapping[float, Version]
    baseline_seed: int | None = None
    """Of the baseline's training, where it is known."""

    @property
    def levels(self) -> tuple[float, ...]:
        return order_levels(list(self.versions), self.compression)

    def version(self, level: float) -> Version:
        return self.versions[level]
