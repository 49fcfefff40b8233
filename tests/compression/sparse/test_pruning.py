"""Magnitude masks: how many zeros, which ones, and where none are made."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.compression.sparse.pruning import (
    magnitude_mask,
    magnitude_masks,
    masked,
    matrices_of,
    n_pruned,
    scaled_ratios,
    sparsity_of,
    uniform_ratios,
)
from jndlab.errors import CompressionError
from tests.compression.sparse.networks import small_network


def test_the_smallest_weights_go_whatever_their_sign() -> None:
    tensor = np.array([[0.5, -0.1, 0.3], [-0.9, 0.2, -0.4]], dtype=np.float32)
    expected = [[True, False, False], [True, False, True]]
    assert magnitude_mask(tensor, 0.5).tolist() == expected


def test_of_equal_weights_the_first_go() -> None:
    tensor = np.full((2, 3), -1, dtype=np.float32)
    assert magnitude_mask(tensor, 0.5).tolist() == [[False] * 3, [True] * 3]


@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1.0])
def test_exactly_as_many_go_as_were_asked_for(sparsity: float) -> None:
    tensor = small_network()["gru.weight"]
    zeros = tensor.size - np.count_nonzero(magnitude_mask(tensor, sparsity))
    assert zeros == n_pruned(tensor.size, sparsity)
    assert abs(zeros - sparsity * tensor.size) <= 0.5


def test_weights_that_are_zero_already_are_the_first_of_them() -> None:
    tensor = np.array([[0, 3, 0, 1]], dtype=np.float32).repeat(2, axis=0)
    assert magnitude_mask(tensor, 0.5).tolist() == [[False, True, False, True]] * 2


def test_biases_and_norms_are_left_alone() -> None:
    weights = small_network()
    assert matrices_of(weights) == ("dense.weight", "gru.weight", "conv.weight")
    pruned = masked(weights, magnitude_masks(weights, uniform_ratios(weights, 0.9)))
    assert list(pruned) == list(weights)
    for name in ("dense.bias", "gru.bias", "norm.scale", "conv.bias"):
        assert pruned[name] is weights[name]
    assert sparsity_of(pruned, matrices_of(weights)) == pytest.approx(0.9, abs=1e-4)
    kept = pruned["gru.weight"] != 0
    assert np.array_equal(pruned["gru.weight"][kept], weights["gru.weight"][kept])


@pytest.mark.parametrize("sparsity", [0.1, 0.5, 0.9])
def test_ratios_of_a_sensitivity_analysis_are_scaled_to_one_sparsity(sparsity: float) -> None:
    weights = small_network()
    ratios = {"dense.weight": 0.2, "gru.weight": 0.8, "conv.weight": 0.5}
    scaled = scaled_ratios(weights, ratios, sparsity)
    pruned = masked(weights, magnitude_masks(weights, scaled))
    assert sparsity_of(pruned, matrices_of(weights)) == pytest.approx(sparsity, abs=2e-4)
    assert 0 < scaled["dense.weight"] < scaled["conv.weight"] < scaled["gru.weight"] < 1


def test_ratios_at_their_own_sparsity_and_equal_ratios_stay_what_they_are() -> None:
    weights = small_network()
    ratios = {"dense.weight": 0.2, "gru.weight": 0.8, "conv.weight": 0.5}
    sizes = {name: weights[name].size for name in ratios}
    own = sum(ratios[name] * size for name, size in sizes.items()) / sum(sizes.values())
    assert scaled_ratios(weights, ratios, own) == pytest.approx(ratios)
    equal = scaled_ratios(weights, dict.fromkeys(ratios, 0.3), 0.7)
    assert equal == pytest.approx(dict.fromkeys(ratios, 0.7))
    assert scaled_ratios(weights, ratios, 0.0) == pytest.approx(dict.fromkeys(ratios, 0.0))
    assert scaled_ratios(weights, ratios, 1.0) == pytest.approx(dict.fromkeys(ratios, 1.0))


def test_a_matrix_with_ratio_zero_stays_whole_and_limits_the_sparsity() -> None:
    weights = small_network()
    ratios = {"dense.weight": 0.0, "gru.weight": 0.8, "conv.weight": 0.5}
    assert scaled_ratios(weights, ratios, 0.5)["dense.weight"] == 0
    with pytest.raises(CompressionError, match="cannot be reached"):
        scaled_ratios(weights, ratios, 0.95)


def test_what_cannot_be_pruned_is_refused() -> None:
    with pytest.raises(CompressionError, match="no matrix that could"):
        matrices_of({"bias": np.ones(3, dtype=np.float32)})
    with pytest.raises(CompressionError, match=r"Sparsity -0\.1 cannot be"):
        magnitude_mask(np.ones((2, 2), dtype=np.float32), -0.1)
    with pytest.raises(CompressionError, match=r"no matrix 'gru\.bias'"):
        magnitude_masks(small_network(), {"gru.bias": 0.5})
