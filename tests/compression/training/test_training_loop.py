"""The training loop: the same again, hooks, masks, interruption, divergence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jndlab.compression.checkpoints import load_checkpoint, write_checkpoint
from jndlab.compression.enhancer.network import model_of, weight_shapes
from jndlab.compression.training.course import Course
from jndlab.compression.training.data import Pairs
from jndlab.errors import CompressionError

torch = pytest.importorskip("torch")

from jndlab.compression.training import loop  # noqa: E402
from jndlab.compression.training.gru_mask import GruMask  # noqa: E402
from jndlab.compression.training.loop import fresh, train, validation_si_sdr  # noqa: E402
from jndlab.compression.training.losses import enhancement_loss, si_sdr  # noqa: E402
from jndlab.compression.training.recipe import train_enhancer  # noqa: E402
from jndlab.compression.training.saving import (  # noqa: E402
    checkpoint_of,
    put_weights,
    weights_of,
)

TINY = {"frame": 64, "hop": 32, "hidden": 6, "layers": 2}
QUICK: dict[str, Any] = {"seed": 3, "batch_size": 2, "seconds": 0.1, "epoch_steps": 2}


def tiny(seed: int = 1) -> GruMask:
    return fresh(lambda: GruMask(**TINY), seed)


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    """Tones in noise: something that can be learned."""
    rng = np.random.default_rng(0)
    seconds = np.arange(6400) / 16000
    hz = rng.uniform(300, 600, (8, 1))
    clean = (0.1 * np.sin(2 * np.pi * hz * seconds)).astype(np.float32)
    noisy = clean + (0.1 * rng.standard_normal(clean.shape)).astype(np.float32)
    return Pairs.of(noisy, clean, "tones")


@pytest.mark.parametrize("device", ["nowhere", "cuda:99"])
def test_a_device_that_is_not_there_is_named(pairs: Pairs, device: str) -> None:
    with pytest.raises(CompressionError, match=f"cannot use the device '{device}'"):
        train(tiny(), pairs, steps=1, device=device, **QUICK)


def test_numpy_and_torch_give_the_same_sound() -> None:
    module = fresh(GruMask, 5)
    assert {n: tuple(p.shape) for n, p in module.named_parameters()} == weight_shapes(257, 128, 2)
    assert sum(p.numel() for p in module.parameters()) == 264_321
    rng = np.random.default_rng(1)
    for n_samples in (1, 300, 4001):
        noisy = (0.1 * rng.standard_normal(n_samples)).astype(np.float32)
        with torch.no_grad():
            expected = module(torch.from_numpy(noisy[None]))[0].numpy()
        record = type("Record", (), {"facts": lambda self: {}})()
        model = model_of(checkpoint_of(module, "gru-mask", module.options, record))
        np.testing.assert_allclose(model.enhance(noisy.astype(float)), expected, atol=1e-6)


def test_training_lowers_the_loss_and_leaves_the_module_ready(pairs: Pairs) -> None:
    module = tiny()
    before = validation_si_sdr(module, pairs)
    record = train(module, pairs, steps=16, learning_rate=0.02, validate_every=8, **QUICK)
    assert not module.training
    assert len(record.losses) == 8
    assert record.losses[-1] < record.losses[0]
    assert [step for step, _ in record.validation] == [8, 16]
    assert validation_si_sdr(module, pairs) > before
    assert record.si_sdr_gain_db == pytest.approx(record.si_sdr_db - record.noisy_si_sdr_db)
    assert record.data_digest == pairs.digest


def test_the_same_seed_gives_the_same_weights_whatever_was_drawn_before(pairs: Pairs) -> None:
    def trained(seed: int) -> dict[str, Any]:
        torch.rand(seed + 1)
        module = tiny()
        train(module, pairs, steps=3, **(QUICK | {"seed": seed}))
        return dict(weights_of(module))

    one, again, other = trained(3), trained(3), trained(4)
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])
    assert any(not np.array_equal(one[name], other[name]) for name in one)


def test_nothing_global_is_left_changed(pairs: Pairs) -> None:
    threads = torch.get_num_threads()
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    train(tiny(), pairs, steps=1, **QUICK)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


def test_hooks_are_called_in_order(pairs: Pairs) -> None:
    calls: list[tuple[str, int]] = []
    train(
        tiny(),
        pairs,
        steps=5,
        after_step=lambda module, step: calls.append(("step", step)),
        after_epoch=lambda module, step: calls.append(("epoch", step)),
        progress=lambda step, steps, loss: calls.append(("progress", step)),
        **QUICK,
    )
    assert [step for name, step in calls if name == "epoch"] == [2, 4, 5]
    assert calls[2:6] == [("step", 2), ("epoch", 2), ("progress", 2), ("step", 3)]


def test_an_extra_loss_sees_the_sounds_and_is_learned_from(pairs: Pairs) -> None:
    def bias_only(module: Any, noisy: Any, clean: Any, estimate: Any) -> Any:
        assert noisy.shape == clean.shape == estimate.shape == (2, 1600)
        return 1e4 * module.decoder.bias.square().sum()

    module, plain = tiny(), tiny()
    train(module, pairs, steps=15, learning_rate=0.05, extra_loss=bias_only, **QUICK)
    train(plain, pairs, steps=15, learning_rate=0.05, **QUICK)
    assert module.decoder.bias.norm() < 0.5 * plain.decoder.bias.norm()


def test_masked_weights_stay_zero_and_the_others_learn(pairs: Pairs) -> None:
    module = tiny()
    mask = np.random.default_rng(0).random((6, 33)) < 0.3
    before = weights_of(module)["encoder.weight"]
    train(module, pairs, steps=3, masks={"encoder.weight": mask}, **QUICK)
    after = weights_of(module)["encoder.weight"]
    assert not after[~mask].any()
    assert (after[mask] != before[mask]).all()
    with pytest.raises(CompressionError, match="'nothing'"):
        train(module, pairs, steps=1, masks={"nothing": mask}, **QUICK)


def test_an_interrupted_training_goes_on_to_the_same_weights(
    pairs: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "EVERY", 2)
    whole = tiny()
    expected = train(whole, pairs, steps=6, validate_every=2, **QUICK)

    def stop(module: Any, step: int) -> None:
        if step == 5:
            raise KeyboardInterrupt

    snapshot = tmp_path / "training.pt"
    with pytest.raises(KeyboardInterrupt):
        train(
            tiny(),
            pairs,
            steps=6,
            validate_every=2,
            snapshot=snapshot,
            after_step=stop,
            **QUICK,
        )
    steps: list[int] = []
    module = tiny()
    record = train(
        module,
        pairs,
        steps=6,
        validate_every=2,
        snapshot=snapshot,
        after_step=lambda _, step: steps.append(step),
        **QUICK,
    )
    assert steps == [5, 6]
    assert record.losses == expected.losses
    assert record.validation == expected.validation
    for name, tensor in weights_of(whole).items():
        np.testing.assert_array_equal(weights_of(module)[name], tensor)
    with pytest.raises(CompressionError, match="another training"):
        train(tiny(), pairs, steps=6, snapshot=snapshot, **(QUICK | {"seed": 4}))
    with pytest.raises(CompressionError, match="another training"):
        train(tiny(seed=2), pairs, steps=6, snapshot=snapshot, **QUICK)
    snapshot.write_bytes(b"nothing")
    with pytest.raises(CompressionError, match="cannot be read"):
        train(tiny(), pairs, steps=6, snapshot=snapshot, **QUICK)


def test_a_diverged_training_is_told(pairs: Pairs) -> None:
    with pytest.raises(CompressionError, match=r"diverged.*step 1"):
        train(tiny(), pairs, steps=3, loss=lambda a, b: (a * float("nan")).sum(), **QUICK)
    with pytest.raises(CompressionError, match="at least two"):
        train(tiny(), pairs.part(0, 1), steps=1, **QUICK)


def test_the_last_tenth_is_held_out(pairs: Pairs) -> None:
    record = train(tiny(), pairs, steps=1, **QUICK)
    held_out = torch.from_numpy(pairs.noisy[7:]), torch.from_numpy(pairs.clean[7:])
    assert record.noisy_si_sdr_db == pytest.approx(float(si_sdr(*held_out).mean()))


def test_si_sdr_of_known_noise() -> None:
    time = torch.arange(1600) / 1600
    clean = torch.sin(2 * torch.pi * 50 * time)[None]
    noise = torch.sin(2 * torch.pi * 80 * time)[None]
    assert float(si_sdr(clean + 0.1 * noise, clean)) == pytest.approx(20, abs=1e-3)
    assert float(si_sdr(7 * (clean + 0.1 * noise) + 2, clean)) == pytest.approx(20, abs=1e-3)
    assert float(si_sdr(noise, torch.zeros_like(clean))) < 0


def test_the_loss_is_least_for_the_clean_sound_and_does_not_mind_the_level() -> None:
    generator = torch.Generator().manual_seed(1)
    clean = 0.1 * torch.randn((2, 2000), generator=generator)
    noisy = clean + 0.1 * torch.randn((2, 2000), generator=generator)
    assert enhancement_loss(clean, clean) < enhancement_loss(noisy, clean)
    quiet = enhancement_loss(0.1 * noisy, 0.1 * clean)
    assert float(quiet) == pytest.approx(float(enhancement_loss(noisy, clean)), rel=1e-3)
    silent = torch.zeros((1, 2000), requires_grad=True)
    loss = enhancement_loss(silent, clean[:1])
    loss.backward()
    assert torch.isfinite(silent.grad).all()


def test_weights_go_out_and_in_again() -> None:
    module, other = tiny(1), tiny(2)
    put_weights(other, weights_of(module))
    for name, tensor in weights_of(module).items():
        np.testing.assert_array_equal(weights_of(other)[name], tensor)
    weights = dict(weights_of(module))
    with pytest.raises(CompressionError, match="shape"):
        put_weights(module, weights | {"encoder.bias": np.zeros(3, dtype=np.float32)})
    with pytest.raises(CompressionError, match="in one of the two only"):
        put_weights(module, weights | {"more": np.zeros(3, dtype=np.float32)})


def test_the_recipe_gives_a_checkpoint_that_runs_without_torch(
    pairs: Pairs, tmp_path: Path
) -> None:
    checkpoint = train_enhancer(pairs, seed=2, course=Course(steps=1), hidden=8, layers=1)
    write_checkpoint(tmp_path / "model.npz", checkpoint, half=True)
    read = load_checkpoint(tmp_path / "model.npz")
    assert read.seed == 2
    assert read.training["steps"] == 1
    assert read.training["data"] == "tones"
    model = model_of(read)
    assert model.parameters.count == 257 * 8 + 8 + 2 * 24 * 8 + 48 + 257 * 9
    sound = pairs.noisy[0].astype(float)
    assert np.isfinite(model.enhance(sound)).all()
