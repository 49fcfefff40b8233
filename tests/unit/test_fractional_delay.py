"""Sounds moved by whole samples and by parts of one."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.audio.fractional_delay import REACH, brought_forward, known_frames

N_FRAMES = 4000


def sine(frequency: float, delay: float = 0.0) -> np.ndarray:
    """``frequency`` in cycles per sample."""
    return np.sin(2 * np.pi * frequency * (np.arange(N_FRAMES) + delay))[:, None]


@pytest.mark.parametrize("delay", [0.5, -0.3, 7.25, -400.5])
@pytest.mark.parametrize("frequency", [0.001, 0.1, 0.25, 0.45, 0.49])
def test_a_sine_is_moved_by_the_delay_up_to_the_nyquist_frequency(
    frequency: float, delay: float
) -> None:
    moved = brought_forward(sine(frequency), delay)
    middle = slice(700, -700)  # the filter sees the silence around the ends
    assert np.abs(moved - sine(frequency, delay))[middle].max() < 1e-6


@pytest.mark.parametrize("delay", [3, -3, 0, 400, -400])
def test_whole_samples_are_moved_as_they_are(delay: int) -> None:
    noise = np.random.default_rng(1).normal(size=(N_FRAMES, 2))
    moved = brought_forward(noise, delay)
    kept = noise[max(delay, 0) : N_FRAMES + min(delay, 0)]
    assert np.array_equal(moved[max(-delay, 0) : N_FRAMES - max(delay, 0)], kept)
    assert moved.shape == noise.shape
    assert np.count_nonzero(moved) == kept.size


def test_there_and_back_is_where_it_was_for_a_sound_that_leaves_the_last_band_empty() -> None:
    rng = np.random.default_rng(2)
    spectrum = np.fft.rfft(rng.normal(size=N_FRAMES))
    spectrum[round(0.97 * len(spectrum)) :] = 0
    sound = np.fft.irfft(spectrum, N_FRAMES)[:, None]
    back = brought_forward(brought_forward(sound, 0.37), -0.37)
    assert np.abs(back - sound)[600:-600].max() < 1e-5 * np.abs(sound).max()


def test_a_click_changes_nothing_further_away_than_the_filter_reaches() -> None:
    click = np.zeros((N_FRAMES, 1))
    click[2000] = 1
    moved = brought_forward(click, 0.5)
    changed = np.flatnonzero(np.abs(moved) > 1e-12)
    assert 2000 - REACH - 1 <= changed[0] < changed[-1] <= 2000 + REACH + 1
    assert moved.sum() == pytest.approx(1)  # a constant stays as it is


def test_what_is_not_known_is_silence_and_is_told() -> None:
    ones = np.ones((100, 1))
    assert brought_forward(ones, -7, 120)[:, 0].tolist() == [0] * 7 + [1] * 100 + [0] * 13
    assert known_frames(100, -7) == (7, 107)
    assert known_frames(100, 7) == (-7, 93)
    assert known_frames(100, 0.5) == (0, 99)
    assert known_frames(100, -0.5) == (1, 100)
    assert known_frames(100, 0.0) == (0, 100)
