"""Libraries that only some of this room needs: asked for where they are used, by name."""

from __future__ import annotations

import importlib
from typing import Any

from jndlab.errors import MissingExtra

EXTRA_OF = {
    "numba": "kernels",
    "torch": "train",
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "pesq": "scores",
    "pystoi": "scores",
}


def require(module: str) -> Any:
    """The imported library. Raises MissingExtra, which names the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if error.name != module:  # it is there, but broken: say what it says
            raise
        raise MissingExtra(module, EXTRA_OF[module]) from None


def is_installed(module: str) -> bool:
    """Whether the library can be imported."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True
