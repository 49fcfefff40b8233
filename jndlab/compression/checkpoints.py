"""A trained model as one file: weights, architecture with its options, and how it was trained.

The file is NumPy's ``.npz`` without pickled objects, so that reading one from anywhere runs no
code. Weights may be stored in half precision; they are always read as single precision.
"""

from __future__ import annotations

import importlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.model import WeightedModel
from jndlab.compression.weights import Weights, require_weights
from jndlab.errors import CompressionError
from jndlab.files import write_atomically

ENDING = ".npz"
_FACTS = "__model__"
_FORMAT = 1

Option = int | float | str | bool | None

ARCHITECTURES: dict[str, str] = {
    "gru-mask": "jndlab.compression.enhancer.network:model_of",
    "manner": "jndlab.compression.attention.model:model_of",
    "groupcomm-gru": "jndlab.compression.grouped.model:model_of",
}
"""Who makes a model of a checkpoint: ``module:function``, imported when it is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One trained model."""

    architecture: str
    """One of :data:`ARCHITECTURES`."""
    options: Mapping[str, Option]
    """What the architecture is built with: widths, depth, number of groups."""
    weights: Weights
    training: Mapping[str, object] = field(default_factory=dict)
    """Seed, steps, data, loss, versions: whatever it takes to do it again."""

    @property
    def seed(self) -> int | None:
        seed = self.training.get("seed")
        return seed if isinstance(seed, int) else None


def write_checkpoint(path: Path, checkpoint: Checkpoint, *, half: bool = False) -> None:
    """Write it whole or not at all. ``half``: weights in half precision. Raises StoreError."""
    facts = {
        "format": _FORMAT,
        "architecture": checkpoint.architecture,
        "options": dict(checkpoint.options),
        "training": dict(checkpoint.training),
    }
    kind = np.float16 if half else np.float32
    arrays: dict[str, NDArray[np.generic]] = {
        name: tensor.astype(kind) for name, tensor in checkpoint.weights.items()
    }
    arrays[_FACTS] = np.frombuffer(json.dumps(facts, sort_keys=True).encode(), dtype=np.uint8)
    write_atomically(path, _npz(arrays), replace=True)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read it. Raises CompressionError for a file that is missing, damaged or something else."""
    try:
        return parse_checkpoint(path.read_bytes(), source=str(path))
    except OSError as error:
        raise CompressionError(
            f"{path} cannot be read: {error.strerror}.", "Name a checkpoint file (.npz)."
        ) from None


def parse_checkpoint(content: bytes, *, source: str) -> Checkpoint:
    """The same from bytes; ``source`` names them in errors."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        facts = json.loads(arrays.pop(_FACTS).tobytes())
        architecture, options = facts["architecture"], facts["options"]
        training = facts["training"]
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile):
        raise CompressionError(
            f"{source} is no checkpoint of jndlab, or is damaged.",
            "Checkpoints are written by: jndlab compress train",
        ) from None
    weights = {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}
    require_weights(weights)
    return Checkpoint(
        architecture=architecture, options=options, weights=weights, training=training
    )


def model_of(checkpoint: Checkpoint) -> WeightedModel:
    """The model, ready to enhance. Raises CompressionError, MissingExtra."""
    place = ARCHITECTURES.get(checkpoint.architecture)
    if place is None:
        raise CompressionError(
            f"There is no architecture {checkpoint.architecture!r}.",
            f"This version of jndlab has: {', '.join(sorted(ARCHITECTURES))}.",
        )
    module, _, name = place.partition(":")
    build = cast(
        "Callable[[Checkpoint], WeightedModel]", getattr(importlib.import_module(module), name)
    )
    return build(checkpoint)


def _npz(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """As np.savez_compressed, but the same bytes for the same arrays: no clock in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            raw = io.BytesIO()
            np.lib.format.write_array(raw, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(entry, raw.getvalue())
    return buffer.getvalue()
