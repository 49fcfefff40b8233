"""A trained MANNER as a model that can be compressed and rendered."""

from __future__ import annotations

from jndlab.compression.attention.counting import PARAMETERS_RULE, RATE_HZ, macs
from jndlab.compression.attention.design import Design, design_of
from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.extras import require
from jndlab.compression.model import WeightedModel


def model_of(checkpoint: Checkpoint) -> WeightedModel:
    """The enhancer of a checkpoint, running through torch on one thread.

    Its weights are all weights and biases; the norms' running statistics travel with the module
    and are never compressed. Raises CompressionError for options or weights that do not fit, and
    MissingExtra without torch.
    """
    require("torch")
    from jndlab.compression.attention.manner import built
    from jndlab.compression.models.torch_model import TorchModel

    design = design_of(checkpoint.options)
    return TorchModel(
        built(checkpoint),
        name=name_of(design),
        rate_hz=RATE_HZ,
        operations=lambda n_samples: macs(design, n_samples),
        parameters_rule=PARAMETERS_RULE,
    )


def name_of(design: Design) -> str:
    """For people: "MANNER-S (width 30, depth 3)"."""
    kind = "MANNER-S" if design.attention == "deepest" else "MANNER"
    return f"{kind} (width {design.hidden}, depth {design.depth})"
