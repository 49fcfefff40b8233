"""Simulated answers to yes/no and same-different trials: equal-variance signal detection.

Each sound is observed at its d′ from the baseline plus noise of standard deviation 1.
Yes/no: "yes" where the observation lies beyond the criterion, so that the false-alarm rate is
Φ(−criterion) and the hit rate Φ(d′ − criterion), whatever the levels of the study.
Same-different, differencing: "different" where the two observations lie further apart than the
criterion. Independent observation: where the likelihood ratio of different against same, for two
classes as far apart as those of the trial, exceeds it (Macmillan & Creelman 2005, ch. 9).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.listeners.answer import Answer
from jndlab.listeners.ears import Ears
from jndlab.study.paradigms import Paradigm
from jndlab.study.trials import Trial

Floats = NDArray[np.float64]


def detect(trial: Trial, paradigm: Paradigm, ears: Ears, rng: np.random.Generator) -> Answer:
    """The answer to a trial; a lapse is an answer at random, wrong half of the time."""
    truth = ears.truth
    if rng.random() < 2 * truth.lapse_rate:
        return Answer(paradigm.responses[int(rng.integers(2))], 0.0)
    places = [ears.d_prime(interval.condition, interval.level) for interval in trial.intervals]
    seen = np.asarray(places) + rng.standard_normal(len(places))
    if len(places) == 1:
        excess = float(seen[0]) - truth.criterion_of("yes-no")
        says = ("yes", "no")
    else:
        excess = _difference(trial, ears, seen) - truth.criterion_of(truth.same_different)
        says = ("different", "same")
    if excess == 0.0:  # two classes that are one: nothing to go by
        return Answer(says[int(rng.integers(2))], 0.0)
    return Answer(says[0] if excess > 0 else says[1], abs(excess))


def _difference(trial: Trial, ears: Ears, seen: Floats) -> float:
    """Evidence that the two sounds differ."""
    if ears.truth.same_different == "differencing":
        return float(abs(seen[0] - seen[1]))
    classes = (
        ears.d_prime(trial.condition, trial.level),
        ears.d_prime(trial.compared_with, trial.compared_level),
    )
    apart, middle = classes[0] - classes[1], (classes[0] + classes[1]) / 2
    first, second = seen - middle
    # log of cosh(apart (first − second) / 2) over cosh(apart (first + second) / 2)
    return _log_cosh(apart * (first - second) / 2) - _log_cosh(apart * (first + second) / 2)


def _log_cosh(x: float) -> float:
    return float(np.logaddexp(x, -x))
