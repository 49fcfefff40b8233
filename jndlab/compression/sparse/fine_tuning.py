"""Iterative pruning: analyse, prune, train what is left under its masks, again. Needs torch.

Tan & Wang (2021) name iterative pruning and a sensitivity analysis; their tolerance, rounds and
stop rule were not found, and those here are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from jndlab.compression.sparse.layout import kept_mask
from jndlab.compression.sparse.mask_code import Mask
from jndlab.compression.sparse.pruning import (
    Masks,
    Ratios,
    magnitude_masks,
    masked,
    matrices_of,
    sparsity_of,
)
from jndlab.compression.sparse.sensitivity import Loss, Progress, pruning_sensitivity
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.loop import TrainingRecord, isolated, train
from jndlab.compression.training.losses import enhancement_loss
from jndlab.compression.training.saving import put_weights, weights_of
from jndlab.compression.weights import Weights
from jndlab.errors import CompressionError

_BATCH = 8
LEARNING_RATE = 1e-3
"""Half of what trains from random weights: the model is trained already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruningRound:
    """One round of iterative pruning."""

    ratios: Ratios
    """Share of zeros that the sensitivity analysis allowed each matrix."""
    sparsity: float
    """Of all matrices after the round."""
    removed: float
    """Share of the matrices' weights that went in this round."""
    loss: float
    """On the validation pairs, after fine-tuning."""
    record: TrainingRecord


def validation_loss(module: nn.Module, pairs: Pairs) -> Loss:
    """The training's loss on these pairs as a function of weights; the module keeps its own."""

    def loss(weights: Weights) -> float:
        own = weights_of(module)
        put_weights(module, weights)
        try:
            return _mean_loss(module, pairs)
        finally:
            put_weights(module, own)

    return loss


def masks_of(weights: Weights) -> dict[str, Mask]:
    """Masks that keep what is not zero, of all matrices."""
    return {name: kept_mask(weights[name]) for name in matrices_of(weights)}


def prune_and_tune(
    module: nn.Module,
    pairs: Pairs,
    masks: Masks,
    *,
    steps: int,
    seed: int,
    learning_rate: float = LEARNING_RATE,
    **options: Any,
) -> TrainingRecord:
    """Set weights to zero, and train the others in place while those stay there.

    ``options`` go to :func:`jndlab.compression.training.loop.train`.
    """
    put_weights(module, masked(weights_of(module), masks))
    return train(
        module,
        pairs,
        steps=steps,
        seed=seed,
        learning_rate=learning_rate,
        masks=masks,
        **options,
    )


def prune_iteratively(
    module: nn.Module,
    pairs: Pairs,
    *,
    validation: Pairs,
    tolerance: float,
    loss_bound: float,
    steps: int,
    seed: int,
    max_rounds: int = 10,
    least_removed: float = 0.01,
    after_round: Callable[[PruningRound], None] = lambda done: None,
    analysed: Progress = lambda name: None,
    **options: Any,
) -> tuple[PruningRound, ...]:
    """Prune a trained module in place, round by round, as far as its loss allows.

    In each round every matrix may lose so much that the validation loss rises by ``tolerance`` if
    only that matrix is pruned; then what is left is fine-tuned. It ends after ``max_rounds``, when
    a round would remove less than ``least_removed`` of the weights, or when the loss after
    fine-tuning lies more than ``loss_bound`` above that of the unpruned model; such a round is
    undone. Raises CompressionError for limits below zero and if a training diverges.
    """
    if min(tolerance, loss_bound, least_removed) < 0:
        raise CompressionError(
            "Tolerance, bound and least share of a round cannot be negative.",
            "Name numbers from 0.",
        )
    loss = validation_loss(module, validation)
    bound = loss(weights_of(module)) + loss_bound
    rounds: list[PruningRound] = []
    while len(rounds) < max_rounds:
        before = weights_of(module)
        ratios = pruning_sensitivity(before, loss, tolerance=tolerance, progress=analysed).chosen
        masks = _joined(masks_of(before), magnitude_masks(before, ratios))
        names = matrices_of(before)
        removed = sparsity_of(masked(before, masks), names) - sparsity_of(before, names)
        if removed <= 0 or removed < least_removed:
            break
        record = prune_and_tune(
            module, pairs, masks, steps=steps, seed=seed + len(rounds), **options
        )
        after = loss(weights_of(module))
        if after > bound:
            put_weights(module, before)
            break
        rounds.append(
            PruningRound(
                ratios=ratios,
                sparsity=sparsity_of(weights_of(module), names),
                removed=removed,
                loss=after,
                record=record,
            )
        )
        after_round(rounds[-1])
    return tuple(rounds)


def _joined(one: Masks, other: Masks) -> dict[str, Mask]:
    """What both keep."""
    return {name: one[name] & other[name] for name in one}


def _mean_loss(module: nn.Module, pairs: Pairs) -> float:
    module.eval()
    device = next(module.parameters()).device
    total = 0.0
    with isolated(0), torch.no_grad():
        for start in range(0, len(pairs), _BATCH):
            noisy, clean = (
                torch.from_numpy(part[start : start + _BATCH]).to(device)
                for part in (pairs.noisy, pairs.clean)
            )
            total += float(enhancement_loss(module(noisy), clean)) * len(noisy)
    return total / len(pairs)
