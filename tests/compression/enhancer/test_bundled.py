"""The two networks in the package: what they are, and that they do enhance."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from jndlab.compression.enhancer.bundled import bundled_checkpoint, bundled_model, twin_model
from jndlab.compression.training.noises import coloured

DATA = files("jndlab.compression.enhancer") / "data"


def speech_like() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A demo sentence, and the same with 10 dB more of white noise."""
    path = files("jndlab.demo") / "material" / "noisy" / "harbour.flac"
    with path.open("rb") as file:
        samples, _ = sf.read(file)
    added = coloured(len(samples), 0.0, np.random.default_rng(1)) * np.std(samples)
    return np.asarray(samples), np.asarray(samples + added)


@pytest.mark.parametrize(("name", "seed"), [("enhancer", 1), ("twin", 2)])
def test_the_files_are_small_and_say_how_they_were_trained(name: str, seed: int) -> None:
    assert len((DATA / f"{name}.npz").read_bytes()) < 550_000
    checkpoint = bundled_checkpoint(name)
    assert checkpoint.seed == seed
    assert sum(tensor.size for tensor in checkpoint.weights.values()) == 264_321
    assert {tensor.dtype for tensor in checkpoint.weights.values()} == {np.dtype(np.float32)}
    training = checkpoint.training
    assert training["steps"] == 3200
    assert "synthetic" in str(training["data"])
    assert isinstance(training["si_sdr_gain_db"], float)
    assert training["si_sdr_gain_db"] > 6


def test_the_twin_differs_in_its_seed_alone() -> None:
    one, other = bundled_checkpoint("enhancer"), bundled_checkpoint("twin")
    assert one.options == other.options
    for fact in ("steps", "batch_size", "seconds", "learning_rate", "data_digest", "torch"):
        assert one.training[fact] == other.training[fact]
    assert bundled_model().digest != twin_model().digest


def test_names_say_that_the_speech_was_synthetic() -> None:
    for model in (bundled_model(), twin_model()):
        assert "trained on synthetic speech" in model.name
        assert model.rate_hz == 16_000


def test_noise_goes_and_the_rest_stays() -> None:
    less_noisy, noisy = speech_like()
    for model in (bundled_model(), twin_model()):
        enhanced = model.enhance(noisy)
        assert enhanced.shape == noisy.shape
        pause = slice(800, 3200)  # noise alone
        fall_db = 10 * np.log10(np.mean(enhanced[pause] ** 2) / np.mean(noisy[pause] ** 2))
        assert fall_db < -10
        clean = model.enhance(less_noisy)
        alike = np.corrcoef(enhanced[4000:-2400], clean[4000:-2400])[0, 1]
        assert alike > 0.8
