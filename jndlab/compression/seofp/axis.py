"""SEOFP as an axis: any model's weights with fewer and fewer fraction bits, and coarser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jndlab.compression.axis import Compressed
from jndlab.compression.counts import Parameters
from jndlab.compression.seofp.exponents import (
    bits_before,
    bits_per_weight,
    range_of,
    storage_of,
)
from jndlab.compression.seofp.format import ROUNDINGS, Rounding
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.weights import Weights, count_nonzero, count_weights, require_weights
from jndlab.errors import CompressionError
from jndlab.study.trials import Direction

NAME = "seofp"
UNIT = "fraction bits"
COMPRESSION: Direction = "falls"
LEVELS = (5.0, 3.0, 2.0, 1.0, 0.0, -0.807, -2.0)
"""From inaudible to obvious; below 0: steps of 1.75 and 4 octaves. More of them are seldom in order
in the output: which of two coarse grids suits a model better is an accident."""

_RULES: dict[Rounding, str] = {
    "nearest": "fractions rounded to nearest, ties away from zero",
    "eofp": "fractions rounded by the published OR rule (EOFP-QNN, Hsu et al. 2018)",
    "chop": "fractions cut off",
}


@dataclass(frozen=True, slots=True)
class Seofp:
    """Every weight, bias and norm with ``level`` fraction bits; below 0, ±2^(k · step).

    Levels are whole from 23 to 0; below 0 they are −log2(step in octaves), down to −3.
    """

    rounding: Rounding = "nearest"

    def __post_init__(self) -> None:
        if self.rounding not in ROUNDINGS:
            raise CompressionError(
                f"There is no rounding {self.rounding!r}.",
                f"Choose one of: {', '.join(ROUNDINGS)}.",
            )

    @property
    def name(self) -> str:
        return NAME

    @property
    def unit(self) -> str:
        return UNIT

    @property
    def compression(self) -> Direction:
        return COMPRESSION

    @property
    def default_levels(self) -> tuple[float, ...]:
        return LEVELS

    @property
    def rule(self) -> str:
        return (
            f"{_RULES[self.rounding]}, in all weights and biases; below 0 bits powers of two in"
            " steps of 2^−level octaves"
        )

    def compress(self, weights: Weights, level: float) -> Compressed:
        """Raises CompressionError for a level that is out of range, or above 0 and not whole."""
        number_format = NumberFormat.at(level)
        require_weights(weights)
        rounded = number_format.round_all(weights, self.rounding)
        return Compressed(
            weights=rounded,
            storage=storage_of(rounded, number_format),
            parameters=Parameters(count=count_weights(weights), rule="all weights and biases"),
            facts=facts_of(rounded, weights, number_format),
        )


def facts_of(
    rounded: Weights, original: Weights, number_format: NumberFormat
) -> dict[str, float | int | str]:
    """What a level does to the weights, for the model card."""
    powers = range_of(rounded, number_format)
    facts: dict[str, float | int | str] = {
        "bits per weight": bits_per_weight(powers, number_format),
        "bits per weight before the exponent stage": bits_before(number_format),
        "step in octaves": number_format.octaves,
        "share of zeros": 1 - count_nonzero(rounded) / count_weights(rounded),
        "multiplies by integer addition": "yes" if number_format.adds else "no",
    }
    if powers is not None:
        facts |= {
            "smallest exponent (in steps)": powers.lowest,
            "largest exponent (in steps)": powers.highest,
            "bits of an exponent code": powers.code_bits,
        }
    error_db = signal_to_error_db(original, rounded)
    if np.isfinite(error_db):  # infinite where nothing was rounded: JSON has no word for it
        facts["signal-to-error ratio of the weights (dB)"] = round(error_db, 2)
    return facts


def signal_to_error_db(original: Weights, rounded: Weights) -> float:
    """Power of the weights over that of their change, in dB; infinite if nothing has changed."""
    signal = error = 0.0
    for name, tensor in original.items():
        exact = tensor.astype(np.float64)
        signal += float(np.sum(exact**2))
        error += float(np.sum((exact - rounded[name]) ** 2))
    if not error:
        return float("inf")
    return 10 * float(np.log10(signal / error)) if signal else float("-inf")
