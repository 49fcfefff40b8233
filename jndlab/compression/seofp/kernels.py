"""The same matrix products compiled by Numba (extra ``kernels``): by addition, and in float.

Import this module only after ``require("numba")``. Both kernels have the same loops and the same
order of sums as :mod:`jndlab.compression.seofp.product`, whose results they give bit for bit, so
that comparing their times compares an integer addition with a float multiplication and nothing
else. Neither may reorder sums (no fastmath).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numba
import numpy as np
from numpy.typing import NDArray

from jndlab.compression.seofp.adder import ZERO_FLAG
from jndlab.compression.seofp.product import (
    AddingProduct,
    Place,
    Prepared,
    place_of,
    product_in_order,
)
from jndlab.compression.weights import Weight

Integers = NDArray[np.int32]


@numba.njit(cache=False)
def multiply_rows(x: Weight, w: Weight, out: Weight) -> None:
    """out = x · w in float; x (n, k), w (k, m), out (n, m) all zero."""
    for row in range(x.shape[0]):
        for place in range(x.shape[1]):
            value = x[row, place]
            if value == 0:
                continue
            for column in range(w.shape[1]):
                out[row, column] += value * w[place, column]


@numba.njit(cache=False)
def add_rows(x: Integers, w: Integers, out: Weight) -> None:
    """out = x · w by addition: bits of x, addends w without zeros, products all in range."""
    for row in range(x.shape[0]):
        for place in range(x.shape[1]):
            value = x[row, place]
            if value & 0x7FFFFFFF == 0:
                continue
            for column in range(w.shape[1]):
                out[row, column] += np.int32(value + w[place, column]).view(np.float32)


@numba.njit(cache=False)
def add_rows_masked(x: Integers, w: Integers, keep: Integers, out: Weight) -> None:
    """As :func:`add_rows`, for weights some of which are zero: ``keep`` is 0 there, else −1."""
    for row in range(x.shape[0]):
        for place in range(x.shape[1]):
            value = x[row, place]
            if value & 0x7FFFFFFF == 0:
                continue
            for column in range(w.shape[1]):
                bits = np.int32(value + w[place, column]) & keep[place, column]
                out[row, column] += np.int32(bits).view(np.float32)


@numba.njit(cache=False)
def is_safe(x: Integers, lowest: int, highest: int) -> bool:
    """:meth:`Prepared.is_safe` compiled: x are bits, then the range of the weights' exponents."""
    for row in range(x.shape[0]):
        for place in range(x.shape[1]):
            magnitude = x[row, place] & 0x7FFFFFFF
            if magnitude != 0:
                exponent = magnitude >> 23
                if exponent <= max(0, -lowest) or exponent >= 255 - max(0, highest):
                    return False
    return True


@dataclass(frozen=True, slots=True, eq=False)
class CompiledAddingProduct:
    """:class:`AddingProduct` compiled. Where a product may leave the range, NumPy does it."""

    _plain: AddingProduct = field(default_factory=AddingProduct, repr=False)
    _masks: dict[Place, Integers] = field(default_factory=dict, repr=False)

    def __call__(self, x: Weight, w: Weight) -> Weight:
        """x (n, n_in) · w (n_in, n_out). Raises CompressionError unless all w are ±0 or ±2^k."""
        prepared = self._plain.prepare(w)
        bits = np.ascontiguousarray(x, dtype=np.float32).view(np.int32)
        if not is_safe(bits, prepared.lowest, prepared.highest):
            return self._plain(x, w)
        out = np.zeros((x.shape[0], w.shape[1]), dtype=np.float32)
        added = prepared.addends.view(np.int32)
        if prepared.has_zeros:
            add_rows_masked(bits, added, self._mask(w, prepared), out)
        else:
            add_rows(bits, added, out)
        return out

    def _mask(self, w: Weight, prepared: Prepared) -> Integers:
        place = place_of(w)
        if place not in self._masks:
            zero = (prepared.addends & ZERO_FLAG) != 0
            self._masks[place] = np.where(zero, 0, -1).astype(np.int32)
        return self._masks[place]


@dataclass(frozen=True, slots=True, eq=False)
class CompiledFloatProduct:
    """The float product in the same loops: what the adding one is fairly compared with."""

    _ordered: dict[Place, tuple[Weight, Weight]] = field(default_factory=dict, repr=False)

    def __call__(self, x: Weight, w: Weight) -> Weight:
        """x (n, n_in) · w (n_in, n_out), summed in order."""
        place = place_of(w)
        if place not in self._ordered:
            self._ordered[place] = (w, np.ascontiguousarray(w))
        if not np.isfinite(x).all():  # 0 · inf is NaN; the kernel skips zeros of x only
            return product_in_order(x, w)
        out = np.zeros((x.shape[0], w.shape[1]), dtype=np.float32)
        multiply_rows(np.ascontiguousarray(x), self._ordered[place][1], out)
        return out
