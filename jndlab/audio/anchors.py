"""Anchors of ratings: the baseline through a low-pass filter.

ITU-R BS.1534-3 (2015) asks of the low-range anchor, at a cut-off of 3.5 kHz: a ripple of 0.1 dB at
most up to the cut-off, 25 dB of attenuation at 4 kHz and 50 dB at 4.5 kHz. The filter here keeps
more than that at every cut-off: 60 dB from 500 Hz above it. It has linear phase and its delay is
taken away, so that an anchor can be switched to at any moment; its loudness is left as it comes.
"""

from __future__ import annotations

import numpy as np

from jndlab.audio.reading import Clip, Samples
from jndlab.errors import AudioError

ATTENUATION_DB = 60.0
"""In the stop band. The ripple in the pass band is as small, 0.009 dB."""
TRANSITION_HZ = 500.0
"""From the end of the pass band to the beginning of the stop band."""


def anchor_filter(cutoff_hz: float, rate_hz: int) -> Samples:
    """The impulse response: an odd number of taps, symmetric, with a sum of 1.

    By a Kaiser window: J. F. Kaiser (1974), *Proc. IEEE Int. Symp. Circuits Syst.*, 20-23.
    """
    from scipy.signal import firwin, kaiserord

    n_taps, beta = kaiserord(ATTENUATION_DB, TRANSITION_HZ / (rate_hz / 2))
    middle = cutoff_hz + TRANSITION_HZ / 2
    taps = firwin(n_taps | 1, middle, window=("kaiser", beta), fs=rate_hz)
    return np.asarray(taps, dtype=np.float64)


def low_passed(samples: Samples, rate_hz: int, cutoff_hz: float) -> Samples:
    """The sound below the cut-off: of the same shape (n_frames, n_channels), without delay."""
    from scipy.signal import oaconvolve

    taps = anchor_filter(cutoff_hz, rate_hz)
    whole = oaconvolve(samples, taps[:, np.newaxis], mode="full", axes=0)
    start = len(taps) // 2
    return np.asarray(whole[start : start + len(samples)], dtype=np.float64)


def require_anchors(anchors_hz: tuple[float, ...], baseline: Clip, *, item: str) -> None:
    """Raise AudioError for an anchor that would be the hidden reference once more."""
    for cutoff in anchors_hz:
        if 2 * cutoff >= baseline.rate_hz:
            raise AudioError(
                f"The baseline of {item} has a sample rate of {baseline.rate_hz} Hz: an anchor at "
                f"{cutoff:g} Hz would be the baseline itself.",
                "Use a lower cut-off frequency in anchors_hz, or sounds of a higher rate.",
            )
