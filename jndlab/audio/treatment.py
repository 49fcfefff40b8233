"""What is done to one sound so that it fits its baseline, as numbers, and the doing of it.

Every step is linear and is done once, from the source: a sound is never shifted twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jndlab.audio.fractional_delay import brought_forward, known_frames
from jndlab.audio.reading import Samples

FADE_MS = 5.0
"""At an end that was cut into the sound: the length of the player's own ramps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Of one version of an item, against its baseline."""

    delay_samples: float = 0.0
    """The sound came so much later, and is brought forward by it."""
    gain_db: float = 0.0
    """Applied to the sound."""
    inverted: bool = False
    """Whether its polarity is turned."""
    offset: tuple[float, ...] = ()
    """Taken off each channel, after the gain. Empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Which frames of the baseline's time axis are kept, in all versions of an item alike."""

    first: int
    last: int
    """One past the last."""
    fade_in: bool = False
    fade_out: bool = False


NOTHING = Treatment()


def treated(samples: Samples, treatment: Treatment, n_frames: int) -> Samples:
    """The sound on the baseline's time axis: ``n_frames`` frames, silence where it has none.

    ``samples`` of shape (n_frames of its own, n_channels).
    """
    moved = brought_forward(samples, treatment.delay_samples, n_frames)
    factor = 10 ** (treatment.gain_db / 20) * (-1 if treatment.inverted else 1)
    moved = moved * factor if factor != 1 else moved
    if not treatment.offset:
        return moved
    first, last = known(len(samples), treatment, n_frames)
    moved[first:last] -= np.array(treatment.offset)
    return moved


def known(n_source: int, treatment: Treatment, n_frames: int) -> tuple[int, int]:
    """First and one past the last frame on the baseline's axis that the sound has an idea of."""
    first, last = known_frames(n_source, treatment.delay_samples)
    return min(max(first, 0), n_frames), max(min(last, n_frames), 0)


def with_ends(samples: Samples, ends: Ends, rate_hz: int) -> Samples:
    """The frames that are kept, faded where they were cut (raised cosine)."""
    kept = samples[ends.first : ends.last].copy()
    length = min(round(FADE_MS * rate_hz / 1000), len(kept) // 4)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / max(length, 1)))[:, None]
    if ends.fade_in:
        kept[:length] *= ramp
    if ends.fade_out and length:
        kept[-length:] *= ramp[::-1]
    return kept
