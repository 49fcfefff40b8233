"""Pruning by magnitude: the smallest weights of every matrix become zero, as many as asked for.

Biases and norms are left alone (Han et al. 2015; Tan & Wang 2021). What is zero at one sparsity is
zero at every higher one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.sparse.mask_code import Mask
from jndlab.compression.weights import Weight, Weights, is_matrix
from jndlab.errors import CompressionError

Masks = Mapping[str, Mask]
"""By name of the matrix; tensors that are left alone are missing."""
Ratios = Mapping[str, float]
"""Share of each matrix that becomes zero."""

_BISECTIONS = 200


def matrices_of(weights: Weights) -> tuple[str, ...]:
    """Names of the tensors that may be pruned and clustered. Raises CompressionError for none."""
    names = tuple(name for name, tensor in weights.items() if is_matrix(tensor))
    if not names:
        raise CompressionError(
            "The model has no matrix that could be pruned or clustered.",
            "Name a model with dense, convolutional or recurrent layers.",
        )
    return names


def n_pruned(n_weights: int, sparsity: float) -> int:
    """How many of so many weights become zero: the nearest whole number, halves up."""
    return min(n_weights, math.floor(sparsity * n_weights + 0.5))


def magnitude_mask(tensor: Weight, sparsity: float) -> Mask:
    """True for weights that stay. Exactly :func:`n_pruned` go; of equal ones the first go first.

    Raises CompressionError for a sparsity outside 0 to 1.
    """
    require_sparsity(sparsity)
    order = _from_smallest(np.abs(tensor).ravel())
    kept = np.ones(tensor.size, dtype=np.bool_)
    kept[order[: n_pruned(tensor.size, sparsity)]] = False
    return kept.reshape(tensor.shape)


def magnitude_masks(weights: Weights, ratios: Ratios) -> dict[str, Mask]:
    """Masks of the matrices that ``ratios`` names. Raises CompressionError for an unknown one."""
    unknown = sorted(set(ratios) - set(matrices_of(weights)))
    if unknown:
        raise CompressionError(
            f"The model has no matrix {unknown[0]!r}.",
            f"Its matrices are: {', '.join(matrices_of(weights))}.",
        )
    return {name: magnitude_mask(weights[name], ratio) for name, ratio in ratios.items()}


def masked(weights: Weights, masks: Masks) -> dict[str, Weight]:
    """The weights with zeros where a mask says so; others are the same arrays."""
    return {
        name: np.where(masks[name], tensor, np.float32(0)) if name in masks else tensor
        for name, tensor in weights.items()
    }


def uniform_ratios(weights: Weights, sparsity: float) -> dict[str, float]:
    """The same sparsity for every matrix."""
    return dict.fromkeys(matrices_of(weights), sparsity)


def scaled_ratios(weights: Weights, ratios: Ratios, sparsity: float) -> dict[str, float]:
    """Ratios in the proportions of ``ratios`` with which so many of all matrices' weights go.

    What stays of a matrix is (1 − ratio)^c with one c for all: c = 1 gives the ratios themselves,
    equal ratios stay equal, and no ratio exceeds 1. So one set of ratios, as a sensitivity analysis
    gives it, makes a whole path of sparsities. Raises CompressionError for a sparsity that cannot
    be reached because some matrices have ratio zero.
    """
    require_sparsity(sparsity)
    names = matrices_of(weights)
    sizes = np.array([weights[name].size for name in names], dtype=np.float64)
    stays = 1 - np.array([ratios.get(name, 0.0) for name in names], dtype=np.float64)
    reachable = reachable_sparsity(weights, ratios)
    if sparsity > reachable or 0 < sparsity == reachable < 1:
        raise CompressionError(
            f"Sparsity {sparsity:g} cannot be reached: matrices with {1 - reachable:.0%} of the "
            "weights are not to be pruned at all.",
            f"Choose a sparsity below {reachable:.3g}, or a larger tolerance.",
        )
    share = _power_for(stays, sizes / sizes.sum(), sparsity)
    return {name: float(1 - kept) for name, kept in zip(names, share, strict=True)}


def reachable_sparsity(weights: Weights, ratios: Ratios) -> float:
    """Share of all matrices' weights that lie in matrices with a ratio above zero."""
    sizes = {name: weights[name].size for name in matrices_of(weights)}
    return sum(n for name, n in sizes.items() if ratios.get(name, 0.0) > 0) / sum(sizes.values())


def sparsity_of(weights: Weights, names: tuple[str, ...]) -> float:
    """Share of zeros among the weights of these tensors."""
    n_weights = sum(weights[name].size for name in names)
    n_zeros = n_weights - sum(int(np.count_nonzero(weights[name])) for name in names)
    return n_zeros / n_weights


def require_sparsity(sparsity: float) -> None:
    """Raise CompressionError outside 0 to 1."""
    if not 0 <= sparsity <= 1:
        raise CompressionError(
            f"Sparsity {sparsity:g} cannot be.", "It lies between 0 (nothing goes) and 1."
        )


def _from_smallest(magnitudes: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.argsort(magnitudes, kind="stable")


def _power_for(
    stays: NDArray[np.float64], weight: NDArray[np.float64], sparsity: float
) -> NDArray[np.float64]:
    """``stays`` to the one power with which the weighted mean is 1 − sparsity, by bisection."""
    low, high = 0.0, 1.0
    while weight @ stays**high > 1 - sparsity:
        high *= 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if weight @ stays**middle > 1 - sparsity:
            low = middle
        else:
            high = middle
    return np.asarray(stays**high, dtype=np.float64)
