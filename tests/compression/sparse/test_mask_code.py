"""The enumerative code of masks: exact length, exact return, near the entropy."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.compression.sparse.accounting import entropy
from jndlab.compression.sparse.bit_stream import (
    bits_of,
    bytes_of,
    index_bits,
    unpacked,
    values_of,
)
from jndlab.compression.sparse.mask_code import coded_size, decode, encode


def test_an_index_takes_the_bits_that_its_values_need() -> None:
    expected = {1: 0, 2: 1, 3: 2, 4: 2, 8: 3, 9: 4, 12: 4, 16: 4, 17: 5, 256: 8}
    assert {n: index_bits(n) for n in expected} == expected


def test_values_of_unequal_length_come_back_from_one_stream() -> None:
    values = np.array([5, 0, 2**64 - 1, 0, 1, 2**63 + 1], dtype=np.uint64)
    lengths = np.array([3, 0, 64, 2, 1, 64])
    bits = bits_of(values, lengths)
    assert bits.size == lengths.sum()
    assert bits[:3].tolist() == [1, 0, 1]
    assert values_of(bits, lengths).tolist() == values.tolist()
    assert np.array_equal(unpacked(bytes_of(bits), bits.size), bits)
    with pytest.raises(ValueError, match="9 bits wanted of 1 bytes"):
        unpacked(b"\0", 9)


@pytest.mark.parametrize("share", [0.0, 0.003, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("n_weights", [1, 63, 64, 65, 5000])
def test_a_mask_comes_back_and_takes_what_was_stated(share: float, n_weights: int) -> None:
    kept = np.random.default_rng(7).random(n_weights) < share
    content = encode(kept)
    assert len(content) == coded_size(kept)
    assert np.array_equal(decode(content, n_weights), kept)


@pytest.mark.parametrize("sparsity", [0.5, 0.8, 0.9, 0.95])
def test_independent_zeros_take_within_four_per_cent_of_their_entropy(sparsity: float) -> None:
    kept = np.random.default_rng(1).random(200_000) >= sparsity
    ideal = kept.size * entropy(1 - np.count_nonzero(kept) / kept.size) / 8
    assert ideal < len(encode(kept)) < 1.04 * ideal


def test_zeros_in_rows_take_far_less_than_the_entropy_of_independent_ones() -> None:
    kept = np.ones((256, 128), dtype=np.bool_)
    kept[::2] = False
    assert coded_size(kept) < 0.04 * kept.size / 8


def test_blocks_of_one_kind_take_no_bits_at_all() -> None:
    assert encode(np.zeros(6400, dtype=np.bool_)) == bytes([0, 0])
    assert encode(np.ones(6400, dtype=np.bool_)) == bytes([64, 64])


@pytest.mark.parametrize(
    "content",
    [b"", b"\5", b"\5\4", b"\0\x41", b"\0\1", encode(np.arange(640) % 7 > 3)[:-4]],
    ids=["nothing", "half a head", "falling", "too many", "no codes", "cut off"],
)
def test_bytes_that_are_no_mask_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"mask|bits wanted|patterns"):
        decode(content, 640)
