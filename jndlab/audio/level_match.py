"""Versions brought to the level of their baseline by one factor each, where a study asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from jndlab.audio.loudness import loudness_lufs
from jndlab.audio.pair_figures import level_db
from jndlab.audio.reading import Clip, Samples
from jndlab.audio.speech_level import speech_level
from jndlab.study.definition import LevelMatch


def match_gains(how: LevelMatch, loaded: Sequence[Clip]) -> list[float]:
    """The gain in dB of each version of an item that gives it the level of the first, the baseline.

    ``how``: what a level is. 0 where it cannot be measured: in an empty or silent sound, or one
    whose samples are no numbers.
    """
    measure = _MEASURES.get(how)
    if measure is None:
        return [0.0] * len(loaded)
    levels = [_level(measure, clip) for clip in loaded]
    return [0.0 if level is None or levels[0] is None else levels[0] - level for level in levels]


def level_matched(how: LevelMatch, loaded: Sequence[Clip]) -> list[Clip]:
    """The versions of an item as they will be played: with their gains."""
    return [
        replace(clip, samples=clip.samples * 10 ** (gain / 20)) if gain else clip
        for clip, gain in zip(loaded, match_gains(how, loaded), strict=True)
    ]


def _level(measure: Callable[[Samples, int], float | None], clip: Clip) -> float | None:
    if not clip.n_frames or not np.isfinite(clip.samples).all():
        return None
    return measure(clip.samples, clip.rate_hz)


def _rms_db(samples: Samples, rate_hz: int) -> float | None:
    level = level_db(samples)
    return level if level > -120 else None  # silence has none


def _speech_db(samples: Samples, rate_hz: int) -> float | None:
    level = speech_level(samples, rate_hz)
    return None if level is None else level.active_db


_MEASURES: Mapping[str, Callable[[Samples, int], float | None]] = {
    "rms": _rms_db,
    "loudness": loudness_lufs,
    "speech": _speech_db,
}
