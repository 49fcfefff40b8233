"""What is measured on the two sounds of a pair: figures for the gate and for the page of a pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jndlab.audio.alignment import align, jackknife_error
from jndlab.audio.bandwidth import compare_bandwidths
from jndlab.audio.clicks import find_click
from jndlab.audio.direction import difference_db
from jndlab.audio.limits import LIMITS, PairLimits
from jndlab.audio.loudness import loudness_lufs
from jndlab.audio.octaves import OctaveLevel, octave_levels
from jndlab.audio.reading import Clip, Samples
from jndlab.audio.speech_level import speech_level
from jndlab.audio.true_peak import true_peak_db

OFFSET_PARTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFigures:
    """Of one sound. What came later has a default, for records that were kept before."""

    level_db: float
    """Root mean square, dB re full scale."""
    peak_db: float
    loudness_lufs: float | None
    """After ITU-R BS.1770-4; None if it is all but silent."""
    leading_ms: float
    """Silence before the sound begins."""
    trailing_ms: float
    true_peak_db: float | None = None
    """After reconstruction (ITU-R BS.1770-4, annex 2), dB re full scale."""
    speech_level_db: float | None = None
    """Active speech level after ITU-T P.56, dB re full scale; None if it is all but silent."""
    activity: float | None = None
    """Share of the time in which the speech is active."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFigures:
    """Of a pair. None where it cannot be measured: too short, or nothing in common."""

    baseline: ClipFigures
    compressed: ClipFigures
    difference_db: float
    """Level of (compressed - baseline) re the baseline."""
    correlation: float | None
    delay_samples: float | None
    delay_error: float | None
    gain_db: float | None
    gain_error_db: float | None
    gain_share: float | None
    offset: float
    """Difference of the constant parts, of full scale."""
    offset_error: float
    baseline_hz: float | None
    """Up to where the baseline has anything to hear."""
    compressed_hz: float | None
    common_gain_db: float | None = None
    """The factor that all bands share."""
    common_gain_error_db: float | None = None
    click: float | None = None
    """How far one sample of the difference stands out of its surroundings."""
    click_place: int | None = None
    """The number of that sample."""
    octaves: tuple[OctaveLevel, ...] = ()
    """Levels of baseline and difference by octave."""

    @property
    def loudness_lu(self) -> float | None:
        """How much louder the compressed sound is."""
        one, other = self.baseline.loudness_lufs, self.compressed.loudness_lufs
        return None if one is None or other is None else other - one

    @property
    def speech_level_db(self) -> float | None:
        """How much higher the active speech level of the compressed sound is."""
        one, other = self.baseline.speech_level_db, self.compressed.speech_level_db
        return None if one is None or other is None else other - one


def measure_clip(samples: Samples, rate_hz: int, *, limits: PairLimits = LIMITS) -> ClipFigures:
    """``samples`` of shape (n_frames, n_channels), finite, at least one frame."""
    leading, trailing = _silence(samples, rate_hz, limits.silence_floor_db)
    speech = speech_level(samples, rate_hz)
    return ClipFigures(
        level_db=level_db(samples),
        peak_db=20 * float(np.log10(max(float(np.abs(samples).max()), 1e-10))),
        loudness_lufs=loudness_lufs(samples, rate_hz),
        leading_ms=leading,
        trailing_ms=trailing,
        true_peak_db=true_peak_db(samples),
        speech_level_db=speech.active_db if speech else None,
        activity=speech.activity if speech else None,
    )


def measure_pair(
    baseline: Clip,
    compressed: Clip,
    *,
    baseline_figures: ClipFigures | None = None,
    limits: PairLimits = LIMITS,
) -> PairFigures:
    """Both of equal rate, channels and length; ``baseline_figures`` if they are known already."""
    one, other, rate_hz = baseline.samples, compressed.samples, baseline.rate_hz
    alignment = align(one, other, rate_hz)
    if alignment is not None and abs(alignment.correlation) < limits.related:
        related = None  # what is aligned there is chance
    else:
        related = alignment
    widths = compare_bandwidths(one, other, rate_hz, drop_db=limits.bandwidth_drop_db)
    offset, offset_error = _offset(other - one)
    common = related.common_gain if related else None
    click = find_click(other - one)
    return PairFigures(
        baseline=baseline_figures or measure_clip(one, rate_hz, limits=limits),
        compressed=measure_clip(other, rate_hz, limits=limits),
        difference_db=difference_db(one, other),
        correlation=alignment.correlation if alignment else None,
        delay_samples=related.delay_samples if related else None,
        delay_error=related.delay_error if related else None,
        gain_db=related.gain_db if related else None,
        gain_error_db=related.gain_error_db if related else None,
        gain_share=related.gain_share if related else None,
        offset=offset,
        offset_error=offset_error,
        baseline_hz=widths.baseline_hz if widths else None,
        compressed_hz=widths.compressed_hz if widths else None,
        common_gain_db=common.db if common else None,
        common_gain_error_db=common.error_db if common else None,
        click=click.ratio if click else None,
        click_place=click.place if click else None,
        octaves=octave_levels(one, other, rate_hz),
    )


def level_db(samples: Samples) -> float:
    """Root mean square in dB re full scale; at least -200."""
    power = float(np.mean(samples**2)) if samples.size else 0.0
    return 10 * float(np.log10(max(power, 1e-20)))


def _silence(samples: Samples, rate_hz: int, floor_db: float) -> tuple[float, float]:
    """Milliseconds of silence before and after the sound; all of it counts as before."""
    heard = np.flatnonzero(np.abs(samples).max(axis=1) > 10 ** (floor_db / 20))
    if not heard.size:
        return 1000 * len(samples) / rate_hz, 0.0
    return 1000 * int(heard[0]) / rate_hz, 1000 * (len(samples) - 1 - int(heard[-1])) / rate_hz


def _offset(difference: Samples) -> tuple[float, float]:
    """Mean of the difference in the channel where it is largest, and its standard error."""
    means = difference.mean(axis=0)
    channel = difference[:, int(np.argmax(np.abs(means)))]
    if len(channel) < OFFSET_PARTS:
        return float(channel.mean()), float(np.abs(channel).max())  # no telling
    parts = np.array_split(channel, OFFSET_PARTS)
    total = float(channel.sum())
    rest = [(total - float(part.sum())) / (len(channel) - len(part)) for part in parts]
    return float(channel.mean()), jackknife_error(rest)
