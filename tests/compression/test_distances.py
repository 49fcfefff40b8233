"""Distances to the baseline output: what they are for sounds whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from jndlab.compression.distances import (
    SAME_DB,
    bark_of,
    difference_snr_db,
    measure_distances,
    share_above_mask,
)

RATE = 16_000
RENDERS = Path(__file__).parents[3] / "shared" / "data" / "dtln-seofp"


@pytest.fixture
def noise() -> np.ndarray:
    rng = np.random.default_rng(1)
    return 0.1 * rng.standard_normal(2 * RATE)


def tone(hz: float, level_db: float) -> np.ndarray:
    return 10 ** (level_db / 20) * np.sqrt(2) * np.sin(2 * np.pi * hz * np.arange(2 * RATE) / RATE)


def test_equal_sounds_are_the_largest_distance_from_different(noise: np.ndarray) -> None:
    assert difference_snr_db(noise, noise) == SAME_DB
    assert share_above_mask(noise, np.zeros_like(noise), RATE) == 0.0


def test_a_tenth_of_the_amplitude_is_twenty_decibels(noise: np.ndarray) -> None:
    assert difference_snr_db(noise, 1.1 * noise) == pytest.approx(20.0)


def test_the_bark_scale_at_published_points() -> None:
    # Zwicker 1961, table 1: band edges.
    edges = np.array([100.0, 510.0, 1080.0, 2000.0, 4400.0])
    assert bark_of(edges) == pytest.approx([1, 5, 9, 13, 18], abs=0.25)


def test_noise_far_below_the_masker_is_masked_and_beside_it_is_not(noise: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    other = 0.1 * rng.standard_normal(noise.size)
    assert share_above_mask(noise, 10 ** (-40 / 20) * other, RATE) == 0.0
    assert share_above_mask(noise, other, RATE) == 1.0


def test_masking_spreads_upwards_more_than_downwards() -> None:
    masker = tone(1000, -20)
    above = [share_above_mask(masker, tone(hz, -50), RATE) for hz in (1400, 650)]
    assert above[0] < above[1]


def test_what_lies_below_the_threshold_in_quiet_is_not_heard() -> None:
    baseline = tone(4000, -20)  # 65 dB SPL, so that -95 dB is below hearing at 100 Hz
    assert share_above_mask(baseline, tone(100, -75), RATE) == 0.0
    assert share_above_mask(baseline, tone(100, -30), RATE) == 1.0


def test_a_clip_shorter_than_a_frame_can_be_measured() -> None:
    rng = np.random.default_rng(3)
    short = rng.standard_normal(200)
    found = measure_distances(short, short * 1.1, RATE)
    assert found.difference_snr_db == pytest.approx(20.0)
    assert found.pesq is None
    assert found.stoi is None


def test_scores_are_left_out_when_not_wanted(noise: np.ndarray) -> None:
    found = measure_distances(noise, 0.9 * noise, RATE, scores=False)
    assert (found.pesq, found.stoi) == (None, None)


@pytest.mark.skipif(not RENDERS.is_dir(), reason="the recordings are not here")
def test_every_distance_of_real_renders_is_in_order() -> None:
    before = None
    baseline, rate = sf.read(RENDERS / "baseline" / "p287_002.wav")
    for bits in (10, 7, 5, 4, 3, 2, 1, 0):
        version, _ = sf.read(RENDERS / "seofp" / str(bits) / "p287_002.wav")
        found = measure_distances(baseline, version, rate)
        assert found.pesq is not None
        assert found.stoi is not None
        now = (found.difference_snr_db, found.pesq, found.stoi, -found.frames_above_mask)
        assert before is None or all(b >= n for b, n in zip(before, now, strict=True))
        before = now
    assert before is not None
    assert before[0] == pytest.approx(10.9, abs=0.1)
    assert before[3] < -0.95
