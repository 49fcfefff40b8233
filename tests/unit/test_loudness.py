"""Loudness: the figures that ITU-R BS.1770-4 and EBU Tech 3341 state for known signals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from jndlab.audio.loudness import _high_pass, _shelf, loudness_lufs


def sine(
    level_db: float, seconds: float, *, rate_hz: int = 48_000, frequency_hz: float = 1000.0
) -> NDArray[np.float64]:
    time = np.arange(round(seconds * rate_hz))[:, None] / rate_hz
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency_hz * time)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000, 96_000])
def test_a_full_scale_sine_of_997_hz_in_one_channel_reads_3_01_below(rate_hz: int) -> None:
    """BS.1770-4, annex 1: "0 dB FS, 997 Hz ... the indicated loudness will equal -3.01 LKFS"."""
    tone = sine(0, 5, rate_hz=rate_hz, frequency_hz=997)
    assert loudness_lufs(tone, rate_hz) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("level_db", [-23, -33])
def test_stereo_sines_read_their_level(level_db: float) -> None:
    """EBU Tech 3341, cases 1 and 2: tolerance 0.1 LU."""
    stereo = np.repeat(sine(level_db, 20), 2, axis=1)
    assert loudness_lufs(stereo, 48_000) == pytest.approx(level_db, abs=0.1)


def test_soft_parts_do_not_count() -> None:
    """EBU Tech 3341, case 3: 10 s at -36, 60 s at -23, 10 s at -36 dB FS read -23 LUFS."""
    parts = [sine(-36, 10), sine(-23, 60), sine(-36, 10)]
    stereo = np.repeat(np.vstack(parts), 2, axis=1)
    assert loudness_lufs(stereo, 48_000) == pytest.approx(-23, abs=0.1)


def test_what_lies_below_the_absolute_gate_does_not_count_either() -> None:
    """EBU Tech 3341, case 4: with -72 dB FS before and after."""
    parts = [sine(-72, 10), sine(-36, 10), sine(-23, 60), sine(-36, 10), sine(-72, 10)]
    stereo = np.repeat(np.vstack(parts), 2, axis=1)
    assert loudness_lufs(stereo, 48_000) == pytest.approx(-23, abs=0.1)


def test_silence_has_no_loudness() -> None:
    assert loudness_lufs(np.zeros((48_000, 1)), 48_000) is None
    assert loudness_lufs(np.zeros((0, 1)), 48_000) is None


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.4, 0.5])
def test_a_short_sound_is_one_block(seconds: float) -> None:
    assert loudness_lufs(sine(-20, seconds), 48_000) == pytest.approx(-23.0, abs=0.2)


def test_the_filters_at_48_khz_are_those_of_the_standard() -> None:
    z = np.exp(-2j * np.pi * np.linspace(0.001, 0.49, 50))
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    np.testing.assert_allclose(_shelf(z, 48_000), shelf, rtol=1e-9)
    np.testing.assert_allclose(_high_pass(z, 48_000), high_pass, rtol=1e-9)
