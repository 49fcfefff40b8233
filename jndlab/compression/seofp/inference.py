"""A whole model whose every product with weights is done by integer addition."""

from __future__ import annotations

from typing import Literal, TypeVar, cast

from jndlab.compression.extras import require
from jndlab.compression.seofp.adder import addends
from jndlab.compression.seofp.product import AddingProduct, Product, TakesProduct
from jndlab.compression.weights import is_matrix
from jndlab.errors import CompressionError

Arithmetic = Literal["numpy", "compiled"]
M = TypeVar("M", bound=TakesProduct)


def by_adding(model: M, arithmetic: Arithmetic = "numpy") -> M:
    """The model, its matrix products by addition instead of multiplication.

    Its weights must be zero or ±2^k already (0 fraction bits, or steps of whole octaves). Biases
    are added as they are. The output equals that of float products summed in the same order to the
    last bit; against the model's own products it differs by the order of their sums.

    Raises CompressionError, naming the tensor, for other weights; MissingExtra where "compiled"
    is asked for without Numba.
    """
    for name, tensor in model.weights.items():
        if is_matrix(tensor):
            try:
                addends(tensor)
            except CompressionError as error:
                raise CompressionError(f"{name!r}: {error.message}", error.remedy) from None
    return cast("M", model.with_product(product_by_adding(arithmetic)))


def product_by_adding(arithmetic: Arithmetic = "numpy") -> Product:
    """The product itself: NumPy, or compiled by Numba. Raises MissingExtra."""
    if arithmetic == "numpy":
        return AddingProduct()
    require("numba")
    from jndlab.compression.seofp.kernels import CompiledAddingProduct

    return CompiledAddingProduct()
