"""What a comparison of conditions gives back: the test, and by how much the conditions differ."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import FitError
from jndlab.sigmoids import SigmoidName
from jndlab.study.trials import Direction

Question = Literal["shift", "slope", "both"]
QUESTIONS: dict[Question, str] = {
    "shift": "do the thresholds differ, with one common slope?",
    "slope": "do the slopes differ, with thresholds of their own?",
    "both": "do the curves differ in threshold or slope?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionCurve:
    """The typical listener's curve in one condition, in the larger model."""

    condition: Hashable
    n_trials: int
    threshold: float
    slope: float
    """On the linear predictor, per unit of the level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """How one condition differs from the first."""

    condition: Hashable
    reference: Hashable
    estimate: float
    standard_error: float
    interval: ConfidenceInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionComparison:
    """A likelihood-ratio test between conditions, and by how much they differ."""

    test: Question
    question: str
    conditions: tuple[ConditionCurve, ...]
    statistic: float
    """Twice the difference of the log-likelihoods."""
    degrees_of_freedom: int
    chi_square_p_value: float
    listener_p_value: float | None
    """Allowing for the number of listeners; None where the difference does not vary over them."""
    bootstrap_p_value: float | None
    """None: not asked for."""
    shifts: tuple[Contrast, ...]
    """Threshold less that of the first condition, in the unit of the level (families on the log
    level: natural logarithm of their ratio)."""
    slope_ratios: tuple[Contrast, ...]
    """Slope by that of the first condition; empty where the slope is common."""
    log_likelihood_null: float
    log_likelihood: float
    deviance_null: float
    """Twice the log-likelihood ratio to one proportion per row, of the smaller model."""
    deviance: float
    paradigm: str
    sigmoid: SigmoidName
    direction: Direction
    random: str
    method: str
    n_listeners: int
    n_trials: int
    seed: int | None
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    data_digest: str
    version: str

    @property
    def p_value(self) -> float:
        """By parametric bootstrap if asked for; else allowing for the number of listeners where
        the difference varies over them; else by χ²."""
        for value in (self.bootstrap_p_value, self.listener_p_value):
            if value is not None:
                return value
        return self.chi_square_p_value

    @property
    def estimate(self) -> float:
        """Of two conditions: the difference of thresholds; when slopes are tested, their ratio.

        FitError: more than two conditions have no single difference.
        """
        return self._contrast.estimate

    @property
    def interval(self) -> ConfidenceInterval:
        """Profile-likelihood interval of :attr:`estimate`."""
        return self._contrast.interval

    @property
    def _contrast(self) -> Contrast:
        if len(self.conditions) != 2:
            raise FitError(
                f"{len(self.conditions)} conditions have no single difference.",
                "Look at shifts and slope_ratios, or compare two conditions.",
            )
        return self.slope_ratios[0] if self.test == "slope" else self.shifts[0]

    def to_dict(self) -> Any:
        """The result as plain values, ready for JSON."""
        return {**to_dict(self), "p_value": self.p_value}
