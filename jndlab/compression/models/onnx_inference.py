"""Enhancing a clip with ONNX sessions: as a whole, frame by frame, or through two chained parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.model import Signal
from jndlab.compression.models.onnx_graph import Port
from jndlab.compression.models.onnx_layout import (
    CHAINED_BLOCK,
    CHAINED_SHIFT,
    OnnxKind,
    OnnxOptions,
    Wiring,
    sample_axis,
)
from jndlab.compression.models.onnx_session import Session
from jndlab.errors import CompressionError

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All that is needed to send a clip through one model."""

    kind: OnnxKind
    wirings: tuple[Wiring, ...]
    frame: int
    """0 for models of whole clips."""
    hop: int
    delay: int
    source: str

    def n_frames(self, n_samples: int) -> int:
        """Frames that it takes until every sample has all its frames; 1 for whole clips."""
        if self.kind == "whole":
            return 1
        return -(-(n_samples + self.delay + self.frame - self.hop) // self.hop)

    def __str__(self) -> str:
        if self.kind == "whole":
            return "whole clips"
        states = sum(len(wiring.states) for wiring in self.wirings)
        chain = "two chained parts, blocks" if self.kind == "chained" else "frames"
        return f"{chain} of {self.frame} samples every {self.hop}, states fed back: {states}"


def layout_of(
    kind: OnnxKind, wirings: Sequence[Wiring], options: OnnxOptions, *, source: str
) -> Layout:
    """Fill in frame and hop. Raises CompressionError when the graph and the options disagree."""
    frame = hop = 0
    if kind == "streaming":
        frame, hop = _streaming_frame(wirings[0], options, source)
    elif kind == "chained":
        frame, hop = _chained_block(wirings, options, source)
    if hop > frame:
        raise CompressionError(
            f"The hop of {hop} samples is longer than the frame of {frame}.",
            "Frames may overlap, but not leave gaps.",
        )
    return Layout(
        kind=kind, wirings=tuple(wirings), frame=frame, hop=hop, delay=options.delay, source=source
    )


def enhance(layout: Layout, sessions: Sequence[Session], noisy: Signal) -> Array:
    """The output for one clip, as the model gives it: length and values are not checked here."""
    if layout.kind == "whole":
        return _whole(layout, sessions[0], noisy)
    step = _chained_step if layout.kind == "chained" else _streaming_step
    lead = layout.frame - layout.hop
    n_frames = layout.n_frames(noisy.size)
    padded = np.zeros(lead + n_frames * layout.hop)
    padded[lead : lead + noisy.size] = noisy
    states = [_zeros(wiring) for wiring in layout.wirings]
    output = np.zeros_like(padded)
    for index in range(n_frames):
        start = index * layout.hop
        block = padded[start : start + layout.frame]
        result = step(layout, sessions, block, states)
        _add(output, result, start, layout)
    return output[lead + layout.delay : lead + layout.delay + noisy.size]


def _whole(layout: Layout, session: Session, noisy: Signal) -> Array:
    wiring = layout.wirings[0]
    port = wiring.sound_input
    axis = sample_axis(port, source=layout.source)
    fixed = port.shape[axis]
    if fixed is not None and fixed != noisy.size:
        raise CompressionError(
            f"{layout.source} takes clips of {fixed:,} samples only; this one has {noisy.size:,}.",
            "Export it with an open length (a dynamic axis), or say that it takes frames:"
            " kind streaming, with frame and hop.",
        )
    feeds = {port.name: _shaped(noisy, port, axis)}
    feeds |= {
        one.name: value for (one, _), value in zip(wiring.states, _zeros(wiring), strict=True)
    }
    output = session.run([wiring.sound_output.name], feeds)[0]
    if layout.delay and output.size == noisy.size:
        return np.concatenate([output.reshape(-1)[layout.delay :], np.zeros(layout.delay)])
    return output


def _streaming_step(
    layout: Layout, sessions: Sequence[Session], block: Signal, states: list[list[Array]]
) -> Array:
    port = layout.wirings[0].sound_input
    shaped = _shaped(block, port, sample_axis(port, source=layout.source))
    return _pass(layout.wirings[0], sessions[0], shaped, states[0])


def _chained_step(
    layout: Layout, sessions: Sequence[Session], block: Signal, states: list[list[Array]]
) -> Array:
    """Mask on the magnitudes with the noisy phase, then the block of samples through part two."""
    first, second = layout.wirings
    spectrum = np.fft.rfft(block)
    magnitudes = np.abs(spectrum).astype(np.float32).reshape(1, 1, -1)
    mask = _pass(first, sessions[0], magnitudes, states[0])
    estimate = np.fft.irfft(spectrum * mask.reshape(-1), n=layout.frame)
    return _pass(second, sessions[1], estimate.astype(np.float32).reshape(1, 1, -1), states[1])


def _pass(wiring: Wiring, session: Session, value: Array, states: list[Array]) -> Array:
    """One run; the states are replaced by those that came out."""
    feeds = {wiring.sound_input.name: value}
    feeds |= {port.name: state for (port, _), state in zip(wiring.states, states, strict=True)}
    names = [wiring.sound_output.name, *(output.name for _, output in wiring.states)]
    result, *states[:] = session.run(names, feeds)
    return result


def _add(output: Signal, result: Array, start: int, layout: Layout) -> None:
    """Overlap and add whole frames; a model that gives a hop gives the newest one."""
    samples = result.reshape(-1)
    if samples.size == layout.frame:
        output[start : start + layout.frame] += samples
    elif samples.size == layout.hop:
        end = start + layout.frame
        output[end - layout.hop : end] = samples
    else:
        raise CompressionError(
            f"{layout.source} gives {samples.size} samples for a frame of {layout.frame} every"
            f" {layout.hop}.",
            "It must give as many samples as the frame or the hop has: name these with frame"
            " and hop.",
        )


def _zeros(wiring: Wiring) -> list[Array]:
    return [
        np.zeros([size or 1 for size in port.shape], dtype=port.kind) for port, _ in wiring.states
    ]


def _shaped(samples: Signal, port: Port, axis: int) -> Array:
    shape = [1] * len(port.shape)
    shape[axis] = samples.size
    return samples.astype(np.float32).reshape(shape)


def _streaming_frame(wiring: Wiring, options: OnnxOptions, source: str) -> tuple[int, int]:
    taken = wiring.sound_input.shape[sample_axis(wiring.sound_input, source=source)]
    if taken is not None and options.frame is not None and taken != options.frame:
        raise CompressionError(
            f"{source} takes frames of {taken} samples, not {options.frame}.",
            "Leave the frame out: the model says it.",
        )
    frame = taken or options.frame
    if frame is None:
        raise CompressionError(
            f"{source} does not say how many samples it takes at once.",
            "Give the frame, and the hop if frames overlap, in samples.",
        )
    given = wiring.sound_output.shape
    size = next((one for one in given if one is not None and one > 1), None)
    return frame, options.hop or min(size or frame, frame)


def _chained_block(wirings: Sequence[Wiring], options: OnnxOptions, source: str) -> tuple[int, int]:
    first, second = (wiring.sound_input for wiring in wirings)
    bins = first.shape[sample_axis(first, source=source)]
    taken = second.shape[sample_axis(second, source=source)]
    frame = taken or options.frame or (2 * (bins - 1) if bins else CHAINED_BLOCK)
    if bins not in (None, frame // 2 + 1) or options.frame not in (None, frame):
        raise CompressionError(
            f"The parts of {source} do not fit: {bins} magnitudes, and blocks of {frame} samples.",
            "Part one takes the magnitude spectrum of the block that part two takes; name part one"
            " first.",
        )
    return frame, options.hop or max(1, frame * CHAINED_SHIFT // CHAINED_BLOCK)
