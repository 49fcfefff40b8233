"""A single sample of a pair that stands out: one that was clipped, dropped, or flipped a bit.

The difference of the two sounds is looked at in short segments. Each spectrum is divided by its own
smoothed magnitude, which makes the compression's share of the difference white, and leaves a single
sample what it is: the one thing whose spectrum has all frequencies in one phase.

What lies before the first sample and behind the last is not known, and silence there would make an
edge of a sound that sets in at once. So a sample near an end counts by the lowest of three heights:
beside silence, beside the sound's image in time, and beside that image upside down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from jndlab.audio.reading import Samples

SEGMENT = 512
"""Samples. The ratio of a single sample and nothing else is its square root, 22.6."""
HOP = 256
"""The inner halves of the segments lie side by side."""
HALF_WIDTH = 4
"""Bins to either side over which a spectrum is smoothed."""
FLOOR = 1e-4
"""Root mean square that every segment is taken to have, of full scale: -80 dB. Below it lies the
rounding of 16 bits, whose single steps would stand out of digital silence."""
SEGMENTS_AT_ONCE = 256
MIN_STEP_RATIO = 0.4
"""Of the two steps beside a single sample, the smaller by the larger one."""
REFLECTIONS: tuple[Literal["even", "odd"], ...] = ("even", "odd")
OUTSTANDING = 6.0
"""Times the median bend near an end: a single sample that bends it more is not mirrored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """The sample that stands out most."""

    ratio: float
    """Its height in the whitened difference, as a multiple of the root mean square."""
    place: int
    """Its number."""


def find_click(difference: Samples) -> Click | None:
    """``difference`` of shape (n_frames, n_channels). None if it is shorter than a segment."""
    if len(difference) < SEGMENT:
        return None
    window = np.hanning(SEGMENT)
    floor = FLOOR**2 * float(np.sum(window**2))
    best = Click(ratio=0.0, place=0)
    for channel in difference.T:
        is_single = _single_samples(channel)
        longer = [
            sliding_window_view(one, SEGMENT)[::HOP] for one in _continued(channel, is_single)
        ]
        counted = sliding_window_view(np.pad(is_single, SEGMENT), SEGMENT)[::HOP]
        for first in range(0, len(counted), SEGMENTS_AT_ONCE):
            some = slice(first, first + SEGMENTS_AT_ONCE)
            heights = np.abs(_whitened(window * longer[0][some], floor))
            ends = np.flatnonzero((longer[0][some] != longer[1][some]).any(axis=1))
            for other in longer[1:]:
                again = np.abs(_whitened(window * other[some][ends], floor))
                heights[ends] = np.minimum(heights[ends], again)
            heights *= counted[some]
            inner = heights[:, SEGMENT // 4 : -SEGMENT // 4]
            row, column = divmod(int(np.argmax(inner)), inner.shape[1])
            ratio = float(inner[row, column])
            if ratio > best.ratio:
                place = (first + row) * HOP + column + SEGMENT // 4 - SEGMENT
                best = Click(ratio=ratio, place=place)
    return best


def _continued(
    channel: NDArray[np.float64], is_single: NDArray[np.bool_]
) -> Iterator[NDArray[np.float64]]:
    """The signal with a segment more at either end: silence, its image, its image upside down.

    The image lacks outstanding samples: a click near an end would have a twin that takes from its
    height.
    """
    yield np.pad(channel, SEGMENT)
    image = channel.copy()
    for end in (slice(0, SEGMENT + 2), slice(-SEGMENT - 2, None)):
        some = channel[end]
        middle = (some[:-2] + some[2:]) / 2
        bend = np.abs(some[1:-1] - middle)
        outstanding = is_single[end][1:-1] & (bend > OUTSTANDING * np.median(bend))
        image[end][1:-1][outstanding] = middle[outstanding]
    for turned in REFLECTIONS:
        longer = np.pad(image, SEGMENT, mode="reflect", reflect_type=turned)
        longer[SEGMENT:-SEGMENT] = channel
        yield longer


def _single_samples(channel: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which samples lie above both neighbours, or below both, by not too different steps.

    An edge, where a sound sets in or an offset begins, has its step on one side only.
    """
    steps = np.diff(channel)
    before, after = steps[:-1], -steps[1:]
    least = np.minimum(np.abs(before), np.abs(after))
    most = np.maximum(np.abs(before), np.abs(after))
    single = (before * after > 0) & (least >= MIN_STEP_RATIO * most)
    return np.pad(single, 1)


def _whitened(segments: NDArray[np.float64], floor: float) -> NDArray[np.float64]:
    from scipy.fft import irfft, rfft

    spectra = rfft(segments, axis=1)
    power = spectra.real**2 + spectra.imag**2
    width = 2 * HALF_WIDTH + 1
    around = np.pad(power, ((0, 0), (HALF_WIDTH + 1, HALF_WIDTH)), mode="edge")
    below = np.cumsum(around, axis=1)
    smooth = np.maximum(below[:, width:] - below[:, :-width], 0) / width + floor
    whitened = irfft(spectra / np.sqrt(smooth), SEGMENT, axis=1)
    return np.asarray(whitened * np.sqrt(SEGMENT))
