"""What one layer holds and computes, in closed form: no deep-learning library needed.

Operations follow the rules that the counting tool ptflops (0.7.5) has for modules, by which
figures of this literature are usually given: products, biases and the element-wise arithmetic of a
recurrent cell count one each, an affine norm two per element, an activation one. "MACs" by this
rule are a little more than multiply-accumulates. The tool's own total is up to 1.4 % higher where
there are PReLUs and masks: it counts a PReLU as a module and once more as a function.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PTFLOPS = "ptflops' rules for modules: products, biases, cell arithmetic, activations 1, norms 2"


@dataclass(frozen=True, slots=True)
class Layer:
    """Parameters of a layer, and operations for each position that it is applied to."""

    parameters: int
    operations: int

    def __add__(self, other: Layer) -> Layer:
        return Layer(self.parameters + other.parameters, self.operations + other.operations)

    def times(self, number: int) -> Layer:
        """So many layers of this kind, one after the other, each with weights of its own."""
        return Layer(number * self.parameters, number * self.operations)

    def at(self, positions: int) -> Layer:
        """The same weights at so many positions: of time, and of groups that share them."""
        return Layer(self.parameters, positions * self.operations)


def total(layers: Iterable[Layer]) -> Layer:
    """All of them together."""
    return sum(layers, start=Layer(0, 0))


def linear(inputs: int, outputs: int, *, bias: bool = True) -> Layer:
    """Dense layer, or a convolution of kernel 1."""
    size = inputs * outputs + (outputs if bias else 0)
    return Layer(size, size)


def depthwise(channels: int, kernel: int) -> Layer:
    """Convolution of every channel by itself, with bias."""
    return Layer(channels * kernel + channels, channels * kernel + channels)


def norm(width: int) -> Layer:
    """Affine group norm or layer norm."""
    return Layer(2 * width, 2 * width)


def prelu(width: int) -> Layer:
    """PReLU with one slope for all channels."""
    return Layer(1, width)


def activation(width: int) -> Layer:
    """ReLU or sigmoid."""
    return Layer(0, width)


def lstm(inputs: int, hidden: int, *, directions: int = 2) -> Layer:
    """One layer of LSTM with two biases per gate; operations per time step.

    Four products of the input, four of the state, 10 element-wise operations and 8 biases for each
    unit: ptflops counts all of them.
    """
    products = 4 * hidden * (inputs + hidden)
    parameters, operations = products + 8 * hidden, products + 18 * hidden
    return Layer(directions * parameters, directions * operations)


def gru(inputs: int, hidden: int) -> Layer:
    """One layer of GRU with two biases per gate; 7 element-wise operations for each unit."""
    products = 3 * hidden * (inputs + hidden)
    return Layer(products + 6 * hidden, products + 13 * hidden)


def residual_blstm(width: int, hidden: int) -> Layer:
    """Bidirectional LSTM, linear back to the width, norm (Luo et al. 2020, DPRNN)."""
    return lstm(width, hidden) + linear(2 * hidden, width) + norm(width)


def tac(width: int, hidden: int, groups: int) -> Layer:
    """Transform-average-concatenate over all groups at one position (Luo et al. 2021, GC3).

    The middle transform sees the mean of the groups only, so it is computed once.
    """
    each = (
        linear(width, hidden)
        + prelu(hidden)
        + linear(2 * hidden, width)
        + prelu(width)
        + norm(width)
    )
    return each.at(groups) + linear(hidden, hidden) + prelu(hidden)
