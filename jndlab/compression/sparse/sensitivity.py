"""How much of each tensor can go: one after the other is compressed more and more, by itself.

Tan & Wang (2021) name a sensitivity analysis; how they do it was not found. This is the common
form: for every matrix the largest pruning ratio, or the fewest clusters, with which a loss rises by
no more than a tolerance. The loss may be anything that weights can be given to: the distance of a
model's output to its own, uncompressed output needs neither training data nor torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jndlab.compression.model import Signal, WeightedModel
from jndlab.compression.sparse.clustering import cluster_tensor
from jndlab.compression.sparse.pruning import magnitude_mask, matrices_of
from jndlab.compression.weights import Weight, Weights
from jndlab.errors import CompressionError

Loss = Callable[[Weights], float]
"""Lower is better. Deterministic: the same weights give the same loss."""
Progress = Callable[[str], None]
"""Called with the tensor's name after each of its amounts."""

RATIOS = (0.0, *(n / 100 for n in range(5, 100, 5)))
CLUSTER_COUNTS = (256, 128, 64, 32, 16, 12, 8, 6, 4, 3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSensitivity:
    """One matrix, compressed by itself."""

    name: str
    n_weights: int
    amounts: tuple[float, ...]
    """Ratios or numbers of clusters, least compressed first."""
    rises: tuple[float, ...]
    """Of the loss, at each amount."""
    chosen: float
    """The most compressed amount whose rise is within the tolerance."""

    @property
    def is_monotone(self) -> bool:
        """Whether the loss never falls as compression goes on."""
        return all(a <= b for a, b in zip(self.rises, self.rises[1:], strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """All matrices of a model."""

    unit: str
    """Of the amounts: "ratio", "clusters"."""
    tolerance: float
    baseline_loss: float
    tensors: tuple[TensorSensitivity, ...]

    @property
    def chosen(self) -> dict[str, float]:
        """By name of the matrix: what :class:`~jndlab.compression.sparse.axis.Prune` takes."""
        return {tensor.name: tensor.chosen for tensor in self.tensors}

    def to_json(self) -> dict[str, object]:
        """For a file beside the model: all curves and what was chosen of them."""
        return {
            "unit": self.unit,
            "tolerance": self.tolerance,
            "baseline_loss": self.baseline_loss,
            "tensors": [
                {
                    "name": tensor.name,
                    "weights": tensor.n_weights,
                    "amounts": list(tensor.amounts),
                    "rises": list(tensor.rises),
                    "chosen": tensor.chosen,
                }
                for tensor in self.tensors
            ],
        }


def pruning_sensitivity(
    weights: Weights,
    loss: Loss,
    *,
    tolerance: float,
    ratios: Sequence[float] = RATIOS,
    progress: Progress = lambda name: None,
) -> Sensitivity:
    """The largest ratio per matrix; 0 where none is within the tolerance."""

    def pruned(tensor: Weight, ratio: float) -> Weight:
        return np.where(magnitude_mask(tensor, ratio), tensor, np.float32(0))

    return _analyse(weights, loss, pruned, sorted(ratios), "ratio", tolerance, 0.0, progress)


def cluster_sensitivity(
    weights: Weights,
    loss: Loss,
    *,
    tolerance: float,
    counts: Sequence[int] = CLUSTER_COUNTS,
    progress: Progress = lambda name: None,
) -> Sensitivity:
    """The fewest clusters per matrix; the largest count where none is within the tolerance."""

    def clustered(tensor: Weight, k: float) -> Weight:
        return cluster_tensor(tensor, int(k))

    ordered = sorted(counts, reverse=True)
    return _analyse(
        weights, loss, clustered, ordered, "clusters", tolerance, float(ordered[0]), progress
    )


def output_distance(model: WeightedModel, sounds: Sequence[Signal]) -> Loss:
    """A loss: energy of the difference to the model's own output, over that output's energy.

    Averaged over the sounds, so 0.001 is a difference 30 dB below the output. Raises
    CompressionError for no sound, or one of which the model leaves nothing.
    """
    if not sounds:
        raise CompressionError("There is no sound to compare.", "Name at least one.")
    own = [model.enhance(sound) for sound in sounds]
    energies = [float(np.sum(output**2)) for output in own]
    if min(energies) == 0:
        raise CompressionError(
            "The model gives silence for one of the sounds.", "Take sounds with speech in them."
        )

    def loss(weights: Weights) -> float:
        changed = model.with_weights(weights)
        shares = [
            float(np.sum((changed.enhance(sound) - output) ** 2)) / energy
            for sound, output, energy in zip(sounds, own, energies, strict=True)
        ]
        return float(np.mean(shares))

    return loss


def tolerance_of(difference_snr_db: float) -> float:
    """The tolerance for :func:`output_distance`: a difference so many dB below the output."""
    return float(10 ** (-difference_snr_db / 10))


def _analyse(
    weights: Weights,
    loss: Loss,
    compress: Callable[[Weight, float], Weight],
    amounts: Sequence[float],
    unit: str,
    tolerance: float,
    otherwise: float,
    progress: Progress,
) -> Sensitivity:
    baseline = _finite(loss(weights), "")
    tensors = []
    for name in matrices_of(weights):
        rises = []
        for amount in amounts:
            changed = {**weights, name: compress(weights[name], amount)}
            rises.append(_finite(loss(changed), name) - baseline)
            progress(name)
        within = [a for a, rise in zip(amounts, rises, strict=True) if rise <= tolerance]
        tensors.append(
            TensorSensitivity(
                name=name,
                n_weights=weights[name].size,
                amounts=tuple(float(amount) for amount in amounts),
                rises=tuple(rises),
                chosen=float(within[-1]) if within else otherwise,
            )
        )
    return Sensitivity(
        unit=unit, tolerance=tolerance, baseline_loss=baseline, tensors=tuple(tensors)
    )


def _finite(value: float, name: str) -> float:
    if not np.isfinite(value):
        where = f" with {name} compressed" if name else ""
        raise CompressionError(
            f"The loss is not finite{where}.", "Choose another loss, or other sounds."
        )
    return value
