"""How large and how costly a model is. A number without its counting rule means nothing."""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.compression.weights import FLOAT_BITS, Weights, count_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """What a model takes on disk."""

    bits: int
    rule: str
    """What was counted, in a few words: "32 bits per weight"."""

    @property
    def n_bytes(self) -> int:
        return -(-self.bits // 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How many numbers a model consists of."""

    count: int
    rule: str
    """"all weights and biases", "other than zero"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Multiply-accumulate operations for a clip of a stated length."""

    macs: float
    seconds: float
    """Length of the clip that was counted for."""
    rule: str
    """What counts: "matrix products, one multiply-accumulate each"."""

    @property
    def per_second(self) -> float:
        return self.macs / self.seconds


def float_storage(weights: Weights) -> Storage:
    """The uncompressed model: single precision."""
    return Storage(bits=FLOAT_BITS * count_weights(weights), rule="32 bits per weight")
