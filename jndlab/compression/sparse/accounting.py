"""What a pruned and clustered model takes: by the formula, and in its packed file.

The formulas count the weights of a matrix. The file also holds biases in single precision,
codebooks and names, so it is never quite as many times smaller as the formula says: both are told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jndlab.compression.counts import Storage
from jndlab.compression.sparse.bit_stream import index_bits
from jndlab.compression.sparse.layout import Layout, MaskCoding, layout_of
from jndlab.compression.sparse.packing import frame_bytes
from jndlab.compression.weights import FLOAT_BITS, Weights, count_weights
from jndlab.errors import CompressionError

MaskRule = Literal["plain", "entropy"]
"""plain: a bit per weight; entropy: what an ideal code of independent zeros would take."""

PACKED_RULE = (
    "packed file: enumerative masks, ceil(log2 K) bits per weight other than zero, codebooks and "
    "biases in float32, names and shapes"
)
PRUNED_RULE = (
    "packed file: enumerative masks, float32 for weights other than zero, names and shapes"
)


def entropy(sparsity: float) -> float:
    """H(s) in bits: of a mask in which each weight is zero with probability s (Shannon 1948)."""
    if sparsity in (0.0, 1.0):
        return 0.0
    return -sparsity * math.log2(sparsity) - (1 - sparsity) * math.log2(1 - sparsity)


def bits_per_weight(sparsity: float, clusters: int, mask: MaskRule = "entropy") -> float:
    """Bits per weight of a matrix, without its codebook: mask + (1 − s) · log2 K.

    log2 K is not rounded up here: for K that is no power of two the file takes ceil(log2 K).
    Where nothing is pruned there is no mask. Raises CompressionError for s outside 0 to 1 or K < 1.
    """
    if not 0 <= sparsity <= 1 or clusters < 1:
        raise CompressionError(
            f"Sparsity {sparsity:g} with {clusters} clusters cannot be.",
            "Sparsity lies between 0 and 1, and there is at least one cluster.",
        )
    mask_bits = 0.0 if not sparsity else 1.0 if mask == "plain" else entropy(sparsity)
    return mask_bits + (1 - sparsity) * math.log2(clusters)


def times_smaller(bits: float) -> float:
    """Against single precision."""
    return FLOAT_BITS / bits


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedSize:
    """Every byte of a packed file."""

    masks: int
    codebooks: int
    indices: int
    floats: int
    """Weights stored as they are: biases, norms, matrices that are not clustered."""
    frame: int
    """Names, shapes, checksum."""
    n_weights: int
    ideal_mask_bits: float
    """Entropy of the masks: n · H(s), summed over the tensors."""

    @property
    def n_bytes(self) -> int:
        return self.masks + self.codebooks + self.indices + self.floats + self.frame

    @property
    def ideal_bits(self) -> float:
        """The same model if masks took their entropy, and names and filling nothing."""
        return self.ideal_mask_bits + 8 * (self.codebooks + self.indices + self.floats)

    @property
    def times_smaller(self) -> float:
        """The file against 32 bits per weight."""
        return FLOAT_BITS * self.n_weights / (8 * self.n_bytes)

    @property
    def storage(self) -> Storage:
        rule = PACKED_RULE if self.codebooks else PRUNED_RULE
        return Storage(bits=8 * self.n_bytes, rule=rule)


def packed_size(
    weights: Weights, mask: MaskCoding = "enumerative", *, codebooks: bool = True
) -> PackedSize:
    """Size of the file that :func:`jndlab.compression.sparse.packing.pack` makes, without it."""
    return size_of(layout_of(weights, mask, codebooks=codebooks))


def size_of(layout: Layout) -> PackedSize:
    """Sums over the parts of a layout."""
    parts = layout.values()
    return PackedSize(
        masks=sum(part.mask_bytes for part in parts),
        codebooks=sum(part.codebook_bytes for part in parts),
        indices=sum(part.value_bytes for part in parts if part.entries),
        floats=sum(part.value_bytes for part in parts if not part.entries),
        frame=frame_bytes({name: len(part.shape) for name, part in layout.items()}),
        n_weights=sum(part.n_weights for part in parts),
        ideal_mask_bits=sum(
            part.n_weights * entropy(1 - part.n_stored / part.n_weights) for part in parts
        ),
    )


def expected_bits(weights: Weights, sparsities: Mapping[str, float], k: int) -> float:
    """Bits of the packed file by formula, before anything is pruned or clustered.

    The named matrices at their sparsity with K clusters (0: not clustered) each, all else in single
    precision; masks at their entropy; names and shapes as they will be.
    """
    value_bits = index_bits(k) if k else FLOAT_BITS
    total: float = 8 * frame_bytes({name: tensor.ndim for name, tensor in weights.items()})
    for name, tensor in weights.items():
        if name in sparsities:
            sparsity = sparsities[name]
            total += tensor.size * (entropy(sparsity) + (1 - sparsity) * value_bits)
            total += FLOAT_BITS * k
        else:
            total += FLOAT_BITS * tensor.size
    return total


def share_smaller(weights: Weights, bits: float) -> float:
    """How many times smaller than single precision so many bits are."""
    return FLOAT_BITS * count_weights(weights) / bits
