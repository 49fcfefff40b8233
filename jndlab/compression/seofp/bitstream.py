"""Words of any width packed into bytes without gaps, and back, by array operations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDEST = 32
_BLOCK = 1 << 16
"""Words at a time, a multiple of 8: bounds the memory, and every block ends on a whole byte."""

Words = NDArray[np.uint32]


def packed_size(n_words: int, width: int) -> int:
    """Bytes that so many words take."""
    return -(-n_words * width // 8)


def pack_words(words: Words, width: int) -> bytes:
    """The low ``width`` bits (1 to 32) of each word, most significant first, words in order.

    The last byte is filled up with zeros.

    >>> pack_words(np.array([0b101, 0b011], dtype=np.uint32), 3).hex()
    'ac'
    """
    _require(width)
    flat = words.reshape(-1)
    shifts = np.arange(width - 1, -1, -1, dtype=np.uint32)
    parts = []
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK, np.newaxis]
        parts.append(np.packbits(((block >> shifts) & np.uint32(1)).astype(np.uint8)).tobytes())
    return b"".join(parts)


def unpack_words(content: bytes | memoryview, n_words: int, width: int) -> Words:
    """The words again. Raises ValueError if the content is not as long as they take."""
    _require(width)
    if len(content) != packed_size(n_words, width):
        raise ValueError(f"{len(content)} bytes are not {n_words} words of {width} bits")
    raw = np.frombuffer(content, dtype=np.uint8)
    shifts = np.arange(width - 1, -1, -1, dtype=np.uint32)
    words = np.empty(n_words, dtype=np.uint32)
    for start in range(0, n_words, _BLOCK):
        stop = min(start + _BLOCK, n_words)
        first = start * width // 8
        part = raw[first : first + packed_size(stop - start, width)]
        bits = np.unpackbits(part, count=(stop - start) * width).reshape(-1, width)
        words[start:stop] = (bits.astype(np.uint32) << shifts).sum(axis=1, dtype=np.uint32)
    return words


def _require(width: int) -> None:
    if not 1 <= width <= WIDEST:
        raise ValueError(f"words have 1 to {WIDEST} bits, not {width}")
