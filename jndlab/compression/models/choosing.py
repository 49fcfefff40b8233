"""A model by what a person calls it: bundled, a file, or the import path of a torch module."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from jndlab.compression import checkpoints
from jndlab.compression.model import WeightedModel
from jndlab.compression.models.onnx_layout import OnnxOptions
from jndlab.compression.weights import require_weights
from jndlab.errors import CompressionError

ACCEPTED = (
    "Accepted are: bundled; bundled:twin; a checkpoint FILE.npz; FILE.onnx; two chained parts"
    " A.onnx,B.onnx; package.module:callable, which gives a torch module."
)

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
    rate_hz: int = 16_000,
) -> WeightedModel:
    """The model that is meant, to be rendered: its weights may be of any precision.

    ``onnx`` says what an ONNX graph does not tell; ``weights`` (a file) and ``paths`` (folders to
    import from) go with a torch module; ``rate_hz`` with both. Raises CompressionError, which lists
    what is accepted, and MissingExtra.
    """
    make = _maker(spec.strip(), onnx or OnnxOptions(), weights, paths, rate_hz)
    if weights is not None and not _IMPORT_PATH.fullmatch(spec.strip()):
        raise CompressionError(
            f"{spec} brings its own weights; {weights} cannot be put into it.",
            "Give a file of weights only with a torch module (package.module:callable).",
        )
    return make()


def load_weighted_model(
    spec: str,
    *,
    onnx: OnnxOptions | None = None,
    weights: Path | None = None,
    paths: Sequence[Path] = (),
    rate_hz: int = 16_000,
) -> WeightedModel:
    """The same for compressing it: weights in another precision are refused by name."""
    model = load_model(spec, onnx=onnx, weights=weights, paths=paths, rate_hz=rate_hz)
    require_weights(model.weights)
    return model


def describe_model(model: WeightedModel) -> str:
    """Its name, and how an ONNX graph was read: to be shown before anything is rendered."""
    layout = getattr(model, "layout", None)
    return model.name if layout is None else f"{model.name}: {layout}"


def _maker(
    spec: str, onnx: OnnxOptions, weights: Path | None, paths: Sequence[Path], rate_hz: int
) -> Callable[[], WeightedModel]:
    """What loads the model. Raises CompressionError for a name that fits nothing."""
    if spec.split(":")[0] == _BUNDLED:
        return lambda: _bundled(spec)
    files = _onnx_files(spec)
    if files:
        return lambda: _onnx(files, replace(onnx, rate_hz=rate_hz))
    if spec.endswith(checkpoints.ENDING):
        return lambda: checkpoints.model_of(checkpoints.load_checkpoint(Path(spec)))
    if _IMPORT_PATH.fullmatch(spec):
        return lambda: _torch(spec, weights, paths, rate_hz)
    if spec.endswith(_WEIGHTS_ALONE):
        raise CompressionError(
            f"{spec} holds weights, but not the network that they belong to.",
            "Name a function that gives the torch module, package.module:callable, and this file"
            " as its weights; or export the model to ONNX.",
        )
    raise CompressionError(f"{spec!r} is no model.", ACCEPTED)


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
    """The files named; none if this is something else. A comma may be part of a file's name."""
    if not spec.endswith(_ONNX):
        return ()
    names = [spec] if Path(spec).is_file() else [name.strip() for name in spec.split(",")]
    return tuple(Path(name) for name in names)


def _onnx(files: Sequence[Path], options: OnnxOptions) -> WeightedModel:
    from jndlab.compression.models.onnx_model import load_onnx_model

    return load_onnx_model(files, options=options)


def _torch(spec: str, weights: Path | None, paths: Sequence[Path], rate_hz: int) -> WeightedModel:
    from jndlab.compression.models.torch_import import load_torch_model

    return load_torch_model(spec, weights=weights, paths=paths, rate_hz=rate_hz)
