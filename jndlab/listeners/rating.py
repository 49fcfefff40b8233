"""Simulated preferences and ratings: a latent quality of each sound, plus noise.

Preference: the sound with the higher quality plus noise is preferred, so that A is preferred to B
in Φ((quality A − quality B) / (√2 noise)) of trials: Thurstone's (1927) case V.
Categories: quality, noise and the listener's own offset are laid on the scale from its lowest to
its highest number and rounded. Comparisons (CCR) lay the difference of two qualities on it.
Sliders: likewise, to the scale's steps; the sound that seems best is taken for the reference and
gets the highest number, as the instructions of MUSHRA and BS.1116 ask.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from jndlab.listeners.answer import Answer
from jndlab.listeners.ears import Ears
from jndlab.listeners.truth import Truth
from jndlab.study.paradigms import Paradigm
from jndlab.study.paradigms.paradigm import Scale
from jndlab.study.trials import Trial

_MARGIN = 4.0
"""People are surer towards the ends of a scale: margin by distance from the middle."""


def prefer(trial: Trial, paradigm: Paradigm, ears: Ears, rng: np.random.Generator) -> Answer:
    """Which sound is preferred: responses are in the order of the intervals."""
    noise = ears.truth.quality_noise
    seems = [
        ears.quality(interval.condition, interval.level) + noise * float(rng.standard_normal())
        for interval in trial.intervals
    ]
    second, best = sorted(seems)[-2:]
    value = paradigm.responses[seems.index(best)]
    return Answer(value, (best - second) / (math.sqrt(2.0) * noise))


def rate(
    trial: Trial, paradigm: Paradigm, ears: Ears, rng: np.random.Generator, *, offset: float
) -> Answer:
    """The rating of a trial, or of each of its rated intervals; ``offset`` is the listener's."""
    noise = ears.truth.quality_noise
    seems = [
        ears.quality(interval.condition, interval.level) + noise * float(rng.standard_normal())
        for interval in trial.intervals
        if interval.label not in paradigm.unrated
    ]
    if paradigm.scale is not None:
        shares = [share + offset for share in seems]
        shares[shares.index(max(shares))] = 1.0
        value = ";".join(_on_scale(share, paradigm.scale) for share in shares)
        return Answer(value, float(np.mean([_MARGIN * abs(share - 0.5) for share in shares])))
    numbers = categories(paradigm)
    share = (1 + seems[-1] - seems[0]) / 2 if compares(paradigm) else seems[-1] + offset
    latent = numbers[0] + (numbers[-1] - numbers[0]) * share
    number = min(numbers, key=lambda number: abs(number - latent))
    return Answer(_response(paradigm, number), _MARGIN * abs(share - 0.5))


def categories(paradigm: Paradigm) -> list[float]:
    """The numbers of a scale of categories, rising."""
    return sorted(float(response) for response in paradigm.responses)


def compares(paradigm: Paradigm) -> bool:
    """Whether the categories say how much better the second sound is than the first."""
    return paradigm.scale is None and categories(paradigm)[0] < 0


def expected_rating(paradigm: Paradigm, truth: Truth, quality: float) -> float:
    """Mean rating of a sound of that quality, over trials and listeners.

    In a comparison: of that sound against the baseline. With sliders: less the rule that the best
    one gets the highest number, which matters for the reference and what is as good.
    """
    if paradigm.scale is not None:
        scale = paradigm.scale
        numbers = list(np.arange(scale.lowest, scale.highest + scale.step / 2, scale.step))
    else:
        numbers = categories(paradigm)
    if compares(paradigm):
        share, spread = (1 + quality - 1) / 2, truth.quality_noise * math.sqrt(2.0) / 2
    else:
        share, spread = quality, math.hypot(truth.quality_noise, truth.quality_offset)
    latent = numbers[0] + (numbers[-1] - numbers[0]) * share
    borders = (np.asarray(numbers[1:]) + np.asarray(numbers[:-1])) / 2
    below = ndtr((borders - latent) / ((numbers[-1] - numbers[0]) * spread))
    chances = np.diff(np.concatenate([[0.0], below, [1.0]]))
    return float(chances @ np.asarray(numbers))


def _response(paradigm: Paradigm, number: float) -> str:
    return next(response for response in paradigm.responses if float(response) == number)


def _on_scale(share: float, scale: Scale) -> str:
    steps = round((scale.highest - scale.lowest) * min(max(share, 0.0), 1.0) / scale.step)
    return f"{scale.lowest + steps * scale.step:.12g}"
