"""The sound of one trial of a check: a pure function of the check, the right answer and a seed.

Sounds of one check have one length and one number of channels, whatever the right answer is.
"""

from __future__ import annotations

import secrets

from jndlab.audio.audibility_sounds import DEFAULT_SPEECH_DB, tone_interval
from jndlab.audio.channel_sounds import antiphase, huggins, interval_times, left_right
from jndlab.audio.tones import MAX_BEEPS, MIN_BEEPS, Samples, beeps
from jndlab.study.checks import ANSWERS, CheckKind, CheckRule

SPEECH_KINDS: tuple[CheckKind, ...] = ("noise", "bandwidth")
"""Checks whose sound is set against the level of the study's speech."""


def draw_answer(kind: CheckKind) -> str:
    """The right answer of a new trial, drawn from the system's own randomness.

    Trials are drawn independently, so that no answer can be told from those before it.
    """
    if kind == "sound":
        return str(MIN_BEEPS + secrets.randbelow(MAX_BEEPS - MIN_BEEPS + 1))
    return secrets.choice(ANSWERS[kind]) if ANSWERS[kind] else ""


def check_sound(
    rule: CheckRule, answer: str, seed: int, rate_hz: int, *, speech_db: float = DEFAULT_SPEECH_DB
) -> Samples:
    """Shape (n_frames, n_channels), full scale 1.0. ValueError for the level check: its sound is
    a clip of the study."""
    match rule.kind:
        case "sound":
            return beeps(int(answer), rate_hz)
        case "left-right":
            return left_right(answer, rate_hz)
        case "headphones-antiphase":
            return antiphase(int(answer), seed, rate_hz)
        case "headphones-huggins":
            return huggins(int(answer), seed, rate_hz)
        case "noise" | "bandwidth":
            return tone_interval(
                int(answer),
                rate_hz,
                frequency_hz=rule.frequency_hz,
                tone_db=rule.tone_db,
                speech_db=speech_db,
            )
    raise ValueError(f"no sound is made for a check of kind {rule.kind}")


def marked_intervals(kind: CheckKind) -> tuple[tuple[float, float], ...]:
    """Start and end in seconds of what the page marks while it plays; empty if nothing."""
    return tuple(interval_times()) if ANSWERS[kind] == ("1", "2", "3") else ()
