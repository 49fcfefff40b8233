"""An ONNX file in memory: read whole with its external data, its sounds and states by name.

Models are passed about as ``onnx.ModelProto``, typed ``Any``: the library is an extra.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jndlab.compression.extras import require
from jndlab.errors import CompressionError

LARGEST_BYTES = 2**31 - 1
"""Of a model in memory: the limit of the encoding that ONNX files use."""


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a graph."""

    name: str
    shape: tuple[int | None, ...]
    """None where the size is open."""
    kind: str
    """Of the numbers: float32, int64."""


def load_graph(path: Path) -> Any:
    """The model in a file, with the data that lie beside it. Raises CompressionError."""
    onnx = require("onnx")
    decode_error = importlib.import_module("google.protobuf.message").DecodeError
    try:
        model = onnx.load(str(path))
    except OSError as error:
        raise CompressionError(
            f"{path} cannot be read: {error.strerror or error}.", "Name an ONNX file."
        ) from None
    except decode_error:
        raise _no_onnx(path) from None
    except onnx.checker.ValidationError as error:
        raise CompressionError(
            f"Data of {path.name} that lie in a file of their own are missing: {error}",
            "Put the external data file beside the model, or save the model as one file.",
        ) from None
    if not model.graph.node:
        raise _no_onnx(path)
    return model


def _no_onnx(path: Path) -> CompressionError:
    return CompressionError(
        f"{path} is no ONNX model, or is damaged.",
        "Export the model again, for example with torch.onnx.export.",
    )


def serialised(model: Any, *, source: str) -> bytes:
    """The bytes of a model, the same for the same model. Raises CompressionError if too large."""
    if model.ByteSize() > LARGEST_BYTES:
        raise CompressionError(
            f"{source} is larger than 2 GB.", "Only models up to 2 GB can be compressed here."
        )
    return bytes(model.SerializeToString(deterministic=True))


def inputs_of(model: Any) -> tuple[Port, ...]:
    """What must be fed: inputs without a value of their own."""
    given = {tensor.name for tensor in model.graph.initializer}
    return tuple(_port(one) for one in model.graph.input if one.name not in given)


def outputs_of(model: Any) -> tuple[Port, ...]:
    """What comes out, in the graph's order."""
    return tuple(_port(one) for one in model.graph.output)


def graphs_of(graph: Any) -> Iterator[Any]:
    """The graph and those inside its nodes (branches, loops), outer ones first."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs_of(attribute.g)
            for inner in attribute.graphs:
                yield from graphs_of(inner)


def kind_of(data_type: int) -> str:
    """The name of a type of numbers: "float32", "int8"."""
    onnx = require("onnx")
    known: str = onnx.TensorProto.DataType.Name(data_type).lower()
    return {"float": "float32", "double": "float64"}.get(known, known)


def _port(value: Any) -> Port:
    tensor = value.type.tensor_type
    shape = tuple(
        dimension.dim_value if dimension.HasField("dim_value") and dimension.dim_value else None
        for dimension in tensor.shape.dim
    )
    return Port(value.name, shape, kind_of(tensor.elem_type))
