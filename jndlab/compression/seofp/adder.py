"""Multiplying by ±2^k with an integer addition, bit for bit equal to the float product.

For w = ±2^k the product only moves the exponent (the mechanism behind SEOFP-NET's integer adder;
Lin et al. 2022 do not print it)::

    bits(x · w) = bits(x) + (bits(w) − 0x3F800000)   mod 2^32

The weights are prepared once: :func:`addends` takes the bias off. The sum alone goes wrong for
zeros (0 · w would give a huge number), underflow, overflow, infinities and NaN; they are found by
their exponents and treated apart, in integer arithmetic too. The result then equals the single
precision product under round-to-nearest-even for **every** x, denormal numbers included, and every
w that is ±0 or ±2^k with −126 <= k <= 127; gradual underflow is rounded as the float unit rounds
it. Only of NaN one cannot say more than that it is NaN: sign and payload depend on the processor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.seofp.format import (
    EXPONENT,
    FRACTION,
    FRACTION_BITS,
    SIGN,
    Bits,
    bits_of,
    values_of,
)
from jndlab.compression.weights import Weight
from jndlab.errors import CompressionError

ONE = np.uint32(0x3F80_0000)
"""Bits of 1.0: the bias of the exponent."""

ZERO_FLAG = np.uint32(1)
"""In an addend: the weight is zero. Addends of ±2^k have no bit below the exponent."""

_NAN = np.uint32(0x7FC0_0000)
_LEADING_ONE = 1 << FRACTION_BITS
_INFINITE = 255


def addends(weights: Weight) -> Bits:
    """What to add to the bits of x instead of multiplying by the weights: same shape.

    Raises CompressionError for weights other than ±0 and ±2^k, −126 <= k <= 127.
    """
    pattern = bits_of(weights)
    exponent = pattern & EXPONENT
    is_zero = (pattern & ~SIGN) == 0
    is_power = ((pattern & FRACTION) == 0) & (exponent != 0) & (exponent != EXPONENT)
    if not (is_zero | is_power).all():
        raise CompressionError(
            "An integer addition multiplies by powers of two only, and there are other weights.",
            "Round the weights to 0 fraction bits first.",
        )
    return np.where(is_zero, (pattern & SIGN) | ZERO_FLAG, pattern - ONE)


def add_product(values: Weight, prepared: Bits) -> Weight:
    """values · weights, by addition; ``prepared`` are the :func:`addends`. Shapes broadcast."""
    pattern = np.asarray(values, dtype=np.float32).view(np.uint32)
    pattern, prepared = np.broadcast_arrays(pattern, prepared)
    total = np.asarray(pattern + prepared)
    ordinary = _is_ordinary(pattern, prepared)
    if not ordinary.all():
        apart = ~ordinary
        total[apart] = _special(pattern[apart], prepared[apart])
    return values_of(total)


def multiply_by_adding(values: Weight, weights: Weight) -> Weight:
    """values · weights for weights ±0 and ±2^k. Raises CompressionError for others.

    >>> multiply_by_adding(np.float32([0.3, -0.0, 5.0]), np.float32([-4.0, 2.0, 0.0]))
    array([-1.2, -0. ,  0. ], dtype=float32)
    """
    return add_product(values, addends(weights))


def _is_ordinary(pattern: Bits, prepared: Bits) -> NDArray[np.bool_]:
    """Whether the plain sum is the product: two normal numbers with a normal product."""
    field = _field(pattern)
    moved = field + _power(prepared)
    is_normal = (field > 0) & (field < _INFINITE) & ((prepared & ZERO_FLAG) == 0)
    return np.asarray(is_normal & (moved > 0) & (moved < _INFINITE))


def _special(pattern: Bits, prepared: Bits) -> Bits:
    """The product where the plain sum is not, from the fields of both numbers."""
    field, power = _field(pattern), _power(prepared)
    sign = (pattern ^ _sign_of(prepared)) & SIGN
    fraction = (pattern & FRACTION).astype(np.int64)
    is_zero = (prepared & ZERO_FLAG) != 0
    magnitude = _scaled(field, fraction, power)
    magnitude[is_zero] = 0
    result = sign | magnitude.astype(np.uint32)
    beyond = field == _INFINITE
    result[beyond] = (sign | EXPONENT)[beyond]
    result[beyond & (is_zero | (fraction != 0))] = _NAN
    return result


def _scaled(
    field: NDArray[np.int64], fraction: NDArray[np.int64], power: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Bits of (fraction, field) · 2^power without sign, for finite x: exact, or rounded once."""
    # As a whole number of units in the last place, with the exponent field that this place has.
    significand = np.where(field > 0, fraction + _LEADING_ONE, fraction)
    field = np.maximum(field, 1) + power
    # Denormal x has leading zeros: shift them out as far as the exponent allows.
    lead = FRACTION_BITS - _exponent_of(significand)
    left = np.clip(np.minimum(lead, field - 1), 0, None)
    significand, field = significand << left, field - left
    # Below the smallest exponent, bits are shifted out at the right: to nearest, ties to even.
    right = np.clip(1 - field, 0, FRACTION_BITS + 2)
    significand, field = _shifted_right(significand, right), field + right
    # A significand below the leading one is denormal and has field 0; rounding may carry into it.
    bits = ((np.maximum(field, 1) - 1) << FRACTION_BITS) + significand
    is_zero = significand == 0
    return np.where(is_zero, 0, np.minimum(bits, int(EXPONENT)))


def _shifted_right(numbers: NDArray[np.int64], by: NDArray[np.int64]) -> NDArray[np.int64]:
    quotient = numbers >> by
    remainder = numbers - (quotient << by)
    half = (np.int64(1) << by) >> 1
    up = (remainder > half) | ((remainder == half) & (by > 0) & (quotient % 2 == 1))
    return np.asarray(quotient + up)


def _exponent_of(significand: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of the highest bit that is set; 23 for zero, which needs no shift."""
    _, exponent = np.frexp(significand.astype(np.float64))  # exact: fewer than 53 bits
    return np.where(significand > 0, exponent - 1, FRACTION_BITS)


def _field(pattern: Bits) -> NDArray[np.int64]:
    return ((pattern & EXPONENT) >> np.uint32(FRACTION_BITS)).astype(np.int64)


def _power(prepared: Bits) -> NDArray[np.int64]:
    """k of an addend of ±2^k."""
    restored = (prepared & ~ZERO_FLAG) + ONE
    return ((restored & EXPONENT) >> np.uint32(FRACTION_BITS)).astype(np.int64) - 127


def _sign_of(prepared: Bits) -> Bits:
    return np.where((prepared & ZERO_FLAG) != 0, prepared, prepared + ONE) & SIGN
