"""Multiply-accumulates of an ONNX graph, from its tensors' shapes: None rather than a guess."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from jndlab.compression.counts import Operations
from jndlab.compression.extras import require
from jndlab.compression.models.onnx_inference import Layout
from jndlab.compression.models.onnx_layout import Wiring, sample_axis

RULE = (
    "MatMul, Gemm, Conv, ConvTranspose, LSTM, GRU and RNN, one multiply-accumulate per product,"
    " a transposed convolution per input sample; no transforms, no element-wise operations"
)

Shapes = Mapping[str, tuple[int, ...]]

_UNCOUNTED = frozenset(
    {
        "Attention",
        "ConvInteger",
        "DeformConv",
        "Einsum",
        "If",
        "Loop",
        "MatMulInteger",
        "QLinearConv",
        "QLinearMatMul",
        "Scan",
    }
)
_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


class _Unknown(Exception):
    """A heavy operator that cannot be counted."""


def count_operations(
    parts: Sequence[Any], layout: Layout, n_samples: int, *, rate_hz: int
) -> Operations | None:
    """Cost of a clip of so many samples; None where an operator or a shape is unknown."""
    try:
        macs = sum(
            _macs(part, wiring, _length(layout, number, n_samples), layout.source)
            for number, (part, wiring) in enumerate(zip(parts, layout.wirings, strict=True))
        )
    except _Unknown:
        return None
    total = float(macs * layout.n_frames(n_samples))
    return Operations(macs=total, seconds=n_samples / rate_hz, rule=RULE)


def _length(layout: Layout, part: int, n_samples: int) -> int:
    """Numbers that a part takes at once: samples, or bins in the first of two chained parts."""
    if layout.kind == "whole":
        return n_samples
    return layout.frame // 2 + 1 if layout.kind == "chained" and not part else layout.frame


def _macs(model: Any, wiring: Wiring, length: int, source: str) -> int:
    shapes = _shapes(model, wiring, length, source)
    return sum(_of_node(node, shapes) for node in model.graph.node)


def _of_node(node: Any, shapes: Shapes) -> int:
    if node.domain not in ("", "ai.onnx") or node.op_type in _UNCOUNTED:
        raise _Unknown
    count = _COUNTERS.get(node.op_type)
    return 0 if count is None else count(node, shapes)


def _matrix_product(node: Any, shapes: Shapes) -> int:
    left = _shape(shapes, node.input[0])
    transposed = node.op_type == "Gemm" and _attribute(node, "transA", 0)
    inner = left[0] if transposed else left[-1]
    return prod(_shape(shapes, node.output[0])) * inner


def _convolution(node: Any, shapes: Shapes) -> int:
    kernel = _shape(shapes, node.input[1])  # (out, in per group, …)
    return prod(_shape(shapes, node.output[0])) * prod(kernel[1:])


def _transposed_convolution(node: Any, shapes: Shapes) -> int:
    kernel = _shape(shapes, node.input[1])  # (in, out per group, …)
    return prod(_shape(shapes, node.input[0])) * prod(kernel[1:])


def _recurrent(node: Any, shapes: Shapes) -> int:
    directions, rows, width = _shape(shapes, node.input[1])
    hidden = rows // _GATES[node.op_type]
    steps_and_batch = prod(_shape(shapes, node.input[0])[:2])
    return steps_and_batch * directions * rows * (width + hidden)


_COUNTERS: dict[str, Callable[[Any, Shapes], int]] = {
    "MatMul": _matrix_product,
    "Gemm": _matrix_product,
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "RNN": _recurrent,
}


def _shape(shapes: Shapes, name: str) -> tuple[int, ...]:
    if name not in shapes:
        raise _Unknown
    return shapes[name]


def _attribute(node: Any, name: str, default: int) -> int:
    return next((int(one.i) for one in node.attribute if one.name == name), default)


def _shapes(model: Any, wiring: Wiring, length: int, source: str) -> Shapes:
    """Shapes of all tensors when the sound has that length."""
    onnx = require("onnx")
    sized = copy.deepcopy(model)
    for value in sized.graph.input:
        dimensions = value.type.tensor_type.shape.dim
        axis = None
        if value.name == wiring.sound_input.name:
            axis = sample_axis(wiring.sound_input, source=source)
        for place, dimension in enumerate(dimensions):
            if place == axis:
                dimension.dim_value = length
            elif not dimension.dim_value:
                dimension.dim_value = 1
    for value in sized.graph.output:
        value.type.tensor_type.ClearField("shape")  # open sizes there would win over found ones
    try:
        inferred = onnx.shape_inference.infer_shapes(sized, data_prop=True)
    except onnx.shape_inference.InferenceError:
        raise _Unknown from None
    known = {tensor.name: tuple(tensor.dims) for tensor in inferred.graph.initializer}
    for value in (*inferred.graph.input, *inferred.graph.value_info, *inferred.graph.output):
        dimensions = value.type.tensor_type.shape.dim
        if value.type.tensor_type.HasField("shape") and all(
            dimension.HasField("dim_value") for dimension in dimensions
        ):
            known[value.name] = tuple(dimension.dim_value for dimension in dimensions)
    return known
