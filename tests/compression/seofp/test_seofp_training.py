"""Projection at the end of each epoch; levels trained from one baseline, and continued."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from jndlab.compression.checkpoints import Checkpoint, load_checkpoint
from jndlab.compression.family import load_family
from jndlab.compression.seofp.format import bits_of
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.seofp.packing import pack, unpack
from jndlab.compression.seofp.training import COURSE as USUAL
from jndlab.compression.seofp.training import train_projected, train_seofp
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.gru_mask import GruMask
from jndlab.compression.training.loop import fresh, train
from jndlab.compression.training.saving import checkpoint_of, weights_of
from jndlab.errors import CompressionError

SMALL = {"batch_size": 2, "seconds": 0.2}
COURSE = replace(USUAL, **SMALL)


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(0)
    time = np.arange(3200) / 16000
    clean = np.array([0.1 * np.sin(2 * np.pi * f * time) for f in (200, 300, 400, 500)])
    noisy = clean + rng.normal(0, 0.05, clean.shape)
    return Pairs.of(noisy.astype(np.float32), clean.astype(np.float32), "tones in noise")


@pytest.fixture(scope="module")
def baseline(pairs):
    module = fresh(lambda: GruMask(frame=64, hop=32, hidden=8, layers=1), 1)
    record = train(module, pairs, steps=4, seed=1, **SMALL)
    return checkpoint_of(module, "gru-mask", module.options, record)


def is_rounded(weights, level):
    rounded = NumberFormat.at(level).round_all(weights)
    return all(np.array_equal(bits_of(t), bits_of(rounded[name])) for name, t in weights.items())


def test_every_epoch_ends_rounded_and_is_trained_in_float(pairs):
    module = fresh(lambda: GruMask(frame=64, hop=32, hidden=8, layers=1), 2)
    states = []
    train_projected(
        module,
        pairs,
        level=0,
        seed=3,
        steps=7,
        epoch_steps=3,
        after_step=lambda trained, step: states.append(is_rounded(weights_of(trained), 0)),
        progress=lambda step, steps, loss: states.append(is_rounded(weights_of(module), 0)),
        **SMALL,
    )
    after_step, after_epoch = states[::2], states[1::2]
    assert not any(after_step)
    assert after_epoch == [False, False, True, False, False, True, True]
    assert is_rounded(weights_of(module), 0)


def test_levels_are_trained_written_and_kept(pairs, baseline, tmp_path):
    seen = []
    options = {"output": tmp_path / "trained", "seed": 5, "epoch_steps": 2}
    options["course"] = replace(COURSE, steps=3)
    paths = train_seofp(
        baseline,
        pairs,
        levels=(-1, 2),
        progress=lambda step, steps, loss: seen.append((step, steps)),
        **options,
    )
    assert [path.name for path in paths] == ["2.npz", "-1.npz"]
    assert seen == [(step, 6) for step in range(1, 7)]
    for path, level in zip(paths, (2, -1), strict=True):
        checkpoint = load_checkpoint(path)
        assert is_rounded(checkpoint.weights, level)
        assert not np.array_equal(
            checkpoint.weights["encoder.weight"],
            NumberFormat.at(level).round_all(baseline.weights)["encoder.weight"],
        )
        number_format = NumberFormat.at(level)
        assert unpack(pack(checkpoint.weights, number_format))[1] == number_format
        n_weights = sum(tensor.size for tensor in checkpoint.weights.values())
        assert checkpoint.training["storage_bits"] == (
            n_weights * checkpoint.training["bits per weight"]
        )
    before = [path.read_bytes() for path in paths]
    more = train_seofp(baseline, pairs, levels=(0, 2, -1), **options)
    assert [path.name for path in more] == ["2.npz", "0.npz", "-1.npz"]
    assert [more[0].read_bytes(), more[2].read_bytes()] == before
    axis = load_family(tmp_path / "trained")
    assert axis.levels == (2, 0, -1)
    assert axis.origin == "fine-tuned"


def test_another_training_in_the_folder_is_refused(pairs, baseline, tmp_path):
    course = replace(COURSE, steps=2)
    options = {"output": tmp_path, "levels": (0,), "course": course, "epoch_steps": 2}
    train_seofp(baseline, pairs, seed=5, **options)
    with pytest.raises(CompressionError, match="its seed is 5"):
        train_seofp(baseline, pairs, seed=6, **options)


def test_impossible_levels_are_refused_before_any_work(pairs, baseline, tmp_path):
    with pytest.raises(CompressionError, match=r"no 1\.5 fraction bits"):
        train_seofp(baseline, pairs, output=tmp_path / "none", seed=1, levels=(2, 1.5))
    assert not (tmp_path / "none").exists()


def test_other_architectures_are_refused(pairs, baseline, tmp_path):
    other = Checkpoint(architecture="other", options={}, weights=baseline.weights)
    with pytest.raises(CompressionError, match="'other' cannot be trained here"):
        train_seofp(other, pairs, output=tmp_path, seed=1, levels=(0,))


def grouped():
    from jndlab.compression.grouped.design import Design
    from jndlab.compression.grouped.enhancer import GroupedEnhancer

    design = Design(groups=2, width=8, layers=1)
    return "groupcomm-gru", GroupedEnhancer(design), design.options


def attending():
    from jndlab.compression.attention.design import Design
    from jndlab.compression.attention.manner import Manner

    design = Design(hidden=6, depth=2)
    return "manner", Manner(design), design.options()


@pytest.mark.parametrize("make", [grouped, attending])
def test_every_network_that_can_be_trained_can_be_rounded(make, pairs, tmp_path):
    architecture, module, options = make()
    record = train(module, pairs, steps=1, seed=1, **SMALL)
    start = checkpoint_of(module, architecture, options, record)
    course = replace(COURSE, steps=2)
    train_seofp(start, pairs, output=tmp_path, seed=1, levels=(0,), course=course, epoch_steps=1)
    version = load_family(tmp_path).version(0)
    assert is_rounded(version.model.weights, 0)
    enhanced = version.model.enhance(pairs.noisy[0].astype(float))
    assert enhanced.shape == pairs.noisy[0].shape
    assert np.any(enhanced != 0)
    assert version.storage.bits < 32 * version.parameters.count


def test_a_level_that_was_interrupted_goes_on_to_the_same_weights(pairs, baseline, tmp_path):
    course = replace(COURSE, steps=103)
    options = {"seed": 5, "levels": (1,), "course": course, "epoch_steps": 10}

    def stop(step, steps, loss):
        if step == 102:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_seofp(baseline, pairs, output=tmp_path / "cut", progress=stop, **options)
    seen = []
    train_seofp(
        baseline,
        pairs,
        output=tmp_path / "cut",
        progress=lambda step, *_: seen.append(step),
        **options,
    )
    assert seen == [101, 102, 103]
    train_seofp(baseline, pairs, output=tmp_path / "whole", **options)
    one, other = (load_checkpoint(tmp_path / name / "1.npz").weights for name in ("cut", "whole"))
    assert all(np.array_equal(one[name], other[name]) for name in one)
