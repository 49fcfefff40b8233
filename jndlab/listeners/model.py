"""A listener whose threshold, width, lapse rate and bias are known.

What it answers to a trial depends on (seed, participant, trial number) and on nothing else,
so that the order of requests, a reload or the number of threads cannot change a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jndlab.errors import DataError
from jndlab.sigmoids import SigmoidName, sigmoid
from jndlab.study.definition import Condition, StudyDefinition
from jndlab.study.paradigms import paradigm_of
from jndlab.study.trials import Response, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The parameters that a fit has to find again."""

    threshold: float | None = None
    """Level at which the sigmoid is 0.5; None: the middle of each condition's levels."""
    width: float | None = None
    """Levels between 5 % and 95 % of the sigmoid; None: half the range of the levels."""
    lapse_rate: float = 0.02
    """Share of trials that are answered wrong however plain the difference is."""
    bias: float = 0.0
    """Added to the chance of the first response whenever the listener guesses."""
    spread: float = 0.0
    """Standard deviation of the threshold between listeners, in levels."""
    sigmoid: SigmoidName = "norm"

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("threshold", self.threshold or 0.0, -1e12, 1e12),
            ("width", 1.0 if self.width is None else self.width, 1e-9, np.inf),
            ("lapse rate", self.lapse_rate, 0.0, 0.5),
            ("bias", self.bias, -0.5, 0.5),
            ("spread", self.spread, 0.0, 1e12),
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

    def describe(self, study: StudyDefinition) -> str:
        """One line per condition: what a fit has to find."""
        return "\n".join(
            f"{condition.name}: true threshold {self.threshold_of(condition):g}, "
            f"width {self.width_of(condition):g} {condition.unit}, "
            f"lapse rate {self.lapse_rate:g}"
            for condition in study.stimuli.conditions
        )

    def width_of(self, condition: Condition) -> float:
        """The width in that condition."""
        if self.width is not None:
            return self.width
        return (max(condition.levels) - min(condition.levels)) / 2 or 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedListener:
    """Listener number ``participant`` of a simulation."""

    study: StudyDefinition
    truth: Truth
    seed: int
    participant: int

    def respond(self, trial: Trial) -> Response:
        """The answer to a trial.

        The difference is noticed with probability F·(1 − lapse/(1 − guess)); otherwise the
        listener guesses. Over balanced orders the proportion correct is then
        guess + (1 − guess − lapse)·F, whatever the bias.
        """
        paradigm = paradigm_of(self.study.paradigm, trial)
        rng = np.random.default_rng([self.seed, self.participant, trial.number])
        noticed, guess = rng.random(2)
        time_ms = float(np.round(rng.lognormal(mean=8.0, sigma=0.35), 1))
        plays = tuple(int(count) for count in rng.integers(1, 4, size=len(trial.intervals)))
        if paradigm.playback == "sequence":
            plays = (1,) * len(trial.intervals)
        if noticed < self._p_notice(trial):
            value = trial.correct_response
        elif guess < 1 / len(paradigm.responses) + self.truth.bias:
            value = paradigm.responses[0]
        else:
            others = paradigm.responses[1:]
            value = others[int(rng.integers(len(others)))]
        return Response(value=value, response_time_ms=time_ms, plays=plays)

    def _p_notice(self, trial: Trial) -> float:
        if trial.kind == "identical" or trial.level is None:
            return 0.0
        condition = self.study.condition(trial.condition)
        detected = sigmoid(
            self.truth.sigmoid,
            trial.level,
            self.truth.threshold_of(condition) + self._deviation(),
            self.truth.width_of(condition),
            falling=condition.compression == "falls",
        )
        guess_rate = paradigm_of(self.study.paradigm, trial).guess_rate
        return float(detected) * (1 - self.truth.lapse_rate / (1 - guess_rate))

    def _deviation(self) -> float:
        if self.truth.spread == 0:
            return 0.0
        rng = np.random.default_rng([self.seed, self.participant])
        return float(rng.normal(scale=self.truth.spread))
