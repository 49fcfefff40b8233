"""Whether compression rises or falls with the level is heard from the sounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from builders import make_noise, write_stimuli, write_wav

from jndlab.audio.direction import measure_direction
from jndlab.errors import AudioError


@pytest.mark.parametrize("compression", ["rises", "falls"])
@pytest.mark.parametrize("levels", [(0, 2, 10), (-3, 0.5), (1e-3, 1e3)])
def test_the_direction_is_measured_both_ways(
    tmp_path: Path, compression: str, levels: tuple[float, ...]
) -> None:
    write_stimuli(tmp_path, levels=levels, compression=compression)
    measured = measure_direction(tmp_path / "baseline", tmp_path / "bits", "two")
    assert measured.compression == compression
    assert (measured.lowest_level, measured.highest_level) == (min(levels), max(levels))
    assert abs(measured.highest_db - measured.lowest_db) == pytest.approx(
        6.02 * (len(levels) - 1), abs=0.1
    )
    assert f"compression {compression} with the level" in str(measured)


def test_the_figure_is_the_difference_signal_re_the_baseline(tmp_path: Path) -> None:
    baseline = make_noise(seed=1)
    write_wav(tmp_path / "baseline" / "one.wav", baseline)
    write_wav(tmp_path / "bits" / "1" / "one.wav", baseline)
    write_wav(tmp_path / "bits" / "2" / "one.wav", 0.9 * baseline)
    measured = measure_direction(tmp_path / "baseline", tmp_path / "bits", "one")
    assert measured.lowest_db == -200
    assert measured.highest_db == pytest.approx(-20, abs=0.01)


@pytest.mark.parametrize("levels", [(3,), (1, 2)])
def test_where_the_sounds_do_not_tell_it_has_to_be_said(
    tmp_path: Path, levels: tuple[int, ...]
) -> None:
    write_stimuli(tmp_path, levels=levels)
    for level in levels:
        write_wav(tmp_path / "bits" / str(level) / "one.wav", make_noise(seed=5))
    with pytest.raises(AudioError, match="do not show") as caught:
        measure_direction(tmp_path / "baseline", tmp_path / "bits", "one")
    assert "--compression rises" in caught.value.remedy


def test_clips_of_different_length_cannot_be_compared(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    write_wav(tmp_path / "bits" / "4" / "one.wav", make_noise(seed=1, seconds=0.2))
    with pytest.raises(AudioError, match="3200 samples"):
        measure_direction(tmp_path / "baseline", tmp_path / "bits", "one")


@pytest.mark.parametrize("place", ["baseline", "bits/1", "bits/4"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_do_not_count_as_a_direction(
    tmp_path: Path, place: str, value: float
) -> None:
    write_stimuli(tmp_path)
    samples = make_noise(seed=1)
    samples[10] = value
    sf.write(tmp_path / place / "one.wav", samples, 16_000, subtype="FLOAT")
    with pytest.raises(AudioError):
        measure_direction(tmp_path / "baseline", tmp_path / "bits", "one")


def test_empty_clips_do_not_count_as_a_direction(tmp_path: Path) -> None:
    write_stimuli(tmp_path, seconds=0)
    with pytest.raises(AudioError):
        measure_direction(tmp_path / "baseline", tmp_path / "bits", "one")
