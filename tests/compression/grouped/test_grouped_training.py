"""The family is trained level by level, goes on where it stopped, and is the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from jndlab.compression.checkpoints import load_checkpoint
from jndlab.compression.family import load_family
from jndlab.compression.grouped.training import FACTS, train_groups
from jndlab.compression.training.course import Course
from jndlab.compression.training.data import Pairs
from jndlab.compression.weights import weights_digest
from jndlab.errors import CompressionError

FILES = ["baseline.npz", "0.npz", "1.npz", "3.npz"]
COURSE = Course(steps=3, batch_size=2, seconds=0.2)


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    rng = np.random.default_rng(5)
    clean = np.sin(2 * np.pi * np.linspace(100, 900, 6)[:, None] * np.arange(4000) / 16_000)
    noisy = 0.1 * clean + 0.05 * rng.standard_normal(clean.shape)
    return Pairs.of(noisy.astype(np.float32), (0.1 * clean).astype(np.float32), "tones in noise")


def _train(pairs: Pairs, folder: Path, **options) -> list[Path]:
    settings = {"groups": (2, 8), "width": 16, "layers": 1, "course": COURSE, **options}
    return train_groups(pairs, output=folder, **settings)


@pytest.fixture(scope="module")
def family(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("family")
    assert [path.name for path in _train(pairs, folder)] == FILES
    return folder


def test_the_folder_is_an_axis(family: Path) -> None:
    axis = load_family(family)
    assert (axis.name, axis.unit, axis.compression) == (FACTS.name, "log2(groups)", "rises")
    assert axis.levels == (0.0, 1.0, 3.0)
    twin, last = axis.version(0.0), axis.version(3.0)
    assert (twin.origin, twin.seed, last.origin, last.seed) == ("seed-twin", 2, None, 1)
    assert twin.parameters == axis.baseline.parameters
    assert last.facts["groups"] == 8
    assert axis.baseline_seed == 1
    sizes = [axis.version(level).parameters.count for level in axis.levels]
    assert sizes == sorted(sizes, reverse=True)
    assert last.facts["times_smaller"] == round(sizes[0] / sizes[-1], 2)


def test_every_network_enhances_in_its_own_way(family: Path) -> None:
    axis = load_family(family)
    noisy = np.random.default_rng(6).standard_normal(2000) * 0.1
    models = [axis.baseline, *(axis.version(level).model for level in axis.levels)]
    outputs = [model.enhance(noisy) for model in models]
    for index, one in enumerate(outputs):
        assert all(not np.allclose(one, other) for other in outputs[:index])


def test_training_goes_on_where_it_stopped(family: Path, pairs: Pairs, tmp_path: Path) -> None:
    def stop(name: str, step: int, steps: int, loss: float) -> None:
        if name == "1":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _train(pairs, tmp_path, progress=stop)
    assert sorted(path.name for path in tmp_path.glob("*.npz")) == ["0.npz", "baseline.npz"]
    seen: set[str] = set()
    _train(pairs, tmp_path, progress=lambda name, *rest: seen.add(name))
    assert seen == {"1", "3"}
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, "family.json"}
    for name in FILES:
        again, before = load_checkpoint(tmp_path / name), load_checkpoint(family / name)
        assert weights_digest(again.weights) == weights_digest(before.weights)


def test_networks_trained_otherwise_are_not_mixed_in(family: Path, pairs: Pairs) -> None:
    with pytest.raises(CompressionError, match="its batch_size is 2, not 3"):
        _train(pairs, family, course=Course(steps=3, batch_size=3, seconds=0.2))
    with pytest.raises(CompressionError, match="its seed is 2, not 4"):
        _train(pairs, family, twin_seed=4)
    with pytest.raises(CompressionError, match="other sounds"):
        _train(pairs.part(0, 5), family)


@pytest.mark.parametrize(
    "options", [{"twin_seed": 1}, *({"groups": groups} for groups in ((1, 2), (), (2, 2), (2, 5)))]
)
def test_families_that_cannot_be_are_refused_before_training(
    options: dict[str, object], pairs: Pairs, tmp_path: Path
) -> None:
    with pytest.raises(CompressionError):
        _train(pairs, tmp_path, **options)
    assert not list(tmp_path.iterdir())
