"""Pairs of noisy and clean speech: from folders, and in batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from jndlab.compression.training.data import Pairs, load_pairs
from jndlab.errors import CompressionError


def make_pairs(n: int = 6, n_samples: int = 800, seed: int = 0) -> Pairs:
    rng = np.random.default_rng(seed)
    clean = (0.1 * rng.standard_normal((n, n_samples))).astype(np.float32)
    noise = (0.05 * rng.standard_normal((n, n_samples))).astype(np.float32)
    return Pairs.of(clean + noise, clean, "random numbers")


def write(path: Path, n_samples: int, rate_hz: int = 16000, value: float = 0.25) -> None:
    path.parent.mkdir(exist_ok=True)
    sf.write(path, np.full(n_samples, value), rate_hz, subtype="FLOAT")


def test_a_batch_holds_excerpts_of_the_pairs() -> None:
    pairs = make_pairs()
    noisy, clean = pairs.batch(np.random.default_rng(1), 5, 0.01)
    assert noisy.shape == clean.shape == (5, 160)
    whole = {
        (row, start)
        for row in range(6)
        for start in range(641)
        for sound in clean
        if np.array_equal(pairs.clean[row, start : start + 160], sound)
    }
    assert len(whole) == 5
    for row, start in whole:
        assert (pairs.noisy[row, start : start + 160] == noisy).all(axis=1).any()


def test_the_same_seed_gives_the_same_batches_and_they_go_on() -> None:
    pairs = make_pairs()
    one, other = (pairs.batches(np.random.default_rng(3), 2, 0.01, remix=True) for _ in range(2))
    first = [next(one)[0] for _ in range(3)]
    np.testing.assert_array_equal(first, [next(other)[0] for _ in range(3)])
    assert not np.array_equal(first[0], first[1])


def test_an_excerpt_is_no_longer_than_the_sounds() -> None:
    noisy, _ = make_pairs(n_samples=100).batch(np.random.default_rng(0), 2, 5.0)
    assert noisy.shape == (2, 100)


def test_remixing_takes_the_noise_of_another_pair_at_another_level() -> None:
    pairs = make_pairs(40, 400)
    noisy, clean = pairs.batch(np.random.default_rng(2), 30, 1.0, remix=True)
    noises = pairs.noisy - pairs.clean
    level_db, noise_db, moved = [], [], 0
    for sound, noise in zip(clean, noisy - clean, strict=True):
        fits = pairs.clean @ sound / (np.linalg.norm(pairs.clean, axis=1) * np.linalg.norm(sound))
        other = noises @ noise / (np.linalg.norm(noises, axis=1) * np.linalg.norm(noise))
        assert max(fits) == pytest.approx(1, abs=1e-5)
        assert max(other) == pytest.approx(1, abs=1e-3)
        row, source = int(np.argmax(fits)), int(np.argmax(other))
        moved += row != source
        level = np.linalg.norm(sound) / np.linalg.norm(pairs.clean[row])
        level_db.append(20 * np.log10(level))
        noise_db.append(20 * np.log10(np.linalg.norm(noise) / np.linalg.norm(noises[source])))
    assert moved > 20
    assert -6 <= min(level_db) < -3 < 3 < max(level_db) <= 6
    relative = np.subtract(noise_db, level_db)
    assert -5.01 <= min(relative) < -3 < 3 < max(relative) <= 5.01


def test_the_digest_tells_data_apart() -> None:
    assert make_pairs().digest == make_pairs().digest != make_pairs(seed=1).digest
    assert make_pairs().part(0, 3).digest != make_pairs().digest
    assert len(make_pairs().part(2, 5)) == 3
    assert make_pairs().seconds == 800 / 16000


def test_wrong_shapes_and_numbers_are_refused() -> None:
    sounds = np.zeros((2, 10), dtype=np.float32)
    with pytest.raises(CompressionError, match="do not fit"):
        Pairs.of(sounds, sounds[:, :5], "")
    with pytest.raises(CompressionError, match="do not fit"):
        Pairs.of(sounds[:0], sounds[:0], "")
    with pytest.raises(CompressionError, match="not finite"):
        Pairs.of(sounds * np.float32("nan"), sounds, "")


def test_folders_are_paired_by_name_resampled_cut_and_padded(tmp_path: Path) -> None:
    write(tmp_path / "noisy" / "a.wav", 1000, value=0.5)
    write(tmp_path / "clean" / "a.wav", 1000)
    write(tmp_path / "noisy" / "b.wav", 48_000, rate_hz=48_000, value=0.5)
    write(tmp_path / "clean" / "b.wav", 48_000, rate_hz=48_000)
    pairs = load_pairs(tmp_path / "noisy", tmp_path / "clean", seconds=0.5)
    assert pairs.noisy.shape == (2, 8000)
    np.testing.assert_allclose(pairs.noisy[0, :1000], 0.5)
    assert not pairs.noisy[0, 1000:].any()
    np.testing.assert_allclose(pairs.clean[1, 100:], 0.25, atol=1e-3)
    assert pairs.description == "2 recorded pairs of up to 0.5 s"


def test_a_sound_without_counterpart_is_named(tmp_path: Path) -> None:
    write(tmp_path / "noisy" / "a.wav", 100)
    write(tmp_path / "noisy" / "b.wav", 100)
    write(tmp_path / "clean" / "a.wav", 100)
    with pytest.raises(CompressionError, match="'b' is in one of the two"):
        load_pairs(tmp_path / "noisy", tmp_path / "clean")
    with pytest.raises(CompressionError, match="no folder"):
        load_pairs(tmp_path / "none", tmp_path / "clean")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CompressionError, match="No sound"):
        load_pairs(tmp_path / "empty", tmp_path / "empty")
