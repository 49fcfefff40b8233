"""Parameters and operations of a MANNER, layer by layer, in plain arithmetic.

One list of layers serves every figure. What tools disagree about (what a transposed convolution
costs, whether norms and biases count, whether products inside attention are seen at all) is a
:class:`Rule`; without its rule and the length of the clip a number of operations means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jndlab.compression.attention.design import (
    CHUNK,
    DEPTHWISE_KERNEL,
    FRONT_KERNEL,
    GATE_KERNEL,
    KERNEL,
    Design,
    n_chunks,
)
from jndlab.compression.counts import Operations, Parameters

RATE_HZ = 16_000
PARAMETERS_RULE = "all weights and biases; running statistics of the norms are not counted"

Kind = Literal["convolution", "transposed", "linear", "norm", "product"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer, for one clip."""

    kind: Kind
    outputs: int
    """Elements that come out, over all its uses."""
    fan: int = 0
    """Products that go into one of them."""
    weights: int
    biases: int = 0
    inputs: int = 0
    """Elements that go in; only transposed convolutions need it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What counts."""

    text: str
    transposed_per_output: bool = False
    """Every output sample is charged the whole kernel, although 1/stride of it reaches it."""
    biases: bool = False
    per_norm_element: int = 0
    products: bool = True
    """The products of scores and of attended values, which no layer holds."""
    per_product: int = 1
    """1 for multiply-accumulates, 2 for floating-point operations."""


MACS = Rule(
    text="matrix products and convolutions, one multiply-accumulate each, a transposed"
    " convolution per input sample; no norms, no element-wise operations"
)
FVCORE = Rule(
    text="as fvcore 0.1.5: matrix products and convolutions, a transposed convolution per input"
    " sample, 2 operations per element of a norm",
    per_norm_element=2,
)
THOP_OLD = Rule(
    text="as thop 0.0.31, 2 floating-point operations for each of its operations: transposed"
    " convolutions and biases per output sample, 2 operations per element of a norm, no attention"
    " products",
    transposed_per_output=True,
    biases=True,
    per_norm_element=2,
    products=False,
    per_product=2,
)
THOP_NEW = Rule(
    text="as thop 0.1.1, 2 floating-point operations for each of its operations: transposed"
    " convolutions per output sample, 4 operations per element of a norm, no biases, no attention"
    " products",
    transposed_per_output=True,
    per_norm_element=4,
    products=False,
    per_product=2,
)


def count_parameters(design: Design) -> Parameters:
    """Of the whole network; does not depend on the clip."""
    count = sum(layer.weights + layer.biases for layer in layers(design, KERNEL))
    return Parameters(count=count, rule=PARAMETERS_RULE)


def count_operations(design: Design, n_samples: int, rule: Rule = MACS) -> int:
    """Operations for a clip of so many samples, by a rule."""
    return rule.per_product * sum(_cost(layer, rule) for layer in layers(design, n_samples))


def macs(design: Design, n_samples: int) -> Operations:
    """Multiply-accumulates for a clip of so many samples, for a model card."""
    return Operations(
        macs=float(count_operations(design, n_samples)),
        seconds=n_samples / RATE_HZ,
        rule=MACS.text,
    )


def _cost(layer: Layer, rule: Rule) -> int:
    if layer.kind == "norm":
        return layer.outputs * rule.per_norm_element
    if layer.kind == "product":
        return layer.outputs * layer.fan if rule.products else 0
    # thop counts the biases of convolutions only, and each once per output
    biases = layer.outputs if rule.biases and layer.biases and layer.kind != "linear" else 0
    if layer.kind == "transposed" and not rule.transposed_per_output:
        return layer.inputs * (layer.weights // layer.fan) * KERNEL + biases
    return layer.outputs * layer.fan + biases


def layers(design: Design, n_samples: int) -> Iterator[Layer]:
    """Every layer of the network, in the order in which a clip of that length meets them."""
    lengths = design.lengths(n_samples)
    hidden = design.hidden
    yield _convolution(1, hidden, lengths[0], FRONT_KERNEL)
    yield _norm(hidden, lengths[0])
    for level in range(design.depth):
        yield from _encoder(design, level, lengths[level + 1])
    deepest = design.width(design.depth)
    yield Layer(
        kind="linear", outputs=deepest * lengths[-1], fan=deepest, weights=deepest * deepest
    )
    for level in reversed(range(design.depth)):
        yield from _decoder(design, level, lengths[level + 1], lengths[level])
    yield from _gate(hidden, lengths[0])
    yield _convolution(hidden, 1, lengths[0], FRONT_KERNEL)


def _encoder(design: Design, level: int, length: int) -> Iterator[Layer]:
    channels = design.width(level)
    yield _convolution(channels, channels, length, KERNEL)
    yield _norm(channels, length)
    yield from _conformer(channels, 2 * channels, length)
    if design.attends(level):
        yield from _attention(2 * channels, length)


def _decoder(design: Design, level: int, before: int, after: int) -> Iterator[Layer]:
    channels = design.width(level)
    yield from _conformer(2 * channels, channels, before)
    yield Layer(
        kind="transposed",
        outputs=channels * after,
        inputs=channels * before,
        fan=channels * KERNEL,
        weights=channels * channels * KERNEL,
        biases=channels,
    )
    yield _norm(channels, after)
    if design.attends(level):
        yield from _attention(channels, after)


def _conformer(n_in: int, n_out: int, length: int) -> Iterator[Layer]:
    yield _convolution(n_in, 2 * n_in, length)
    yield _norm(2 * n_in, length)
    yield from _depthwise(n_in, length)
    yield _convolution(n_in, n_out, length)
    yield _norm(n_out, length)
    yield from _normed(n_out, n_out, length)
    yield from _normed(n_in, n_out, length)


def _attention(channels: int, length: int) -> Iterator[Layer]:
    third = channels // 3
    for _ in range(3):
        yield from _normed(channels, third, length)
    yield from _channel_view(third)
    yield from _global_view(third, n_chunks(length))
    yield from _local_view(third, n_chunks(length))
    for _ in range(3):
        yield from _normed(third, third, length, 3)
    yield from _normed(3 * third, channels, length)
    yield from _normed(channels, channels, length)
    yield from _gate(channels, length)


def _channel_view(third: int) -> Iterator[Layer]:
    for n_in, n_out in ((third, third // 2), (third // 2, third)):
        # used twice: on the greatest and on the mean
        yield Layer(kind="linear", outputs=2 * n_out, fan=n_in, weights=n_in * n_out, biases=n_out)


def _global_view(third: int, chunks: int) -> Iterator[Layer]:
    for _ in ("query", "key", "value", "out"):
        yield Layer(kind="linear", outputs=third * chunks * CHUNK, fan=CHUNK, weights=CHUNK * CHUNK)
    yield Layer(kind="product", outputs=third * chunks * chunks, fan=CHUNK, weights=0)
    yield Layer(kind="product", outputs=third * chunks * CHUNK, fan=chunks, weights=0)


def _local_view(third: int, chunks: int) -> Iterator[Layer]:
    yield from _depthwise(third, chunks * CHUNK)
    yield from _normed(2, 1, chunks * CHUNK, GATE_KERNEL)


def _gate(channels: int, length: int) -> Iterator[Layer]:
    for _ in ("signal", "opening", "out"):
        yield _convolution(channels, channels, length)


def _depthwise(channels: int, length: int) -> Iterator[Layer]:
    yield Layer(
        kind="convolution",
        outputs=channels * length,
        fan=DEPTHWISE_KERNEL,
        weights=channels * DEPTHWISE_KERNEL,
    )
    yield _norm(channels, length)


def _normed(n_in: int, n_out: int, length: int, kernel: int = 1) -> Iterator[Layer]:
    fan = n_in * kernel
    yield Layer(kind="convolution", outputs=n_out * length, fan=fan, weights=n_out * fan)
    yield _norm(n_out, length)


def _convolution(n_in: int, n_out: int, length: int, kernel: int = 1) -> Layer:
    fan = n_in * kernel
    return Layer(
        kind="convolution",
        outputs=n_out * length,
        fan=fan,
        weights=n_out * fan,
        biases=n_out,
    )


def _norm(channels: int, length: int) -> Layer:
    return Layer(kind="norm", outputs=channels * length, weights=channels, biases=channels)
