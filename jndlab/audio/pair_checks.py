"""From the figures of a pair to what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jndlab.audio.level_faults import level_faults, speech_level_faults
from jndlab.audio.limits import LIMITS, PairLimits
from jndlab.audio.pair_figures import PairFigures, level_db
from jndlab.audio.pairs import Fault
from jndlab.audio.peak_faults import click_faults
from jndlab.audio.reading import Clip

RENDER = "Look how the two are rendered"


def check_likeness(
    baseline: Clip, compressed: Clip, figures: PairFigures, *, limits: PairLimits = LIMITS
) -> Iterator[Fault]:
    """Everything but the compression in which the two sounds of a pair differ.

    Both have equal rate, channels and length; ``figures`` are theirs.
    """
    if figures.difference_db <= -200:
        return  # the same samples
    found = list(_faults(baseline, compressed, figures, limits))
    yield from found
    if not found:
        yield from speech_level_faults(figures, limits)


def _faults(
    baseline: Clip, compressed: Clip, figures: PairFigures, limits: PairLimits
) -> Iterator[Fault]:
    if figures.correlation is not None and abs(figures.correlation) < limits.related:
        yield Fault(
            code="unrelated",
            severity="warning",
            message=f"has hardly anything in common with the baseline (correlation "
            f"{abs(figures.correlation):.2f}); delay and gain cannot be measured",
            remedy="Listen to both: is it the same utterance?",
            figure=abs(figures.correlation),
            limit=limits.related,
        )
    yield from _polarity(figures)
    yield from _delay(figures, baseline.rate_hz, limits)
    yield from level_faults(figures, limits)
    yield from _offset(figures, limits)
    yield from _silences(baseline, compressed, figures, limits)
    yield from _bandwidth(figures, limits)
    if not _is_displaced(figures, limits):
        yield from click_faults(compressed, figures, limits=limits)


def _is_displaced(figures: PairFigures, limits: PairLimits) -> bool:
    """Whether the difference is one of place or sign, of which single samples are a part."""
    if figures.delay_samples is None or (figures.correlation or 0.0) < 0:
        return True
    return abs(_certain_delay(figures, limits)) >= limits.delay_warning_samples


def _polarity(figures: PairFigures) -> Iterator[Fault]:
    if figures.delay_samples is not None and (figures.correlation or 0.0) < 0:
        yield Fault(
            code="polarity",
            severity="error",
            message="is upside down: its polarity is inverted against the baseline",
            remedy="Change its sign. While one switches between the two they would cancel.",
            figure=figures.correlation,
            limit=0.0,
        )


def _delay(figures: PairFigures, rate_hz: int, limits: PairLimits) -> Iterator[Fault]:
    delay, error = _certain_delay(figures, limits), figures.delay_error
    if not delay or error is None:
        return
    slack = max(0.02, limits.certainty * error)  # of a whole sample, as far as it is measured
    is_error = abs(delay) >= limits.delay_error_samples - slack
    if not is_error and abs(delay) < limits.delay_warning_samples:
        return
    word = "later" if delay > 0 else "earlier"
    yield Fault(
        code="delay",
        severity="error" if is_error else "warning",
        message=f"comes {abs(delay):.2f} samples ({abs(1000 * delay / rate_hz):.3g} ms) {word} "
        "than the baseline",
        remedy=f"{RENDER}: look-ahead, block length and resampling delay a sound. "
        "Shift it back before writing the file.",
        figure=delay,
        limit=limits.delay_error_samples if is_error else limits.delay_warning_samples,
        unit="samples",
    )


def _offset(figures: PairFigures, limits: PairLimits) -> Iterator[Fault]:
    certain = abs(figures.offset) > limits.certainty * figures.offset_error
    if certain and abs(figures.offset) > limits.offset_warning:
        yield Fault(
            code="offset",
            severity="warning",
            message=f"has a constant offset of {figures.offset:+.4f} of full scale against the "
            "baseline, which is heard as a thump when one switches",
            remedy="Subtract its mean, or look for a bias in the model's last layer.",
            figure=figures.offset,
            limit=limits.offset_warning,
            unit="of full scale",
        )


def _silences(
    baseline: Clip, compressed: Clip, figures: PairFigures, limits: PairLimits
) -> Iterator[Fault]:
    # By so much later everything comes, silence or not; a delay is a finding of its own.
    shift_ms = 1000 * _certain_delay(figures, limits) / baseline.rate_hz
    a, b = figures.baseline, figures.compressed
    for code, place, one, other, expected in (
        ("leading-silence", "begins", a.leading_ms, b.leading_ms, shift_ms),
        ("trailing-silence", "ends", a.trailing_ms, b.trailing_ms, -shift_ms),
    ):
        difference = other - one
        if min(abs(difference), abs(difference - expected)) <= limits.silence_warning_ms:
            continue
        first, last = (round(ms * baseline.rate_hz / 1000) for ms in sorted((one, other)))
        heard = (baseline if difference > 0 else compressed).samples
        heard = heard[::-1] if place == "ends" else heard
        if level_db(heard[first:last]) <= limits.audible_floor_db:
            continue
        yield Fault(
            code=code,
            severity="warning",
            message=f"{place} with {other:.1f} ms of silence, the baseline with {one:.1f} ms",
            remedy="Cut or pad both alike: where the sound sets in tells the two apart.",
            figure=difference,
            limit=limits.silence_warning_ms,
            unit="ms",
        )


def _certain_delay(figures: PairFigures, limits: PairLimits) -> float:
    """In samples; 0 if it may be chance."""
    delay, error = figures.delay_samples, figures.delay_error
    if delay is None or error is None or abs(delay) <= limits.certainty * error:
        return 0.0
    return delay


def _bandwidth(figures: PairFigures, limits: PairLimits) -> Iterator[Fault]:
    one, other = figures.baseline_hz, figures.compressed_hz
    if one is None or other is None or max(one, other) < limits.bandwidth_ratio * min(one, other):
        return
    yield Fault(
        code="bandwidth",
        severity="warning",
        message=f"reaches up to {other / 1000:.1f} kHz, the baseline up to {one / 1000:.1f} kHz",
        remedy=f"{RENDER}: was one of them resampled or low-passed?",
        figure=float(np.log2(other / one)),
        limit=float(np.log2(limits.bandwidth_ratio)),
        unit="octaves",
    )
