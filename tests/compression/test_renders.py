"""Axes of sounds that exist already: the difference made louder, and renders from elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from builders import make_noise, write_stimuli, write_wav

from jndlab.compression.renders import GainSource, RendersSource
from jndlab.errors import CompressionError
from tests.compression.rendering_without_scores import render


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    return write_stimuli(tmp_path / "sounds", items=("one", "two"), seconds=0.5)


def gains(sounds: Path, *levels: float, **options: object) -> GainSource:
    return GainSource(
        baseline_folder=sounds / "baseline",
        compressed_folder=sounds / "bits" / "2",
        wanted_levels=levels,
        **options,  # type: ignore[arg-type]
    )


def read(path: Path) -> np.ndarray:
    return sf.read(path)[0]


def test_nought_decibels_is_the_real_sound(sounds: Path, tmp_path: Path) -> None:
    render(gains(sounds, 0, 6), tmp_path / "out", match_loudness=False)
    made, real = read(tmp_path / "out/gain/0/one.wav"), read(sounds / "bits/2/one.wav")
    assert made == pytest.approx(real, abs=1e-7)


def test_the_distance_falls_by_as_much_as_the_gain_rises(sounds: Path, tmp_path: Path) -> None:
    rendered = render(gains(sounds, -12, -6, 0, 6), tmp_path / "out", match_loudness=False)
    snr = [
        one.distances["difference_snr_db"]
        for one in rendered.entries
        if one.item == "one" and one.distances
    ]
    assert np.diff([value for value in snr if value is not None]) == pytest.approx([-6.0] * 3)
    assert rendered.disordered == ()


@pytest.mark.parametrize(("level", "words"), [(61, "out of range"), (40, "exceed full scale by")])
def test_too_much_gain_is_refused(sounds: Path, tmp_path: Path, level: float, words: str) -> None:
    with pytest.raises(CompressionError, match=words) as told:
        render(gains(sounds, 0, level), tmp_path / "out")
    assert told.value.remedy


def test_equal_sounds_have_no_difference(sounds: Path, tmp_path: Path) -> None:
    equal = GainSource(
        baseline_folder=sounds / "baseline",
        compressed_folder=sounds / "baseline",
        wanted_levels=(0.0,),
    )
    with pytest.raises(CompressionError, match="no difference to make louder"):
        render(equal, tmp_path / "out")


def renders(sounds: Path, **options: object) -> RendersSource:
    told = {"name": "bits", "unit": "fraction bits", "compression": "falls"} | options
    return RendersSource(
        baseline_folder=sounds / "baseline",
        folder=sounds / "bits",
        **told,  # type: ignore[arg-type]
    )


def test_renders_from_elsewhere_are_measured(sounds: Path, tmp_path: Path) -> None:
    rendered = render(renders(sounds), tmp_path / "out")
    assert {one.level for one in rendered.entries} == {None, 1.0, 2.0, 4.0}
    assert rendered.disordered == ()
    assert render(renders(sounds), tmp_path / "out").n_written == 0


def test_a_render_that_was_changed_is_rendered_anew(sounds: Path, tmp_path: Path) -> None:
    render(renders(sounds), tmp_path / "out")
    write_wav(sounds / "bits" / "2" / "one.wav", make_noise(seed=3, seconds=0.5))
    assert render(renders(sounds), tmp_path / "out").n_written == 1


def test_a_wrong_direction_shows_in_every_item(sounds: Path, tmp_path: Path) -> None:
    rendered = render(renders(sounds, compression="rises"), tmp_path / "out")
    assert rendered.disordered == ("one", "two")


def test_a_render_of_another_length_is_refused(sounds: Path, tmp_path: Path) -> None:
    write_wav(sounds / "bits" / "2" / "two.wav", make_noise(seed=3, seconds=0.4))
    with pytest.raises(CompressionError, match="has 6400 samples"):
        render(renders(sounds), tmp_path / "out")


def test_items_and_levels_can_be_chosen(sounds: Path, tmp_path: Path) -> None:
    rendered = render(renders(sounds, wanted=("two",), wanted_levels=(4.0, 1.0)), tmp_path / "out")
    assert {one.path for one in rendered.entries} == {
        "baseline/two.wav",
        "bits/4/two.wav",
        "bits/1/two.wav",
    }
    with pytest.raises(CompressionError, match="has no three"):
        render(renders(sounds, wanted=("three",)), tmp_path / "other")
