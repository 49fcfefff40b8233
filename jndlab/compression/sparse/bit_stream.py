"""Whole numbers of unequal numbers of bits, one behind the other: highest bit first."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bits = NDArray[np.uint8]
"""Zeros and ones of shape (n_bits,)."""


def index_bits(n_values: int) -> int:
    """Bits of an index into so many values: ceil(log2 n). None are needed for one value."""
    return max(n_values - 1, 0).bit_length()


def bits_of(values: ArrayLike, lengths: ArrayLike) -> Bits:
    """Each value in its own number of bits (0 to 64): shape (sum of the lengths,)."""
    numbers = np.asarray(values, dtype=np.uint64)
    n_bits = np.broadcast_to(np.asarray(lengths, dtype=np.int64), numbers.shape)
    shifts = _shifts(n_bits).astype(np.uint64)
    return ((np.repeat(numbers, n_bits) >> shifts) & np.uint64(1)).astype(np.uint8)


def values_of(bits: Bits, lengths: ArrayLike) -> NDArray[np.uint64]:
    """The inverse of :func:`bits_of`. There must be as many bits as the lengths sum up to."""
    n_bits = np.asarray(lengths, dtype=np.int64)
    parts = bits.astype(np.uint64) << _shifts(n_bits).astype(np.uint64)
    # Differences of a running sum: it may wrap at 2^64, and then they do, too.
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(parts, dtype=np.uint64)])
    ends = np.cumsum(n_bits)
    return np.asarray(sums[ends] - sums[ends - n_bits], dtype=np.uint64)


def bytes_of(bits: Bits) -> bytes:
    """Filled up with zeros to whole bytes."""
    return np.packbits(bits).tobytes()


def unpacked(content: bytes, n_bits: int) -> Bits:
    """The first bits of some bytes. Raises ValueError if there are not as many."""
    if n_bits > 8 * len(content):
        raise ValueError(f"{n_bits} bits wanted of {len(content)} bytes")
    return np.unpackbits(np.frombuffer(content, dtype=np.uint8), count=n_bits)


def _shifts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each bit of the stream, how far it is from the lowest bit of its value."""
    ends = np.repeat(np.cumsum(lengths), lengths)
    return np.asarray(ends - 1 - np.arange(ends.size), dtype=np.int64)
