"""Synthetic speech and noise: reproducible, at the level asked for, and honest when it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from jndlab.compression.training import talkers
from jndlab.compression.training.noises import BABBLERS, KINDS, babble, coloured, gated, noise
from jndlab.compression.training.synthesis import synthesise_pairs, synthesisers
from jndlab.compression.training.talkers import ESPEAK, FLITE, TALKERS, sentences, speak
from jndlab.errors import CompressionError

needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)


def test_sentences_differ_and_those_held_out_are_never_trained_on() -> None:
    trained = sentences(5000, np.random.default_rng(1))
    held_out = sentences(1000, np.random.default_rng(1), held_out=True)
    assert len(set(trained)) == 5000
    assert len(set(held_out)) == 1000
    assert not set(trained) & set(held_out)
    assert all(text.endswith(".") and text[0].isupper() for text in trained)
    assert trained[:10] == sentences(5000, np.random.default_rng(1))[:10]


def test_more_sentences_than_there_are_cannot_be_had() -> None:
    with pytest.raises(CompressionError, match="57000 were asked"):
        sentences(57_000, np.random.default_rng(0))


@pytest.mark.parametrize("kind", KINDS)
def test_every_noise_has_unit_power_and_follows_its_seed(kind: str) -> None:
    voices = [np.random.default_rng(n).standard_normal(3000).astype("f4") for n in range(3)]
    one, again, other = (
        noise(kind, 16_000, voices, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert one.dtype == np.float32
    assert float(np.mean(one**2)) == pytest.approx(1, rel=1e-4)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("exponent", "fall_db"), [(0.0, 0.0), (0.5, 3.0), (1.0, 6.0)])
def test_coloured_noise_falls_by_octaves(exponent: float, fall_db: float) -> None:
    sound = coloured(1 << 18, exponent, np.random.default_rng(1))
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(sound.size, 1 / 16000)
    octaves = [power[(hz >= low) & (hz < 2 * low)].mean() for low in (250, 500, 1000, 2000)]
    np.testing.assert_allclose(np.diff(10 * np.log10(octaves)), -fall_db, atol=0.3)


def test_gated_noise_comes_and_goes() -> None:
    sound = gated(160_000, np.random.default_rng(0))
    levels_db = 10 * np.log10(np.mean(sound.reshape(-1, 400) ** 2, axis=1))
    assert np.percentile(levels_db, 90) - np.percentile(levels_db, 10) > 10


def test_babble_is_of_seven_different_voices() -> None:
    seconds = np.arange(8000) / 16000
    voices = [np.sin(2 * np.pi * hz * seconds).astype("f4") for hz in range(200, 2200, 200)]
    sound = babble(8000, voices, np.random.default_rng(0))
    lines = np.abs(np.fft.rfft(sound)) ** 2
    assert np.count_nonzero(lines > 0.01 * lines.max()) == BABBLERS


@needs_flite
def test_flite_speaks_at_16_khz_without_silence_at_the_ends() -> None:
    speech = speak(FLITE[0], "The boat left the harbour at noon.")
    assert 16_000 < speech.size < 48_000
    assert np.abs(speech[[0, -1]]).min() > 0.01 * np.abs(speech).max()
    faster = speak(FLITE[0], "The boat left the harbour at noon.", 1.25)
    assert faster.size == pytest.approx(speech.size / 1.25, rel=0.1)


@needs_espeak
def test_espeak_is_resampled() -> None:
    speech = speak(ESPEAK[0], "The boat left the harbour at noon.")
    assert 16_000 < speech.size < 48_000


@needs_flite
def test_pairs_are_reproducible_cached_and_at_the_ratio_asked_for(tmp_path: Path) -> None:
    def make(seed: int, cache: Path | None = None):
        return synthesise_pairs(
            3, 2.0, seed, talkers=FLITE[:1], kinds=("pink",), snr_db=(6.0, 6.0), cache=cache
        )

    pairs = make(1, tmp_path)
    assert make(1).digest == pairs.digest != make(2).digest
    assert len(list(tmp_path.iterdir())) == 1
    assert make(1, tmp_path).digest == pairs.digest
    assert pairs.noisy.shape == (3, 32_000)
    assert np.abs(pairs.noisy).max() <= 0.9001
    for noisy, clean in zip(pairs.noisy, pairs.clean, strict=True):
        speech = np.mean(clean[clean != 0] ** 2)
        ratio_db = 10 * np.log10(speech / np.mean((noisy - clean) ** 2))
        assert ratio_db == pytest.approx(6, abs=0.01)
    assert "synthetic" in pairs.description
    assert "flite" in synthesisers().lower()


def test_half_of_the_talkers_are_flites() -> None:
    assert [talker.program for talker in TALKERS[:4]] == ["flite", "espeak-ng"] * 2
    assert {talker for talker in TALKERS if talker.program == "flite"} == set(FLITE)


def test_a_missing_synthesiser_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for talker in (FLITE[0], ESPEAK[0]):
        with pytest.raises(CompressionError) as caught:
            speak(talker, "Nothing.")
        assert f"apt install {talker.program}" in caught.value.remedy
    assert talkers.synthesiser_version("flite") == ""


@needs_flite
def test_an_unknown_voice_is_told() -> None:
    with pytest.raises(CompressionError):
        speak(talkers.Talker("espeak-ng" if shutil.which("espeak-ng") else "flite", "xx-none"), "")
