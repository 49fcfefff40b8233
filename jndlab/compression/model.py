"""What a speech enhancer must be able to do for jndlab to compress it and render its output."""

from __future__ import annotations

from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.counts import Operations, Parameters
from jndlab.compression.weights import Weights

Signal = NDArray[np.float64]
"""Mono sound of shape (n_samples,), full scale 1.0."""


class Model(Protocol):
    """A speech enhancer, from wherever it comes. Immutable: nothing done to it changes it."""

    @property
    def name(self) -> str:
        """For people: "DTLN (model_1.onnx, model_2.onnx)"."""

    @property
    def rate_hz(self) -> int:
        """Sample rate of the sounds that it takes and gives."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what it is made of: another one as soon as any weight changes."""

    @property
    def parameters(self) -> Parameters:
        """All weights, with the counting rule."""

    def enhance(self, noisy: Signal) -> Signal:
        """The enhanced sound, as long as the noisy one and aligned with it to the sample.

        Deterministic. Raises CompressionError if the model gives another length or numbers that
        are not finite.
        """

    def operations(self, n_samples: int) -> Operations | None:
        """Cost of enhancing so many samples; None if it cannot be counted."""


class WeightedModel(Model, Protocol):
    """A model whose weights can be seen and exchanged."""

    @property
    def weights(self) -> Weights:
        """Everything that may be compressed, in single precision."""

    def with_weights(self, weights: Weights) -> Self:
        """The same model with other weights of the same names and shapes."""
