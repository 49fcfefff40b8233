"""A family of students: where each stands, and training it on little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jndlab.compression.attention.counting import PARAMETERS_RULE, count_operations
from jndlab.compression.attention.design import MANNER_SMALL, STUDENT, Design, design_of
from jndlab.compression.attention.students import (
    Plan,
    level_of,
    train_students,
)
from jndlab.compression.checkpoints import Checkpoint, load_checkpoint, model_of, write_checkpoint
from jndlab.compression.family import level_file, load_family
from jndlab.compression.training.data import Pairs
from jndlab.errors import CompressionError

PLAN = Plan(
    baseline=Design(hidden=8, depth=2),
    students=(Design(hidden=6, depth=2), Design(hidden=4, depth=2)),
    steps=3,
    batch_size=2,
    seconds=0.1,
)
LEVELS = ("0.286.npz", "0.559.npz")


def few_pairs(seed: int = 0) -> Pairs:
    rng = np.random.default_rng(seed)
    clean = 0.1 * np.sin(np.cumsum(rng.uniform(0.02, 0.3, (4, 2400)), axis=1))
    noisy = clean + 0.05 * rng.normal(size=clean.shape)
    return Pairs.of(noisy.astype(np.float32), clean.astype(np.float32), "tones in noise")


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("family")
    told: list[tuple[str, int, int]] = []
    paths = train_students(
        few_pairs(),
        folder,
        PLAN,
        transfer="both",
        progress=lambda name, step, steps, _loss: told.append((name, step, steps)),
    )
    return folder, paths, told


def test_a_level_is_log2_of_times_smaller():
    assert level_of(MANNER_SMALL, MANNER_SMALL) == 0.0
    assert level_of(MANNER_SMALL, STUDENT) == 3.944
    assert round(2**3.944, 1) == 15.4
    assert level_file(3.944) == "3.944.npz"
    assert level_file(2.0) == "2.npz"


def test_the_usual_family_is_in_order_and_has_the_published_student():
    levels = Plan().levels()
    assert list(levels) == sorted(levels)
    assert levels[3.944] == STUDENT
    assert [design.hidden for design in levels.values()] == [48, 36, 30, 24, 18, 12, 8]
    assert 6 < 2 ** min(levels) < 2 ** max(levels) < 200


def test_families_that_cannot_be():
    with pytest.raises(CompressionError, match="twice"):
        replace(PLAN, students=(PLAN.students[0], PLAN.students[0])).levels()
    with pytest.raises(CompressionError, match="no smaller than the baseline"):
        replace(PLAN, students=(PLAN.baseline,)).levels()
    with pytest.raises(CompressionError, match="no student"):
        replace(PLAN, students=()).levels()
    with pytest.raises(CompressionError, match="beta"):
        replace(PLAN, beta=0.0)
    with pytest.raises(CompressionError, match="same network"):
        replace(PLAN, twin_seed=1)
    with pytest.raises(CompressionError, match="at least one step"):
        replace(PLAN, steps=0)


def test_checkpoints_of_a_family_with_and_without_transfer(family):
    folder, paths, _ = family
    names = ["baseline.npz", "0.npz", *LEVELS]
    assert paths == [
        folder / kind / name for kind in ("with-transfer", "without-transfer") for name in names
    ]
    for path in paths:
        checkpoint = load_checkpoint(path)
        assert checkpoint.architecture == "manner"
        assert checkpoint.training["steps"] == 3
        assert checkpoint.training["data"] == "tones in noise"
        assert np.isfinite(checkpoint.training["si_sdr_db"])


def test_the_baseline_is_trained_once_and_its_twin_differs_in_the_seed(family):
    folder, _, told = family
    one, other = (folder / kind for kind in ("with-transfer", "without-transfer"))
    for name in ("baseline.npz", "0.npz"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    assert [name for name, step, _ in told if step == 3] == [
        "baseline", "0", "0.286", "0.559", "0.286", "0.559",
    ]  # fmt: skip
    baseline, twin = (load_checkpoint(one / name) for name in ("baseline.npz", "0.npz"))
    assert (baseline.seed, twin.seed) == (1, 2)
    assert baseline.options == twin.options
    assert not np.array_equal(baseline.weights["front.0.weight"], twin.weights["front.0.weight"])


def test_the_folders_are_axes(family):
    folder, _, _ = family
    one, other = (load_family(folder / kind) for kind in ("with-transfer", "without-transfer"))
    assert (one.name, other.name) == ("mv-at", "students")
    assert one.unit == "log2 of times smaller"
    assert one.levels == other.levels == (0.0, 0.286, 0.559)
    assert one.version(0.0).origin == "seed-twin"
    assert one.version(0.286).facts["times_smaller"] == 1.22
    assert one.version(0.286).facts["hidden"] == 6
    assert one.version(0.286).storage.bits == 32 * one.version(0.286).parameters.count
    assert one.baseline.digest == other.baseline.digest
    assert not list(folder.rglob("*.partial"))


def test_transfer_changes_the_students_and_is_on_record(family):
    folder, _, _ = family
    for name in LEVELS:
        told, alone = (
            load_checkpoint(folder / kind / name) for kind in ("with-transfer", "without-transfer")
        )
        assert told.training["trained_as"]["beta"] == 0.1
        assert alone.training["trained_as"]["beta"] == 0.0
        assert len(told.training["trained_as"]["teacher"]) == 64
        assert alone.training["trained_as"]["teacher"] is None
        assert not np.array_equal(
            told.weights["bottleneck.weight"], alone.weights["bottleneck.weight"]
        )


def test_an_interrupted_training_goes_on(family):
    folder, _, _ = family
    missing = folder / "with-transfer" / LEVELS[1]
    before = load_checkpoint(missing)
    missing.unlink()
    told: list[str] = []
    train_students(
        few_pairs(),
        folder / "with-transfer",
        PLAN,
        progress=lambda name, *_rest: told.append(name),
    )
    assert set(told) == {"0.559"}
    again = load_checkpoint(missing)
    assert all(np.array_equal(again.weights[name], before.weights[name]) for name in before.weights)


def test_another_training_in_the_same_folder_is_refused(family):
    folder, _, _ = family
    with pytest.raises(CompressionError, match="its steps is 3, not 4"):
        train_students(few_pairs(), folder / "with-transfer", replace(PLAN, steps=4))
    with pytest.raises(CompressionError, match="trained on other sounds: tones in noise"):
        train_students(few_pairs(seed=1), folder / "with-transfer", PLAN)


def test_a_device_that_is_not_there(tmp_path):
    pytest.importorskip("torch")
    with pytest.raises(CompressionError, match="cannot use the device 'nowhere'"):
        train_students(few_pairs(), tmp_path, replace(PLAN, device="nowhere"))
    assert not list(tmp_path.iterdir())


def test_a_trained_student_enhances(family):
    folder, _, _ = family
    model = model_of(load_checkpoint(folder / "with-transfer" / LEVELS[0]))
    noisy = few_pairs().noisy[0].astype(np.float64)
    enhanced = model.enhance(noisy)
    assert enhanced.shape == noisy.shape
    assert np.array_equal(enhanced, model.enhance(noisy))
    assert enhanced.std() > 0
    assert model.name == "MANNER-S (width 6, depth 2)"
    assert model.rate_hz == 16_000
    assert model.parameters.rule == PARAMETERS_RULE
    assert model.parameters.count == sum(tensor.size for tensor in model.weights.values())
    operations = model.operations(8000)
    assert operations.macs == count_operations(Design(hidden=6, depth=2), 8000)
    assert operations.seconds == 0.5


def test_running_statistics_travel_but_are_no_weights(family):
    folder, _, _ = family
    checkpoint = load_checkpoint(folder / "with-transfer" / LEVELS[0])
    model = model_of(checkpoint)
    statistics = {name for name in checkpoint.weights if "running_" in name}
    assert statistics
    assert set(checkpoint.weights) - statistics == set(model.weights)
    assert np.ptp(checkpoint.weights["front.1.running_mean"]) > 0
    other = {name: tensor.copy() for name, tensor in checkpoint.weights.items()}
    other["front.1.running_mean"] += 1
    changed = model_of(replace(checkpoint, weights=other))
    assert changed.digest != model.digest
    noisy = few_pairs().noisy[0].astype(np.float64)
    assert not np.allclose(changed.enhance(noisy), model.enhance(noisy))
    exchanged = changed.with_weights({name: 0.5 * t for name, t in model.weights.items()})
    assert exchanged.operations(8000) == model.operations(8000)


def test_checkpoints_that_are_no_manner(family, tmp_path):
    folder, _, _ = family
    checkpoint = load_checkpoint(folder / "with-transfer" / LEVELS[0])
    with pytest.raises(CompressionError, match="'hidden' as int"):
        model_of(replace(checkpoint, options={"depth": 2, "attention": "deepest"}))
    with pytest.raises(CompressionError, match="shape"):
        model_of(replace(checkpoint, options={**checkpoint.options, "hidden": 8}))
    # what was written in half precision is read as single precision
    write_checkpoint(tmp_path / "half.npz", checkpoint, half=True)
    half = load_checkpoint(tmp_path / "half.npz")
    assert isinstance(half, Checkpoint)
    assert design_of(half.options) == Design(hidden=6, depth=2)
    assert model_of(half).enhance(few_pairs().noisy[0].astype(np.float64)).std() > 0
