"""A tiny model and a tiny compression, for tests of everything around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from jndlab.compression.axis import Compressed
from jndlab.compression.counts import Operations, Parameters, Storage
from jndlab.compression.model import Signal
from jndlab.compression.sources import ModelSource
from jndlab.compression.weights import Weights, count_weights, weights_digest

RATE = 16_000
ITEMS = ("one", "two")

Make = Callable[..., ModelSource]


@dataclass(frozen=True)
class Gain:
    """A model of three weights: an echo whose taps can be compressed."""

    weights: Weights
    break_at: float | None = None
    extra: int = 0
    calls: list[int] | None = None

    name = "echo"
    rate_hz = RATE

    @property
    def digest(self) -> str:
        return weights_digest(self.weights)

    @property
    def parameters(self) -> Parameters:
        return Parameters(count=count_weights(self.weights), rule="all taps")

    def with_weights(self, weights: Weights) -> Gain:
        return replace(self, weights=weights)

    def enhance(self, noisy: Signal) -> Signal:
        if self.calls is not None:
            self.calls.append(noisy.size)
        taps = self.weights["taps"].astype(np.float64)
        out = np.convolve(noisy, taps)[: noisy.size]
        return np.concatenate([out, np.zeros(self.extra)])

    def operations(self, n_samples: int) -> Operations:
        return Operations(macs=3.0 * n_samples, seconds=n_samples / RATE, rule="one per tap")


@dataclass(frozen=True)
class Bits:
    """Rounds to so many bits behind the point."""

    name: str = "bits"
    unit: str = "bits"
    compression = "falls"
    default_levels: tuple[float, ...] = (6, 4, 2)
    rule: str = "rounded"

    def compress(self, weights: Weights, level: float) -> Compressed:
        rounded = {
            name: (np.round(tensor * 2**level) / 2**level).astype(np.float32)
            for name, tensor in weights.items()
        }
        n = count_weights(weights)
        return Compressed(
            weights=rounded,
            storage=Storage(bits=int(level + 1) * n, rule="bits and a sign"),
            parameters=Parameters(count=n, rule="all taps"),
            facts={"steps": 2**level},
        )
