"""Whatever the weights: packing returns them, clusters are optimal, masks are nested."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jndlab.compression.sparse.accounting import packed_size
from jndlab.compression.sparse.clustering import cluster_values, nearest
from jndlab.compression.sparse.layout import MASK_CODINGS
from jndlab.compression.sparse.mask_code import coded_size, decode, encode
from jndlab.compression.sparse.packing import pack, unpack
from jndlab.compression.sparse.pruning import magnitude_mask, n_pruned

ordinary = st.floats(-100, 100, width=32)
many_zeros = st.one_of(st.just(0.0), st.sampled_from([0.5, -0.0, 2.0]), st.floats(width=32))
shapes = hnp.array_shapes(min_dims=0, max_dims=4, max_side=9)
shares = st.floats(0, 1)


@given(
    st.dictionaries(st.text(max_size=5), hnp.arrays(np.float32, shapes, elements=many_zeros)),
    st.sampled_from(MASK_CODINGS),
)
def test_any_weights_come_back_bit_for_bit(weights: dict[str, np.ndarray], mask: str) -> None:
    content = pack(weights, mask)
    assert len(content) == packed_size(weights, mask).n_bytes
    found = unpack(content)
    assert list(found) == list(weights)
    for name, tensor in weights.items():
        assert found[name].shape == tensor.shape
        assert np.array_equal(found[name].view(np.uint32), tensor.view(np.uint32))


@given(hnp.arrays(np.bool_, st.integers(0, 400)))
def test_any_mask_comes_back(kept: np.ndarray) -> None:
    content = encode(kept)
    assert len(content) == coded_size(kept)
    assert np.array_equal(decode(content, kept.size), kept)


@given(st.binary(max_size=60), st.integers(0, 300))
def test_no_bytes_crash_the_decoder(content: bytes, n_weights: int) -> None:
    with suppress(ValueError):
        assert decode(content, n_weights).shape == (n_weights,)


@given(hnp.arrays(np.float32, st.integers(1, 60), elements=ordinary), st.integers(1, 12))
def test_the_error_of_clusters_never_rises(values: np.ndarray, k: int) -> None:
    found = cluster_values(values, k)
    scale = 1e-9 * float((values.astype(np.float64) ** 2).sum() + 1e-30)
    falls = zip(found.distortions, found.distortions[1:], strict=False)
    assert all(later <= earlier + scale for earlier, later in falls)
    assert found.codebook.size <= k
    assert set(found.indices.tolist()) == set(range(found.codebook.size))


@given(
    hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(-9, 9)),
    hnp.arrays(np.float64, st.integers(1, 8), elements=st.floats(-9, 9), unique=True),
)
def test_the_nearest_centre_is_nearest(values: np.ndarray, centres: np.ndarray) -> None:
    centres = np.sort(centres)
    chosen = np.abs(centres[nearest(values, centres)] - values)
    best = np.abs(centres[None] - values[:, None]).min(axis=1)
    np.testing.assert_allclose(chosen, best, rtol=0, atol=1e-12)


@settings(max_examples=40)
@given(hnp.arrays(np.float32, st.integers(2, 9), elements=ordinary), st.integers(1, 4))
def test_no_clusters_beat_the_best_cut_of_the_ordered_values(values: np.ndarray, k: int) -> None:
    found = cluster_values(values, k)
    error = float(((found.values.astype(np.float64) - values) ** 2).sum())
    best = best_error(np.sort(values.astype(np.float64)), k)
    assert error >= best * (1 - 1e-5) - 1e-9


def best_error(ordered: np.ndarray, k: int) -> float:
    """Smallest error of k runs of ordered values, by dynamic programming (Fisher 1958)."""
    n = ordered.size
    best = [0.0] + [float("inf")] * n
    for _ in range(k):
        best = [
            min([best[end]] + [best[start] + n_var(ordered[start:end]) for start in range(end)])
            for end in range(n + 1)
        ]
    return best[n]


def n_var(values: np.ndarray) -> float:
    return float(((values - values.mean()) ** 2).sum())


@given(hnp.arrays(np.float32, (6, 7), elements=ordinary), shares, shares)
def test_masks_are_nested_over_sparsity(tensor: np.ndarray, one: float, other: float) -> None:
    less, more = (magnitude_mask(tensor, share) for share in sorted((one, other)))
    assert not (more & ~less).any()
    assert tensor.size - np.count_nonzero(less) == n_pruned(tensor.size, min(one, other))
    if (~less).any() and less.any():
        assert np.abs(tensor[~less]).max() <= np.abs(tensor[less]).min()
