"""Pruning, clustering and both as graded axes on the weights of a trained model.

These perturb one network, so the difference shrinks to nothing at the near end. It need not grow
with every step for every item, though: check the order of an item's distances before a study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from jndlab.compression.axis import Compressed
from jndlab.compression.counts import Parameters
from jndlab.compression.sparse.accounting import (
    expected_bits,
    packed_size,
    share_smaller,
)
from jndlab.compression.sparse.bit_stream import index_bits
from jndlab.compression.sparse.clustering import (
    MAX_CLUSTERS,
    cluster_tensor,
    codebook_entries,
)
from jndlab.compression.sparse.pruning import (
    Ratios,
    magnitude_masks,
    masked,
    matrices_of,
    reachable_sparsity,
    scaled_ratios,
    sparsity_of,
    uniform_ratios,
)
from jndlab.compression.weights import Weight, Weights, count_nonzero
from jndlab.errors import CompressionError
from jndlab.study.trials import Direction

_MOST = 0.999
"""The highest sparsity on the combined path."""
_BISECTIONS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune:
    """Zeros in place of the smallest weights of each matrix. Level: share of zeros."""

    ratios: Ratios = field(default_factory=dict)
    """Proportions of the matrices' ratios, from a sensitivity analysis; none: all alike."""

    name: ClassVar[str] = "prune"
    unit: ClassVar[str] = "sparsity"
    compression: ClassVar[Direction] = "rises"
    default_levels: ClassVar[tuple[float, ...]] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

    @property
    def rule(self) -> str:
        return f"smallest magnitudes of every matrix to zero, {_shares(self.ratios)}"

    def compress(self, weights: Weights, level: float) -> Compressed:
        """Raises CompressionError for a level outside 0 to below 1."""
        return described(pruned_to(weights, level, self.ratios), {}, codebooks=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """At most K values per matrix, zero aside. Level: log2 K, the bits of an index.

    So x = −log2 K; 3.585 bits are 12 clusters.
    """

    name: ClassVar[str] = "cluster"
    unit: ClassVar[str] = "bits of index"
    compression: ClassVar[Direction] = "falls"
    default_levels: ClassVar[tuple[float, ...]] = (8, 7, 6, 5, 4, 3.585, 3)
    """256, 128, 64, 32, 16, 12 and 8 clusters."""

    @property
    def rule(self) -> str:
        return "k-means of every matrix' weights other than zero, linear start"

    def compress(self, weights: Weights, level: float) -> Compressed:
        """Raises CompressionError for a level outside 0 to 16 bits."""
        k = clusters_at(level)
        clustered = clustered_to(weights, k)
        return described(clustered, {"clusters": k, **_entries(clustered)})


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneCluster:
    """One path: more and more zeros, with K clusters for what is left of each matrix.

    Level: log2 of how many times smaller the model becomes than in single precision, by the
    formula for the packed file (masks at their entropy). The facts state the real file.
    """

    clusters: int = 16
    ratios: Ratios = field(default_factory=dict)
    """As in :class:`Prune`."""

    name: ClassVar[str] = "prune-cluster"
    unit: ClassVar[str] = "log2 times smaller"
    compression: ClassVar[Direction] = "rises"
    default_levels: ClassVar[tuple[float, ...]] = (3, 3.5, 3.8, 4.2, 4.5, 4.8, 5.2)
    """8, 11, 14, 18, 23, 28 and 37 times smaller."""

    @property
    def rule(self) -> str:
        return (
            f"smallest magnitudes of every matrix to zero, {_shares(self.ratios)}; then k-means of "
            f"the rest, K = {self.clusters}, linear start"
        )

    def compress(self, weights: Weights, level: float) -> Compressed:
        """Raises CompressionError for a level that no sparsity gives."""
        sparsity = sparsity_for(weights, 2.0**level, self.clusters, self.ratios)
        pruned = pruned_to(weights, sparsity, self.ratios)
        both = clustered_to(pruned, self.clusters)
        nominal = {"clusters": self.clusters, "times smaller by formula": 2.0**level}
        return described(both, {**nominal, **_entries(both)})


def pruned_to(weights: Weights, sparsity: float, ratios: Ratios) -> dict[str, Weight]:
    """The model with that share of its matrices' weights zero.

    Raises CompressionError for a share outside 0 to below 1: something must stay.
    """
    if not 0 <= sparsity < 1:
        raise CompressionError(
            f"Sparsity {sparsity:g} cannot be.", "Levels of prune lie from 0 to below 1."
        )
    return masked(weights, magnitude_masks(weights, ratios_at(weights, sparsity, ratios)))


def ratios_at(weights: Weights, sparsity: float, ratios: Ratios) -> dict[str, float]:
    """The ratio of each matrix at a sparsity of the model; in proportion to ``ratios`` if any."""
    if ratios:
        return scaled_ratios(weights, ratios, sparsity)
    return uniform_ratios(weights, sparsity)


def clustered_to(weights: Weights, clusters: int | Mapping[str, float]) -> dict[str, Weight]:
    """The model with so many clusters per matrix: one number, or one for each name."""
    counts = (
        dict.fromkeys(matrices_of(weights), clusters) if isinstance(clusters, int) else clusters
    )
    return {
        name: cluster_tensor(tensor, int(counts[name])) if name in counts else tensor
        for name, tensor in weights.items()
    }


def clusters_at(bits: float) -> int:
    """K at a level of :class:`Cluster`: the nearest whole number to 2^bits."""
    if not 0 <= bits <= np.log2(MAX_CLUSTERS + 1):
        raise CompressionError(
            f"{bits:g} bits of index cannot be.",
            "Levels of cluster lie from 0 to 16: log2 of the number of clusters (4 for 16).",
        )
    return min(int(np.rint(2.0**bits)), MAX_CLUSTERS)


def sparsity_for(weights: Weights, times_smaller: float, clusters: int, ratios: Ratios) -> float:
    """The sparsity at which a model with K clusters per matrix is so many times smaller.

    At first the size grows, while a mask costs more than the few zeros save; the sparsity is sought
    where it falls. Raises CompressionError for a factor out of reach.
    """

    def factor(sparsity: float) -> float:
        each = ratios_at(weights, sparsity, ratios)
        return share_smaller(weights, expected_bits(weights, each, clusters))

    high = _MOST * (reachable_sparsity(weights, ratios) if ratios else 1.0)
    least, most = factor(0.0), factor(high)
    if not least <= times_smaller <= most:
        raise CompressionError(
            f"This model cannot become {times_smaller:.3g} times smaller with {clusters} clusters.",
            f"Levels of prune-cluster lie from {np.log2(least):.2f} to {np.log2(most):.2f} here.",
        )
    if times_smaller == least:
        return 0.0
    dearest = 1 / (1 + 2.0 ** index_bits(clusters))  # where equal masks cost most
    low = dearest if factor(dearest) < times_smaller else 0.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if factor(middle) < times_smaller else (low, middle)
    return high


def described(
    weights: Weights, facts: Mapping[str, float | int | str], *, codebooks: bool = True
) -> Compressed:
    """Pruned or clustered weights with their size in the packed file, and facts for the card.

    ``codebooks``: off for weights that are pruned and no more.
    """
    names = matrices_of(weights)
    size = packed_size(weights, codebooks=codebooks)
    sparsities = {name: f"{sparsity_of(weights, (name,)):.3f}" for name in names}
    common: dict[str, float | int | str] = {
        "sparsity": sparsity_of(weights, names),
        "sparsity per matrix": _listed(sparsities),
        "times smaller": size.times_smaller,
        "bits per weight": 8 * size.n_bytes / size.n_weights,
        "bits per weight with ideal masks": size.ideal_bits / size.n_weights,
    }
    return Compressed(
        weights=weights,
        storage=size.storage,
        parameters=Parameters(count=count_nonzero(weights), rule="weights other than zero"),
        facts={**common, **facts},
    )


def _entries(weights: Weights) -> dict[str, float | int | str]:
    """Codebook entries in use: fewer than K where a matrix has fewer distinct values."""
    used = {name: str(codebook_entries(weights[name])) for name in matrices_of(weights)}
    return {"codebook entries per matrix": _listed(used)}


def _listed(values: Mapping[str, str]) -> str:
    """One value where all are equal, else each with its matrix."""
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _shares(ratios: Ratios) -> str:
    return "ratios by sensitivity" if ratios else "the same share of each"
