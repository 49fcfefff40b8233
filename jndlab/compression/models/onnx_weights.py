"""The weights inside an ONNX graph: found by a rule, read as arrays, put back into a copy.

A weight is a float32 tensor of more than one element, stored as an initialiser or in a Constant
node. Single numbers are parts of formulas (the epsilon of a normalisation), not weights; so are the
scales of a resampling and the window of a transform.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from math import prod
from typing import Any

import numpy as np

from jndlab.compression.extras import require
from jndlab.compression.models.onnx_graph import graphs_of, kind_of
from jndlab.compression.weights import Weights
from jndlab.errors import CompressionError

COUNTING_RULE = "float32 initialisers and constants of more than one element"

_OTHER_PRECISIONS = frozenset(
    {"float16", "bfloat16", "float64", "int8", "uint8", "int16", "uint16", "int4", "uint4"}
)
_NO_WEIGHTS = {
    "Resize": (1, 2),  # region, scales
    "Upsample": (1,),
    "STFT": (2,),  # window
    "Pad": (2,),
}
"""Places of an operator's inputs where float32 numbers are no weights."""


def normalised(model: Any, *, source: str) -> Any:
    """A copy in which every weight is stored in one way, so that equal weights give equal bytes.

    Raises CompressionError for sparse initialisers.
    """
    onnx = require("onnx")
    model = copy.deepcopy(model)
    for graph in graphs_of(model.graph):
        if graph.sparse_initializer:
            raise CompressionError(
                f"{source} stores weights as sparse tensors.",
                "Export it with ordinary (dense) initialisers.",
            )
        for node in graph.node:
            for attribute in node.attribute:
                if node.op_type == "Constant" and attribute.name == "value_floats":
                    values = np.array(attribute.floats, dtype=np.float32)
                    attribute.CopyFrom(
                        onnx.helper.make_attribute("value", onnx.numpy_helper.from_array(values))
                    )
    for _, tensor in _tensors(model):
        if tensor.data_type == onnx.TensorProto.FLOAT:
            _store(tensor, onnx.numpy_helper.to_array(tensor))
    return model


def weights_of(model: Any, *, prefix: str = "", keep: Sequence[str] = ()) -> Weights:
    """Its weights by name, each name after ``prefix``; those that match ``keep`` are left out.

    Raises CompressionError, which names the tensor, for weights in another precision.
    """
    onnx = require("onnx")
    weights = {}
    for name, tensor in _tensors(model):
        if _kept(prefix + name, keep):
            continue
        kind = kind_of(tensor.data_type)
        if kind in _OTHER_PRECISIONS:
            raise CompressionError(
                f"The weights {name!r} are {kind}; only float32 can be compressed.",
                "Export the model in single precision, before any quantisation.",
            )
        if kind == "float32":
            array = np.array(onnx.numpy_helper.to_array(tensor), dtype=np.float32)
            array.flags.writeable = False
            weights[prefix + name] = array
    return weights


def replaced(model: Any, weights: Weights, *, prefix: str = "", keep: Sequence[str] = ()) -> Any:
    """A copy of the model with other weights of the same names and shapes."""
    onnx = require("onnx")
    model = copy.deepcopy(model)
    for name, tensor in _tensors(model):
        if tensor.data_type == onnx.TensorProto.FLOAT and not _kept(prefix + name, keep):
            _store(tensor, weights[prefix + name])
    return model


def count_numbers(model: Any) -> int:
    """How many numbers the tensors of a model hold, of whatever precision."""
    kinds = _OTHER_PRECISIONS | {"float32"}
    return sum(
        prod(tensor.dims) for _, tensor in _tensors(model) if kind_of(tensor.data_type) in kinds
    )


def _kept(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _store(tensor: Any, array: Any) -> None:
    onnx = require("onnx")
    values = np.asarray(array, dtype=np.float32).reshape(tuple(tensor.dims))
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))


def _tensors(model: Any) -> Iterator[tuple[str, Any]]:
    """Every tensor of more than one element that may be a weight, under a name of its own."""
    seen: dict[str, int] = {}
    for graph in graphs_of(model.graph):
        formulas = {
            node.input[place]
            for node in graph.node
            for place in _NO_WEIGHTS.get(node.op_type, ())
            if place < len(node.input)
        }
        for name, tensor in _stored(graph):
            if prod(tensor.dims) <= 1 or name in formulas:
                continue
            seen[name] = seen.get(name, 0) + 1
            yield (name if seen[name] == 1 else f"{name}#{seen[name]}"), tensor


def _stored(graph: Any) -> Iterator[tuple[str, Any]]:
    for tensor in graph.initializer:
        yield tensor.name, tensor
    for node in graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    yield node.output[0], attribute.t
