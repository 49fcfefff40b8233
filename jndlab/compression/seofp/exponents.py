"""The exponent stage: a shorter code for the exponents that a model really uses. Lossless.

As published (Hsu et al. 2018): the largest and the smallest exponent of all weights of the model
other than zero are found; one code stands for zero, the others for max − min + 1 exponents, so
that every code has ``ceil(log2((max − min + 1) + 1))`` bits, plus one for the sign. There is one
range for the whole model, not one per tensor.

Two cases go beyond the papers, by the same rule: fraction bits that are kept are stored as they
are behind the code; in steps of several octaves it is the whole number k of ±2^(k · step) that is
coded, so the code gets shorter as the step grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.counts import Storage
from jndlab.compression.seofp.format import EXPONENT, FRACTION_BITS, bits_of
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.seofp.octaves import HUNDREDTHS, codes_of, first_power
from jndlab.compression.weights import Weight, Weights, count_weights

BIAS = 127
SIGN_BITS, EXPONENT_BITS = 1, 8


@dataclass(frozen=True, slots=True)
class PowerRange:
    """Smallest and largest exponent k of a model's weights other than zero."""

    lowest: int
    highest: int

    @property
    def code_bits(self) -> int:
        """Length of a code: ceil(log2((highest − lowest + 1) + 1)), the last 1 for zero.

        >>> PowerRange(-23, 0).code_bits, PowerRange(-26, 10).code_bits
        (5, 6)
        """
        return (self.highest - self.lowest + 1).bit_length()


def powers_of(values: Weight, number_format: NumberFormat) -> NDArray[np.int64]:
    """Exponent k of each weight: of 2^k, or of 2^(k · step). Of zeros it means nothing."""
    if number_format.step == HUNDREDTHS:
        field = (bits_of(values) & EXPONENT) >> np.uint32(FRACTION_BITS)
        return field.astype(np.int64) - BIAS
    return codes_of(np.abs(values), number_format.step) - 1 + first_power(number_format.step)


def range_of(weights: Weights, number_format: NumberFormat) -> PowerRange | None:
    """The model's range; None if all weights are zero."""
    ends: list[int] = []
    for tensor in weights.values():
        powers = powers_of(tensor, number_format)[tensor != 0]
        if powers.size:
            ends += [int(powers.min()), int(powers.max())]
    return PowerRange(min(ends), max(ends)) if ends else None


def bits_per_weight(powers: PowerRange | None, number_format: NumberFormat) -> int:
    """Sign, code, and the fraction bits that are kept."""
    code_bits = powers.code_bits if powers else 0
    return SIGN_BITS + code_bits + number_format.fraction_bits


def bits_before(number_format: NumberFormat) -> int:
    """Bits per weight without the exponent stage: sign, full exponent, fraction bits kept."""
    return SIGN_BITS + EXPONENT_BITS + number_format.fraction_bits


def storage_of(weights: Weights, number_format: NumberFormat) -> Storage:
    """What the model takes after the exponent stage, as the papers count it."""
    powers = range_of(weights, number_format)
    each = bits_per_weight(powers, number_format)
    parts = [f"{SIGN_BITS} sign", f"{powers.code_bits if powers else 0} exponent code"]
    if number_format.fraction_bits:
        parts.append(f"{number_format.fraction_bits} fraction")
    return Storage(
        bits=each * count_weights(weights),
        rule=f"{each} bits per weight ({' + '.join(parts)}; one range of exponents for the whole"
        " model, one code for zero; the file's header with names and shapes not counted)",
    )
