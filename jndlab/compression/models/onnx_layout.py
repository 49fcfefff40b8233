"""How sound goes through an ONNX graph: guessed from its inputs and outputs, or told by options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from jndlab.compression.models.onnx_graph import Port
from jndlab.errors import CompressionError

OnnxKind = Literal["auto", "whole", "streaming", "chained"]
"""whole: a clip in, a clip out; streaming: frames, with states that are fed back; chained: two
parts, a mask on magnitudes and then blocks of samples, as in DTLN (Westhausen & Meyer 2020)."""

CHAINED_BLOCK, CHAINED_SHIFT = 512, 128
"""DTLN's own, where the graph leaves them open."""

_WORDS_OF_PLACE = re.compile(r"(?<![a-z])(in|out|input|output|prev|next|new|old|cur)(?![a-z])")
_WORDS_OF_STATE = re.compile(r"state|hidden|cache|buf|memory|(?<![a-z])[hc][0n]?(?![a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxOptions:
    """What the graph alone may not tell."""

    kind: OnnxKind = "auto"
    rate_hz: int = 16_000
    frame: int | None = None
    """Samples that a streaming model takes at once; None: as the graph says."""
    hop: int | None = None
    """Samples from one frame to the next; None: as many as come out (a quarter if chained)."""
    delay: int = 0
    """Samples by which the model's output lags behind its input: cut off, so that it is aligned."""
    sound_input: str | None = None
    sound_output: str | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    """Input and output of every state, by name; empty: paired by name, else by shape and order."""
    keep: tuple[str, ...] = ()
    """Patterns of names (``*window*``) of tensors that are no weights and stay as they are."""

    def __post_init__(self) -> None:
        for name, value in (("frame", self.frame), ("hop", self.hop)):
            if value is not None and value < 1:
                raise CompressionError(
                    f"The {name} is {value}.", f"Give the {name} in samples, at least 1."
                )
        if self.delay < 0:
            raise CompressionError(
                f"The delay is {self.delay}.", "Give the samples by which the output is late."
            )
        if self.hop is not None and self.frame is not None and self.hop > self.frame:
            raise CompressionError(
                f"The hop of {self.hop} samples is longer than the frame of {self.frame}.",
                "Frames may overlap, but not leave gaps.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Which ports carry the sound (or the spectrum), and which carry states."""

    sound_input: Port
    sound_output: Port
    states: tuple[tuple[Port, Port], ...]


def kind_of_model(kind: OnnxKind, inputs: Sequence[Sequence[Port]]) -> OnnxKind:
    """The kind of a model in so many parts: two are chained, one with states is streaming.

    Raises CompressionError when the number of parts does not fit the kind.
    """
    if len(inputs) > 2 or ((kind == "chained") != (len(inputs) == 2) and kind != "auto"):
        raise CompressionError(
            f"A model of the kind {kind!r} does not consist of {len(inputs)} files.",
            "Give two files for a chained model, and one for any other.",
        )
    if kind != "auto":
        return kind
    if len(inputs) == 2:
        return "chained"
    return "whole" if len(inputs[0]) == 1 else "streaming"


def wire(
    inputs: Sequence[Port], outputs: Sequence[Port], options: OnnxOptions, *, source: str
) -> Wiring:
    """Find sound and states among the ports. Raises CompressionError, which lists them."""
    sound_input = _sound(inputs, options.sound_input, source, "input")
    sound_output = _sound(outputs, options.sound_output, source, "output")
    others = [port for port in inputs if port is not sound_input]
    rest = [port for port in outputs if port is not sound_output]
    states = []
    for port in others:
        partner = _partner(port, others, rest, options.states)
        if partner is None:
            raise CompressionError(
                f"{source} has the input {_described(port)}, which is neither the sound nor a"
                f" state that comes out again (outputs: {_list(outputs)}).",
                "Pair states by name (INPUT=OUTPUT); export the model without other inputs.",
            )
        states.append((port, partner))
        rest.remove(partner)
    for port, _ in states:
        if None in port.shape[1:]:
            raise CompressionError(
                f"The state {_described(port)} of {source} has no fixed shape.",
                "Export the model with fixed shapes for its states.",
            )
    return Wiring(sound_input=sound_input, sound_output=sound_output, states=tuple(states))


def sample_axis(port: Port, *, source: str) -> int:
    """The axis of a port that counts samples. Raises CompressionError if there is none."""
    wide = [axis for axis, size in enumerate(port.shape) if size is not None and size > 1]
    if len(wide) == 1:
        return wide[0]
    is_open = [axis for axis, size in enumerate(port.shape) if size is None]
    if wide or not is_open:
        raise CompressionError(
            f"{source} takes {_described(port)}; that is no sound of one channel.",
            "Models must take samples of the shape (1, n) or (1, 1, n), not spectra or features.",
        )
    return is_open[-1]


def _sound(ports: Sequence[Port], name: str | None, source: str, place: str) -> Port:
    if name is not None:
        for port in ports:
            if port.name == name:
                return port
        raise CompressionError(f"{source} has no {place} {name!r}.", f"It has: {_list(ports)}.")
    if not ports:
        raise CompressionError(f"{source} has no {place}.", "Export the model again.")
    possible = [port for port in ports if port.kind == "float32" and _may_be_sound(port)]
    plain = [port for port in possible if not _WORDS_OF_STATE.search(port.name.lower())]
    for port in (*plain, *possible):
        return port
    raise CompressionError(
        f"{source} has no {place} for sound in single precision; it has: {_list(ports)}.",
        "Models must take and give float32 samples of the shape (1, n) or (1, 1, n).",
    )


def _may_be_sound(port: Port) -> bool:
    """One channel of numbers: at most one axis that is longer than 1, or an unknown shape."""
    return sum(size is not None and size > 1 for size in port.shape) <= 1


def _partner(
    port: Port, states: Sequence[Port], outputs: Sequence[Port], told: Mapping[str, str]
) -> Port | None:
    """The output that a state comes out of, among those that are left."""
    if port.name in told:
        return next((one for one in outputs if one.name == told[port.name]), None)
    bare = _bare(port.name)
    if sum(_bare(one.name) == bare for one in states) == 1:
        by_name = [one for one in outputs if _bare(one.name) == bare]
        if len(by_name) == 1 and _fits(port, by_name[0]):
            return by_name[0]
    free = [one for one in outputs if one.name not in told.values()]
    return next((one for one in free if _fits(port, one)), None)


def _bare(name: str) -> str:
    """A name without the words that only say on which side it is: "h_in" and "h_out" are "h"."""
    return re.sub(r"[^a-z0-9]", "", _WORDS_OF_PLACE.sub("", name.lower().replace("_", "-")))


def _fits(state: Port, output: Port) -> bool:
    return (
        state.kind == output.kind
        and len(state.shape) == len(output.shape)
        and all(
            one is None or other is None or one == other
            for one, other in zip(state.shape, output.shape, strict=True)
        )
    )


def _described(port: Port) -> str:
    sizes = ", ".join("?" if size is None else str(size) for size in port.shape)
    return f"{port.name} ({port.kind} {sizes})"


def _list(ports: Sequence[Port]) -> str:
    return ", ".join(_described(port) for port in ports)
