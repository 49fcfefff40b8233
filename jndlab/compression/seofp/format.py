"""Floating point with fewer fraction bits: three ways of rounding, on the bits themselves.

Single precision has 1 sign, 8 exponent and 23 fraction bits. Keeping ``bits`` of the fraction
leaves 1 + 8 + ``bits``; at 0 every number is zero or ±2^k: sign-exponent-only floating point
(SEOFP-NET; Lin, Yu, Hsu, Fu, Tsao and Kuo 2022; the rule of rounding is that of its predecessor
EOFP-QNN, Hsu, Lin, Fu, Tsao and Kuo 2018).

All three roundings work on magnitude and never change a sign, leave numbers alone that need no
rounding (so that rounding twice is rounding once), and keep the order of numbers. Beyond what the
papers say:

* zeros stay what they are, with their sign;
* denormal numbers (below 2^-126) have no leading one, so they keep the top ``bits`` bits of
  their fraction field; at 0 bits they become 0 or ±2^-126;
* what would be rounded beyond the largest finite number is cut off instead, so that no weight
  becomes infinite; infinities and NaN stay what they are.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.weights import Weight
from jndlab.errors import CompressionError

Rounding = Literal["nearest", "eofp", "chop"]
"""nearest: to the nearest number, ties away from zero, with carry into the exponent; eofp: as
published, the last kept bit becomes (itself OR the first dropped bit), and with no fraction bit
left the top fraction bit is added to the exponent; chop: dropped bits are cleared."""

ROUNDINGS: tuple[Rounding, ...] = get_args(Rounding)

FRACTION_BITS = 23
SIGN = np.uint32(0x8000_0000)
EXPONENT = np.uint32(0x7F80_0000)
FRACTION = np.uint32(0x007F_FFFF)

Bits = NDArray[np.uint32]


def round_fraction(values: Weight, bits: int, rounding: Rounding = "nearest") -> Weight:
    """The values with ``bits`` (0 to 23) fraction bits each, in single precision again.

    The relative error of numbers that are not denormal is at most 2^-(bits + 1) with nearest, and
    below 2^-bits with eofp and chop (eofp at 0 bits: as nearest).

    Raises CompressionError for bits outside 0 to 23 and for an unknown rounding.

    >>> round_fraction(np.array([1.3, 1.5, -0.9], dtype=np.float32), 0)
    array([ 1.,  2., -1.], dtype=float32)
    """
    _require(bits, rounding)
    dropped = FRACTION_BITS - bits
    pattern = bits_of(values)
    if not dropped:
        return values_of(pattern)
    magnitude = pattern & ~SIGN
    kept = ~np.uint32((1 << dropped) - 1)
    rounded = _rounded(magnitude, dropped, rounding) & kept
    # A carry out of the largest exponent reads as infinity or NaN: such numbers are cut off.
    rounded = np.where(rounded >= EXPONENT, magnitude & kept, rounded)
    rounded = np.where(magnitude >= EXPONENT, magnitude, rounded)
    return values_of(rounded | (pattern & SIGN))


def bits_of(values: Weight) -> Bits:
    """The bit patterns of single precision numbers, as a new array of the same shape."""
    return np.array(values, dtype=np.float32, order="C", copy=True).view(np.uint32)


def values_of(pattern: Bits) -> Weight:
    """The single precision numbers of bit patterns."""
    return np.ascontiguousarray(pattern, dtype=np.uint32).reshape(pattern.shape).view(np.float32)


def _rounded(magnitude: Bits, dropped: int, rounding: Rounding) -> Bits:
    """Magnitudes whose kept bits are rounded; the dropped bits are still to be cleared."""
    half = np.uint32(1 << (dropped - 1))
    if rounding == "chop":
        return magnitude
    if rounding == "nearest" or dropped == FRACTION_BITS:
        return magnitude + half  # carries where the first dropped bit is set
    return magnitude | ((magnitude & half) << np.uint32(1))


def _require(bits: int, rounding: str) -> None:
    if not 0 <= bits <= FRACTION_BITS or bits != int(bits):
        raise CompressionError(
            f"There are no {bits} fraction bits.",
            f"Single precision has {FRACTION_BITS}: keep 0 to {FRACTION_BITS} of them.",
        )
    if rounding not in ROUNDINGS:
        raise CompressionError(
            f"There is no rounding {rounding!r}.", f"Choose one of: {', '.join(ROUNDINGS)}."
        )
