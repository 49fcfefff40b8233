"""Find a torch module by its import path, and fill it with the weights of a file."""

from __future__ import annotations

import importlib
import inspect
import pickle
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab.compression.extras import require
from jndlab.errors import CompressionError

if TYPE_CHECKING:
    from jndlab.compression.models.torch_model import TorchModel

_INSIDE = ("state_dict", "model_state_dict", "model", "weights")
"""Where training scripts put the weights when they save more than these."""


def load_torch_model(
    place: str, *, weights: Path | None = None, paths: Sequence[Path] = (), rate_hz: int = 16_000
) -> TorchModel:
    """The module that ``package.module:callable`` makes, with the weights of a file if given.

    The callable takes no arguments and returns a ``torch.nn.Module`` with
    ``forward(noisy (batch, n_samples)) -> (batch, n_samples)``; a module itself will do, too.
    ``weights`` is a file of ``torch.save(module.state_dict(), …)``; it is read without running code
    from it. ``paths`` are folders to import from, before all others.

    Raises CompressionError when anything is not there or does not fit, and MissingExtra.
    """
    torch = require("torch")
    from jndlab.compression.models.torch_model import TorchModel

    module = _module_of(place, _found(place, paths), torch)
    if weights is not None:
        _fill(module, weights, torch)
    name = place if weights is None else f"{place} ({weights.name})"
    return TorchModel(module, name=name, rate_hz=rate_hz)


def _found(place: str, paths: Sequence[Path]) -> Any:
    """The object of that name."""
    for folder in reversed(paths):
        if not folder.is_dir():
            raise CompressionError(f"There is no folder {folder}.", "Check --path.")
        if str(folder.resolve()) not in sys.path:
            sys.path.insert(0, str(folder.resolve()))  # stays: models import lazily, too
    module_name, _, attributes = place.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:  # the code that runs is not ours
        raise CompressionError(
            f"{module_name} cannot be imported: {error or type(error).__name__}.",
            "Name an installed module as package.module:callable, or the folder it is in"
            " with --path.",
        ) from error
    for attribute in attributes.split("."):
        if not hasattr(found, attribute):
            raise CompressionError(
                f"{module_name} has no {attributes!r}.",
                "Name a function without arguments that returns the torch module.",
            )
        found = getattr(found, attribute)
    return found


def _module_of(place: str, found: Any, torch: Any) -> Any:
    if isinstance(found, torch.nn.Module):
        return found
    if not callable(found) or not _takes_nothing(found):
        raise CompressionError(
            f"{place} cannot be called without arguments.",
            "Write a function without arguments that returns the torch module, and name that.",
        )
    try:
        module = found()
    except Exception as error:  # as above
        raise CompressionError(
            f"{place} fails: {type(error).__name__}: {error}",
            "Name a function without arguments that returns the torch module.",
        ) from error
    if not isinstance(module, torch.nn.Module):
        raise CompressionError(
            f"{place} gives no torch.nn.Module, but this type: {type(module).__name__}.",
            "Name a function without arguments that returns the torch module.",
        )
    return module


def _takes_nothing(function: Any) -> bool:
    try:
        inspect.signature(function).bind()
    except (TypeError, ValueError):
        return False
    return True


def _fill(module: Any, path: Path, torch: Any) -> None:
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CompressionError(
            f"{path} cannot be read: {error.strerror or error}.", "Name a file of weights."
        ) from None
    except (pickle.UnpicklingError, EOFError, RuntimeError, ValueError, KeyError):
        raise CompressionError(
            f"{path} is no file of torch weights, or holds more than weights.",
            "Save it with torch.save(module.state_dict(), path): other objects are not loaded,"
            " since they could run code.",
        ) from None
    state = _state_in(saved, torch)
    if state is None:
        raise CompressionError(
            f"{path} holds no table of weights.",
            "Save it with torch.save(module.state_dict(), path).",
        )
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        first = str(error).splitlines()[1:2] or str(error).splitlines()
        raise CompressionError(
            f"The weights of {path.name} do not fit the module: {first[0].strip()}",
            "Build the module with the options that it was trained with.",
        ) from None


def _state_in(saved: Any, torch: Any) -> Mapping[str, Any] | None:
    if not isinstance(saved, Mapping):
        return None
    if saved and all(isinstance(value, torch.Tensor) for value in saved.values()):
        return saved
    for key in _INSIDE:
        if key in saved:
            return _state_in(saved[key], torch)
    return None
