"""What a level of the axis means: how many fraction bits, or how large a step in octaves."""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.compression.seofp.format import FRACTION_BITS, Rounding, round_fraction
from jndlab.compression.seofp.octaves import HUNDREDTHS, LARGEST_STEP, round_octaves, step_of
from jndlab.compression.weights import Weight, Weights
from jndlab.errors import CompressionError

LOWEST_LEVEL = -3.0
"""Effective fraction bits of the largest step, eight octaves."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """The numbers that a weight may be: zero and ±(1 + fraction) · 2^(k · step)."""

    fraction_bits: int
    step: int = HUNDREDTHS
    """Hundredths of an octave between powers; other than 100 only without fraction bits."""

    @classmethod
    def at(cls, level: float) -> NumberFormat:
        """The format at so many effective fraction bits.

        Raises CompressionError for a level out of range, or above zero and not whole.

        >>> NumberFormat.at(3), NumberFormat.at(-0.585)
        (NumberFormat(fraction_bits=3, step=100), NumberFormat(fraction_bits=0, step=150))
        """
        if not LOWEST_LEVEL <= level <= FRACTION_BITS:
            raise CompressionError(
                f"There is no level of {level:g} fraction bits.",
                f"Levels go from {FRACTION_BITS} fraction bits down to 0, and below that to"
                f" {LOWEST_LEVEL:g} (powers of two in steps of {LARGEST_STEP:g} octaves).",
            )
        if level <= 0:
            return cls(0, step_of(level))
        if level != int(level):
            raise CompressionError(
                f"There are no {level:g} fraction bits: above 0 they are whole.",
                "Levels between whole bits exist below 0 only, as −log2(step in octaves).",
            )
        return cls(int(level))

    @property
    def octaves(self) -> float:
        """Step between powers, in octaves."""
        return self.step / HUNDREDTHS

    @property
    def adds(self) -> bool:
        """Whether every number is zero or ±2^k, k whole, so that integer addition multiplies."""
        return not self.fraction_bits and not self.step % HUNDREDTHS

    def round(self, values: Weight, rounding: Rounding = "nearest") -> Weight:
        """The values as numbers of this format. Raises CompressionError."""
        if self.step == HUNDREDTHS:
            return round_fraction(values, self.fraction_bits, rounding)
        return round_octaves(values, self.step, rounding)

    def round_all(self, weights: Weights, rounding: Rounding = "nearest") -> Weights:
        """Every tensor of a model, biases and norms included, as published."""
        return {name: self.round(tensor, rounding) for name, tensor in weights.items()}
