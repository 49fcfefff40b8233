"""Loudness after Recommendation ITU-R BS.1770-4 (10/2015), annex 1.

K-weighting, mean power of blocks of 400 ms that overlap by 75 %, and two gates: -70 LUFS, and
10 LU below the mean of what passed the first. Mono is one channel, stereo two, each of weight 1.
The filters are given for 48 kHz only; for other rates their analogue prototypes are transformed
(B. De Man, "Evaluation of Implementations of the EBU R128 Loudness Measurement", Audio Engineering
Society, e-library 19790).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.audio.reading import Samples

BLOCK_SECONDS = 0.4
STEP_SECONDS = 0.1
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LUFS = -0.691
RINGING_SECONDS = 0.25
"""Silence added behind the sound: the high-pass has died away by then."""

SHELF_HZ, SHELF_DB, SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
HIGH_PASS_HZ, HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773


def loudness_lufs(samples: Samples, rate_hz: int) -> float | None:
    """Integrated loudness; None if no block passes the gates.

    ``samples`` of shape (n_frames, n_channels). A sound shorter than a block is one block.
    """
    powers = _block_powers(_weighted(samples, rate_hz), rate_hz)
    loud = powers[_lufs(powers) > ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return None
    gate = _lufs(loud.mean()) + RELATIVE_GATE_LU
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def _weighted(samples: Samples, rate_hz: int) -> Samples:
    """K-weighted, by way of the spectrum: both filters at once."""
    from scipy.fft import irfft, next_fast_len, rfft

    n_frames = len(samples)
    size = next_fast_len(n_frames + round(RINGING_SECONDS * rate_hz), real=True)
    spectrum = rfft(np.ascontiguousarray(samples.T), size) * _k_weighting(size, rate_hz)
    return np.asarray(irfft(spectrum, size)[:, :n_frames].T)


@lru_cache(maxsize=8)
def _k_weighting(size: int, rate_hz: int) -> NDArray[Any]:
    """Complex response at the frequencies of a spectrum over ``size`` samples."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response: NDArray[Any] = _shelf(z, rate_hz) * _high_pass(z, rate_hz)
    return response


def _block_powers(weighted: Samples, rate_hz: int) -> NDArray[np.float64]:
    block, step = round(BLOCK_SECONDS * rate_hz), round(STEP_SECONDS * rate_hz)
    power = np.concatenate([[0.0], np.cumsum(np.sum(weighted**2, axis=1))])
    if len(weighted) <= block:
        return np.array([power[-1] / max(len(weighted), 1)])
    starts = np.arange(0, len(weighted) - block + 1, step)
    return np.asarray((power[starts + block] - power[starts]) / block)


def _lufs(power: Any) -> Any:
    return OFFSET_LUFS + 10 * np.log10(np.maximum(power, 1e-20))


def _shelf(z: NDArray[Any], rate_hz: int) -> NDArray[Any]:
    """First stage: the head as a sphere. ``z`` is z to the power of -1 on the unit circle."""
    k = np.tan(np.pi * min(SHELF_HZ / rate_hz, 0.49))
    high = 10 ** (SHELF_DB / 20)
    band = high**0.4996667741545416
    top = (high + band * k / SHELF_Q + k**2, 2 * (k**2 - high), high - band * k / SHELF_Q + k**2)
    bottom = (1 + k / SHELF_Q + k**2, 2 * (k**2 - 1), 1 - k / SHELF_Q + k**2)
    return _ratio(top, bottom, z)


def _high_pass(z: NDArray[Any], rate_hz: int) -> NDArray[Any]:
    """Second stage: less bass. Its numerator is 1, -2, 1 at every rate, as in the standard."""
    k = np.tan(np.pi * HIGH_PASS_HZ / rate_hz)
    first = 1 + k / HIGH_PASS_Q + k**2
    bottom = (1.0, 2 * (k**2 - 1) / first, (1 - k / HIGH_PASS_Q + k**2) / first)
    return _ratio((1.0, -2.0, 1.0), bottom, z)


def _ratio(
    top: tuple[float, float, float], bottom: tuple[float, float, float], z: NDArray[Any]
) -> NDArray[Any]:
    ratio: NDArray[Any] = (top[0] + top[1] * z + top[2] * z**2) / (
        bottom[0] + bottom[1] * z + bottom[2] * z**2
    )
    return ratio
