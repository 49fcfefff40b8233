"""What of a sound goes over full scale, and single samples that stand out of a pair."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jndlab.audio.limits import LIMITS, PairLimits
from jndlab.audio.pair_figures import ClipFigures, PairFigures
from jndlab.audio.pairs import FULL_SCALE, ROUNDING, Fault
from jndlab.audio.reading import Clip


def peak_faults(
    figures: ClipFigures, *, baseline: ClipFigures | None = None, limits: PairLimits = LIMITS
) -> Iterator[Fault]:
    """A peak between the samples of one sound; ``baseline`` to compare it with, if it has one."""
    peak = figures.true_peak_db
    if peak is None or peak <= limits.true_peak_warning_db:
        return
    other = baseline.true_peak_db if baseline is not None else None
    beside = "" if other is None else f", the baseline's at {other:+.1f}"
    yield Fault(
        code="true-peak",
        severity="warning",
        message=f"has its highest peak between the samples, at {peak:+.1f} dB re full "
        f"scale{beside}",
        remedy="Lower the level of all versions alike: converters and browsers clip what is above "
        "full scale.",
        figure=peak,
        limit=limits.true_peak_warning_db,
        unit="dB",
    )


def click_faults(
    compressed: Clip, figures: PairFigures, *, limits: PairLimits = LIMITS
) -> Iterator[Fault]:
    """One sample of the difference that stands out. At full scale it counts as clipped already."""
    click, place = figures.click, figures.click_place
    if click is None or place is None or click <= limits.click_warning:
        return
    around = np.abs(compressed.samples[max(place - 1, 0) : place + 2])
    if around.size and float(around.max()) >= FULL_SCALE - ROUNDING:
        return
    seconds = place / compressed.rate_hz
    yield Fault(
        code="click",
        severity="warning",
        message=f"has a single sample, at {seconds:.3f} s, that stands out of the difference to "
        f"the baseline by {click:.0f} times its surroundings",
        remedy="Look at that place in both files: was a sample clipped or lost, or a block cut "
        "there?",
        figure=click,
        limit=limits.click_warning,
    )
