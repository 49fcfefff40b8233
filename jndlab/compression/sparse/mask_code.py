"""Which weights are zero, in nearly as few bits as their entropy: an enumerative code.

The mask is cut into blocks of 64. A block with k kept weights is one of C(64, k) patterns, and is
stored as k and its number among them (Cover 1973; in blocks: Raman, Raman & Rao 2007). That number
takes ceil(log2 C(64, k)) bits; k takes the bits of a Huffman code made for the tensor. So the
length of the code follows from the number of kept weights per block alone, and can be stated to the
bit without coding anything. Where zeros come in rows and columns, it falls below the entropy.

In the file: first and last k that occur (a byte each); if they differ, the length of the Huffman
code of each k from first to last (6 bits each; 0: does not occur) and the code of each block's k;
then the numbers of all blocks; zeros up to a whole byte. The last block is filled up with zeros.
"""

from __future__ import annotations

import heapq
import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.sparse.bit_stream import Bits, bits_of, bytes_of, unpacked, values_of

BLOCK = 64
_LENGTH_BITS = 6
_HEAD = 2

_PATTERNS = np.array(
    [[math.comb(n, k) for k in range(BLOCK + 1)] for n in range(BLOCK + 1)], dtype=np.uint64
)
"""C(n, k): the largest, C(64, 32), has 61 bits."""
_RANK_BITS = np.array([(math.comb(BLOCK, k) - 1).bit_length() for k in range(BLOCK + 1)])

Mask = NDArray[np.bool_]
"""True where a weight is kept. Of the shape of its tensor."""


def coded_size(kept: Mask) -> int:
    """Bytes that :func:`encode` gives, from the number of kept weights per block."""
    counts = _blocks(kept).sum(axis=1, dtype=np.int64)
    if not counts.size:
        return _HEAD
    lengths = _code_lengths(counts)
    per_count = np.bincount(counts, minlength=BLOCK + 1)
    table = _LENGTH_BITS * _span(counts) if lengths.any() else 0
    return _HEAD + -(-(table + int(per_count @ (lengths + _RANK_BITS))) // 8)


def encode(kept: Mask) -> bytes:
    """The mask as bytes; its number of weights is to be kept elsewhere."""
    blocks = _blocks(kept)
    counts = blocks.sum(axis=1, dtype=np.int64)
    if not counts.size:
        return bytes(_HEAD)
    first, last = int(counts.min()), int(counts.max())
    lengths = _code_lengths(counts)
    parts = [bits_of(_ranks(blocks), _RANK_BITS[counts])]
    if lengths.any():
        codes = _canonical_codes(lengths)
        parts.insert(0, bits_of(codes[counts], lengths[counts]))
        parts.insert(0, bits_of(lengths[first : last + 1], _LENGTH_BITS))
    return bytes([first, last]) + bytes_of(np.concatenate(parts))


def decode(content: bytes, n_weights: int) -> Mask:
    """The mask of shape (n_weights,). Raises ValueError for bytes that no mask gives."""
    n_blocks = -(-n_weights // BLOCK)
    if len(content) < _HEAD or not content[0] <= content[1] <= BLOCK:
        raise ValueError("no code of a mask")
    first, last = content[0], content[1]
    bits = unpacked(content[_HEAD:], 8 * (len(content) - _HEAD))
    counts = np.full(n_blocks, first, dtype=np.int64)
    at = 0
    if first < last:
        at = _LENGTH_BITS * (last + 1 - first)
        if at > bits.size:
            raise ValueError("the code of a mask ends early")
        lengths = np.zeros(BLOCK + 1, dtype=np.int64)
        lengths[first : last + 1] = values_of(bits[:at], np.full(last + 1 - first, _LENGTH_BITS))
        counts, at = _read_counts(bits, at, lengths, n_blocks)
    rank_bits = _RANK_BITS[counts]
    end = at + int(rank_bits.sum())
    if end > bits.size:
        raise ValueError("the code of a mask ends early")
    return _patterns(values_of(bits[at:end], rank_bits), counts).ravel()[:n_weights]


def _blocks(kept: Mask) -> Mask:
    """Blocks in rows, the last one filled up with False."""
    flat = kept.ravel()
    missing = -flat.size % BLOCK
    if missing:
        flat = np.concatenate([flat, np.zeros(missing, dtype=np.bool_)])
    return flat.reshape(-1, BLOCK)


def _span(counts: NDArray[np.int64]) -> int:
    return int(counts.max()) - int(counts.min()) + 1


def _ranks(blocks: Mask) -> NDArray[np.uint64]:
    """Number of each pattern among those with as many ones: sum of C(place, order of the one)."""
    order = np.cumsum(blocks, axis=1, dtype=np.int64)
    shares = _PATTERNS[np.arange(BLOCK), order]
    return np.asarray(np.where(blocks, shares, np.uint64(0)).sum(axis=1, dtype=np.uint64))


def _patterns(ranks: NDArray[np.uint64], counts: NDArray[np.int64]) -> Mask:
    """The inverse of :func:`_ranks`, from the last place to the first."""
    left, rest = counts.copy(), ranks.copy()
    blocks = np.zeros((counts.size, BLOCK), dtype=np.bool_)
    for place in range(BLOCK - 1, -1, -1):
        share = _PATTERNS[place, left]
        found = rest >= share
        blocks[:, place] = found
        rest -= np.where(found, share, np.uint64(0))
        left -= found
    if rest.any() or left.any():
        raise ValueError("a block's number is none of its patterns")
    return blocks


def _code_lengths(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Length of the Huffman code of every k (Huffman 1952); 0 where k does not occur, or alone."""
    often = np.bincount(counts, minlength=BLOCK + 1)
    # Equal frequencies are merged in the order of their smallest k: one code for one mask.
    heap = [(int(often[k]), int(k), [int(k)]) for k in np.flatnonzero(often)]
    heapq.heapify(heap)
    lengths = np.zeros(BLOCK + 1, dtype=np.int64)
    while len(heap) > 1:
        rare, common = heapq.heappop(heap), heapq.heappop(heap)
        members = rare[2] + common[2]
        lengths[members] += 1
        heapq.heappush(heap, (rare[0] + common[0], min(rare[1], common[1]), members))
    return lengths


def _canonical_codes(lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The codes that follow from their lengths alone: shorter first, then by k."""
    order = sorted(int(k) for k in np.flatnonzero(lengths))
    order.sort(key=lambda k: int(lengths[k]))
    codes = np.zeros(BLOCK + 1, dtype=np.uint64)
    code = 0
    for before, k in pairwise(order):
        code = (code + 1) << int(lengths[k] - lengths[before])
        codes[k] = code
    return codes


def _read_counts(
    bits: Bits, at: int, lengths: NDArray[np.int64], n_blocks: int
) -> tuple[NDArray[np.int64], int]:
    """Every block's k, and where the next bit is. One by one: a code's end shows only in it."""
    codes = _canonical_codes(lengths)
    symbols = {(int(lengths[k]), int(codes[k])): int(k) for k in np.flatnonzero(lengths)}
    longest = int(lengths.max())
    stream = bits.tolist()
    counts = []
    for _ in range(n_blocks):
        length = code = 0
        while (length, code) not in symbols:
            if at == len(stream) or length == longest:
                raise ValueError("the code of a mask is damaged")
            code = 2 * code + stream[at]
            length, at = length + 1, at + 1
        counts.append(symbols[length, code])
    return np.array(counts, dtype=np.int64), at
