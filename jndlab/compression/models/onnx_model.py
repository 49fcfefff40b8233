"""A speech enhancer in one ONNX file, or in two chained ones, as a model to be compressed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from jndlab.compression.counts import Operations, Parameters
from jndlab.compression.model import Signal
from jndlab.compression.models import onnx_weights
from jndlab.compression.models.checks import checked_output, require_exchangeable, require_noisy
from jndlab.compression.models.onnx_graph import inputs_of, load_graph, outputs_of, serialised
from jndlab.compression.models.onnx_inference import Layout, enhance, layout_of
from jndlab.compression.models.onnx_layout import OnnxOptions, kind_of_model, wire
from jndlab.compression.models.onnx_operations import count_operations
from jndlab.compression.models.onnx_session import Session
from jndlab.compression.weights import Weights, count_weights
from jndlab.errors import CompressionError


class OnnxModel:
    """See :class:`jndlab.compression.model.WeightedModel`.

    Weights in other precisions than float32 are no hindrance to enhancing, only to compressing:
    :attr:`weights` refuses them.
    """

    def __init__(
        self,
        parts: Sequence[Any],
        *,
        names: Sequence[str],
        options: OnnxOptions | None = None,
    ) -> None:
        """``parts``: models of the onnx library, not changed. Raises CompressionError."""
        self._options = options or OnnxOptions()
        self._names = tuple(names)
        self._parts = tuple(
            onnx_weights.normalised(part, source=name)
            for part, name in zip(parts, names, strict=True)
        )
        self._layout = _layout_of(self._parts, self._names, self._options)
        self._sessions: tuple[Session, ...] | None = None
        self._weights: Weights | None = None

    @property
    def name(self) -> str:
        return ", ".join(self._names)

    @property
    def layout(self) -> Layout:
        """How sound goes through it, as guessed or told."""
        return self._layout

    @property
    def rate_hz(self) -> int:
        return self._options.rate_hz

    @property
    def digest(self) -> str:
        digest = hashlib.sha256()
        for part, name in zip(self._parts, self._names, strict=True):
            digest.update(hashlib.sha256(serialised(part, source=name)).digest())
        return digest.hexdigest()

    @property
    def weights(self) -> Weights:
        """Float32 tensors by name, those of chained parts after the name of the file.

        Raises CompressionError for weights in another precision.
        """
        if self._weights is None:
            weights: dict[str, Any] = {}
            for part, prefix in zip(self._parts, self._prefixes, strict=True):
                weights |= onnx_weights.weights_of(part, prefix=prefix, keep=self._options.keep)
            self._weights = weights
        return self._weights

    @property
    def parameters(self) -> Parameters:
        rule = onnx_weights.COUNTING_RULE
        try:
            count = count_weights(self.weights)
        except CompressionError:  # other precisions: a model to be rendered, not to be compressed
            count = sum(onnx_weights.count_numbers(part) for part in self._parts)
            rule = "initialisers and constants of more than one element, of any precision"
        if self._options.keep:
            rule += f", without {', '.join(self._options.keep)}"
        return Parameters(count=count, rule=rule)

    def with_weights(self, weights: Weights) -> Self:
        """A model of its own with other weights of the same names and shapes."""
        require_exchangeable(self.weights, weights)
        parts = [
            onnx_weights.replaced(part, weights, prefix=prefix, keep=self._options.keep)
            for part, prefix in zip(self._parts, self._prefixes, strict=True)
        ]
        return type(self)(parts, names=self._names, options=self._options)

    def enhance(self, noisy: Signal) -> Signal:
        """See :class:`jndlab.compression.model.Model`."""
        output = enhance(self._layout, self.open(), require_noisy(noisy))
        return checked_output(output, noisy.size, model=self.name)

    def operations(self, n_samples: int) -> Operations | None:
        return count_operations(self._parts, self._layout, n_samples, rate_hz=self.rate_hz)

    def open(self) -> tuple[Session, ...]:
        """Load it into onnxruntime, if that has not happened. Raises CompressionError."""
        if self._sessions is None:
            self._sessions = tuple(
                Session(serialised(part, source=name), source=name)
                for part, name in zip(self._parts, self._names, strict=True)
            )
        return self._sessions

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_sessions": None}  # opened again in another process

    @property
    def _prefixes(self) -> tuple[str, ...]:
        if len(self._names) == 1:
            return ("",)
        stems = [Path(name).stem for name in self._names]
        if len(set(stems)) < len(stems):
            stems = [str(number) for number, _ in enumerate(stems, start=1)]
        return tuple(f"{stem}/" for stem in stems)


def load_onnx_model(paths: Sequence[Path], *, options: OnnxOptions | None = None) -> OnnxModel:
    """The model in one ONNX file, or in two chained ones.

    It is opened at once, so that operators that cannot run are known before anything is rendered.
    Raises CompressionError, and MissingExtra without onnx and onnxruntime.
    """
    model = OnnxModel(
        [load_graph(path) for path in paths], names=[path.name for path in paths], options=options
    )
    model.open()
    return model


def _layout_of(parts: Sequence[Any], names: Sequence[str], options: OnnxOptions) -> Layout:
    inputs = [inputs_of(part) for part in parts]
    kind = kind_of_model(options.kind, inputs)
    wirings = [
        wire(taken, outputs_of(part), options, source=name)
        for part, taken, name in zip(parts, inputs, names, strict=True)
    ]
    return layout_of(kind, wirings, options, source=", ".join(names))
