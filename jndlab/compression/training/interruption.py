"""Going on with a training that was interrupted, to the same weights. Needs torch."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from jndlab.errors import CompressionError
from jndlab.files import write_atomically

EVERY = 100
"""Steps between two snapshots."""


@dataclass(slots=True)
class Stage:
    """How far a training has come."""

    step: int = 0
    since: list[float] = field(default_factory=list)
    """Losses of the epoch that is under way."""
    losses: list[float] = field(default_factory=list)
    """Mean loss of every epoch that is over."""
    curve: list[tuple[int, float]] = field(default_factory=list)
    """Steps taken and validation SI-SDR in dB."""
    cpu_seconds: float = 0.0

    def take(self, step: int, loss: float) -> None:
        """Another step was taken."""
        self.step = step
        self.since.append(loss)

    def close_epoch(self) -> None:
        """The epoch is over."""
        self.losses.append(float(np.mean(self.since)))
        self.since.clear()


def save_stage(
    path: Path, key: str, module: nn.Module, optimiser: torch.optim.Optimizer, stage: Stage
) -> None:
    """Write a snapshot, whole or not at all. Raises StoreError."""
    buffer = io.BytesIO()
    content = {
        "key": key,
        "module": module.state_dict(),
        "optimiser": optimiser.state_dict(),
        "course": {name: getattr(stage, name) for name in Stage.__slots__},
    }
    torch.save(content, buffer)
    write_atomically(path, buffer.getvalue(), replace=True)


def restore_stage(
    path: Path, key: str, module: nn.Module, optimiser: torch.optim.Optimizer
) -> Stage:
    """Where the training stood; a new stage where there is no snapshot.

    ``key`` says what is trained and on what. Raises CompressionError for another one's snapshot.
    """
    if not path.is_file():
        return Stage()
    try:
        content: dict[str, Any] = torch.load(path, weights_only=True)
        known = content["key"]
    except Exception as error:  # whatever torch raises for a damaged file
        raise CompressionError(
            f"{path} cannot be read: {error}", "Remove it; the training then begins anew."
        ) from None
    if known != key:
        raise CompressionError(
            f"{path} belongs to another training: other data, seed or options.",
            "Name another folder, or remove the file to begin anew.",
        )
    module.load_state_dict(content["module"])
    optimiser.load_state_dict(content["optimiser"])
    return Stage(**content["course"])
