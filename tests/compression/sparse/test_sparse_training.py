"""Sparse-group lasso, masks, shared weights, and levels trained with them. Needs torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jndlab.compression.checkpoints import Checkpoint, load_checkpoint
from jndlab.compression.family import load_family
from jndlab.compression.sparse.accounting import packed_size
from jndlab.compression.sparse.clustering import clustered, codebook_entries
from jndlab.compression.sparse.pruning import matrices_of, sparsity_of
from jndlab.compression.training.data import Pairs
from jndlab.errors import CompressionError

torch = pytest.importorskip("torch")

from jndlab.compression.sparse import trained_levels  # noqa: E402
from jndlab.compression.sparse.codebook_tuning import SharedWeights  # noqa: E402
from jndlab.compression.sparse.fine_tuning import (  # noqa: E402
    prune_and_tune,
    prune_iteratively,
    validation_loss,
)
from jndlab.compression.sparse.pruning import magnitude_masks, uniform_ratios  # noqa: E402
from jndlab.compression.sparse.regularise import SparseGroupLasso  # noqa: E402
from jndlab.compression.sparse.trained_levels import (  # noqa: E402
    Penalty,
    train_clustered,
    train_sparse,
)
from jndlab.compression.training.course import Course  # noqa: E402
from jndlab.compression.training.gru_mask import GruMask  # noqa: E402
from jndlab.compression.training.loop import fresh, train  # noqa: E402
from jndlab.compression.training.losses import enhancement_loss  # noqa: E402
from jndlab.compression.training.modules import module_of  # noqa: E402
from jndlab.compression.training.saving import (  # noqa: E402
    checkpoint_of,
    put_weights,
    weights_of,
)

QUICK: dict[str, Any] = {"batch_size": 2, "seconds": 0.2}


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    rng = np.random.default_rng(0)
    clean = 0.1 * np.sin(
        2 * np.pi * rng.uniform(300, 600, (6, 1)) * np.arange(3200) / 16000
    ).astype(np.float32)
    noisy = clean + (0.1 * rng.standard_normal(clean.shape)).astype(np.float32)
    return Pairs.of(noisy, clean, "tones")


def tiny() -> GruMask:
    return fresh(lambda: GruMask(frame=64, hop=32, hidden=8, layers=1), 1)


@pytest.fixture(scope="module")
def baseline(pairs: Pairs) -> Checkpoint:
    module = tiny()
    record = train(module, pairs, steps=6, seed=1, **QUICK)
    return checkpoint_of(module, "gru-mask", module.options, record)


def same(one: Checkpoint, other: Checkpoint) -> bool:
    return all(np.array_equal(one.weights[n], other.weights[n]) for n in one.weights)


# Sparse-group lasso


def test_the_penalty_and_its_gradient_are_those_of_the_formula() -> None:
    module = torch.nn.Linear(3, 2)
    weights = np.array([[3.0, -4.0, 0.0], [0.0, 0.0, 2.0]], dtype=np.float32)
    put_weights(module, {"weight": weights, "bias": np.ones(2, dtype=np.float32)})
    lasso = SparseGroupLasso(module, lambda1=0.6, lambda2=0.5, groupings={"weight": "rows"})
    value = lasso.penalty(module)
    value.backward()
    # Two rows of three: 0.6 · 9/6 + 0.5 · √3 · (5 + 2) / 2
    assert float(value.detach()) == pytest.approx(0.9 + 0.25 * np.sqrt(3) * 7, rel=1e-6)
    norms = np.array([[5.0], [2.0]])
    expected = 0.1 * np.sign(weights) + 0.25 * np.sqrt(3) * weights / norms
    np.testing.assert_allclose(module.weight.grad.numpy(), expected, rtol=1e-6)
    assert module.bias.grad is None


def test_a_group_at_zero_has_a_finite_gradient() -> None:
    module = torch.nn.Linear(3, 2)
    put_weights(module, {n: np.zeros_like(t) for n, t in weights_of(module).items()})
    lasso = SparseGroupLasso(module, lambda1=1, lambda2=1)
    value = lasso(module, None, None, None)
    value.backward()
    assert float(value.detach()) == pytest.approx(0, abs=1e-11)
    assert not module.weight.grad.any()


def test_numbers_of_groups_and_weights_are_of_all_matrices_together() -> None:
    module = tiny()
    weights = weights_of(module)
    lasso = SparseGroupLasso(module, lambda1=1.0, lambda2=0.0)
    names = matrices_of(weights)
    mean = np.concatenate([np.abs(weights[n]).ravel() for n in names]).mean(dtype=np.float64)
    assert float(lasso.penalty(module).detach()) == pytest.approx(float(mean), rel=1e-5)
    lasso = SparseGroupLasso(module, lambda1=0.0, lambda2=1.0)
    terms = [
        np.sqrt(part.size) * np.linalg.norm(part)
        for name in names
        for part in (weights[name].T if "gru" in name else weights[name])
    ]
    assert float(lasso.penalty(module).detach()) == pytest.approx(np.mean(terms), rel=1e-5)


def test_a_strong_penalty_makes_groups_vanish(pairs: Pairs, tmp_path: Path) -> None:
    module = fresh(lambda: GruMask(frame=64, hop=32, hidden=8, layers=1), 4)
    start = checkpoint_of(module, "gru-mask", module.options, _Record())
    course = Course(steps=60, learning_rate=2e-2, batch_size=2, seconds=0.1)
    penalty = Penalty(lambda2=0.3, vanishing=0.1)
    [path] = train_sparse(
        start, pairs, output=tmp_path, levels=[0.1], course=course, penalty=penalty
    )
    facts = load_checkpoint(path).training
    assert facts["groups"] == 8 + 8 + 8 + 33
    assert 0 < facts["vanished groups"] < facts["groups"]  # type: ignore[operator]
    assert facts["MACs saved per use of the matrices"] >= 8  # type: ignore[operator]


class _Record:
    def facts(self) -> dict[str, object]:
        return {}


@pytest.mark.parametrize("wrong", [{"lambda1": -1.0}, {"groupings": {"nothing": "rows"}}])
def test_penalties_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    options = {"lambda1": 1.0, "lambda2": 1.0, **wrong}
    with pytest.raises(CompressionError, match=r"cannot be negative|no parameter 'nothing'"):
        SparseGroupLasso(torch.nn.Linear(2, 2), **options)


# Masks and shared weights


def test_pruned_weights_stay_zero_and_the_others_learn(pairs: Pairs) -> None:
    module = tiny()
    before = weights_of(module)
    masks = magnitude_masks(before, uniform_ratios(before, 0.8))
    seen = []
    prune_and_tune(
        module,
        pairs,
        masks,
        steps=3,
        seed=1,
        after_step=lambda m, step: seen.append(
            all(not weights_of(m)[n][~mask].any() for n, mask in masks.items())
        ),
        **QUICK,
    )
    assert seen == [True] * 3
    after = weights_of(module)
    assert sparsity_of(after, matrices_of(after)) == pytest.approx(0.8, abs=2e-3)
    kept = masks["gru.weight_hh_l0"]
    assert (after["gru.weight_hh_l0"][kept] != before["gru.weight_hh_l0"][kept]).any()


def test_the_gradient_of_an_entry_is_the_sum_over_its_members() -> None:
    module = torch.nn.Linear(3, 2, bias=False)
    put_weights(module, {"weight": np.array([[1, 2, 0], [2, 1, 2]], dtype=np.float32)})
    shared = SharedWeights(module, ["weight"])
    inputs = torch.tensor([[1.0, 10.0, 100.0]])
    with shared.gradients(module):
        module(inputs)[0].dot(torch.tensor([1.0, 2.0])).backward()
    # Alone: [[1, 10, 100], [2, 20, 200]]. Ones: 1 + 20; twos: 10 + 2 + 200; zero: none.
    assert module.weight.grad.tolist() == [[21, 212, 0], [212, 21, 212]]
    module.weight.grad = None
    module(inputs).sum().backward()
    assert module.weight.grad.tolist() == [[1, 10, 100]] * 2


def test_members_of_an_entry_are_held_equal() -> None:
    module = torch.nn.Linear(3, 1, bias=False)
    put_weights(module, {"weight": np.array([[0, 5, 5]], dtype=np.float32)})
    shared = SharedWeights(module, ["weight"])
    put_weights(module, {"weight": np.array([[0.1, 7, 7.1]], dtype=np.float32)})
    shared(module, 1)
    assert weights_of(module)["weight"].tolist() == [[0, 7, 7]]


def test_tuning_codebooks_lowers_the_loss_and_keeps_their_size(pairs: Pairs) -> None:
    module = tiny()
    put_weights(module, clustered(weights_of(module), 4))
    names = matrices_of(weights_of(module))
    shared = SharedWeights(module, names)
    loss = validation_loss(module, pairs)
    before = loss(weights_of(module))
    with shared.gradients(module):
        train(
            module,
            pairs,
            steps=20,
            seed=1,
            validation=pairs,
            learning_rate=5e-3,
            after_step=shared,
            **QUICK,
        )
    after = weights_of(module)
    assert [codebook_entries(after[n]) for n in names] == [4] * len(names)
    assert loss(after) < before


def test_the_validation_loss_leaves_the_module_alone(pairs: Pairs) -> None:
    module = tiny()
    own = weights_of(module)
    loss = validation_loss(module, pairs)
    with torch.no_grad():
        estimate = module(torch.from_numpy(pairs.noisy))
        expected = float(enhancement_loss(estimate, torch.from_numpy(pairs.clean)))
    assert loss(own) == pytest.approx(expected, rel=1e-4)
    assert loss({name: 0 * tensor for name, tensor in own.items()}) != loss(own)
    assert all(np.array_equal(weights_of(module)[n], own[n]) for n in own)


# Iterative pruning


def test_iterative_pruning_goes_on_until_its_limits(pairs: Pairs) -> None:
    module = tiny()
    analysed: list[str] = []
    rounds = prune_iteratively(
        module,
        pairs,
        validation=pairs,
        tolerance=0.02,
        loss_bound=0.5,
        steps=2,
        seed=1,
        max_rounds=2,
        analysed=analysed.append,
        **QUICK,
    )
    assert 1 <= len(rounds) <= 2
    assert analysed[0] == "encoder.weight"
    weights = weights_of(module)
    assert sparsity_of(weights, matrices_of(weights)) == pytest.approx(rounds[-1].sparsity)
    assert sum(done.removed for done in rounds) == pytest.approx(rounds[-1].sparsity)
    assert all(later.sparsity > 0.01 for later in rounds)


def test_a_round_that_costs_too_much_is_undone(pairs: Pairs) -> None:
    module = tiny()
    train(module, pairs, steps=20, seed=1, learning_rate=1e-2, **QUICK)
    before = weights_of(module)
    options = {"validation": pairs, "steps": 1, "seed": 1, **QUICK}

    def pass_everything(trained: Any, step: int) -> None:
        with torch.no_grad():
            trained.decoder.bias.fill_(30)

    rounds = prune_iteratively(
        module, pairs, tolerance=100, loss_bound=0, after_step=pass_everything, **options
    )
    assert rounds == ()
    assert all(np.array_equal(weights_of(module)[n], before[n]) for n in before)
    few = {"tolerance": 0.02, "loss_bound": 9, "least_removed": 0.99}
    assert prune_iteratively(module, pairs, **few, **options) == ()
    with pytest.raises(CompressionError, match="cannot be negative"):
        prune_iteratively(module, pairs, tolerance=-1, loss_bound=0, **options)


# Levels in a folder


COURSE = replace(trained_levels.COURSE, steps=2, **QUICK)


def test_sparse_levels_are_an_axis_and_each_prunes_the_one_before(
    pairs: Pairs, baseline: Checkpoint, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    paths = train_sparse(
        baseline,
        pairs,
        output=tmp_path,
        levels=[0.9, 0.5],
        course=COURSE,
        progress=lambda step, steps, loss: seen.append((step, steps)),
    )
    assert [path.name for path in paths] == ["0.5.npz", "0.9.npz"]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    half, most = (load_checkpoint(path) for path in paths)
    for name in matrices_of(baseline.weights):
        assert not most.weights[name][half.weights[name] == 0].any()
    assert most.training["sparsity"] == pytest.approx(0.9, abs=2e-3)
    assert most.training["storage_bits"] == 8 * packed_size(most.weights, codebooks=False).n_bytes
    assert not list(tmp_path.glob("*.partial"))
    axis = load_family(tmp_path)
    assert (axis.name, axis.unit, axis.origin) == ("prune-trained", "sparsity", "fine-tuned")
    assert axis.levels == (0.5, 0.9)
    sound = pairs.noisy[0].astype(np.float64)
    outputs = [axis.version(level).model.enhance(sound) for level in axis.levels]
    assert outputs[0].shape == sound.shape
    assert not np.array_equal(outputs[0], outputs[1])


def test_an_interrupted_training_goes_on_to_the_same_weights(
    pairs: Pairs, baseline: Checkpoint, tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop(step: int, steps: int, loss: float) -> None:
        if step == 3:
            raise Stopped

    whole = train_sparse(
        baseline, pairs, output=tmp_path / "whole", levels=[0.5, 0.8], course=COURSE
    )
    options: dict[str, Any] = {"output": tmp_path / "cut", "levels": [0.5, 0.8], "course": COURSE}
    with pytest.raises(Stopped):
        train_sparse(baseline, pairs, progress=stop, **options)
    first = (tmp_path / "cut" / "0.5.npz").read_bytes()
    continued = train_sparse(baseline, pairs, **options)
    assert continued[0].read_bytes() == first
    assert same(load_checkpoint(whole[1]), load_checkpoint(continued[1]))
    with pytest.raises(CompressionError, match="trained otherwise: its steps is 2, not 3"):
        train_sparse(baseline, pairs, **{**options, "course": replace(COURSE, steps=3)})


def test_clustered_levels_keep_their_codebooks_and_the_zeros_of_their_start(
    pairs: Pairs, baseline: Checkpoint, tmp_path: Path
) -> None:
    [pruned] = train_sparse(
        baseline, pairs, output=tmp_path / "pruned", levels=[0.5], course=COURSE
    )
    start = load_checkpoint(pruned)
    paths = train_clustered(
        baseline, pairs, output=tmp_path / "both", levels=[2, 4], start=start, course=COURSE
    )
    assert [path.name for path in paths] == ["4.npz", "2.npz"]
    for path, k in zip(paths, (16, 4), strict=True):
        weights = load_checkpoint(path).weights
        for name in matrices_of(weights):
            assert codebook_entries(weights[name]) == k
            assert np.array_equal(weights[name] == 0, start.weights[name] == 0)
    assert same(load_checkpoint(tmp_path / "both" / "baseline.npz"), baseline)
    axis = load_family(tmp_path / "both")
    assert (axis.unit, axis.compression, axis.levels) == ("bits of index", "falls", (4, 2))


def test_the_folder_of_another_family_is_refused(
    pairs: Pairs, baseline: Checkpoint, tmp_path: Path
) -> None:
    train_sparse(baseline, pairs, output=tmp_path, levels=[0.5], course=COURSE)
    before = (tmp_path / "family.json").read_text()
    with pytest.raises(CompressionError, match="another family: prune-trained"):
        train_clustered(baseline, pairs, output=tmp_path, levels=[4], course=COURSE)
    assert (tmp_path / "family.json").read_text() == before
    assert not (tmp_path / "4.npz").exists()


@pytest.mark.parametrize("level", [1.0, -0.1])
def test_levels_out_of_range_are_refused_before_any_work(
    level: float, pairs: Pairs, baseline: Checkpoint, tmp_path: Path
) -> None:
    with pytest.raises(CompressionError, match="cannot be"):
        train_sparse(baseline, pairs, output=tmp_path, levels=[0.5, level], course=COURSE)
    with pytest.raises(CompressionError, match="cannot be"):
        train_clustered(baseline, pairs, output=tmp_path, levels=[4, 20], course=COURSE)
    assert list(tmp_path.iterdir()) == []


def test_architectures_that_cannot_be_trained_are_named(baseline: Checkpoint) -> None:
    other = Checkpoint(architecture="other", options={}, weights=baseline.weights)
    with pytest.raises(CompressionError, match="'other' cannot be trained"):
        module_of(other)
