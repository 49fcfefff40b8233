"""The exponent stage: published code lengths, files as large as counted, and back bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from jndlab.compression.seofp.bitstream import pack_words, packed_size, unpack_words
from jndlab.compression.seofp.exponents import PowerRange, bits_per_weight, range_of, storage_of
from jndlab.compression.seofp.format import ROUNDINGS, bits_of
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.seofp.packing import header, pack, packed_bytes, unpack
from jndlab.errors import CompressionError

LEVELS = (23, 7, 1, 0, -0.585, -1, -1.322, -3)

tensors = st.dictionaries(
    st.text(min_size=1, max_size=8),
    arrays(
        np.float32,
        array_shapes(max_dims=3, max_side=6),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
    min_size=1,
    max_size=3,
)


def assert_same_bits(one, other):
    assert list(one) == list(other)
    for name, tensor in one.items():
        assert tensor.shape == other[name].shape
        assert np.array_equal(bits_of(tensor), bits_of(other[name]))


@given(
    st.integers(1, 32).flatmap(
        lambda width: st.tuples(
            st.just(width), st.lists(st.integers(0, 2**width - 1), min_size=1, max_size=70)
        )
    )
)
def test_words_of_any_width_come_back(case):
    width, words = case
    packed = pack_words(np.array(words, dtype=np.uint32), width)
    assert len(packed) == packed_size(len(words), width)
    assert int.from_bytes(packed) >> (-len(words) * width % 8) == int(
        "".join(f"{word:0{width}b}" for word in words), 2
    )
    assert unpack_words(packed, len(words), width).tolist() == words


def test_words_come_back_over_the_ends_of_blocks():
    words = np.random.default_rng(0).integers(0, 2**6, (1 << 17) + 3, dtype=np.uint32)
    packed = pack_words(words, 6)
    assert len(packed) == packed_size(words.size, 6)
    assert np.array_equal(unpack_words(packed, words.size, 6), words)


def test_words_must_be_as_long_as_promised():
    with pytest.raises(ValueError, match="3 bytes are not 9 words of 3 bits"):
        unpack_words(b"abc", 9, 3)


@pytest.mark.parametrize(
    ("lowest", "highest", "bits"),
    [(-23, 0, 5), (-26, 10, 6), (0, 0, 1), (-2, 0, 2), (-3, 0, 3), (-126, 127, 8)],
)
def test_code_length_is_the_published_formula(lowest, highest, bits):
    assert PowerRange(lowest, highest).code_bits == bits
    assert bits == int(np.ceil(np.log2((highest - lowest + 1) + 1)))


@given(tensors, st.sampled_from(LEVELS), st.sampled_from(ROUNDINGS))
@settings(max_examples=150)
def test_a_packed_model_comes_back_bit_for_bit(weights, level, rounding):
    number_format = NumberFormat.at(level)
    rounded = number_format.round_all(weights, rounding)
    content = pack(rounded, number_format)
    again, read = unpack(content)
    assert read == number_format
    assert_same_bits(again, rounded)
    assert len(content) == packed_bytes(rounded, number_format)


@pytest.mark.parametrize("level", LEVELS)
def test_the_file_is_as_large_as_the_accounting_says(level):
    rng = np.random.default_rng(3)
    weights = {
        "matrix": rng.normal(0, 0.1, (257, 131)).astype(np.float32),
        "bias": np.zeros(131, dtype=np.float32),
    }
    number_format = NumberFormat.at(level)
    rounded = number_format.round_all(weights)
    storage = storage_of(rounded, number_format)
    each = bits_per_weight(range_of(rounded, number_format), number_format)
    assert storage.bits == each * (257 * 131 + 131)
    assert f"{each} bits per weight" in storage.rule
    n_bytes = len(pack(rounded, number_format)) - len(header(rounded, number_format))
    assert n_bytes == storage.n_bytes == -(-storage.bits // 8)


def test_one_range_holds_for_the_whole_model():
    weights = {
        "small": np.float32([2.0**-23, 0.0]),
        "large": np.float32([-1.0, 0.5, 0.25]),
    }
    number_format = NumberFormat.at(0)
    assert range_of(weights, number_format) == PowerRange(-23, 0)
    assert storage_of(weights, number_format).bits == 5 * 6


def test_a_model_of_zeros_has_its_signs_left():
    weights = {"w": np.array([0.0, -0.0, 0.0], dtype=np.float32)}
    number_format = NumberFormat.at(0)
    assert range_of(weights, number_format) is None
    assert storage_of(weights, number_format).bits == 3
    assert_same_bits(unpack(pack(weights, number_format))[0], weights)


def test_weights_that_are_not_rounded_are_refused():
    with pytest.raises(CompressionError, match="'w' are not rounded"):
        pack({"w": np.float32([1.5])}, NumberFormat.at(0))


@pytest.mark.parametrize("damage", ["cut", "longer", "magic", "dimensions", "empty", "name"])
def test_damaged_files_are_refused(damage):
    number_format = NumberFormat.at(0)
    weights = number_format.round_all({"w": np.linspace(-1, 1, 30, dtype=np.float32)})
    content = pack(weights, number_format)
    place = content.index(b"w")
    broken = {
        "cut": content[:-1],
        "longer": content + b"\0",
        "magic": b"X" + content[1:],
        "dimensions": content[: place + 2] + b"\xff\xff\xff\xff" + content[place + 6 :],
        "empty": b"",
        "name": content[:place] + b"\xff" + content[place + 1 :],
    }[damage]
    with pytest.raises(CompressionError, match="damaged"):
        unpack(broken)
