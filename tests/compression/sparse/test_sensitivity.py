"""Sensitivity of each matrix: the largest amount within the tolerance, others intact."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest

from jndlab.compression.sparse.sensitivity import (
    CLUSTER_COUNTS,
    RATIOS,
    cluster_sensitivity,
    output_distance,
    pruning_sensitivity,
    tolerance_of,
)
from jndlab.errors import CompressionError
from tests.compression.sparse.networks import Filters, small_network

Weights = Mapping[str, np.ndarray]
WEIGHTS = small_network()


def squared_change(weights: Weights) -> float:
    """Of the dense matrix 40 times, of the recurrent one once, of the rest not at all."""
    changes = {n: float(((weights[n] - WEIGHTS[n]) ** 2).sum()) for n in WEIGHTS}
    return 3 + 40 * changes["dense.weight"] + changes["gru.weight"]


def test_the_ratios_are_those_of_the_method() -> None:
    assert RATIOS[:3] == (0, 0.05, 0.1)
    assert (RATIOS[-1], len(RATIOS)) == (0.95, 20)


def test_the_largest_ratio_within_the_tolerance_is_chosen_for_each_matrix() -> None:
    found = pruning_sensitivity(WEIGHTS, squared_change, tolerance=1.0)
    assert found.baseline_loss == 3
    by_name = {tensor.name: tensor for tensor in found.tensors}
    assert list(by_name) == ["dense.weight", "gru.weight", "conv.weight"]
    assert found.chosen["conv.weight"] == 0.95
    assert 0 < found.chosen["dense.weight"] < found.chosen["gru.weight"] < 0.95
    for tensor in found.tensors:
        assert (tensor.amounts, tensor.rises[0]) == (RATIOS, 0)
        assert tensor.is_monotone
        rises = dict(zip(tensor.amounts, tensor.rises, strict=True))
        assert rises[tensor.chosen] <= 1
        above = [amount for amount in RATIOS if amount > tensor.chosen]
        assert all(rises[amount] > 1 for amount in above)


def test_the_fewest_clusters_within_the_tolerance_are_chosen() -> None:
    found = cluster_sensitivity(WEIGHTS, squared_change, tolerance=0.5)
    assert found.chosen["conv.weight"] == min(CLUSTER_COUNTS)
    assert found.chosen["dense.weight"] > found.chosen["gru.weight"] > 2
    assert found.unit == "clusters"


def test_a_matrix_that_bears_nothing_is_left_as_much_as_there_is() -> None:
    def worse(weights: Weights) -> float:
        return float(any(not np.array_equal(weights[n], WEIGHTS[n]) for n in WEIGHTS))

    assert set(pruning_sensitivity(WEIGHTS, worse, tolerance=0.5).chosen.values()) == {0}
    clusters = cluster_sensitivity(WEIGHTS, worse, tolerance=0.5, counts=(8, 64)).chosen
    assert set(clusters.values()) == {64}


def test_progress_is_told_and_the_record_can_be_kept() -> None:
    seen: list[str] = []
    found = pruning_sensitivity(
        WEIGHTS, squared_change, tolerance=1.0, ratios=(0.5, 0.0), progress=seen.append
    )
    assert seen == ["dense.weight"] * 2 + ["gru.weight"] * 2 + ["conv.weight"] * 2
    kept = json.loads(json.dumps(found.to_json()))
    assert kept["tensors"][1]["chosen"] == found.chosen["gru.weight"]
    assert kept["tensors"][1]["amounts"] == [0, 0.5]


def test_a_models_own_output_serves_as_the_reference() -> None:
    rng = np.random.default_rng(0)
    model = Filters()
    loss = output_distance(model, [rng.normal(size=800), rng.normal(size=500)])
    assert loss(model.weights) == 0
    halved = {**model.weights, "second": np.float32(0.5) * model.weights["second"]}
    assert loss(halved) == pytest.approx(0.25)  # half the output: 6 dB below it
    assert tolerance_of(30) == pytest.approx(0.001)
    found = pruning_sensitivity(model.weights, loss, tolerance=tolerance_of(30))
    # The small half of the first filter matters 40 dB less than its large half.
    assert found.chosen == {"first": pytest.approx(0.55), "second": pytest.approx(0.1)}


def test_losses_that_say_nothing_are_refused() -> None:
    with pytest.raises(CompressionError, match="no sound"):
        output_distance(Filters(), [])
    with pytest.raises(CompressionError, match="silence"):
        output_distance(Filters(), [np.zeros(10)])
    with pytest.raises(CompressionError, match="loss is not finite"):
        pruning_sensitivity(WEIGHTS, lambda weights: float("nan"), tolerance=1)
