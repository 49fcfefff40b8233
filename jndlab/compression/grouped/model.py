"""A trained grouped enhancer as a model that can be rendered and compressed further."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.counts import Operations, Parameters
from jndlab.compression.enhancer.network import RATE_HZ
from jndlab.compression.grouped.design import ARCHITECTURE, Design, design_of
from jndlab.compression.grouped.network import mask_of
from jndlab.compression.model import Signal
from jndlab.compression.models.checks import checked_output, require_noisy
from jndlab.compression.weights import Weights, count_weights, require_weights, weights_digest
from jndlab.errors import CompressionError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupedModel:
    """The enhancer: a mask on the noisy spectrum, with the noisy phase. Runs in NumPy."""

    name: str
    weights: Weights
    design: Design

    @property
    def rate_hz(self) -> int:
        return RATE_HZ

    @property
    def digest(self) -> str:
        """Of the weights; the design shows in their shapes."""
        return weights_digest(self.weights)

    @property
    def parameters(self) -> Parameters:
        return Parameters(count=count_weights(self.weights), rule="all weights and biases")

    def with_weights(self, weights: Weights) -> GroupedModel:
        """The same model with other weights. Raises CompressionError unless they fit."""
        _require_shapes(weights, self.design)
        return replace(self, weights=weights)

    def enhance(self, noisy: Signal) -> Signal:
        """(n_samples,) at 16 kHz to the enhanced sound: as long, and aligned to the sample.

        Raises CompressionError for sounds or results that are not finite.
        """
        sound = require_noisy(noisy)
        framing = self.design.framing
        spectra = framing.analyse(sound)
        mask = mask_of(np.abs(spectra).astype(np.float32), self.weights, self.design)
        enhanced = framing.synthesise(spectra * mask, sound.size)
        return checked_output(enhanced, sound.size, model=self.name)

    def operations(self, n_samples: int) -> Operations:
        """See :meth:`Design.operations`."""
        return self.design.operations(n_samples)


def model_of(checkpoint: Checkpoint) -> GroupedModel:
    """The model of a checkpoint. Raises CompressionError if its weights do not fit its options."""
    design = design_of(checkpoint.options)
    require_weights(checkpoint.weights)
    _require_shapes(checkpoint.weights, design)
    seed = "" if checkpoint.seed is None else f", seed {checkpoint.seed}"
    groups = f"{design.groups} group{'s' if design.communicates else ''}"
    return GroupedModel(
        name=f"{ARCHITECTURE} ({groups}, width {design.width}{seed})",
        weights=checkpoint.weights,
        design=design,
    )


def _require_shapes(weights: Weights, design: Design) -> None:
    wanted = design.shapes()
    given = {name: tensor.shape for name, tensor in weights.items()}
    if given != wanted:
        name = next(name for name in {**wanted, **given} if given.get(name) != wanted.get(name))
        raise CompressionError(
            f"The weights {name!r} have the shape {given.get(name)}; "
            f"the model needs {wanted.get(name)}.",
            "Take a checkpoint of this architecture, unchanged.",
        )
