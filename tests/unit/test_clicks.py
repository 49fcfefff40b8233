"""One sample that stands out of a difference is found, whatever the rest of it; edges are not."""

from __future__ import annotations

import numpy as np
import pytest
from speech import ITEMS, LEVELS, read_pair

from jndlab.audio.clicks import SEGMENT, find_click
from jndlab.audio.limits import LIMITS


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("level", LEVELS)
def test_one_sample_at_full_scale_is_found_where_it_is(item: str, level: str) -> None:
    baseline, compressed = read_pair(item, level)
    clean = find_click(compressed - baseline)
    assert clean is not None
    assert clean.ratio < LIMITS.click_warning - 2
    place = int(np.argmax(np.abs(compressed)))
    clipped = compressed.copy()
    clipped[place] = np.sign(clipped[place])
    found = find_click(clipped - baseline)
    assert found is not None
    assert found.place == place
    assert found.ratio > LIMITS.click_warning


@pytest.mark.parametrize("place", [1, 2, 255, 256, 700, 11_000, 15_998])
def test_a_lone_sample_has_the_largest_ratio_that_there_is(place: int) -> None:
    difference = np.zeros((16_000, 2))
    difference[place, 1] = 0.3
    found = find_click(difference)
    assert found is not None
    assert found.place == place
    assert found.ratio == pytest.approx(np.sqrt(SEGMENT), rel=0.01)


def test_an_edge_is_no_click() -> None:
    difference = 1e-3 * np.random.default_rng(1).standard_normal((16_000, 1))
    difference[6000:] += 0.2
    found = find_click(difference)
    assert found is not None
    assert found.ratio < LIMITS.click_warning


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_a_sound_that_sets_in_with_its_first_sample_is_no_click(seed: int, backwards: bool) -> None:
    """Beside silence, its second sample would stand out by 16 times its surroundings."""
    time = np.arange(4000) / 16_000
    tone = 0.8 * np.cos(2 * np.pi * 2947 * (time - 1.14 / 16_000))
    sound = 0.3 * np.exp(-time / 0.02) * (tone + 0.2 * np.cos(2 * np.pi * 399 * time))
    sound += 1e-3 * np.random.default_rng(seed).standard_normal(4000)
    difference = (sound[::-1] if backwards else sound)[:, None]
    found = find_click(difference)
    assert found is not None
    assert found.ratio < LIMITS.click_warning - 3


@pytest.mark.parametrize("place", [1, 2, 5, 60, 200, -201, -61, -3, -2])
@pytest.mark.parametrize("height", [0.05, -0.05])
def test_a_sample_near_the_end_of_a_sound_without_silence_is_found(
    place: int, height: float
) -> None:
    rng = np.random.default_rng(2)
    difference = 1e-3 * rng.standard_normal((16_000, 1))
    difference[:, 0] += 0.02 * np.cos(2 * np.pi * 300 / 16_000 * np.arange(16_000))
    difference[place] += height
    found = find_click(difference)
    assert found is not None
    assert found.place == place % 16_000
    assert found.ratio > LIMITS.click_warning


def test_the_last_bit_in_silence_is_no_click() -> None:
    difference = np.zeros((16_000, 1))
    difference[5000] = 1 / 32768
    found = find_click(difference)
    assert found is not None
    assert found.ratio < 1
    assert find_click(np.zeros((SEGMENT - 1, 1))) is None
