"""A model by what a person calls it: bundled, a file, or the import path of a torch module."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from jndlab.compression import checkpoints
from jndlab.compression.model import WeightedModel
from jndlab.compression.models.onnx_layout import OnnxOptions
from jndlab.compression.weights import require_weights
from jndlab.errors import CompressionError

ACCEPTED = (
    "Accepted are: bundled; bundled:twin; a checkpoint FILE.npz; FILE.onnx; two chained parts"
    " A.onnx,B.onnx; package.module:callable, which gives a torch module."
)

DEFAULT_RATE_HZ = 16_000

Kind = Literal["bundled", "checkpoint", "onnx", "torch"]
_KINDS: dict[Kind, str] = {
    "bundled": "a bundled model",
    "checkpoint": "a checkpoint",
    "onnx": "an ONNX file",
    "torch": "a torch module (package.module:callable)",
}
_ONNX_OPTIONS = {
    "kind": "--onnx-kind",
    "frame": "--frame",
    "hop": "--hop",
    "delay": "--delay",
    "states": "--state",
    "keep": "--keep",
}
"""Fields of OnnxOptions, as a person names them."""

_BUNDLED = "bundled"
_ONNX = ".onnx"
_WEIGHTS_ALONE = (".pt", ".pth", ".ckpt", ".bin", ".safetensors")
_IMPORT_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


def load_model(
    spec: str,
    *,
    onnx: OnnxOptions | None = None,
    weights: Path | None = None,
    paths: Sequence[Path] = (),
    rate_hz: int | None = None,
) -> WeightedModel:
    """The model that is meant, to be rendered: its weights may be of any precision.

    ``onnx`` says what an ONNX graph does not tell; ``weights`` (a file) and ``paths`` (folders to
    import from) go with a torch module; ``rate_hz`` with both. Raises CompressionError, which lists
    what is accepted or names what says nothing of such a model, and MissingExtra.
    """
    spec, onnx = spec.strip(), onnx or OnnxOptions()
    kind = _kind_of(spec)
    _require_fitting(spec, kind, _named(onnx, weights, paths, rate_hz))
    if kind == "bundled":
        return _bundled(spec)
    if kind == "checkpoint":
        return checkpoints.model_of(checkpoints.load_checkpoint(Path(spec)))
    if kind == "onnx":
        return _onnx(_onnx_files(spec), replace(onnx, rate_hz=rate_hz or onnx.rate_hz))
    return _torch(spec, weights, paths, rate_hz or DEFAULT_RATE_HZ)


def load_weighted_model(
    spec: str,
    *,
    onnx: OnnxOptions | None = None,
    weights: Path | None = None,
    paths: Sequence[Path] = (),
    rate_hz: int | None = None,
) -> WeightedModel:
    """The same for compressing it: weights in another precision are refused by name."""
    model = load_model(spec, onnx=onnx, weights=weights, paths=paths, rate_hz=rate_hz)
    require_weights(model.weights)
    return model


def describe_model(model: WeightedModel) -> str:
    """Its name, and how an ONNX graph was read: to be shown before anything is rendered."""
    layout = getattr(model, "layout", None)
    return model.name if layout is None else f"{model.name}: {layout}"


def _kind_of(spec: str) -> Kind:
    """Raises CompressionError for a name that fits nothing."""
    if spec.split(":")[0] == _BUNDLED:
        return "bundled"
    if spec.endswith(_ONNX):
        return "onnx"
    if spec.endswith(checkpoints.ENDING):
        return "checkpoint"
    if _IMPORT_PATH.fullmatch(spec):
        return "torch"
    if spec.endswith(_WEIGHTS_ALONE):
        raise CompressionError(
            f"{spec} holds weights, but not the network that they belong to.",
            "Name a function that gives the torch module, package.module:callable, and this file"
            " as its weights; or export the model to ONNX.",
        )
    raise CompressionError(f"{spec!r} is no model.", ACCEPTED)


def _named(
    onnx: OnnxOptions, weights: Path | None, paths: Sequence[Path], rate_hz: int | None
) -> dict[str, tuple[Kind, ...]]:
    """Options that were given, and the kinds of model that each says something of."""
    usual = OnnxOptions()
    given: dict[str, tuple[Kind, ...]] = {
        option: ("onnx",)
        for name, option in _ONNX_OPTIONS.items()
        if getattr(onnx, name) != getattr(usual, name)
    }
    if weights is not None:
        given["--weights"] = ("torch",)
    if paths:
        given["--path"] = ("torch",)
    if rate_hz is not None:
        given["--rate"] = ("onnx", "torch")
    return given


def _require_fitting(spec: str, kind: Kind, given: dict[str, tuple[Kind, ...]]) -> None:
    for option, kinds in given.items():
        if kind not in kinds:
            raise CompressionError(
                f"{option} says nothing of {spec}, which is {_KINDS[kind]}.",
                f"Leave {option} out; it goes with {' or '.join(_KINDS[one] for one in kinds)}.",
            )


def _bundled(spec: str) -> WeightedModel:
    from jndlab.compression.enhancer.bundled import bundled_model, twin_model

    known: dict[str, Callable[[], WeightedModel]] = {
        _BUNDLED: bundled_model,
        f"{_BUNDLED}:twin": twin_model,
    }
    if spec not in known:
        raise CompressionError(f"There is no bundled model {spec!r}.", ACCEPTED)
    return known[spec]()


def _onnx_files(spec: str) -> tuple[Path, ...]:
    """The files named. A comma may be part of a file's name."""
    names = [spec] if Path(spec).is_file() else [name.strip() for name in spec.split(",")]
    return tuple(Path(name) for name in names)


def _onnx(files: Sequence[Path], options: OnnxOptions) -> WeightedModel:
    from jndlab.compression.models.onnx_model import load_onnx_model

    return load_onnx_model(files, options=options)


def _torch(spec: str, weights: Path | None, paths: Sequence[Path], rate_hz: int) -> WeightedModel:
    from jndlab.compression.models.torch_import import load_torch_model

    return load_torch_model(spec, weights=weights, paths=paths, rate_hz=rate_hz)
