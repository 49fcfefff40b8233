"""A sound brought forward or back by any number of samples, whole or not.

Whole samples are moved as they are. The rest is done by a sinc under a Kaiser window: the
band-limited interpolation of T. I. Laakso et al., "Splitting the unit delay", IEEE Signal
Processing Magazine 13 (1996) 30-60; the window is that of J. F. Kaiser, "Nonrecursive digital
filter design using the I0-sinh window function", IEEE ISCAS (1974) 20-23. It is within 1e-6 of the
ideal up to 0.98 of the Nyquist frequency. A spectrum turned as a whole would be exact beyond that,
but would put traces of every sound everywhere, into silences too; here nothing reaches further than
256 samples.
"""

from __future__ import annotations

import numpy as np

from jndlab.audio.reading import Samples

REACH = 256
"""Samples on either side."""
BETA = 12.0
"""Of the window: side lobes at -118 dB."""
SMALLEST = 1e-6
"""A part of a sample that is none: at the Nyquist frequency it changes a sound by -110 dB."""


def brought_forward(samples: Samples, delay: float, n_frames: int | None = None) -> Samples:
    """What ``samples`` were ``delay`` samples later; with a negative one it is put back.

    ``samples`` of shape (n_frames, n_channels). The result has ``n_frames`` frames, as many as
    before if left out; what it does not know is silence.
    """
    from scipy.signal import oaconvolve

    n_out = len(samples) if n_frames is None else n_frames
    whole = round(delay)
    fraction = delay - whole
    if abs(fraction) < SMALLEST:
        return _window(samples, whole, n_out)
    kernel = _kernel(fraction)[:, None]
    return _window(np.asarray(oaconvolve(samples, kernel, axes=0)), whole + REACH, n_out)


def known_frames(n_frames: int, delay: float) -> tuple[int, int]:
    """First and one past the last frame of the result that rest on frames of the sound."""
    whole = round(delay)
    exact = whole if abs(delay - whole) < SMALLEST else delay
    return int(np.ceil(-exact)), int(np.floor(n_frames - 1 - exact)) + 1


def _kernel(fraction: float) -> Samples:
    """Output frame n is the sum over k of kernel[k + REACH] · input[n - k]."""
    times = np.arange(-REACH, REACH + 1) + fraction
    window = np.i0(BETA * np.sqrt(np.maximum(1 - (times / (REACH + 1)) ** 2, 0.0)))
    kernel = np.sinc(times) * window
    return np.asarray(kernel / kernel.sum())  # a constant stays as it is


def _window(samples: Samples, start: int, n_frames: int) -> Samples:
    """The frames from ``start`` on, silence before the first and after the last."""
    cut = np.zeros((n_frames, samples.shape[1]))
    first, last = max(start, 0), min(start + n_frames, len(samples))
    if last > first:
        cut[first - start : last - start] = samples[first:last]
    return cut
