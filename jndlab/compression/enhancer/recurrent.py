"""A GRU and its activation in NumPy: what the enhancers that run without torch have in common."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
MatrixProduct = Callable[[Matrix, Matrix], Matrix]
"""Activations of shape (n, k) times weights of shape (k, m) -> (n, m), in single precision."""


def gru(
    rows: Matrix,
    of_input: Matrix,
    of_state: Matrix,
    input_bias: Matrix,
    state_bias: Matrix,
    *,
    product: MatrixProduct = np.matmul,
) -> Matrix:
    """One recurrent layer over frames, from a state of zeros: (frames, n, width) in and out.

    The n rows of a frame share the weights and do not see each other. Weights of shape
    (width, 3 · width), gates in the order reset, update, new (Cho et al. 2014). As torch has it,
    the reset gate acts on the recurrent product with its bias.
    """
    frames, n, width = rows.shape
    inputs = (product(rows.reshape(-1, width), of_input) + input_bias).reshape(frames, n, -1)
    states = np.empty_like(rows)
    state = np.zeros((n, width), dtype=np.float32)
    for frame in range(frames):
        recurrent = product(state, of_state) + state_bias
        gates = sigmoid(inputs[frame, :, : 2 * width] + recurrent[:, : 2 * width])
        reset, update = gates[:, :width], gates[:, width:]
        new = np.tanh(inputs[frame, :, 2 * width :] + reset * recurrent[:, 2 * width :])
        state = (1 - update) * new + update * state
        states[frame] = state
    return states


def sigmoid(x: Matrix) -> Matrix:
    """1 / (1 + exp(−x)) by way of tanh, which cannot overflow."""
    half = np.float32(0.5)
    squashed: Matrix = half * np.tanh(half * x) + half
    return squashed
