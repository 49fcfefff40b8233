"""Sizes and costs of the published networks with and without group communication.

Closed formulas, from the authors' papers and public code (Luo, Han & Mesgarani: GroupComm, ICASSP
2021; GC3, TASLP 29, 2021). All are separators of two talkers with a learnt filter bank of 128
filters over 2 ms, hidden width 256, and blocks of 24 frames for the dual path.
"""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.compression.counts import Operations, Parameters
from jndlab.compression.grouped.layers import (
    PTFLOPS,
    Layer,
    activation,
    depthwise,
    linear,
    norm,
    prelu,
    residual_blstm,
    tac,
    total,
)

RATE_HZ = 16_000
FILTERS = 128
HIDDEN = 256
WINDOW = 32
"""Samples: 2 ms."""
SPEAKERS = 2
BLOCK = 24
CONTEXT = 32
BOTTLENECK = 64
PLAIN_HIDDEN = 128
GROUPS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Size of a network, and what it computes for a clip."""

    parameters: Parameters
    operations: Operations


def frames_of(n_samples: int) -> int:
    """Frames of the filter bank: half overlapped, padded as the public code pads."""
    padded = n_samples + padding_of(n_samples, WINDOW) + WINDOW
    return (padded - WINDOW) // (WINDOW // 2) + 1


def blocks_of(n_frames: int, size: int) -> int:
    """Half-overlapped blocks of ``size`` frames that a sequence is cut into."""
    return (n_frames + padding_of(n_frames, size) + size) // (size // 2) - 1


def padding_of(length: int, size: int) -> int:
    """Zeros to append so that half-overlapped segments of ``size`` come out even.

    As Luo's public code pads: a whole segment more where none would be needed.
    """
    return size - (size // 2 + length % size) % size


def dprnn_tasnet(*, seconds: float = 4.0, layers: int = 6) -> Cost:
    """Plain DPRNN-TasNet: bottleneck 64, hidden 128, six dual-path layers."""
    frames, positions = _lengths(seconds)
    path = residual_blstm(BOTTLENECK, PLAIN_HIDDEN).times(2)
    return _cost(
        seconds,
        _filter_bank(frames),
        linear(FILTERS, BOTTLENECK).at(frames),
        path.times(layers).at(positions),
        linear(BOTTLENECK, BOTTLENECK).at(positions),
        linear(BOTTLENECK, SPEAKERS * FILTERS).at(frames),
        activation(SPEAKERS * FILTERS).at(frames),
    )


def groupcomm_dprnn(groups: int, *, seconds: float = 4.0, layers: int = 6) -> Cost:
    """GroupComm DPRNN as of ICASSP 2021: groups talk by a residual BLSTM across them."""
    frames, positions = _lengths(seconds)
    width, hidden = FILTERS // groups, HIDDEN // groups
    layer = residual_blstm(width, hidden).times(3)  # across groups, within blocks, between blocks
    return _cost(
        seconds,
        _filter_bank(frames),
        layer.times(layers).at(groups * positions),
        _shared_mask(groups, frames),
    )


def gc3_dprnn(*, seconds: float = 4.0, layers: int = 6, groups: int = GROUPS) -> Cost:
    """GC3-DPRNN: TAC and a dual path of grouped BLSTMs, between a context encoder and decoder."""
    blocks = blocks_of(frames_of(round(seconds * RATE_HZ)), CONTEXT)
    positions = BLOCK * blocks_of(blocks, BLOCK)
    width, hidden = FILTERS // groups, HIDDEN // groups
    path = tac(width, 3 * hidden, groups) + residual_blstm(width, hidden).times(2).at(groups)
    core = path.times(layers) + linear(width, width).at(groups)
    return _gc3(seconds, groups, core.at(positions))


def gc3_tcn(
    *, seconds: float = 4.0, layers: int = 6, stacks: int = 2, groups: int = GROUPS
) -> Cost:
    """GC3-TCN: dilated convolutions (Conv-TasNet's block with skips), hidden width 4 x 128."""
    blocks = blocks_of(frames_of(round(seconds * RATE_HZ)), CONTEXT)
    width, hidden = FILTERS // groups, 4 * FILTERS // groups
    block = tac(width, 3 * hidden, groups) + tcn_block(width, hidden).at(groups)
    core = block.times(layers * stacks) + linear(width, width).at(groups)
    return _gc3(seconds, groups, core.at(blocks))


def gc3_transformer(*, layers: int = 6, groups: int = GROUPS) -> Parameters:
    """GC3-DPTNet: the size only; four heads, and a BLSTM in the feed-forward part."""
    width = FILTERS // groups
    attention = Layer(4 * (width * width + width), 0)  # query, key, value and output
    recurrent = residual_blstm(width, 2 * width)  # its norm is the layer's second
    path = tac(width, 3 * HIDDEN // groups, groups) + (attention + norm(width) + recurrent).times(2)
    return _gc3(1.0, groups, path.times(layers) + linear(width, width)).parameters


def gc3_ublock(*, layers: int = 6, depth: int = 5, groups: int = GROUPS) -> Parameters:
    """GC3 with the U-shaped block of Sudo rm -rf: the size only."""
    width, hidden = FILTERS // groups, 2 * HIDDEN // groups
    down = (depthwise(hidden, 5) + norm(hidden)).times(depth)
    block = (
        tac(width, 3 * width, groups)
        + linear(width, hidden)
        + norm(hidden)
        + prelu(hidden)
        + down
        + norm(hidden)
        + prelu(hidden)
        + linear(hidden, width)
    )
    return _gc3(1.0, groups, block.times(layers)).parameters


def tcn_block(width: int, hidden: int, *, kernel: int = 3) -> Layer:
    """1x1, depthwise and two 1x1 for residual and skip, with PReLU and norm between."""
    return (
        linear(width, hidden)
        + (prelu(hidden) + norm(hidden)).times(2)
        + depthwise(hidden, kernel)
        + linear(hidden, width).times(2)
    )


def _lengths(seconds: float) -> tuple[int, int]:
    """Frames, and positions in half-overlapped blocks (about twice as many)."""
    frames = frames_of(round(seconds * RATE_HZ))
    return frames, BLOCK * blocks_of(frames, BLOCK)


def _filter_bank(frames: int) -> Layer:
    """Learnt filters, norm of their outputs, and as many filters back for each talker."""
    analysis = linear(WINDOW, FILTERS, bias=False)
    return analysis.at(frames) + norm(FILTERS).at(frames) + analysis.at(SPEAKERS * frames)


def _shared_mask(groups: int, frames: int) -> Layer:
    width = FILTERS // groups
    mask = linear(width, SPEAKERS * width) + activation(SPEAKERS * width)
    return mask.at(groups * frames)


def _gc3(seconds: float, groups: int, core: Layer) -> Cost:
    """The context codec around a sequence model: two grouped BLSTM layers before, two after."""
    frames = frames_of(round(seconds * RATE_HZ))
    positions = CONTEXT * blocks_of(frames, CONTEXT)
    width, hidden = FILTERS // groups, HIDDEN // groups
    layer = tac(width, 3 * hidden, groups) + residual_blstm(width, hidden).at(groups)
    return _cost(
        seconds,
        _filter_bank(frames),
        layer.times(4).at(positions),
        core,
        _shared_mask(groups, frames),
    )


def _cost(seconds: float, *parts: Layer) -> Cost:
    whole = total(parts)
    return Cost(
        parameters=Parameters(count=whole.parameters, rule="all weights, biases and slopes"),
        operations=Operations(macs=whole.operations, seconds=seconds, rule=PTFLOPS),
    )
