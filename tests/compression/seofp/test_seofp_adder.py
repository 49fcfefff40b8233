"""Products by integer addition: bit for bit those of the float unit, on 2^20 and every edge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndlab.compression.seofp.adder import addends, multiply_by_adding
from jndlab.compression.seofp.format import bits_of, round_fraction, values_of
from jndlab.errors import CompressionError

DENORMAL_EDGES = (0, 1, 2, 3, 0x3FFFFF, 0x400000, 0x400001, 0x7FFFFE, 0x7FFFFF)
NORMAL_EDGES = (0x800000, 0x800001, 0xFFFFFF, 0x1000001, 0x3F7FFFFF, 0x3F800000, 0x3F800001)
LARGE_EDGES = (0x3FC00000, 0x3FFFFFFF, 0x7F000000, 0x7F7FFFFF)
NOT_FINITE = (0x7F800000, 0x7F800001, 0x7FC00000, 0x7FFFFFFF)
EDGES = np.array(DENORMAL_EDGES + NORMAL_EDGES + LARGE_EDGES + NOT_FINITE, dtype=np.uint32)
POWERS = np.ldexp(np.float32(1), np.arange(-126, 128)).astype(np.float32)
WEIGHTS = np.concatenate((POWERS, -POWERS, np.array([0.0, -0.0], dtype=np.float32)))


def assert_equal_products(values, weights):
    with np.errstate(all="ignore"):
        wanted = values * weights
    found = multiply_by_adding(values, weights)
    is_nan = np.isnan(wanted)
    assert np.array_equal(np.isnan(found), is_nan)
    assert np.array_equal(bits_of(found)[~is_nan], bits_of(wanted)[~is_nan])


def test_two_to_the_twenty_products_of_every_kind():
    rng = np.random.default_rng(0)
    n = 1 << 20
    pattern = rng.integers(0, 2**32, n, dtype=np.uint32)
    signs = rng.choice(np.array([0, 0x80000000], dtype=np.uint32), n // 4)
    pattern[: n // 4] = rng.choice(EDGES, n // 4) | signs
    pattern[n // 4 : n // 2] &= np.uint32(0x80FFFFFF)  # denormal and just above
    values, weights = values_of(pattern), rng.choice(WEIGHTS, n)
    with np.errstate(all="ignore"):
        products = values * weights
    # The sample has what it is meant to have.
    magnitude = np.abs(products)
    for kind in (magnitude == 0, np.isinf(products), np.isnan(products)):
        assert kind.sum() > 1000
    assert ((magnitude > 0) & (magnitude < 2.0**-126)).sum() > 1000
    assert_equal_products(values, weights)


def test_two_to_the_twenty_products_of_ordinary_signals_and_weights():
    rng = np.random.default_rng(1)
    weights = round_fraction(rng.normal(0, 0.1, 1 << 20).astype(np.float32), 0)
    values = np.maximum(rng.standard_normal(1 << 20), 0).astype(np.float32)  # after a ReLU
    assert (values == 0).mean() > 0.4
    assert_equal_products(values, weights)


def test_every_edge_with_every_weight():
    values = values_of(np.concatenate((EDGES, EDGES | np.uint32(0x80000000))))
    assert_equal_products(*(part.ravel() for part in np.meshgrid(values, WEIGHTS)))


@given(st.integers(0, 2**32 - 1), st.integers(-126, 127), st.booleans())
def test_any_number_with_any_power_of_two(pattern, power, negative):
    weight = np.float32((-1.0 if negative else 1.0) * 2.0**power)
    assert_equal_products(values_of(np.array([pattern], dtype=np.uint32)), np.array([weight]))


def test_denormal_results_are_rounded_to_even():
    values = values_of(np.array([0x00800001, 0x00800003, 0x00800002], dtype=np.uint32))
    halves = multiply_by_adding(values, np.full(3, 0.5, dtype=np.float32))
    assert bits_of(halves).tolist() == [0x00400000, 0x00400002, 0x00400001]


def test_shapes_broadcast():
    values = np.random.default_rng(2).standard_normal((5, 1, 3)).astype(np.float32)
    weights = np.array([[1.0, -2.0, 0.25], [0.5, 0.0, -8.0]], dtype=np.float32)
    assert multiply_by_adding(values, weights).shape == (5, 2, 3)
    assert_equal_products(values, weights)
    assert multiply_by_adding(np.float32(3), np.float32(-2)) == -6


def test_addends_are_what_the_formula_says():
    weights = np.array([1.0, 2.0, -1.0, 0.5, 0.0, -0.0], dtype=np.float32)
    assert [hex(one) for one in addends(weights)] == [
        "0x0",
        "0x800000",
        "0x80000000",
        "0xff800000",
        "0x1",
        "0x80000001",
    ]


@pytest.mark.parametrize("weight", [1.5, 3.0, 1e-40, float("inf"), float("nan"), 2.0**-127])
def test_other_weights_are_refused(weight):
    with pytest.raises(CompressionError, match="powers of two only"):
        addends(np.array([1.0, weight], dtype=np.float32))
