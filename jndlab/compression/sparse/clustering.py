"""Clusters of weights: k-means in one dimension on what is not zero, the same on every run.

The start is linear over the range of the weights, as Han, Mao & Dally (2016) found best; zero keeps
its own value. A cluster that runs empty takes over half of the cluster with the largest error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.sparse.pruning import matrices_of
from jndlab.compression.weights import Weight, Weights
from jndlab.errors import CompressionError

MAX_CLUSTERS = 2**16 - 1
TOLERANCE = 1e-6
MAX_ROUNDS = 500

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """The codebook of a tensor, and which weight uses which entry."""

    codebook: NDArray[np.float32]
    """Rising, shape (k,): at most as many entries as asked for, none of them unused."""
    indices: NDArray[np.intp]
    """Of shape (n_values,), into the codebook."""
    distortions: tuple[float, ...]
    """Sum of squared errors before every round and after the last: never rises."""

    @property
    def values(self) -> NDArray[np.float32]:
        """Each value replaced by its codebook entry."""
        return self.codebook[self.indices]


def cluster_values(
    values: NDArray[np.float32], k: int, *, tolerance: float = TOLERANCE
) -> Clusters:
    """k-means (Lloyd 1982) until a round lowers the error by no more than ``tolerance`` of it.

    With no more than k distinct values each is its own cluster and nothing changes. Raises
    CompressionError for k outside 1 to 65,535.
    """
    if not 1 <= k <= MAX_CLUSTERS:
        raise CompressionError(
            f"{k} clusters cannot be.", f"Choose between 1 and {MAX_CLUSTERS:,} clusters."
        )
    distinct = np.unique(values)
    if distinct.size <= k:
        return Clusters(
            codebook=distinct, indices=np.searchsorted(distinct, values), distortions=(0.0,)
        )
    centres, distortions = _lloyd(np.sort(values.astype(np.float64)), k, tolerance)
    # Neighbours that differ by less than single precision are one entry.
    codebook = np.unique(centres.astype(np.float32))
    indices = nearest(values.astype(np.float64), codebook.astype(np.float64))
    used, indices = np.unique(indices, return_inverse=True)
    return Clusters(codebook=codebook[used], indices=indices, distortions=distortions)


def cluster_tensor(tensor: Weight, k: int) -> Weight:
    """The tensor with its weights other than zero replaced by at most k values."""
    kept = tensor != 0
    clustered = np.zeros_like(tensor)
    if kept.any():
        clustered[kept] = cluster_values(tensor[kept], k).values
    return clustered


def clustered(weights: Weights, k: int) -> dict[str, Weight]:
    """Every matrix of a model clustered by itself; others are the same arrays."""
    names = set(matrices_of(weights))
    return {
        name: cluster_tensor(tensor, k) if name in names else tensor
        for name, tensor in weights.items()
    }


def codebook_entries(tensor: Weight) -> int:
    """Distinct values of a tensor, zero aside."""
    return int(np.unique(tensor[tensor != 0]).size)


def nearest(values: Values, centres: Values) -> NDArray[np.intp]:
    """Index of the nearest of rising centres; halfway between two, the lower one."""
    return np.searchsorted((centres[:-1] + centres[1:]) / 2, values, side="left")


def linear_centres(values: Values, k: int) -> Values:
    """k centres evenly from the smallest to the largest value."""
    return np.linspace(values.min(), values.max(), k)


def _lloyd(ordered: Values, k: int, tolerance: float) -> tuple[Values, tuple[float, ...]]:
    """Centres, rising, and the error round by round. ``ordered``: rising values."""
    offset = ordered.mean()  # far from zero, running sums of squares would lose digits
    ordered = ordered - offset
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    squares = np.concatenate([[0.0], np.cumsum(ordered**2)])
    centres = linear_centres(ordered, k)
    distortions: list[float] = []
    for _ in range(MAX_ROUNDS):
        edges = _edges(ordered, centres)
        distortions.append(float(_errors(edges, centres, sums, squares).sum()))
        if len(distortions) > 1 and distortions[-2] - distortions[-1] <= tolerance * distortions[0]:
            break
        centres = _means(_filled(edges, ordered, sums, squares), sums)
    return centres + offset, tuple(distortions)


def _edges(ordered: Values, centres: Values) -> NDArray[np.intp]:
    """Where each cluster begins among the ordered values, and where the last one ends."""
    middles = (centres[:-1] + centres[1:]) / 2
    inner = np.searchsorted(ordered, middles, side="right")
    return np.concatenate([[0], inner, [ordered.size]])


def _errors(edges: NDArray[np.intp], centres: Values, sums: Values, squares: Values) -> Values:
    """Squared error of every cluster around its centre, from running sums."""
    n = np.diff(edges)
    total = np.diff(sums[edges])
    return np.diff(squares[edges]) - 2 * centres * total + n * centres**2


def _means(edges: NDArray[np.intp], sums: Values) -> Values:
    """Means of clusters, none of which is empty."""
    return np.asarray(np.diff(sums[edges]) / np.diff(edges), dtype=np.float64)


def _filled(
    edges: NDArray[np.intp], ordered: Values, sums: Values, squares: Values
) -> NDArray[np.intp]:
    """The same number of clusters, none empty: those with the largest error are cut in two.

    Where one is cut, at its mean, its error falls, so the total never rises.
    """
    k = edges.size - 1
    edges = np.unique(edges)
    while edges.size - 1 < k:
        n = np.diff(edges)
        means = _means(edges, sums)
        errors = np.where(n > 1, np.diff(squares[edges]) - n * means**2, -np.inf)
        worst = int(np.argmax(errors))
        at = _cut(ordered, int(edges[worst]), int(edges[worst + 1]), float(means[worst]))
        edges = np.insert(edges, worst + 1, at)
    return edges


def _cut(ordered: Values, first: int, end: int, mean: float) -> int:
    """Where the values from ``first`` to ``end`` pass their mean, at least one on either side."""
    passed = first + int(np.searchsorted(ordered[first:end], mean, side="right"))
    return min(max(passed, first + 1), end - 1)
