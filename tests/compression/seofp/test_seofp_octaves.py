"""Below zero bits: the same as zero bits at a step of one octave, and coarser from there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jndlab.compression.seofp.format import ROUNDINGS, bits_of, round_fraction, values_of
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.seofp.octaves import grid, level_of, round_octaves, step_of
from jndlab.errors import CompressionError

patterns = arrays(np.uint32, st.integers(1, 40), elements=st.integers(0, 2**32 - 1))
finite = arrays(
    np.float32,
    st.integers(2, 40),
    elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
)
steps = st.integers(100, 800)
roundings = st.sampled_from(ROUNDINGS)


@given(patterns, roundings)
def test_a_step_of_one_octave_is_zero_bits_bit_for_bit(pattern, rounding):
    values = values_of(pattern)
    assert np.array_equal(
        bits_of(round_octaves(values, 100, rounding)), bits_of(round_fraction(values, 0, rounding))
    )


@given(patterns, steps, roundings)
def test_rounding_twice_is_rounding_once(pattern, step, rounding):
    once = round_octaves(values_of(pattern), step, rounding)
    assert np.array_equal(bits_of(round_octaves(once, step, rounding)), bits_of(once))


@given(finite, steps, roundings)
def test_order_and_signs_are_kept(values, step, rounding):
    values = np.sort(values)
    rounded = round_octaves(values, step, rounding)
    assert (rounded[1:] >= rounded[:-1]).all()
    assert np.array_equal(np.signbit(rounded), np.signbit(values))


@given(finite, steps)
def test_nearest_of_the_grid_is_taken(values, step):
    magnitudes = np.abs(values.astype(np.float64))
    chosen = np.abs(round_octaves(values, step).astype(np.float64))
    distances = np.abs(magnitudes[:, None] - grid(step).astype(np.float64))
    assert np.array_equal(np.abs(chosen - magnitudes), distances.min(axis=1))


def test_boundaries_lie_at_the_mean_of_neighbours():
    values = np.array([2.49, 2.5, 9.99, 10.0], dtype=np.float32)
    assert round_octaves(values, 200).tolist() == [1.0, 4.0, 4.0, 16.0]
    assert round_octaves(values, 200, "chop").tolist() == [1.0, 1.0, 4.0, 4.0]


def test_one_is_on_every_grid_and_grids_are_geometric():
    for step in (100, 150, 250, 333, 800):
        numbers = grid(step)[1:].astype(np.float64)
        assert 1.0 in numbers
        assert np.diff(np.log2(numbers)) == pytest.approx(step / 100, abs=1e-6)
        assert numbers[0] >= 2.0**-126
        assert np.isfinite(numbers[-1])


def test_noise_grows_with_the_step():
    weights = np.random.default_rng(0).standard_normal(100_000).astype(np.float32)
    errors = [
        float(np.mean((round_octaves(weights, step) - weights) ** 2))
        for step in (100, 150, 200, 250, 300)
    ]
    assert errors == sorted(errors)
    assert errors[0] < 0.5 * errors[1]


@pytest.mark.parametrize(
    ("level", "step"), [(0, 100), (-0.585, 150), (-np.log2(1.5), 150), (-1, 200), (-1.322, 250)]
)
def test_levels_are_steps(level, step):
    assert step_of(level) == step
    assert NumberFormat.at(level).step == step
    assert level_of(step / 100) == pytest.approx(level, abs=5e-4)


@pytest.mark.parametrize("level", [23.5, 24, -3.1, 2.5, 0.3, float("nan"), float("inf")])
def test_impossible_levels_are_refused(level):
    with pytest.raises(CompressionError) as caught:
        NumberFormat.at(level)
    assert caught.value.remedy


def test_only_whole_octaves_multiply_by_adding():
    adds = {level: NumberFormat.at(level).adds for level in (1, 0, -0.585, -1, -1.322, -2)}
    assert adds == {1: False, 0: True, -0.585: False, -1: True, -1.322: False, -2: True}


def test_steps_below_an_octave_are_refused():
    with pytest.raises(CompressionError, match="out of range"):
        grid(99)
