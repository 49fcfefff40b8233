"""Bits per weight by the formula: the published table, and what of it a file can keep."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.compression.sparse.accounting import (
    bits_per_weight,
    entropy,
    expected_bits,
    packed_size,
    times_smaller,
)
from jndlab.compression.sparse.clustering import clustered
from jndlab.compression.sparse.pruning import (
    magnitude_masks,
    masked,
    uniform_ratios,
)
from jndlab.errors import CompressionError
from tests.compression.sparse.networks import small_network


@pytest.mark.parametrize(
    ("sparsity", "plain", "plain_times", "coded", "coded_times"),
    [
        (0.0, 4.00, 8.0, 4.00, 8.0),
        (0.5, 3.00, 10.7, 3.00, 10.7),
        (0.8, 1.80, 17.8, 1.52, 21.0),
        (0.9, 1.40, 22.9, 0.87, 36.8),
        (0.95, 1.20, 26.7, 0.49, 65.8),
    ],
)
def test_the_table_of_sizes_at_sixteen_clusters(
    sparsity: float, plain: float, plain_times: float, coded: float, coded_times: float
) -> None:
    bits = bits_per_weight(sparsity, 16, "plain")
    assert (round(bits, 2), round(times_smaller(bits), 1)) == (plain, plain_times)
    bits = bits_per_weight(sparsity, 16, "entropy")
    assert (round(bits, 2), round(times_smaller(bits), 1)) == (coded, coded_times)


def test_the_entropy_of_a_mask() -> None:
    assert (entropy(0), entropy(0.5), entropy(1)) == (0, 1, 0)
    assert entropy(0.11) == pytest.approx(0.4999, abs=1e-4)  # the capacity of a channel is half
    assert entropy(0.2) == pytest.approx(entropy(0.8))


@pytest.mark.parametrize(("sparsity", "k"), [(-0.1, 16), (1.1, 16), (0.5, 0)])
def test_what_cannot_be_is_refused(sparsity: float, k: int) -> None:
    with pytest.raises(CompressionError, match="cannot be"):
        bits_per_weight(sparsity, k)


def matrix(sparsity: float, k: int) -> dict[str, np.ndarray]:
    weights = {"w": np.random.default_rng(3).normal(size=(400, 500)).astype(np.float32)}
    weights = masked(weights, magnitude_masks(weights, {"w": sparsity}))
    return clustered(weights, k)


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.8, 0.9, 0.95])
def test_a_file_keeps_the_table_to_four_per_cent(sparsity: float) -> None:
    size = packed_size(matrix(sparsity, 16))
    bits = 8 * size.n_bytes / size.n_weights
    assert bits == pytest.approx(bits_per_weight(sparsity, 16), rel=0.04)
    assert bits > bits_per_weight(sparsity, 16)
    plain = packed_size(matrix(sparsity, 16), "plain")
    assert 8 * plain.n_bytes / plain.n_weights == pytest.approx(
        bits_per_weight(sparsity, 16, "plain"), rel=0.01
    )


def test_clusters_that_are_no_power_of_two_take_whole_bits_in_a_file() -> None:
    twelve, sixteen = packed_size(matrix(0.5, 12)), packed_size(matrix(0.5, 16))
    assert twelve.indices == sixteen.indices == 400 * 500 // 2 * 4 // 8
    assert sixteen.codebooks - twelve.codebooks == 4 * 4
    assert bits_per_weight(0.5, 12) < bits_per_weight(0.5, 16)


def test_every_byte_is_accounted_for() -> None:
    weights = small_network()
    size = packed_size(clustered(weights, 16))
    floats = 4 * (32 + 96 + 32 + 16)
    assert (size.floats, size.codebooks) == (floats, 3 * 16 * 4)
    assert size.n_bytes == size.masks + size.codebooks + size.indices + size.floats + size.frame
    assert size.ideal_bits == 8 * (size.n_bytes - size.frame)  # nothing is zero: no mask
    assert size.times_smaller == pytest.approx(
        32 * sum(tensor.size for tensor in weights.values()) / (8 * size.n_bytes)
    )


@pytest.mark.parametrize(("sparsity", "k"), [(0.0, 16), (0.3, 16), (0.8, 16), (0.9, 8), (0.7, 0)])
def test_the_size_expected_beforehand_is_that_of_the_file(sparsity: float, k: int) -> None:
    weights = small_network()
    ratios = uniform_ratios(weights, sparsity)
    pruned = masked(weights, magnitude_masks(weights, ratios))
    size = packed_size(clustered(pruned, k) if k else pruned)
    assert expected_bits(weights, ratios, k) == pytest.approx(8 * size.n_bytes, rel=0.03)
