"""24-bit PCM WAV, written byte by byte the same way everywhere.

Browsers scale 16-bit samples differently from one another but agree on 24 bits, so every
clip leaves the server in this form: one 44-byte header, nothing else that could differ
between two clips of equal length.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 44
FULL_SCALE = 1 << 23

Integers = NDArray[np.int32]


def quantise(samples: NDArray[np.float64]) -> Integers:
    """Samples (full scale 1.0) rounded to 24-bit integers of the same shape."""
    scaled = np.rint(samples * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int32)


def encode_wav(integers: Integers, rate_hz: int) -> bytes:
    """24-bit integers of shape (n_frames, n_channels) -> the bytes of a WAV file."""
    n_channels = integers.shape[1]
    data = np.ascontiguousarray(integers, dtype="<i4").view(np.uint8).reshape(-1, 4)[:, :3]
    block = 3 * n_channels
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        HEADER_BYTES - 8 + data.size,
        b"WAVE",
        b"fmt ",
        16,
        1,
        n_channels,
        rate_hz,
        rate_hz * block,
        block,
        24,
        b"data",
        data.size,
    )
    return header + data.tobytes()


def decode_wav(wav: bytes) -> Integers:
    """The integers that :func:`encode_wav` wrote, shape (n_frames, n_channels)."""
    (n_channels,) = struct.unpack_from("<H", wav, 22)
    data = np.frombuffer(wav, dtype=np.uint8, offset=HEADER_BYTES).reshape(-1, 3)
    wide = np.zeros((data.shape[0], 4), dtype=np.uint8)
    wide[:, 1:] = data  # the sign sits in the top byte; an arithmetic shift brings it down
    integers: Integers = wide.view("<i4").reshape(-1, n_channels) >> 8
    return integers


def wav_rate(wav: bytes) -> int:
    """Sample rate in the header that :func:`encode_wav` wrote."""
    (rate_hz,) = struct.unpack_from("<I", wav, 24)
    return int(rate_hz)


def freshen(wav: bytes, seed: int) -> bytes:
    """The same clip with noise of at most one unit in the 24th bit, fixed by ``seed``.

    In an ABX trial X is a copy of A or of B; without this, comparing checksums of what was
    downloaded would tell which. The noise lies at -140 dB re full scale, below the noise of
    any converter.
    """
    integers = decode_wav(wav)
    noise = np.random.default_rng(seed).integers(-1, 2, size=integers.shape, dtype=np.int32)
    return encode_wav(np.clip(integers + noise, -FULL_SCALE, FULL_SCALE - 1), wav_rate(wav))
