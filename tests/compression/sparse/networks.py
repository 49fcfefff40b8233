"""Weights of made-up networks for these tests, and a model that multiplies with them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from jndlab.compression.counts import Operations, Parameters
from jndlab.compression.model import Signal
from jndlab.compression.weights import Weights, count_weights, weights_digest


def small_network(seed: int = 0) -> dict[str, np.ndarray]:
    """Dense and recurrent matrices, a convolution, biases and a norm: 13,000 weights."""
    rng = np.random.default_rng(seed)
    shapes = {
        "dense.weight": (32, 65),
        "dense.bias": (32,),
        "gru.weight": (96, 64),
        "gru.bias": (96,),
        "norm.scale": (1, 32, 1),
        "conv.weight": (16, 32, 9),
        "conv.bias": (16,),
    }
    return {
        name: (0.1 * rng.standard_t(6, shape)).astype(np.float32) for name, shape in shapes.items()
    }


@dataclass(frozen=True)
class Filters:
    """A model of two filters in a row: y = second * (first * x), as long as x."""

    weights: Weights = field(
        default_factory=lambda: {
            "first": np.array([[1.0, 0.5, 0.01, 0.001]], dtype=np.float32).repeat(2, axis=0),
            "second": np.array([[1.0, 0.9], [0.8, 0.7]], dtype=np.float32),
            "bias": np.zeros(1, dtype=np.float32),
        }
    )
    name: str = "two filters"
    rate_hz: int = 16000

    @property
    def digest(self) -> str:
        return weights_digest(self.weights)

    @property
    def parameters(self) -> Parameters:
        return Parameters(count=count_weights(self.weights), rule="all")

    def enhance(self, noisy: Signal) -> Signal:
        once = np.convolve(noisy, self.weights["first"].mean(axis=0))[: noisy.size]
        return np.convolve(once, self.weights["second"].ravel())[: noisy.size]

    def operations(self, n_samples: int) -> Operations | None:
        return None

    def with_weights(self, weights: Weights) -> Filters:
        return replace(self, weights=weights)
