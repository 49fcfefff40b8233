"""Simulated answers to trials with one right answer at a chance level: forced choice."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from jndlab.listeners.answer import Answer
from jndlab.listeners.ears import Ears
from jndlab.study.paradigms import Paradigm
from jndlab.study.trials import Trial


def choose(
    trial: Trial,
    paradigm: Paradigm,
    ears: Ears,
    *,
    noticed: float,
    guess: float,
    rng: np.random.Generator,
) -> Answer:
    """The answer to a trial, from two uniform numbers and a generator.

    The difference is noticed with probability F·(1 − lapse/(1 − guess rate)); otherwise the
    listener guesses. Over balanced orders the proportion correct is then
    guess rate + (1 − guess rate − lapse)·F, whatever the bias.
    """
    p_notice = _p_notice(trial, paradigm, ears)
    if noticed < p_notice:
        return Answer(trial.correct_response, float(ndtri(p_notice) - ndtri(noticed)))
    if guess < 1 / len(paradigm.responses) + ears.truth.bias:
        value = paradigm.responses[0]
    else:
        others = paradigm.responses[1:]
        value = others[int(rng.integers(len(others)))]
    return Answer(value, 0.5 * abs(float(rng.standard_normal())))


def _p_notice(trial: Trial, paradigm: Paradigm, ears: Ears) -> float:
    if trial.kind == "identical" or trial.level is None:
        return 0.0
    heard = ears.heard(trial.condition, trial.level)
    return heard * (1 - ears.truth.lapse_rate / (1 - paradigm.guess_rate))
