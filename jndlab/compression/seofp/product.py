"""Whole matrix products by integer addition, in NumPy, and the float product they must equal.

Floating-point sums depend on their order, so equality to the last bit can be stated for one order
only: here every sum starts at zero and takes its terms in the order of the input features.
:func:`product_in_order` does that with ordinary multiplications, :class:`AddingProduct` with
additions of integers; the results are the same to the last bit, since every term is. Against a
BLAS, which sums in another order, they differ by rounding of the sums.

Weights of dense and recurrent layers are seen as (n_in, n_out) here, which may be a transposed
view of what the model holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.seofp.adder import ZERO_FLAG, add_product, addends
from jndlab.compression.seofp.format import EXPONENT, FRACTION_BITS, Bits, values_of
from jndlab.compression.weights import Weight, Weights

Product = Callable[[Weight, Weight], Weight]
"""``product(x, w)``: x (n, n_in) and w (n_in, n_out) give x · w, (n, n_out), single precision."""

Place = tuple[int, tuple[int, ...], tuple[int, ...]]
"""Where an array lies in memory and how it is laid out: the same for every view of a weight."""

_TERMS_AT_A_TIME = 1 << 20
_INFINITE = 255


class TakesProduct(Protocol):
    """A model whose products of signals and weights can be done by another arithmetic."""

    @property
    def weights(self) -> Weights: ...

    def with_product(self, product: Product) -> TakesProduct: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A weight matrix, ready for adding: what depends on the weights alone."""

    addends: Bits
    """(n_in, n_out), C order: see :func:`jndlab.compression.seofp.adder.addends`."""
    lowest: int
    highest: int
    """Range of the exponents k; 0 and 0 if all weights are zero."""
    has_zeros: bool

    @classmethod
    def of(cls, weights: Weight) -> Prepared:
        """From (n_in, n_out). Raises CompressionError unless all are ±0 or ±2^k."""
        prepared = np.ascontiguousarray(addends(weights))
        nonzero = weights[weights != 0]
        powers = np.frexp(nonzero)[1] - 1 if nonzero.size else np.zeros(1, dtype=np.int32)
        return cls(prepared, int(powers.min()), int(powers.max()), nonzero.size < weights.size)

    def is_safe(self, pattern: Bits) -> bool:
        """Whether all products with these x (bits) are normal numbers or of a zero."""
        fields = (pattern & EXPONENT) >> np.uint32(FRACTION_BITS)
        fields = fields[pattern << np.uint32(1) != 0]
        if not fields.size:
            return True
        smallest, largest = int(fields.min()), int(fields.max())
        return (
            smallest > 0
            and smallest + self.lowest > 0
            and largest < _INFINITE
            and largest + self.highest < _INFINITE
        )


@dataclass(frozen=True, slots=True, eq=False)
class AddingProduct:
    """x · w without a multiplication, for weights that are all ±0 or ±2^k.

    Weights are prepared when they are first seen and remembered by their place in memory: an array
    that was given once must not be changed afterwards.
    """

    _prepared: dict[Place, tuple[Weight, Prepared]] = field(default_factory=dict, repr=False)

    def __call__(self, x: Weight, w: Weight) -> Weight:
        """Raises CompressionError for other weights."""
        prepared = self.prepare(w)
        return np.concatenate(
            [_sum_in_order(_terms(rows, prepared)) for rows in _parts(x, w.shape[1])]
        )

    def prepare(self, w: Weight) -> Prepared:
        """The weights for adding, from memory if they were there before."""
        known = self._prepared.get(place_of(w))
        if known is None:
            known = (w, Prepared.of(w))  # holding w keeps its place from being given again
            self._prepared[place_of(w)] = known
        return known[1]


def place_of(array: Weight) -> Place:
    """What tells weights apart that live at the same time."""
    return array.__array_interface__["data"][0], array.shape, array.strides


def product_in_order(x: Weight, w: Weight) -> Weight:
    """x · w with float multiplications, summed in the order of :class:`AddingProduct`."""
    ordered = np.ascontiguousarray(w)
    return np.concatenate(
        [_sum_in_order(rows[:, :, np.newaxis] * ordered) for rows in _parts(x, w.shape[1])]
    )


def _parts(x: Weight, n_out: int) -> Iterator[Weight]:
    """Rows of x in parts whose terms fit in memory; at least one part, even of no rows."""
    size = max(1, _TERMS_AT_A_TIME // max(1, x.shape[1] * n_out))
    for start in range(0, max(1, x.shape[0]), size):
        yield x[start : start + size]


def _terms(rows: Weight, prepared: Prepared) -> Weight:
    """(n, n_in, n_out) products of each input with each of its weights."""
    pattern = np.ascontiguousarray(rows, dtype=np.float32).view(np.uint32)
    if not prepared.is_safe(pattern):
        return add_product(rows[:, :, np.newaxis], prepared.addends)
    total = pattern[:, :, np.newaxis] + prepared.addends
    # Of which sign a zero term is does not matter: a sum that starts at +0 never becomes -0.
    is_zero = pattern << np.uint32(1) == 0
    if is_zero.any():
        total[is_zero] = 0
    if prepared.has_zeros:
        total[:, (prepared.addends & ZERO_FLAG) != 0] = 0
    return values_of(total)


def _sum_in_order(terms: NDArray[np.float32]) -> Weight:
    # numpy's own sum takes pairs or blocks, depending on the shape.
    total = np.zeros((terms.shape[0], terms.shape[2]), dtype=np.float32)
    for place in range(terms.shape[1]):
        total += terms[:, place]
    return total
