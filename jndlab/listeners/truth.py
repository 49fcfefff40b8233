"""What is true of simulated listeners: the parameters that an analysis has to find again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from jndlab.errors import DataError
from jndlab.sigmoids import SigmoidName
from jndlab.study.definition import Condition

SameDifferentRule = Literal["independent-observation", "differencing"]
"""How two sounds are judged to differ. independent-observation: each is put into its class, by
likelihood. differencing: by how far apart they are."""

CRITERIA = {"yes-no": 0.5, "independent-observation": 0.0, "differencing": 1.5}
"""Criteria of a listener who is told none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The parameters that an analysis has to find again.

    Threshold and width say how well a level is heard: a share F of 0 to 1 at each. From it follow
    the proportion correct, d′ and the quality, as :mod:`jndlab.listeners.ears` says.
    """

    threshold: float | None = None
    """Level at which the sigmoid is 0.5; None: the middle of each condition's levels."""
    width: float | None = None
    """Levels between 5 % and 95 % of the sigmoid; None: half the range of the levels."""
    lapse_rate: float = 0.02
    """Share of trials that are answered wrong however plain the difference is. Where nothing is
    right or wrong, nobody lapses."""
    bias: float = 0.0
    """Added to the chance of the first response whenever the listener guesses."""
    spread: float = 0.0
    """Standard deviation of the threshold between listeners, in levels."""
    sigmoid: SigmoidName = "norm"
    criterion: float | None = None
    """What has to be exceeded before the answer is "yes" or "different". Yes/no: distance from the
    baseline, in standard deviations of an observation; differencing: distance of the two sounds in
    the same unit; independent observation: logarithm of the likelihood ratio. None: 0.5, 1.5, 0."""
    same_different: SameDifferentRule = "differencing"
    quality_loss: float = 0.8
    """Quality that a sound loses whose compression is fully heard, as a share of the scale."""
    quality_noise: float = 0.1
    """Standard deviation of the quality of one sound between two hearings, as a share of the
    scale."""
    quality_offset: float = 0.05
    """Standard deviation between listeners of what they add to every rating, as a share of the
    scale."""
    inattentive: float = 0.0
    """Share of listeners who answer at random."""

    def __post_init__(self) -> None:
        if self.same_different not in get_args(SameDifferentRule):
            raise DataError(
                f"No simulated listener judges pairs by {self.same_different!r}.",
                f"Choose {' or '.join(get_args(SameDifferentRule))}.",
            )
        for name, value, low, high in (
            ("threshold", self.threshold or 0.0, -1e12, 1e12),
            ("width", 1.0 if self.width is None else self.width, 1e-9, np.inf),
            ("lapse rate", self.lapse_rate, 0.0, 0.5),
            ("bias", self.bias, -0.5, 0.5),
            ("spread", self.spread, 0.0, 1e12),
            ("criterion", self.criterion or 0.0, -10.0, 10.0),
            ("quality loss", self.quality_loss, 0.0, 1.0),
            ("quality noise", self.quality_noise, 0.001, 1.0),
            ("quality offset", self.quality_offset, 0.0, 1.0),
            ("share of inattentive ones", self.inattentive, 0.0, 1.0),
        ):
            if not low <= value <= high:
                raise DataError(
                    f"The {name} of a simulated listener cannot be {value:g}.",
                    f"Choose a value from {low:g} to {high:g}.",
                )

    def threshold_of(self, condition: Condition) -> float:
        """The threshold in that condition, before the listener's own deviation."""
        if self.threshold is not None:
            return self.threshold
        return (min(condition.levels) + max(condition.levels)) / 2

    def width_of(self, condition: Condition) -> float:
        """The width in that condition."""
        if self.width is not None:
            return self.width
        return (max(condition.levels) - min(condition.levels)) / 2 or 1.0

    def criterion_of(self, task: str) -> float:
        """The criterion in yes/no trials, or by the rule for same-different ones."""
        return CRITERIA[task] if self.criterion is None else self.criterion
