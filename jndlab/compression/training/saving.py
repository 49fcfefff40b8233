"""Between a torch module and a checkpoint that is read without torch. Needs torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from jndlab.compression.checkpoints import Checkpoint, Option
from jndlab.compression.training.loop import TrainingRecord
from jndlab.compression.weights import Weights, require_weights
from jndlab.errors import CompressionError


def weights_of(module: nn.Module) -> Weights:
    """Copies of all parameters and floating buffers (running statistics of norms), by name."""
    return {
        name: tensor.detach().cpu().to(torch.float32).numpy().copy()
        for name, tensor in module.state_dict().items()
        if tensor.is_floating_point()
    }


def put_weights(module: nn.Module, weights: Weights) -> None:
    """Copy weights into the module. Raises CompressionError unless names and shapes agree."""
    there = {name: t for name, t in module.state_dict().items() if t.is_floating_point()}
    if set(there) != set(weights):
        other = sorted(set(there) ^ set(weights))[0]
        raise CompressionError(
            f"The weights do not fit the network: {other!r} is in one of the two only.",
            "Take a checkpoint of the same architecture and options.",
        )
    with torch.no_grad():
        for name, tensor in there.items():
            if tuple(tensor.shape) != weights[name].shape:
                raise CompressionError(
                    f"The weights {name!r} have the shape {weights[name].shape}; "
                    f"the network wants {tuple(tensor.shape)}.",
                    "Take a checkpoint of the same architecture and options.",
                )
            tensor.copy_(torch.from_numpy(np.ascontiguousarray(weights[name])))


def checkpoint_of(
    module: nn.Module,
    architecture: str,
    options: Mapping[str, Option],
    record: TrainingRecord,
) -> Checkpoint:
    """The trained module as a checkpoint. Raises CompressionError for weights not finite."""
    weights = weights_of(module)
    require_weights(weights)
    return Checkpoint(
        architecture=architecture, options=options, weights=weights, training=record.facts()
    )
