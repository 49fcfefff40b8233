"""Fewer fraction bits: exact bit patterns, order, error bounds, noise on Gaussian weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jndlab.compression.seofp.axis import signal_to_error_db
from jndlab.compression.seofp.format import ROUNDINGS, bits_of, round_fraction, values_of
from jndlab.errors import CompressionError

LARGEST = np.finfo(np.float32).max
SMALLEST_NORMAL = np.float32(2.0**-126)

any_pattern = arrays(np.uint32, st.integers(1, 40), elements=st.integers(0, 2**32 - 1))
any_finite = arrays(
    np.float32,
    st.integers(2, 40),
    elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
)
roundings = st.sampled_from(ROUNDINGS)
bit_counts = st.integers(0, 23)


def numbers(*values):
    return np.array(values, dtype=np.float32)


def test_nearest_rounds_away_at_ties_and_carries():
    values = numbers(1.0, 1.125, 1.375, 1.874, 1.875, -1.99)
    assert round_fraction(values, 2).tolist() == [1.0, 1.25, 1.5, 1.75, 2.0, -2.0]
    values = numbers(1.0, 1.499, 1.5, 0.75, -3.1, 0.0)
    assert round_fraction(values, 0).tolist() == [1.0, 1.0, 2.0, 1.0, -4.0, 0.0]


def test_published_rule_rounds_up_only_where_the_last_kept_bit_is_zero():
    # 1.f with two bits kept; the first dropped bit is 2^-3.
    values = numbers(1.125, 1.375, 1.625, 1.875, 1.249, 1.24)
    assert round_fraction(values, 2, "eofp").tolist() == [1.25, 1.25, 1.75, 1.75, 1.25, 1.25]
    assert round_fraction(numbers(1.124, 1.12), 2, "eofp").tolist() == [1.0, 1.0]


def test_published_rule_adds_the_top_fraction_bit_to_the_exponent_at_the_end():
    values = numbers(1.0, 1.499, 1.5, 1.99, -0.76, 0.0)
    assert round_fraction(values, 0, "eofp").tolist() == [1.0, 1.0, 2.0, 2.0, -1.0, 0.0]


def test_chop_clears_bits():
    assert round_fraction(numbers(1.99, -1.99, 3.9), 0, "chop").tolist() == [1.0, -1.0, 2.0]
    assert round_fraction(numbers(1.99, -1.99), 1, "chop").tolist() == [1.5, -1.5]


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_what_is_too_large_to_round_up_is_cut_off(rounding):
    assert round_fraction(numbers(LARGEST, -LARGEST), 0, rounding).tolist() == [
        2.0**127,
        -(2.0**127),
    ]
    assert np.isfinite(round_fraction(numbers(LARGEST), 5, rounding)).all()


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_infinities_and_nan_stay(rounding):
    rounded = round_fraction(
        values_of(np.array([0x7F800000, 0xFF800000, 0x7F800001], np.uint32)), 3, rounding
    )
    assert bits_of(rounded).tolist() == [0x7F800000, 0xFF800000, 0x7F800001]


def test_denormal_numbers_round_to_the_grid_of_their_fraction_field():
    below, half = values_of(np.array([0x003FFFFF, 0x00400000], dtype=np.uint32))
    assert round_fraction(numbers(below, half, -half), 0).tolist() == [
        0.0,
        float(SMALLEST_NORMAL),
        -float(SMALLEST_NORMAL),
    ]
    assert bits_of(round_fraction(numbers(half), 1)).tolist() == [0x00400000]


def test_signs_of_zeros_stay():
    assert bits_of(round_fraction(numbers(0.0, -0.0), 0)).tolist() == [0, 0x80000000]


def test_shapes_stay_and_the_input_is_left_alone():
    values = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    before = values.copy()
    assert round_fraction(values.T, 1).shape == (4, 3)
    assert round_fraction(np.float32(1.3), 1).shape == ()
    assert round_fraction(values[:0], 1).shape == (0, 4)
    round_fraction(values, 23)[:] = 7
    assert np.array_equal(values, before)


@given(any_pattern, bit_counts, roundings)
def test_rounding_twice_is_rounding_once_whatever_the_bits(pattern, bits, rounding):
    once = round_fraction(values_of(pattern), bits, rounding)
    assert np.array_equal(bits_of(round_fraction(once, bits, rounding)), bits_of(once))


@given(any_finite, bit_counts, roundings)
def test_order_is_kept(values, bits, rounding):
    rounded = round_fraction(np.sort(values), bits, rounding)
    assert (rounded[1:] >= rounded[:-1]).all()


@given(any_finite, bit_counts, roundings)
def test_relative_error_is_bounded(values, bits, rounding):
    values = values[(np.abs(values) >= SMALLEST_NORMAL) & (np.abs(values) < 2.0**126)]
    exact = values.astype(np.float64)
    error = np.abs(round_fraction(values, bits, rounding).astype(np.float64) - exact)
    if rounding == "nearest" or (rounding == "eofp" and bits == 0):
        assert (error <= np.abs(exact) * 2.0 ** -(bits + 1)).all()
    else:
        assert (error < np.abs(exact) * 2.0**-bits).all()


@given(any_finite, st.integers(0, 22), roundings)
def test_dropped_bits_are_cleared(values, bits, rounding):
    dropped = np.uint32((1 << (23 - bits)) - 1)
    assert not (bits_of(round_fraction(values, bits, rounding)) & dropped).any()


@given(any_finite, bit_counts)
@settings(max_examples=50)
def test_nearest_is_the_nearest(values, bits):
    """No other number of so few bits lies nearer: neither the one below nor the one above."""
    exact = values.astype(np.float64)
    chosen = round_fraction(values, bits).astype(np.float64)
    below = round_fraction(values, bits, "chop").astype(np.float64)
    above = np.copysign(np.abs(below) + _spacing(np.abs(below), bits), exact)
    fits = np.abs(above) <= LARGEST
    assert (np.abs(chosen - exact) <= np.abs(below - exact)).all()
    assert (np.abs(chosen - exact) <= np.abs(above - exact))[fits].all()


def _spacing(magnitudes, bits):
    exponents = np.maximum(np.frexp(magnitudes)[1] - 1, -126)
    return np.ldexp(1.0, np.where(magnitudes == 0, -126, exponents) - bits)


NOISE_DB = {
    "nearest": (85.7, 49.6, 37.6, 31.6, 25.6, 19.7, 14.2),
    "eofp": (81.8, 45.7, 33.9, 28.2, 22.7, 17.7, 14.2),
    "chop": (79.7, 43.6, 31.7, 25.9, 20.2, 14.8, 10.0),
}
"""Signal-to-error ratio of Gaussian weights at 12, 6, 4, 3, 2, 1, 0 fraction bits."""


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_noise_on_gaussian_weights_falls_by_6_db_a_bit(rounding):
    weights = {"w": np.random.default_rng(0).standard_normal(500_000).astype(np.float32)}
    found = [
        signal_to_error_db(weights, {"w": round_fraction(weights["w"], bits, rounding)})
        for bits in (12, 6, 4, 3, 2, 1, 0)
    ]
    assert found == pytest.approx(NOISE_DB[rounding], abs=0.1)
    assert (found[0] - found[1]) / 6 == pytest.approx(6.02, abs=0.03)


@pytest.mark.parametrize("bits", [-1, 24, 2.5])
def test_impossible_bits_are_refused(bits):
    with pytest.raises(CompressionError, match="fraction bits"):
        round_fraction(numbers(1.0), bits)


def test_unknown_rounding_is_refused():
    with pytest.raises(CompressionError, match="no rounding 'up'"):
        round_fraction(numbers(1.0), 3, "up")
