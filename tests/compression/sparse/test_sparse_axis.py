"""Prune, cluster and both as axes: levels, sizes, facts, errors."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.compression.axis import Method, WeightAxis, position
from jndlab.compression.sparse.axis import Cluster, Prune, PruneCluster, clusters_at
from jndlab.compression.sparse.clustering import codebook_entries
from jndlab.compression.sparse.packing import pack
from jndlab.compression.sparse.pruning import matrices_of, n_pruned
from jndlab.errors import CompressionError
from tests.compression.sparse.networks import Filters, small_network

METHODS: list[Method] = [Prune(), Cluster(), PruneCluster()]
RATIOS = {"dense.weight": 0.2, "gru.weight": 0.8, "conv.weight": 0.5}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_default_levels_go_from_least_to_most_compressed(method: Method) -> None:
    weights = small_network()
    levels = method.default_levels
    places = [position(level, method.compression) for level in levels]
    assert places == sorted(places)
    found = [method.compress(weights, level) for level in levels if level != 5.2]
    bits = [version.storage.bits for version in found]
    assert bits == sorted(bits, reverse=True)
    for version in found:
        content = pack(version.weights, codebooks=method.name != "prune")
        assert version.storage.bits == 8 * len(content)
        assert {n: t.shape for n, t in version.weights.items()} == {
            n: t.shape for n, t in weights.items()
        }
        assert all(t.dtype == np.float32 for t in version.weights.values())
        nonzero = sum(int(np.count_nonzero(t)) for t in version.weights.values())
        assert version.parameters.count == nonzero
        assert version.parameters.rule == "weights other than zero"


def test_pruning_reaches_its_sparsity_exactly_and_says_so() -> None:
    weights = small_network()
    found = Prune().compress(weights, 0.7)
    zeros = {n: int((found.weights[n] == 0).sum()) for n in matrices_of(weights)}
    assert zeros == {n: n_pruned(weights[n].size, 0.7) for n in zeros}
    assert found.facts["sparsity"] == pytest.approx(0.7, abs=1e-4)
    assert found.facts["sparsity per matrix"] == "0.700"
    assert float(found.facts["bits per weight"]) > float(
        found.facts["bits per weight with ideal masks"]
    )


def test_weights_of_half_precision_make_no_codebook_of_a_pruned_model() -> None:
    weights = {n: t.astype(np.float16).astype(np.float32) for n, t in small_network().items()}
    half, single = (Prune().compress(w, 0.5).storage for w in (weights, small_network()))
    assert half == single
    assert "float32 for weights other than zero" in half.rule


def test_ratios_by_sensitivity_show_in_the_facts_and_in_the_rule() -> None:
    method = Prune(ratios=RATIOS)
    facts = method.compress(small_network(), 0.5).facts
    assert facts["sparsity"] == pytest.approx(0.5, abs=2e-4)
    assert str(facts["sparsity per matrix"]).startswith("dense.weight 0.1")
    assert "sensitivity" in method.rule
    assert "the same share" in Prune().rule


def test_levels_of_clusters_are_bits_of_an_index() -> None:
    levels = Cluster().default_levels
    assert [clusters_at(level) for level in levels] == [256, 128, 64, 32, 16, 12, 8]
    found = Cluster().compress(small_network(), 3.585)
    assert {codebook_entries(found.weights[n]) for n in RATIOS} == {12}
    assert found.facts["clusters"] == 12
    assert found.facts["codebook entries per matrix"] == "12"


def test_a_matrix_of_few_values_uses_fewer_entries_than_clusters() -> None:
    weights = small_network()
    weights["dense.weight"] = np.sign(weights["dense.weight"])
    facts = Cluster().compress(weights, 4).facts
    assert facts["codebook entries per matrix"] == ("dense.weight 2, gru.weight 16, conv.weight 16")


@pytest.mark.parametrize("ratios", [{}, RATIOS], ids=["uniform", "by sensitivity"])
@pytest.mark.parametrize("clusters", [16, 64])
def test_the_combined_path_becomes_as_small_as_its_level_says(
    clusters: int, ratios: dict[str, float]
) -> None:
    for level in (3, 3.5, 4):
        found = PruneCluster(clusters=clusters, ratios=ratios).compress(small_network(), level)
        assert found.facts["times smaller by formula"] == 2**level
        # The formula's masks are ideal, and all entries of its codebooks in use.
        assert found.facts["times smaller"] == pytest.approx(2**level, rel=0.06)
        most = max(codebook_entries(found.weights[n]) for n in RATIOS)
        assert most == clusters


def test_the_combined_path_begins_where_nothing_is_pruned() -> None:
    least = float(Cluster().compress(small_network(), 4).facts["times smaller"])
    found = PruneCluster().compress(small_network(), np.log2(least) + 0.01)
    assert 0 < float(found.facts["sparsity"]) < 0.3
    with pytest.raises(CompressionError, match=r"Levels of prune-cluster lie from 2\.\d\d to"):
        PruneCluster().compress(small_network(), 1)
    with pytest.raises(CompressionError, match=r"cannot become 1\.02e\+03 times"):
        PruneCluster().compress(small_network(), 10)


@pytest.mark.parametrize(
    ("method", "level", "message"),
    [
        (Prune(), 1.0, "Sparsity 1 cannot be"),
        (Prune(), -0.1, "Sparsity -0.1 cannot be"),
        (Prune(), float("nan"), "Sparsity nan cannot be"),
        (Cluster(), 256, "256 bits of index cannot be"),
        (Cluster(), -1, "-1 bits of index cannot be"),
    ],
)
def test_levels_out_of_range_are_refused(method: Method, level: float, message: str) -> None:
    with pytest.raises(CompressionError, match=message):
        method.compress(small_network(), level)


def test_an_axis_gives_models_that_differ_more_and_more() -> None:
    model = Filters()
    axis = WeightAxis.of(model, Prune(), [0.75, 0.25, 0.5])
    assert axis.levels == (0.25, 0.5, 0.75)
    sound = np.random.default_rng(0).normal(size=400)
    own = model.enhance(sound)
    distances = [
        float(((axis.version(level).model.enhance(sound) - own) ** 2).sum())
        for level in axis.levels
    ]
    assert 0 < distances[0] < distances[1] < distances[2]
