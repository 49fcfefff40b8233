"""The torch module of a checkpoint, to be trained further. Needs torch."""

from __future__ import annotations

from torch import nn

from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.training.gru_mask import GruMask
from jndlab.compression.training.saving import put_weights
from jndlab.errors import CompressionError

TRAINABLE = ("groupcomm-gru", "gru-mask", "manner")


def module_of(checkpoint: Checkpoint) -> nn.Module:
    """The network of a checkpoint with its weights, in evaluation mode.

    Raises CompressionError for an architecture that cannot be trained, and weights that do not fit.
    """
    module = _empty(checkpoint)
    put_weights(module, checkpoint.weights)
    return module.eval()


def _empty(checkpoint: Checkpoint) -> nn.Module:
    if checkpoint.architecture == "gru-mask":
        return GruMask(**checkpoint.options)  # type: ignore[arg-type]
    if checkpoint.architecture == "groupcomm-gru":
        from jndlab.compression.grouped import design as grouped
        from jndlab.compression.grouped.enhancer import GroupedEnhancer

        return GroupedEnhancer(grouped.design_of(checkpoint.options))
    if checkpoint.architecture == "manner":
        from jndlab.compression.attention import design as attention
        from jndlab.compression.attention.manner import Manner

        return Manner(attention.design_of(checkpoint.options))
    raise CompressionError(
        f"The architecture {checkpoint.architecture!r} cannot be trained here.",
        f"Take a checkpoint of one of these: {', '.join(TRAINABLE)}.",
    )
