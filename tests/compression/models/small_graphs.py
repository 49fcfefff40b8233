"""Small ONNX graphs whose output can be said in a line of numpy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
OPSET = 17


def port(name: str, *shape: int | str | None, kind: int = FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, list(shape))


def model(
    nodes: Sequence[Any],
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    tensors: dict[str, np.ndarray] | None = None,
) -> Any:
    initialisers = [numpy_helper.from_array(value, name) for name, value in (tensors or {}).items()]
    graph = helper.make_graph(list(nodes), "graph", list(inputs), list(outputs), initialisers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def save(made: Any, path: Path) -> Path:
    onnx.save(made, str(path))
    return path


def constant(name: str, value: np.ndarray) -> Any:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value))


KERNEL = np.array([[[0.25, 0.5, 0.25]]], dtype=np.float32)
GAIN = np.array([0.5, 1.0], dtype=np.float32)


def smoother(*shape: int | str | None) -> Any:
    """Whole clips: convolved with KERNEL, times GAIN[1], plus a tiny number that is no weight."""
    to, back = (np.array(size, dtype=np.int64) for size in ([1, 1, -1], [1, -1]))
    nodes = [
        helper.make_node("Reshape", ["noisy", "to"], ["three"]),
        helper.make_node("Conv", ["three", "kernel"], ["smooth"], pads=[1, 1]),
        constant("gains", GAIN),
        helper.make_node("Gather", ["gains", "second"], ["gain"]),
        helper.make_node("Mul", ["smooth", "gain"], ["scaled"]),
        helper.make_node("Add", ["scaled", "tiny"], ["sum"]),
        helper.make_node("Reshape", ["sum", "back"], ["enhanced"]),
    ]
    tensors = {
        "kernel": KERNEL,
        "to": to,
        "back": back,
        "second": np.array(1, dtype=np.int64),
        "tiny": np.array([0.0], dtype=np.float32),
    }
    size = shape or (1, "n")
    return model(nodes, [port("noisy", *size)], [port("enhanced", 1, "n")], tensors)


def smoothed(noisy: np.ndarray) -> np.ndarray:
    return np.convolve(noisy, KERNEL[0, 0], mode="same") * GAIN[1]


def leaky(frame: int = 4, *, state_out: str = "mean_out", size: int | None = None) -> Any:
    """Frames: times two, plus a state that is half the old one and the frame's mean."""
    nodes = [
        helper.make_node("ReduceMean", ["noisy"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Mul", ["mean_in", "half"], ["old"]),
        helper.make_node("Add", ["old", "mean"], [state_out]),
        helper.make_node("Mul", ["noisy", "two"], ["louder"]),
        helper.make_node("Add", ["louder", state_out], ["enhanced"]),
    ]
    tensors = {"half": np.array([[0.5]], np.float32), "two": np.full((1, 1), 2, np.float32)}
    sound = frame if size is None else size
    return model(
        nodes,
        [port("noisy", 1, sound), port("mean_in", 1, 1)],
        [port("enhanced", 1, frame), port(state_out, 1, 1)],
        tensors,
    )


def leaked(noisy: np.ndarray, frame: int = 4) -> np.ndarray:
    padded = np.append(noisy, np.zeros(-noisy.size % frame)).reshape(-1, frame)
    state, output = 0.0, []
    for block in padded:
        state = state / 2 + block.mean()
        output.append(2 * block + state)
    return np.concatenate(output)[: noisy.size]


def gated(frame: int = 4, hidden: int = 3) -> Any:
    """Frames: a GRU whose state is fed back makes a mask."""
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.5, shape).astype(np.float32)

    nodes = [
        helper.make_node(
            "GRU", ["frames", "W", "R", "B", "", "h_in"], ["", "h_out"], hidden_size=hidden
        ),
        helper.make_node("Squeeze", ["h_out", "first"], ["row"]),
        helper.make_node("MatMul", ["row", "dense"], ["raw"]),
        helper.make_node("Sigmoid", ["raw"], ["mask"]),
        helper.make_node("Mul", ["frames", "mask"], ["enhanced"]),
    ]
    tensors = {
        "W": drawn(1, 3 * hidden, frame),
        "R": drawn(1, 3 * hidden, hidden),
        "B": drawn(1, 6 * hidden),
        "dense": drawn(hidden, frame),
        "first": np.array([0], dtype=np.int64),
    }
    return model(
        nodes,
        [port("h_in", 1, 1, hidden), port("frames", 1, 1, frame)],
        [port("enhanced", 1, 1, frame), port("h_out", 1, 1, hidden)],
        tensors,
    )


def mask_part(bins: int, factor: float) -> Any:
    """Part one of a chain: a mask that is ``factor`` and half of what the state says."""
    nodes = [
        helper.make_node("Mul", ["magnitudes", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "factor"], ["flat"]),
        helper.make_node("Add", ["flat", "state_in"], ["mask"]),
        helper.make_node("Add", ["state_in", "step"], ["state_out"]),
    ]
    tensors = {
        "zero": np.zeros((1, 1), np.float32),
        "factor": np.full(bins, factor, np.float32),
        "step": np.full((1, 1, 1), 0.125, np.float32),
    }
    return model(
        nodes,
        [port("magnitudes", 1, 1, bins), port("state_in", 1, 1, 1)],
        [port("mask", 1, 1, bins), port("state_out", 1, 1, 1)],
        tensors,
    )


def block_part(block: int) -> Any:
    """Part two of a chain: a quarter of the block, through a state that stays what it is."""
    nodes = [
        helper.make_node("Mul", ["block", "quarter"], ["soft"]),
        helper.make_node("Add", ["soft", "state_in"], ["out"]),
        helper.make_node("Identity", ["state_in"], ["state_out"]),
    ]
    tensors = {"quarter": np.full(block, 0.25, np.float32)}
    return model(
        nodes,
        [port("block", 1, 1, block), port("state_in", 1, 1, 1)],
        [port("out", 1, 1, block), port("state_out", 1, 1, 1)],
        tensors,
    )
