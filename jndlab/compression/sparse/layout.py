"""How each tensor of a model is stored in a packed file, and what that takes to the byte.

Zeros are left out where a mask costs less than they do; the rest is stored as indices into a
codebook of its distinct values where that costs less than the values themselves. So one rule holds
for a pruned model, a clustered one, both, and neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.sparse.bit_stream import index_bits
from jndlab.compression.sparse.mask_code import Mask, coded_size
from jndlab.compression.weights import FLOAT_BITS, Weight, Weights

MaskCoding = Literal["none", "plain", "enumerative"]
"""none: all weights are stored, zeros too; plain: a bit per weight."""

MASK_CODINGS: tuple[MaskCoding, ...] = ("none", "plain", "enumerative")
MAX_ENTRIES = 2**16 - 1
_FLOAT_BYTES = FLOAT_BITS // 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where one tensor's bytes go."""

    shape: tuple[int, ...]
    mask: MaskCoding
    mask_bytes: int
    n_stored: int
    """Weights that are stored: all of them, or those that the mask keeps."""
    entries: int
    """Values of the codebook; 0: the weights are stored as they are."""

    @property
    def n_weights(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def codebook_bytes(self) -> int:
        return _FLOAT_BYTES * self.entries

    @property
    def value_bytes(self) -> int:
        """Indices of ceil(log2 K) bits, filled up to a whole byte; or single precision."""
        if self.entries:
            return -(-self.n_stored * index_bits(self.entries) // 8)
        return _FLOAT_BYTES * self.n_stored

    @property
    def n_bytes(self) -> int:
        return self.mask_bytes + self.codebook_bytes + self.value_bytes


Layout = Mapping[str, Part]
"""By name, in the model's order."""


def kept_mask(tensor: Weight) -> Mask:
    """True for every weight but 0.0. A negative zero is a value, or it would not come back."""
    return np.asarray(patterns_of(tensor) != 0)


def patterns_of(tensor: Weight) -> NDArray[np.uint32]:
    """The weights' bits as whole numbers: equal if and only if the weights are, bit for bit."""
    return np.ascontiguousarray(tensor, dtype="<f4").view(np.uint32).reshape(tensor.shape)


def part_of(tensor: Weight, mask: MaskCoding = "enumerative", *, codebooks: bool = True) -> Part:
    """The smallest storage of a tensor.

    ``mask``: the densest code of masks that is tried. ``codebooks`` is to be off where a model is
    only pruned: weights that were kept in half precision have few distinct values, and a codebook
    of those would count as pruning what is none.
    """
    kept = kept_mask(tensor)
    n_kept = int(np.count_nonzero(kept))
    has_zeros = n_kept < tensor.size
    entries = np.unique(patterns_of(tensor)).size if codebooks else 0
    candidates = _candidates(tensor.shape, "none", 0, tensor.size, entries)
    if mask != "none" and has_zeros:
        plain = -(-tensor.size // 8)
        candidates += _candidates(tensor.shape, "plain", plain, n_kept, entries - 1)
        if mask == "enumerative":
            coded = coded_size(kept)
            candidates += _candidates(tensor.shape, "enumerative", coded, n_kept, entries - 1)
    return min(candidates, key=lambda part: part.n_bytes)


def layout_of(
    weights: Weights, mask: MaskCoding = "enumerative", *, codebooks: bool = True
) -> Layout:
    """The same for all tensors of a model."""
    return {name: part_of(tensor, mask, codebooks=codebooks) for name, tensor in weights.items()}


def _candidates(
    shape: tuple[int, ...], mask: MaskCoding, mask_bytes: int, n_stored: int, entries: int
) -> list[Part]:
    """Without and, where there can be one, with a codebook."""
    numbers = (0, entries) if 0 < entries <= MAX_ENTRIES else (0,)
    return [
        Part(shape=shape, mask=mask, mask_bytes=mask_bytes, n_stored=n_stored, entries=number)
        for number in numbers
    ]
