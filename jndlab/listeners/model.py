"""A listener whose truth is known, in every paradigm.

What it answers to a trial depends on (seed, participant, trial number) and on nothing else,
so that the order of requests, a reload or the number of threads cannot change a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jndlab.listeners.answer import Answer
from jndlab.listeners.choosing import choose
from jndlab.listeners.detecting import detect
from jndlab.listeners.ears import Ears
from jndlab.listeners.rating import prefer, rate
from jndlab.listeners.truth import Truth as Truth
from jndlab.study.definition import StudyDefinition
from jndlab.study.paradigms import Paradigm, paradigm_of
from jndlab.study.trials import SEVERAL_ANSWERS, Response, Trial

_CERTAIN = 9.0
"""Margin of an answer that leaves no doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedListener:
    """Listener number ``participant`` of a simulation."""

    study: StudyDefinition
    truth: Truth
    seed: int
    participant: int

    def respond(self, trial: Trial) -> Response:
        """The answer to a trial: of its paradigm's kind, with confidence where that is asked."""
        paradigm = paradigm_of(self.study.paradigm, trial)
        rng = np.random.default_rng([self.seed, self.participant, trial.number])
        # In this order since the first version: equal seeds give equal answers.
        noticed, guess = rng.random(2)
        time_ms = float(np.round(rng.lognormal(mean=8.0, sigma=0.35), 1))
        plays = tuple(int(count) for count in rng.integers(1, 4, size=len(trial.intervals)))
        if paradigm.playback == "sequence":
            plays = (1,) * len(trial.intervals)
        answer = self._answer(trial, paradigm, noticed=noticed, guess=guess, rng=rng)
        return Response(
            value=answer.value,
            response_time_ms=time_ms,
            plays=plays,
            confidence=answer.confidence(
                self.study.design.confidence_steps if paradigm.asks_confidence else None
            ),
        )

    def _answer(
        self,
        trial: Trial,
        paradigm: Paradigm,
        *,
        noticed: float,
        guess: float,
        rng: np.random.Generator,
    ) -> Answer:
        if not self._attends():
            return _at_random(trial, paradigm, rng)
        if trial.kind == "trap" and trial.correct_response:  # it says what to answer
            return Answer(trial.correct_response.split(SEVERAL_ANSWERS)[0], _CERTAIN)
        ears = Ears(study=self.study, truth=self.truth, deviation=self._deviation())
        if paradigm.measure == "correct":
            return choose(trial, paradigm, ears, noticed=noticed, guess=guess, rng=rng)
        if paradigm.measure == "detection":
            return detect(trial, paradigm, ears, rng)
        if paradigm.measure == "preference":
            return prefer(trial, paradigm, ears, rng)
        return rate(trial, paradigm, ears, rng, offset=self._offset())

    def _attends(self) -> bool:
        share = self.truth.inattentive
        return share == 0 or float(self._self().random(3)[2]) >= share

    def _deviation(self) -> float:
        """Of the threshold, in levels."""
        spread = self.truth.spread
        return spread * float(self._self().standard_normal()) if spread else 0.0

    def _offset(self) -> float:
        """Of every rating, as a share of the scale."""
        spread = self.truth.quality_offset
        return spread * float(self._self().standard_normal(2)[1]) if spread else 0.0

    def _self(self) -> np.random.Generator:
        """What chance decides about the listener; trials have numbers from 1."""
        return np.random.default_rng([self.seed, self.participant])


def _at_random(trial: Trial, paradigm: Paradigm, rng: np.random.Generator) -> Answer:
    """The answer of somebody who does not listen."""
    if paradigm.scale is None:
        return Answer(paradigm.responses[int(rng.integers(len(paradigm.responses)))], 0.0)
    scale = paradigm.scale
    n_steps = round((scale.highest - scale.lowest) / scale.step)
    n_rated = sum(interval.label not in paradigm.unrated for interval in trial.intervals)
    drawn = rng.integers(n_steps + 1, size=n_rated)
    return Answer(";".join(f"{scale.lowest + step * scale.step:.12g}" for step in drawn), 0.0)
