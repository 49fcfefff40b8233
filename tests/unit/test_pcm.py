"""24-bit WAV files: exact, equal in all but their sound, fresh for each trial."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile as sf
from builders import make_noise

from jndlab.audio.pcm import (
    FULL_SCALE,
    HEADER_BYTES,
    decode_wav,
    encode_wav,
    freshen,
    quantise,
)

EXTREMES = np.array([[-FULL_SCALE], [FULL_SCALE - 1], [-1], [0], [1], [255], [-256]], np.int32)


@pytest.mark.parametrize("n_channels", [1, 2])
def test_what_is_encoded_comes_back_exactly_at_the_extremes_too(n_channels: int) -> None:
    integers = np.hstack([EXTREMES, EXTREMES[::-1]])[:, :n_channels]
    assert np.array_equal(decode_wav(encode_wav(integers, 48_000)), integers)


@pytest.mark.parametrize(("n_channels", "n_frames"), [(1, 7), (2, 7), (1, 8), (1, 0)])
def test_another_reader_sees_the_same_samples(n_channels: int, n_frames: int) -> None:
    integers = quantise(make_noise(seed=1, n_channels=n_channels)[:n_frames])
    wav = encode_wav(integers, 44_100)
    read, rate_hz = sf.read(io.BytesIO(wav), dtype="int32", always_2d=True)
    assert rate_hz == 44_100
    assert sf.info(io.BytesIO(wav)).subtype == "PCM_24"
    assert np.array_equal(read >> 8, integers)


def test_headers_are_equal_for_clips_of_equal_length() -> None:
    clips = [encode_wav(quantise(make_noise(seed=seed)), 48_000) for seed in (1, 2)]
    assert clips[0][:HEADER_BYTES] == clips[1][:HEADER_BYTES]
    assert clips[0] != clips[1]
    assert len(clips[0]) == len(clips[1]) == HEADER_BYTES + 3 * 4800


def test_quantising_rounds_to_the_nearest_step_and_never_wraps() -> None:
    step = 1 / FULL_SCALE
    samples = np.array([[1.0], [2.0], [-1.0], [-2.0], [0.4 * step], [0.6 * step], [-0.6 * step]])
    expected = [FULL_SCALE - 1, FULL_SCALE - 1, -FULL_SCALE, -FULL_SCALE, 0, 1, -1]
    assert quantise(samples)[:, 0].tolist() == expected
    assert np.abs(quantise(make_noise(seed=1)) * step - make_noise(seed=1)).max() <= 0.5 * step


@pytest.mark.parametrize("n_channels", [1, 2])
def test_a_fresh_copy_differs_by_one_step_at_most_and_in_most_samples(n_channels: int) -> None:
    integers = quantise(make_noise(seed=1, n_channels=n_channels))
    wav = encode_wav(integers, 48_000)
    fresh = freshen(wav, seed=5)
    difference = decode_wav(fresh) - integers
    assert np.abs(difference).max() == 1
    assert 0.6 < np.mean(difference != 0) < 0.73
    assert abs(difference.mean()) < 0.05
    assert fresh[:HEADER_BYTES] == wav[:HEADER_BYTES]
    assert len(fresh) == len(wav)


def test_a_fresh_copy_is_fixed_by_its_seed_and_no_two_seeds_give_the_same() -> None:
    wav = encode_wav(quantise(make_noise(seed=1)), 48_000)
    copies = [freshen(wav, seed) for seed in (0, 1, 2, 2**64 - 1)]
    assert copies == [freshen(wav, seed) for seed in (0, 1, 2, 2**64 - 1)]
    assert len({*copies, wav}) == 5


def test_a_fresh_copy_of_full_scale_does_not_wrap() -> None:
    integers = np.tile(EXTREMES[:2], (500, 1))
    fresh = decode_wav(freshen(encode_wav(integers, 48_000), seed=3))
    assert np.abs(fresh.astype(np.int64) - integers).max() == 1
