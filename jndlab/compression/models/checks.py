"""What every model is held to: exchanged weights that fit, and output that can be compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.model import Signal
from jndlab.compression.weights import Weights, require_weights
from jndlab.errors import CompressionError


def require_exchangeable(weights: Weights, replacement: Weights) -> None:
    """Raise CompressionError unless both have the same names and shapes, in single precision."""
    require_weights(replacement)
    missing = sorted(set(weights) ^ set(replacement))
    if missing:
        raise CompressionError(
            f"The weights {missing[0]!r} are in only one of the two models.",
            "Exchange weights only between versions of one model.",
        )
    for name, tensor in weights.items():
        if replacement[name].shape != tensor.shape:
            raise CompressionError(
                f"The weights {name!r} have the shape {replacement[name].shape}, and the model"
                f" needs {tensor.shape}.",
                "Exchange weights only between versions of one model.",
            )


def require_noisy(noisy: Signal) -> Signal:
    """The sound as it is, if it is one: mono, not empty, finite. Raises CompressionError."""
    if noisy.ndim != 1 or not noisy.size:
        raise CompressionError(
            f"A model enhances one channel of sound; this has the shape {noisy.shape}.",
            "Give mono files with at least one sample.",
        )
    if not np.isfinite(noisy).all():
        raise CompressionError(
            "The noisy sound holds numbers that are not finite.", "Make the file again."
        )
    return noisy


def checked_output(output: NDArray[np.floating], n_samples: int, *, model: str) -> Signal:
    """The enhanced sound of shape (n_samples,) in double precision.

    Dimensions of 1 are dropped. Raises CompressionError, naming the model, for another length and
    for numbers that are not finite: both would make stimuli that cannot be compared.
    """
    sound = np.asarray(output, dtype=np.float64)
    if sound.size != max(sound.shape, default=0):
        raise CompressionError(
            f"{model} gives an output of the shape {sound.shape} for one mono sound.",
            "Use a model that gives one channel of samples.",
        )
    sound = sound.reshape(-1)
    if sound.size != n_samples:
        raise CompressionError(
            f"{model} gives {sound.size:,} samples for {n_samples:,}.",
            "Pad or trim inside the model, so that its output has the length of its input"
            " and is aligned with it.",
        )
    if not np.isfinite(sound).all():
        raise CompressionError(
            f"{model} gives numbers that are not finite.",
            "Its weights are damaged, or the sound is outside of what it can take.",
        )
    return sound
