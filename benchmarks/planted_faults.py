"""Faults for benchmarks of the pair gate: each spoils the compressed sound of a clean pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import soxr
from speech_like import Signal

LEAD_SECONDS = 0.002
AUDIBLE_DB = -50.0
"""Root mean square over 2 ms from which on a sound counts as having set in, re full scale."""


@dataclass(frozen=True)
class Pair:
    """A baseline, its compressed version, and a compressed version of another item."""

    baseline: Signal
    compressed: Signal
    other: Signal
    rate_hz: int
    kind: str
    distance_db: float


Plant = Callable[[Pair, np.random.Generator], Pair]


@dataclass(frozen=True)
class Fault:
    """How it is planted, and which finding it must bring."""

    plant: Plant
    codes: frozenset[str]
    from_db: float = 0.0
    """Defined only in pairs so far apart: it is small beside a larger difference."""


def delay(samples: int | None, pair: Pair, rng: np.random.Generator) -> Pair:
    """Silence before the sound, which loses its end; None: any number from 2 to 399."""
    count = int(rng.integers(2, 400)) if samples is None else samples
    late = np.concatenate([np.zeros(count), pair.compressed])
    return replace(pair, compressed=late[: len(pair.compressed)])


def two_milliseconds(pair: Pair, rng: np.random.Generator) -> Pair:
    """The same with 2 ms of silence."""
    return delay(round(LEAD_SECONDS * pair.rate_hz), pair, rng)


def half_a_sample(pair: Pair, rng: np.random.Generator) -> Pair:
    """Later by half a sample, by the phases of its spectrum."""
    padded = np.pad(pair.compressed, 64)
    turns = np.exp(-1j * np.pi * np.fft.rfftfreq(len(padded)))
    moved = np.fft.irfft(np.fft.rfft(padded) * turns, len(padded))
    return replace(pair, compressed=moved[64:-64])


def gain(decibels: float, pair: Pair, rng: np.random.Generator) -> Pair:
    """One factor over the whole sound."""
    return replace(pair, compressed=pair.compressed * 10 ** (decibels / 20))


def inverted(pair: Pair, rng: np.random.Generator) -> Pair:
    """Upside down."""
    return replace(pair, compressed=-pair.compressed)


def late_onset(pair: Pair, rng: np.random.Generator) -> Pair:
    """Both silent up to where the baseline is heard, and the compressed one 2 ms longer."""
    length = round(LEAD_SECONDS * pair.rate_hz)
    power = np.convolve(pair.baseline**2, np.ones(length) / length, "valid")
    start = int(np.argmax(power > 10 ** (AUDIBLE_DB / 10)))
    one, other = pair.baseline.copy(), pair.compressed.copy()
    one[:start] = 0
    other[: start + length] = 0
    return replace(pair, baseline=one, compressed=other)


def low_passed(pair: Pair, rng: np.random.Generator) -> Pair:
    """Resampled to 0.4 to 0.75 of its rate and back."""
    rate_hz = pair.rate_hz * rng.uniform(0.4, 0.75)
    narrow = soxr.resample(pair.compressed, pair.rate_hz, rate_hz, quality="VHQ")
    back = soxr.resample(narrow, rate_hz, pair.rate_hz, quality="VHQ")
    n_frames = len(pair.compressed)
    return replace(pair, compressed=np.pad(back, (0, n_frames))[:n_frames])


def clipped(loudest: bool, pair: Pair, rng: np.random.Generator) -> Pair:
    """One sample at full scale, the loudest or any."""
    changed = pair.compressed.copy()
    place = int(np.argmax(np.abs(changed)) if loudest else rng.integers(len(changed)))
    changed[place] = 1.0 if changed[place] >= 0 else -1.0
    return replace(pair, compressed=changed)


def jump(pair: Pair, rng: np.random.Generator) -> Pair:
    """One sample off by a quarter of full scale, towards zero."""
    changed = pair.compressed.copy()
    place = int(rng.integers(64, len(changed) - 64))
    changed[place] += -0.25 if changed[place] >= 0 else 0.25
    return replace(pair, compressed=changed)


def offset(pair: Pair, rng: np.random.Generator) -> Pair:
    """A constant part."""
    return replace(pair, compressed=pair.compressed + 0.003)


def swapped(pair: Pair, rng: np.random.Generator) -> Pair:
    """The compressed version of another item, at the same length."""
    n_frames = len(pair.baseline)
    return replace(pair, compressed=np.pad(pair.other, (0, n_frames))[:n_frames])


FAULTS = {
    "delay of 1 sample": Fault(partial(delay, 1), frozenset({"delay"})),
    "delay of 2 to 399 samples": Fault(partial(delay, None), frozenset({"delay"})),
    "delay of 400 samples": Fault(partial(delay, 400), frozenset({"delay"})),
    "delay of half a sample": Fault(half_a_sample, frozenset({"delay"})),
    "0.2 dB louder": Fault(partial(gain, 0.2), frozenset({"gain"}), from_db=24.0),
    "0.2 dB softer": Fault(partial(gain, -0.2), frozenset({"gain"}), from_db=24.0),
    "inverted": Fault(inverted, frozenset({"polarity"})),
    "2 ms of silence put before": Fault(two_milliseconds, frozenset({"delay"})),
    "sets in 2 ms later": Fault(late_onset, frozenset({"leading-silence"})),
    "low-passed": Fault(low_passed, frozenset({"bandwidth"})),
    "loudest sample at full scale": Fault(partial(clipped, True), frozenset({"clipped"})),
    "any one sample at full scale": Fault(partial(clipped, False), frozenset({"clipped"})),
    "one sample off by 0.25": Fault(jump, frozenset({"click"})),
    "constant part of 0.003": Fault(offset, frozenset({"offset"})),
    "swapped items": Fault(swapped, frozenset({"unrelated"})),
}
