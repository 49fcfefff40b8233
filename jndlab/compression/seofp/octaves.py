"""Below zero fraction bits: powers of two in steps of more than one octave.

With 0 fraction bits neighbouring numbers are one octave apart. A listening test needs levels at
which everybody hears the difference, so the axis goes on with steps of 1.5, 2, 2.5 … octaves:
the numbers are zero and ±2^(k · step), k whole. *Effective fraction bits* are −log2(step), one
continuous scale through 0; this continuation is jndlab's own and not of the papers.

Rounding goes to the nearest number in the *value* domain, ties away from zero: the boundary lies
at the arithmetic mean of two neighbours. So a step of 1 octave is bit for bit the same as 0
fraction bits rounded to nearest or by the published rule (whose boundary is 1.5 · 2^k, not √2 ·
2^k), and chopping at a step of 1 octave is chopping to 0 bits.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.seofp.format import Rounding
from jndlab.compression.weights import Weight
from jndlab.errors import CompressionError

HUNDREDTHS = 100
"""Steps are whole hundredths of an octave: -0.585 effective bits mean 1.5 octaves, not 1.50004."""

LARGEST_STEP = 8.0
_LOWEST, _HIGHEST = -126, 127


def step_of(level: float) -> int:
    """Step in hundredths of an octave at so many effective fraction bits (0 or fewer).

    >>> [step_of(level) for level in (0, -0.585, -1, -1.322)]
    [100, 150, 200, 250]
    """
    return round(HUNDREDTHS * float(2.0**-level))


def level_of(step: float) -> float:
    """Effective fraction bits of a step in octaves, to three decimals: −log2(step)."""
    return round(-float(np.log2(step)), 3) + 0.0


def round_octaves(values: Weight, step: int, rounding: Rounding = "nearest") -> Weight:
    """The values on the grid of ``step`` hundredths of an octave; zeros stay, signs are kept.

    Raises CompressionError for steps below one octave or above eight.
    """
    finite = np.isfinite(values)
    codes = codes_of(np.abs(np.where(finite, values, np.float32(0))), step, rounding)
    return np.where(finite, np.copysign(grid(step)[codes], values), values)


def codes_of(magnitudes: Weight, step: int, rounding: Rounding = "nearest") -> NDArray[np.int64]:
    """Place of each magnitude in :func:`grid`: 0 for zero, and so on upwards."""
    bounds = grid(step).astype(np.float64)
    if rounding != "chop":
        bounds = np.concatenate(([0.0], (bounds[1:] + bounds[:-1]) / 2))
    return np.asarray(np.searchsorted(bounds, magnitudes.astype(np.float64), side="right") - 1)


@lru_cache(maxsize=32)
def grid(step: int) -> Weight:
    """Zero and all 2^(k · step) that single precision holds as normal numbers, ascending."""
    if not HUNDREDTHS <= step <= LARGEST_STEP * HUNDREDTHS:
        raise CompressionError(
            f"A step of {step / HUNDREDTHS:g} octaves is out of range.",
            f"Steps lie between 1 and {LARGEST_STEP:g} octaves.",
        )
    powers = np.arange(first_power(step), _HIGHEST * HUNDREDTHS // step + 1)
    numbers = np.exp2(powers * (step / HUNDREDTHS)).astype(np.float32)
    table = np.concatenate((np.zeros(1, dtype=np.float32), numbers))
    table.flags.writeable = False
    return table


def first_power(step: int) -> int:
    """k of the smallest number other than zero in :func:`grid`."""
    return -(-_LOWEST * HUNDREDTHS // step)
