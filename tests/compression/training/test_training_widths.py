"""The family of widths: a folder that is an axis, with a seed twin, and goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jndlab.compression.family import load_family
from jndlab.compression.training.course import Course
from jndlab.compression.training.data import Pairs
from jndlab.errors import CompressionError

pytest.importorskip("torch")

from jndlab.compression.training.widths import level_of, train_widths

QUICK: dict[str, Any] = {
    "widths": (2, 4),
    "width": 8,
    "layers": 1,
    "course": Course(steps=1, batch_size=2, seconds=0.1),
}


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    rng = np.random.default_rng(0)
    clean = (0.1 * rng.standard_normal((3, 2000))).astype(np.float32)
    return Pairs.of(clean + clean[::-1], clean, "noise in noise")


def test_a_family_is_trained_and_is_an_axis(pairs: Pairs, tmp_path: Path) -> None:
    trained: list[str] = []
    paths = train_widths(
        pairs, output=tmp_path, progress=lambda name, *_: trained.append(name), **QUICK
    )
    assert [path.name for path in paths] == ["baseline.npz", "0.npz", "1.npz", "2.npz"]
    assert trained == ["baseline", "0", "1", "2"]
    axis = load_family(tmp_path)
    assert axis.levels == (0, 1, 2)
    assert axis.unit == "log2(times narrower)"
    assert axis.origin == "separately-trained"
    assert axis.version(0).seed == 2
    assert axis.version(0).parameters == axis.baseline.parameters
    counts = [axis.version(level).parameters.count for level in axis.levels]
    assert counts[0] > counts[1] > counts[2]
    enhanced = axis.version(2).model.enhance(pairs.noisy[0].astype(float))
    assert enhanced.shape == (2000,)
    assert not list(tmp_path.glob("*.partial"))


def test_what_is_there_is_kept_unless_it_was_trained_otherwise(
    pairs: Pairs, tmp_path: Path
) -> None:
    train_widths(pairs, output=tmp_path, twin_seed=None, **QUICK)
    assert not (tmp_path / "0.npz").exists()
    kept = (tmp_path / "1.npz").read_bytes()
    (tmp_path / "2.npz").unlink()
    trained: list[str] = []
    train_widths(
        pairs,
        output=tmp_path,
        twin_seed=None,
        progress=lambda name, *_: trained.append(name),
        **QUICK,
    )
    assert trained == ["2"]
    assert (tmp_path / "1.npz").read_bytes() == kept
    with pytest.raises(CompressionError, match=r"baseline\.npz.*its seed is 1, not 7"):
        train_widths(pairs, output=tmp_path, seed=7, **QUICK)
    with pytest.raises(CompressionError, match="its steps is 1, not 2"):
        train_widths(
            pairs, output=tmp_path, twin_seed=None, **(QUICK | {"course": Course(steps=2)})
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": ()}, "no units"),
        ({"widths": (8,)}, "8 units"),
        ({"widths": (4, 4)}, "4, 4 units"),
        ({"widths": (0,)}, "0 units"),
        ({"seed": 2}, "same network twice"),
    ],
)
def test_families_that_are_none_are_refused(
    pairs: Pairs, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(CompressionError, match=message):
        train_widths(pairs, output=tmp_path / "new", **(QUICK | options))
    assert not (tmp_path / "new").exists()


def test_a_level_more_is_half_as_wide() -> None:
    assert [level_of(width) for width in (128, 64, 16)] == [0, 1, 3]
