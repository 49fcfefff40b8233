"""The weights of a model by name: what every compression of weights works on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jndlab.errors import CompressionError

Weight = NDArray[np.float32]
Weights = Mapping[str, Weight]
"""Tensors in single precision, in the model's own order."""

FLOAT_BITS = 32


def require_weights(weights: Mapping[str, NDArray[np.generic]]) -> None:
    """Raise CompressionError unless all tensors are finite, in single precision, and not empty."""
    if not weights:
        raise CompressionError(
            "The model has no weights that could be compressed.",
            "Name a model with weights in single precision.",
        )
    for name, tensor in weights.items():
        if tensor.dtype != np.float32:
            raise CompressionError(
                f"The weights {name!r} are {tensor.dtype}; only float32 can be compressed.",
                "Export the model in single precision, before any quantisation.",
            )
        if not tensor.size:
            raise CompressionError(f"The weights {name!r} are empty.", "Export the model again.")
        if not np.isfinite(tensor).all():
            raise CompressionError(
                f"The weights {name!r} hold numbers that are not finite.",
                "The model is damaged, or its training diverged: take another checkpoint.",
            )


def is_matrix(tensor: NDArray[np.generic]) -> bool:
    """Whether a tensor multiplies: more than one dimension beyond 1. Biases and norms do not."""
    return bool(np.greater(tensor.shape, 1).sum() > 1)


def count_weights(weights: Weights) -> int:
    """Number of weights, zeros included."""
    return sum(tensor.size for tensor in weights.values())


def count_nonzero(weights: Weights) -> int:
    """Number of weights other than zero."""
    return sum(int(np.count_nonzero(tensor)) for tensor in weights.values())


def weights_digest(weights: Weights) -> str:
    """SHA-256 (hex) over names, shapes and the bytes of all tensors, little endian."""
    digest = hashlib.sha256()
    for name, tensor in weights.items():
        digest.update(f"{name}\0{tensor.shape}\0".encode())
        digest.update(np.ascontiguousarray(tensor, dtype="<f4").tobytes())
    return digest.hexdigest()
