"""Running an ONNX model on one thread, with its refusals in words that help."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.extras import require
from jndlab.errors import CompressionError

Arrays = Mapping[str, NDArray[Any]]

_OPERATORS = (
    re.compile(r"No Op registered for (?P<name>\S+)"),
    re.compile(r"Could not find an implementation for (?P<name>\w+)"),
    re.compile(r"(?P<name>[\w.]+:\w+)\(-?\d+\) is not a registered function/op"),
)
_VERSIONS = re.compile(r"Unsupported model IR version|Opset \d+ is under development")


class Session:
    """One model, loaded and ready to run."""

    def __init__(self, content: bytes, *, source: str) -> None:
        """Raises CompressionError for a model that onnxruntime cannot run."""
        runtime = require("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1  # small products: threads cost more than they save
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what matters is raised, and said once
        self._source = source
        self._refusals = _refusals()
        try:
            self._session = runtime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except self._refusals as error:
            raise _load_error(source, str(error)) from None

    def run(self, outputs: list[str], feeds: Arrays) -> list[NDArray[np.float32]]:
        """The named outputs. Raises CompressionError for shapes that the model does not take."""
        try:
            found: list[NDArray[np.float32]] = self._session.run(outputs, feeds)
        except self._refusals as error:
            shapes = ", ".join(f"{name} {value.shape}" for name, value in feeds.items())
            raise CompressionError(
                f"{self._source} does not run on {shapes}: {_reason(str(error))}",
                "Check which kind of model it is: a whole clip, or frames with states"
                " (frame and hop).",
            ) from None
        return found


def _refusals() -> tuple[type[Exception], ...]:
    """Whatever onnxruntime raises: its own classes have no common one of their own."""
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    return tuple(
        member
        for member in vars(state).values()
        if isinstance(member, type) and issubclass(member, Exception)
    )


def _load_error(source: str, text: str) -> CompressionError:
    for pattern in _OPERATORS:
        found = pattern.search(text)
        if found:
            return CompressionError(
                f"{source} uses the operator {found['name']}, which onnxruntime cannot run on a"
                " processor.",
                "Export the model with standard ONNX operators (another opset may do), or render"
                " its output elsewhere and give the folder.",
            )
    if _VERSIONS.search(text):
        return CompressionError(
            f"{source} is newer than the installed onnxruntime: {_reason(text)}",
            "Update onnxruntime, or export the model with an older opset.",
        )
    return CompressionError(
        f"{source} cannot be run: {_reason(text)}", "Check it with onnx.checker, and export again."
    )


def _reason(text: str) -> str:
    """The last part of a message of onnxruntime, without code and source lines."""
    reason = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text.strip())
    reason = re.sub(r"/\S+\.(?:h|cc):\d+ .*?\) ", "", reason, flags=re.DOTALL)
    return " ".join(reason.split())[:300]
