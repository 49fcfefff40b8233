"""The packed file: every weight bit for bit, and to the byte the size that was stated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jndlab.compression.sparse.accounting import PACKED_RULE, PRUNED_RULE, packed_size
from jndlab.compression.sparse.clustering import clustered
from jndlab.compression.sparse.layout import MASK_CODINGS, MaskCoding, layout_of
from jndlab.compression.sparse.packing import MAGIC, pack, read_packed, unpack, write_packed
from jndlab.compression.sparse.pruning import magnitude_masks, masked, uniform_ratios
from jndlab.compression.weights import Weights
from jndlab.errors import CompressionError
from tests.compression.sparse.networks import small_network


def pruned_and_clustered(sparsity: float, k: int) -> Weights:
    weights = small_network()
    weights = masked(weights, magnitude_masks(weights, uniform_ratios(weights, sparsity)))
    return clustered(weights, k) if k else weights


def assert_same_bits(found: Weights, expected: Weights) -> None:
    assert list(found) == list(expected)
    for name, tensor in expected.items():
        assert found[name].shape == tensor.shape
        assert found[name].dtype == np.float32
        assert found[name].tobytes() == tensor.tobytes(), name


@pytest.mark.parametrize("mask", MASK_CODINGS)
@pytest.mark.parametrize("sparsity", [0.0, 0.04, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("k", [0, 1, 12, 16, 256])
def test_the_file_on_disk_is_as_large_as_stated(
    sparsity: float, k: int, mask: MaskCoding, tmp_path: Path
) -> None:
    weights = pruned_and_clustered(sparsity, k)
    size = packed_size(weights, mask)
    path = tmp_path / "model.packed"
    assert write_packed(path, weights, mask) == size.n_bytes
    assert path.stat().st_size == size.n_bytes
    assert size.storage.bits == 8 * path.stat().st_size
    assert size.storage.rule == (PACKED_RULE if size.codebooks else PRUNED_RULE)
    assert_same_bits(read_packed(path), weights)


def test_the_smallest_storage_is_taken_for_each_tensor() -> None:
    layout = layout_of(pruned_and_clustered(0.9, 16))
    assert layout["gru.weight"].mask == "enumerative"
    assert layout["gru.weight"].entries == 16
    assert layout["gru.bias"].mask == "none"
    assert layout["gru.bias"].entries == 0
    dense = layout_of(pruned_and_clustered(0.0, 16))
    assert dense["gru.weight"].mask == "none"
    # With 12 clusters a zero fits among the 16 values that 4 bits tell apart: no mask is needed.
    few_zeros = layout_of(pruned_and_clustered(0.04, 12))
    assert (few_zeros["gru.weight"].mask, few_zeros["gru.weight"].entries) == ("none", 13)


def test_the_bytes_of_a_tensor_can_be_reckoned_by_hand() -> None:
    weights = {"w": np.array([[0, 0, 0, 1.5], [0, -2, 1.5, 0]], dtype=np.float32)}
    content = pack(weights, "plain")
    # Indices: two entries take a bit each; zero as a third would take two bits for all eight.
    body = bytes([0b00010110]) + np.array([1.5, -2], "<f4").tobytes() + bytes([0b01000000])
    head = b"\1\0w" + b"\2" + b"\2\0\0\0\4\0\0\0" + b"\1" + b"\1\0\0\0" + b"\3\0\0\0" + b"\2\0"
    assert content[:-4] == MAGIC + b"\1\0\0\0" + head + body


def test_unusual_values_and_shapes_come_back_too() -> None:
    weights = {
        "negative zero": np.array([[0.0, -0.0], [-0.0, 1.0]], dtype=np.float32),
        "smallest": np.array([1e-45, -1e-45, 3.4e38], dtype=np.float32),
        "single": np.float32(2.5).reshape(()),
        "zeros": np.zeros((40, 30), dtype=np.float32),
        "Gewicht \u00e4": np.zeros((2, 3, 4, 5), dtype=np.float32) + np.float32(0.1),
    }
    assert_same_bits(unpack(pack(weights)), weights)


def test_the_same_model_gives_the_same_file() -> None:
    assert pack(pruned_and_clustered(0.8, 16)) == pack(pruned_and_clustered(0.8, 16))


@pytest.mark.parametrize("place", [0, 9, 30, 400, -1])
def test_a_damaged_file_is_refused(place: int) -> None:
    content = bytearray(pack(pruned_and_clustered(0.8, 16)))
    content[place] ^= 1
    with pytest.raises(CompressionError, match="no packed model, or is damaged"):
        unpack(bytes(content))


def test_a_cut_or_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompressionError, match="no packed model"):
        unpack(pack(small_network())[:-9])
    with pytest.raises(CompressionError, match="cannot be read"):
        read_packed(tmp_path / "missing")
