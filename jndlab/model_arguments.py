"""Options that say which model is compressed, and how its file is to be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jndlab.compression.model import WeightedModel


class Numbers(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """Numbers with commas between them."""

    name = "numbers"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(float(one) for one in str(value).split(",") if one.strip())
        except ValueError:
            self.fail(f"{value!r} is no list of numbers such as 5,3,1", param, ctx)


MODEL_OPTIONS = (
    click.option(
        "--model",
        default="bundled",
        show_default=True,
        help="What enhances: bundled, bundled:twin, a checkpoint FILE.npz, FILE.onnx, two chained "
        "A.onnx,B.onnx, or package.module:callable of a torch module.",
    ),
    click.option(
        "--weights",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Torch module: file with its state.",
    ),
    click.option(
        "--path",
        "paths",
        type=click.Path(path_type=Path, file_okay=False),
        multiple=True,
        help="Torch module: folder to import it from. Can be given several times.",
    ),
    click.option(
        "--rate", "rate_hz", type=click.IntRange(8000, 96000), help="Of the model, Hz. [16000]"
    ),
    click.option(
        "--onnx-kind",
        type=click.Choice(["auto", "whole", "streaming", "chained"]),
        default="auto",
        show_default=True,
        help="ONNX: takes whole clips, frame by frame with states, or two parts as DTLN.",
    ),
    click.option("--frame", type=click.IntRange(1), help="ONNX: samples of a frame."),
    click.option("--hop", type=click.IntRange(1), help="ONNX: samples from frame to frame."),
    click.option(
        "--delay", type=click.IntRange(0), default=0, help="ONNX: samples that it is late by."
    ),
    click.option(
        "--state", "states", multiple=True, metavar="IN=OUT", help="ONNX: a state that is fed back."
    ),
    click.option(
        "--keep", multiple=True, metavar="PATTERN", help="ONNX: weights that stay as they are."
    ),
)
"""Of commands that take a model, as keywords for :func:`chosen_model`."""


def add_options(*groups: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Groups of options, in the order in which they are to be shown."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed([one for group in groups for one in group]):
            command = option(command)
        return command

    return add


def chosen_model(
    *,
    model: str,
    weights: Path | None,
    paths: tuple[Path, ...],
    rate_hz: int | None,
    onnx_kind: Any,
    frame: int | None,
    hop: int | None,
    delay: int,
    states: tuple[str, ...],
    keep: tuple[str, ...],
) -> WeightedModel:
    """The model that :data:`MODEL_OPTIONS` name. Raises CompressionError, MissingExtra."""
    from jndlab.compression.models.choosing import load_weighted_model
    from jndlab.compression.models.onnx_layout import OnnxOptions

    pairs = []
    for state in states:
        taken, separator, given = state.partition("=")
        if not separator or not taken or not given:
            raise click.BadParameter(f"{state!r} is not IN=OUT", param_hint="--state")
        pairs.append((taken, given))
    onnx = OnnxOptions(
        kind=onnx_kind,
        frame=frame,
        hop=hop,
        delay=delay,
        states=dict(pairs),
        keep=keep,
    )
    return load_weighted_model(model, onnx=onnx, weights=weights, paths=paths, rate_hz=rate_hz)
