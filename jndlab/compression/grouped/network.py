"""The grouped enhancer in NumPy: rendering needs no torch.

Its torch counterpart, for training, is :mod:`jndlab.compression.grouped.enhancer`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.enhancer.network import FEATURE_FLOOR, FEATURE_SCALE, FEATURE_SHIFT
from jndlab.compression.enhancer.recurrent import gru, sigmoid
from jndlab.compression.grouped.design import Design
from jndlab.compression.weights import Weights

Rows = NDArray[np.float32]
"""Features of shape (frames, groups, width)."""

NORM_EPS = 1e-5


def mask_of(magnitudes: NDArray[np.float32], weights: Weights, design: Design) -> Rows:
    """Magnitudes of shape (n_frames, n_bins) to a mask of the same shape, 0 to 1."""
    logarithms = np.log(magnitudes[:, 1:] + np.float32(FEATURE_FLOOR))
    features = ((logarithms + FEATURE_SHIFT) * FEATURE_SCALE).astype(np.float32)
    bands = features.reshape(-1, design.groups, design.band)
    rows = np.maximum(_dense(weights, "encoder", bands) + weights["band_embedding"], 0)
    for layer in range(design.layers):
        if design.communicates:
            rows = tac(weights, f"communications.{layer}", rows)
        rows = rows + _norm(weights, f"norms.{layer}", _gru(weights, f"recurrent.{layer}", rows))
    mask = sigmoid(_dense(weights, "decoder", rows) + weights["bin_bias"])
    spread = mask.reshape(mask.shape[0], -1)
    return np.concatenate([spread[:, :1], spread], axis=1)


def tac(weights: Weights, name: str, rows: Rows) -> Rows:
    """Transform-average-concatenate over the groups; see the torch module for its source."""
    each = _stage(weights, f"{name}.transform", rows)
    common = _stage(weights, f"{name}.average", each.mean(axis=1, keepdims=True))
    both = np.concatenate([each, np.broadcast_to(common, each.shape)], axis=2)
    return rows + _norm(weights, f"{name}.norm", _stage(weights, f"{name}.concatenate", both))


def _stage(weights: Weights, name: str, rows: Rows) -> Rows:
    """Linear layer and PReLU."""
    outputs = _dense(weights, f"{name}.0", rows)
    slope = weights[f"{name}.1.weight"]
    rectified: Rows = np.where(outputs > 0, outputs, slope * outputs)
    return rectified


def _dense(weights: Weights, name: str, rows: Rows) -> Rows:
    # As one matrix: a stack of small products takes ten times as long.
    products = rows.reshape(-1, rows.shape[-1]) @ weights[f"{name}.weight"].T
    outputs: Rows = products.reshape(*rows.shape[:-1], -1) + weights[f"{name}.bias"]
    return outputs


def _norm(weights: Weights, name: str, rows: Rows) -> Rows:
    """Group norm: each group over its features and the whole sound."""
    mean = rows.mean(axis=(0, 2), keepdims=True, dtype=np.float64)
    variance = rows.var(axis=(0, 2), keepdims=True, dtype=np.float64)
    scaled = ((rows - mean) / np.sqrt(variance + NORM_EPS)).astype(np.float32)
    normed: Rows = scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return normed


def _gru(weights: Weights, name: str, rows: Rows) -> Rows:
    """One GRU over time that all groups share."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    of_input, of_state, *biases = (weights[f"{name}.{kind}_l0"] for kind in kinds)
    return gru(rows, of_input.T, np.ascontiguousarray(of_state.T), *biases)
