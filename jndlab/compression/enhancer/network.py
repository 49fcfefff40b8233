"""A small speech enhancer in NumPy: log magnitudes, GRU, mask. Nothing else is needed to run it.

Its torch counterpart, for training, is :mod:`jndlab.compression.training.gru_mask`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.counts import Operations, Parameters
from jndlab.compression.enhancer.recurrent import Matrix, MatrixProduct, gru, sigmoid
from jndlab.compression.enhancer.stft import Framing
from jndlab.compression.model import Signal
from jndlab.compression.weights import (
    Weights,
    count_weights,
    require_weights,
    weights_digest,
)
from jndlab.errors import CompressionError

RATE_HZ = 16000
FEATURE_FLOOR = 1e-4
"""Added to magnitudes before the logarithm."""
FEATURE_SHIFT, FEATURE_SCALE = 3.0, 0.5
"""Bring log magnitudes of speech to a mean near 0 and a standard deviation near 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GruMaskModel:
    """The enhancer: a mask on the noisy spectrum, with the noisy phase."""

    name: str
    weights: Weights
    framing: Framing
    hidden: int
    layers: int
    product: MatrixProduct = field(default=np.matmul, repr=False)
    """Every product of activations and weights goes through it; nothing else does."""

    @property
    def rate_hz(self) -> int:
        return RATE_HZ

    @property
    def digest(self) -> str:
        """Of the weights; framing and widths show in their shapes."""
        return weights_digest(self.weights)

    @property
    def parameters(self) -> Parameters:
        return Parameters(count=count_weights(self.weights), rule="all weights and biases")

    def with_weights(self, weights: Weights) -> GruMaskModel:
        """The same model with other weights. Raises CompressionError unless they fit."""
        _require_shapes(weights, self.framing.n_bins, self.hidden, self.layers)
        return replace(self, weights=weights)

    def with_product(self, product: MatrixProduct) -> GruMaskModel:
        """The same model with another arithmetic for its products."""
        return replace(self, product=product)

    def enhance(self, noisy: Signal) -> Signal:
        """(n_samples,) at 16 kHz -> enhanced, the same length, aligned to the sample.

        Raises CompressionError for sounds or results that are not finite.
        """
        if noisy.ndim != 1:
            raise CompressionError(
                f"The enhancer takes mono sounds; this one has the shape {noisy.shape}.",
                "Give one channel.",
            )
        if not np.isfinite(noisy).all():
            raise CompressionError(
                "The noisy sound holds values that are not finite.", "Render it again."
            )
        if not noisy.size:
            return np.zeros(0)
        spectra = self.framing.analyse(np.asarray(noisy, dtype=np.float64))
        mask = self.mask(np.abs(spectra).astype(np.float32))
        if not np.isfinite(mask).all():
            raise CompressionError(
                f"{self.name} gives values that are not finite.",
                "Its weights or its arithmetic overflow: choose a less compressed level.",
            )
        return self.framing.synthesise(spectra * mask, noisy.size)

    def mask(self, magnitudes: Matrix) -> Matrix:
        """Magnitudes of shape (n_frames, n_bins) -> mask of the same shape, 0 to 1."""
        features = (np.log(magnitudes + np.float32(FEATURE_FLOOR)) + FEATURE_SHIFT) * FEATURE_SCALE
        rows = np.maximum(self._dense("encoder", features.astype(np.float32)), 0)
        for layer in range(self.layers):
            rows = self._gru(layer, rows)
        return sigmoid(self._dense("decoder", rows))

    def operations(self, n_samples: int) -> Operations:
        """Multiply-accumulates of the matrix products; spectra and activations are not counted."""
        matrices = sum(tensor.size for tensor in self.weights.values() if tensor.ndim == 2)
        return Operations(
            macs=matrices * self.framing.n_frames(n_samples),
            seconds=n_samples / RATE_HZ,
            rule="matrix products, one multiply-accumulate each; without STFT and activations",
        )

    def _dense(self, name: str, rows: Matrix) -> Matrix:
        out: Matrix = self.product(rows, self.weights[f"{name}.weight"].T)
        return out + self.weights[f"{name}.bias"]

    def _gru(self, layer: int, rows: Matrix) -> Matrix:
        of_input, of_state = (
            self.weights[f"gru.weight_{kind}_l{layer}"].T for kind in ("ih", "hh")
        )
        biases = (self.weights[f"gru.bias_{kind}_l{layer}"] for kind in ("ih", "hh"))
        return gru(rows[:, None], of_input, of_state, *biases, product=self.product)[:, 0]


def weight_shapes(n_bins: int, hidden: int, layers: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all weights, in order."""
    shapes: dict[str, tuple[int, ...]] = {
        "encoder.weight": (hidden, n_bins),
        "encoder.bias": (hidden,),
    }
    for layer in range(layers):
        for kind in ("ih", "hh"):
            shapes[f"gru.weight_{kind}_l{layer}"] = (3 * hidden, hidden)
        for kind in ("ih", "hh"):
            shapes[f"gru.bias_{kind}_l{layer}"] = (3 * hidden,)
    return {**shapes, "decoder.weight": (n_bins, hidden), "decoder.bias": (n_bins,)}


def model_of(checkpoint: Checkpoint) -> GruMaskModel:
    """The model of a checkpoint. Raises CompressionError if its weights do not fit its options."""
    frame, hop, hidden, layers = (
        _whole(checkpoint.options, key) for key in ("frame", "hop", "hidden", "layers")
    )
    framing = Framing(frame, hop)
    require_weights(checkpoint.weights)
    _require_shapes(checkpoint.weights, framing.n_bins, hidden, layers)
    seed = "" if checkpoint.seed is None else f", seed {checkpoint.seed}"
    return GruMaskModel(
        name=f"gru-mask (width {hidden}{seed})",
        weights=checkpoint.weights,
        framing=framing,
        hidden=hidden,
        layers=layers,
    )


def _require_shapes(weights: Weights, n_bins: int, hidden: int, layers: int) -> None:
    wanted = weight_shapes(n_bins, hidden, layers)
    given = {name: tensor.shape for name, tensor in weights.items()}
    if given != wanted:
        name = next(name for name in {**wanted, **given} if given.get(name) != wanted.get(name))
        raise CompressionError(
            f"The weights {name!r} have the shape {given.get(name)}; "
            f"the model needs {wanted.get(name)}.",
            "Take a checkpoint of this architecture, unchanged.",
        )


def _whole(options: Mapping[str, object], key: str) -> int:
    value = options.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise CompressionError(
            f"The checkpoint has no usable option {key!r} for a gru-mask model: {value!r}.",
            "Options are frame, hop, hidden and layers: whole numbers above 0.",
        )
    return value
