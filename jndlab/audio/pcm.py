"""WAV files, written byte by byte the same way everywhere: 24-bit PCM, and 32-bit float.

Browsers scale 16-bit samples differently from one another but agree on 24 bits, so every
clip leaves the server in this form: one 44-byte header, nothing else that could differ
between two clips of equal length. Float is for sounds on the way there: it cannot clip.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 44
FULL_SCALE = 1 << 23
_PCM, _FLOAT = 1, 3

Integers = NDArray[np.int32]


def quantise(samples: NDArray[np.float64]) -> Integers:
    """Samples (full scale 1.0) rounded to 24-bit integers of the same shape."""
    scaled = np.rint(samples * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int32)


def encode_wav(integers: Integers, rate_hz: int) -> bytes:
    """24-bit integers of shape (n_frames, n_channels) -> the bytes of a WAV file."""
    data = np.ascontiguousarray(integers, dtype="<i4").view(np.uint8).reshape(-1, 4)[:, :3]
    return _header(_PCM, 3, integers.shape[1], rate_hz, data.size) + data.tobytes()


def encode_float_wav(samples: NDArray[np.float64], rate_hz: int) -> bytes:
    """Samples of shape (n_frames, n_channels) -> the bytes of a WAV file in single precision."""
    data = np.ascontiguousarray(samples, dtype="<f4")
    return _header(_FLOAT, 4, samples.shape[1], rate_hz, data.nbytes) + data.tobytes()


def _header(kind: int, width: int, n_channels: int, rate_hz: int, n_bytes: int) -> bytes:
    block = width * n_channels
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        HEADER_BYTES - 8 + n_bytes,
        b"WAVE",
        b"fmt ",
        16,
        kind,
        n_channels,
        rate_hz,
        rate_hz * block,
        block,
        8 * width,
        b"data",
        n_bytes,
    )


def decode_wav(wav: bytes) -> Integers:
    """The integers that :func:`encode_wav` wrote, shape (n_frames, n_channels)."""
    data = np.frombuffer(wav, dtype=np.uint8, offset=HEADER_BYTES).reshape(-1, 3)
    wide = np.zeros((data.shape[0], 4), dtype=np.uint8)
    wide[:, 1:] = data  # the sign sits in the top byte; an arithmetic shift brings it down
    integers: Integers = wide.view("<i4").reshape(-1, _channels(wav)) >> 8
    return integers


def _channels(wav: bytes) -> int:
    (n_channels,) = struct.unpack_from("<H", wav, 22)
    return int(n_channels)


def wav_rate(wav: bytes) -> int:
    """Sample rate in the header that :func:`encode_wav` wrote."""
    (rate_hz,) = struct.unpack_from("<I", wav, 24)
    return int(rate_hz)


def freshen(wav: bytes, seed: int) -> bytes:
    """The same clip with noise of at most one unit in the 24th bit, fixed by ``seed``.

    In an ABX trial X is a copy of A or of B; without this, comparing checksums of what was
    downloaded would tell which. The noise lies at -140 dB re full scale, below the noise of
    any converter. It is added, and carried into the higher bytes: setting the last bit alone
    would leave copies that are equal again as soon as somebody cuts them to 16 bits. Each sample
    is treated alike, so that the time it takes tells nothing of what is in the clip.
    """
    fresh = bytearray(wav)
    n = (len(fresh) - HEADER_BYTES) // 3
    if not n:
        return wav
    low = np.ndarray(n, np.uint8, fresh, HEADER_BYTES, (3,))
    high = np.ndarray(n, "<i2", fresh, HEADER_BYTES + 1, (3,))
    steps = _steps(n, seed)
    whole = high.copy()
    if whole.max() == 32767 or whole.min() == -32768:  # no rendered clip comes near
        integers = decode_wav(wav) + steps.view(np.int8).reshape(-1, _channels(wav))
        return encode_wav(np.clip(integers, -FULL_SCALE, FULL_SCALE - 1), wav_rate(wav))
    sums = low + steps  # in the arithmetic of single bytes: -1 is 255
    low[:] = sums
    whole += (sums == 0) & (steps == 1)
    whole -= ((sums == 255) & (steps == 255)).view(np.int8)
    high[:] = whole
    return bytes(fresh)


def _steps(n: int, seed: int) -> NDArray[np.uint8]:
    """Noise of -1, 0 or +1 for ``n`` samples, in the arithmetic of single bytes."""
    drawn = np.frombuffer(np.random.default_rng(seed).bytes((n + 1) // 2), dtype=np.uint8)
    steps: NDArray[np.uint8] = _TWO_STEPS[drawn].view(np.uint8)[:n]
    return steps


_OF_FOUR_BITS = np.array([255] * 5 + [0] * 6 + [1] * 5, dtype=np.uint8)
_TWO_STEPS = _OF_FOUR_BITS[np.array([[b >> 4, b & 15] for b in range(256)])].view("<u2")[:, 0]
"""A random byte gives the noise of two samples: drawing one by one took most of the time."""
