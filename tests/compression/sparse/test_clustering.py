"""k-means of weights: optimal assignment, falling error, zero apart, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.compression.sparse.clustering import (
    cluster_tensor,
    cluster_values,
    clustered,
    codebook_entries,
    linear_centres,
    nearest,
)
from jndlab.errors import CompressionError
from tests.compression.sparse.networks import small_network


def gaussian(n: int = 20_000) -> np.ndarray:
    return np.random.default_rng(5).normal(size=n).astype(np.float32)


def test_two_heaps_of_values_become_their_means() -> None:
    values = np.array([1, 2, 3, 11, 12, 13], dtype=np.float32)
    found = cluster_values(values, 2)
    assert found.codebook.tolist() == [2, 12]
    assert found.indices.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.distortions[-1] == pytest.approx(4)


@pytest.mark.parametrize("k", [2, 3, 12, 16, 64, 256])
def test_the_error_never_rises_and_ends_below_that_of_even_steps(k: int) -> None:
    values = gaussian()
    found = cluster_values(values, k)
    assert all(a >= b for a, b in zip(found.distortions, found.distortions[1:], strict=False))
    assert found.codebook.size == k
    assert np.all(np.diff(found.codebook) > 0)
    final = float(((found.values.astype(np.float64) - values) ** 2).sum())
    assert final == pytest.approx(found.distortions[-1], rel=1e-5)
    even = linear_centres(values.astype(np.float64), k)
    assert final < float(((even[nearest(values.astype(np.float64), even)] - values) ** 2).sum())


@pytest.mark.parametrize("bits", [1, 2])
def test_gaussian_weights_come_to_the_known_optimum(bits: int) -> None:
    # Max (1960), table I: mean squared error of the best quantiser with 2 and 4 levels.
    optimum = {1: 0.3634, 2: 0.1175}[bits]
    values = gaussian(200_000)
    found = cluster_values(values, 2**bits)
    assert found.distortions[-1] / values.size == pytest.approx(optimum, rel=0.02)


def test_every_value_uses_its_nearest_entry() -> None:
    values = gaussian(500)
    found = cluster_values(values, 7)
    distances = np.abs(values[:, None].astype(np.float64) - found.codebook.astype(np.float64))
    assert np.array_equal(found.indices, distances.argmin(axis=1))


def test_halfway_between_two_entries_the_lower_one_is_used() -> None:
    assert nearest(np.array([0.5, 1.5]), np.array([0.0, 1.0, 2.0])).tolist() == [0, 1]


def test_no_more_distinct_values_than_clusters_stay_exactly() -> None:
    values = np.array([0.1, 0.3, 0.1, -7.7, 0.3], dtype=np.float32)
    for k in (3, 4, 100):
        found = cluster_values(values, k)
        assert np.array_equal(found.values, values)
        assert (found.codebook.size, found.distortions) == (3, (0.0,))


def test_empty_clusters_of_the_linear_start_are_put_to_use() -> None:
    # All but one of ten even steps from 0 to 1,000 are empty.
    values = np.concatenate([np.linspace(0, 1, 999), [1000]]).astype(np.float32)
    found = cluster_values(values, 10)
    assert found.codebook.size == 10
    assert found.distortions[-1] < 1.2 * 999 * (1 / 9) ** 2 / 12


def test_values_far_from_zero_lose_no_digits() -> None:
    values = (1000 + 1e-2 * gaussian(2000)).astype(np.float32)
    found = cluster_values(values, 4)
    errors = float(((found.values.astype(np.float64) - values) ** 2).mean())
    assert errors == pytest.approx(0.1175e-4, rel=0.05)


def test_zero_keeps_its_own_value_and_counts_for_no_cluster() -> None:
    tensor = gaussian(600).reshape(20, 30)
    tensor[::2] = 0
    found = cluster_tensor(tensor, 8)
    assert np.array_equal(found == 0, tensor == 0)
    assert codebook_entries(found) == 8
    assert not cluster_tensor(np.zeros((3, 3), dtype=np.float32), 4).any()


def test_only_matrices_are_clustered_and_always_alike() -> None:
    weights = small_network()
    once, again = clustered(weights, 16), clustered(weights, 16)
    assert once["gru.bias"] is weights["gru.bias"]
    for name, tensor in once.items():
        assert tensor.dtype == np.float32
        assert np.array_equal(tensor, again[name])
    names = ("dense.weight", "gru.weight", "conv.weight")
    assert [codebook_entries(once[name]) for name in names] == [16, 16, 16]


@pytest.mark.parametrize("k", [0, -1, 70_000])
def test_numbers_of_clusters_that_cannot_be_are_refused(k: int) -> None:
    with pytest.raises(CompressionError, match="clusters cannot be"):
        cluster_values(gaussian(10), k)
