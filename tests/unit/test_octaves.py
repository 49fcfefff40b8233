"""Levels by octave: a tone is in its band with its level, and bands add up to the whole."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_noise

from jndlab.audio.octaves import octave_levels

RATE_HZ = 48_000


@pytest.mark.parametrize("centre_hz", [250.0, 1000.0, 8000.0])
def test_a_tone_has_its_level_in_its_band(centre_hz: float) -> None:
    time = np.arange(RATE_HZ)[:, None] / RATE_HZ
    tone = 0.1 * np.sin(2 * np.pi * centre_hz * time)
    bands = {band.centre_hz: band for band in octave_levels(tone, 0.9 * tone, RATE_HZ)}
    assert bands[centre_hz].baseline_db == pytest.approx(-23.01, abs=0.05)
    assert bands[centre_hz].relative_db == pytest.approx(-20.0, abs=0.01)
    others = [band.baseline_db for centre, band in bands.items() if centre != centre_hz]
    assert max(others) < -80


def test_bands_of_noise_rise_by_3_db_and_add_up() -> None:
    noise = make_noise(seed=1, seconds=4)
    bands = octave_levels(noise, noise + 0.01, 16_000)
    assert [band.centre_hz for band in bands] == [125, 250, 500, 1000, 2000, 4000, 8000]
    levels = np.array([band.baseline_db for band in bands])
    assert np.diff(levels)[2:5] == pytest.approx(3.01, abs=0.5)
    total = 10 * np.log10(np.sum(10 ** (levels / 10)))
    assert total == pytest.approx(10 * np.log10(np.mean(noise**2)), abs=0.3)


def test_short_or_slow_sounds_have_no_bands() -> None:
    assert octave_levels(np.ones((100, 1)), np.ones((100, 1)), 16_000) == ()
    assert octave_levels(np.ones((900, 1)), np.ones((900, 1)), 200) == ()
