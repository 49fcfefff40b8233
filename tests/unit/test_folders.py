"""Folders of sounds -> the stimuli of a study, and everything that is wrong with folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import ITEMS, make_noise, write_stimuli, write_text, write_wav

from jndlab.audio.folders import (
    condition_name,
    folder_of_levels,
    items_in,
    level_folder,
    scan_stimuli,
)
from jndlab.audio.reading import find_clip, read_clip
from jndlab.errors import AudioError
from jndlab.study.definition import Stimuli


def scan(folder: Path, *conditions: str, unit: str = "bits") -> Stimuli:
    names = conditions or ("bits",)
    return scan_stimuli(
        folder / "baseline",
        [folder / name for name in names],
        relative_to=folder / "study",
        units=dict.fromkeys([Path(name).name for name in names], unit),
        directions=dict.fromkeys([Path(name).name for name in names], "falls"),
    )


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    return write_stimuli(tmp_path, seconds=0.05)


def test_folders_become_items_levels_and_relative_paths(sounds: Path) -> None:
    stimuli = scan(sounds)
    assert stimuli.items == tuple(sorted(ITEMS))
    assert stimuli.baseline == "../baseline"
    assert stimuli.conditions[0].folder == "../bits"
    assert stimuli.conditions[0].levels == (1, 2, 4)


def test_hidden_files_notes_and_other_files_do_not_disturb(sounds: Path) -> None:
    before = scan(sounds)
    write_text(sounds / "baseline" / "._one.wav", "resource fork")
    write_text(sounds / "baseline" / "notes.txt", "")
    write_text(sounds / "bits" / "README.md", "")
    (sounds / "bits" / ".git").mkdir()
    write_text(sounds / "bits" / "2" / ".DS_Store", "")
    assert scan(sounds) == before


def test_levels_may_be_written_as_any_number(tmp_path: Path) -> None:
    for name in ("0.80", "1e-3", "-2", "+5", "007"):
        (tmp_path / name).mkdir()
    assert sorted(folder_of_levels(tmp_path)) == [-2, 0.001, 0.8, 5, 7]
    assert level_folder(tmp_path, 0.8).name == "0.80"


@pytest.mark.parametrize("name", ["two", "nan", "inf", "-Infinity", "1,5", "3bits", "0x10"])
def test_a_level_that_is_no_number_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "bits" / name).mkdir(parents=True)
    with pytest.raises(AudioError, match="a level must be a number") as caught:
        folder_of_levels(tmp_path / "bits")
    assert name in caught.value.message
    assert "0.8" in caught.value.remedy


def test_two_spellings_of_one_level_are_refused(tmp_path: Path) -> None:
    for name in ("3", "3.0"):
        (tmp_path / name).mkdir()
    with pytest.raises(AudioError, match="are the same level"):
        folder_of_levels(tmp_path)


def test_an_empty_level_is_refused_by_its_name(sounds: Path) -> None:
    (sounds / "bits" / "8").mkdir()
    with pytest.raises(AudioError, match=r"bits/8 is an empty level"):
        scan(sounds)


def test_missing_items_are_named_three_and_then_counted(tmp_path: Path) -> None:
    items = [f"i{number}" for number in range(6)]
    write_stimuli(tmp_path, items=items, levels=[1], seconds=0.05)
    for item in items[:5]:
        (tmp_path / "bits" / "1" / f"{item}.wav").unlink()
    with pytest.raises(AudioError, match=r"bits/1 lacks i0, i1, i2 and 2 more"):
        scan(tmp_path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "There is no folder"),
        ("bits", "has no WAV or FLAC files. It holds folders"),
        ("baseline/one.wav", "is a file, not a folder"),
    ],
)
def test_a_wrong_baseline_folder_is_explained(sounds: Path, path: str, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        items_in(sounds / path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "There is no folder"),
        ("baseline", "has no sub-folders with levels"),
        ("baseline/one.wav", "is a file, not a folder"),
    ],
)
def test_a_wrong_condition_folder_is_explained(sounds: Path, path: str, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        folder_of_levels(sounds / path)


@pytest.mark.parametrize("item", ["=1+1", "-x", "ä", "x\n", "a" * 81, "a,b", 'a"b', "@x", "x\ty"])
def test_item_names_that_would_not_survive_a_table_are_refused(tmp_path: Path, item: str) -> None:
    write_wav(tmp_path / "baseline" / f"{item}.wav", make_noise(seed=1, seconds=0.05))
    with pytest.raises(AudioError, match="this name cannot be used") as caught:
        items_in(tmp_path / "baseline")
    assert "letters, digits" in caught.value.remedy


@pytest.mark.parametrize("name", ["Baseline", "=cmd", "a" * 81, "x\n", "ä"])
def test_folder_names_that_cannot_name_a_condition_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AudioError, match="cannot name a condition"):
        condition_name(tmp_path / name)


def test_two_folders_of_one_name_are_refused(sounds: Path) -> None:
    write_stimuli(sounds / "more", seconds=0.05)
    with pytest.raises(AudioError, match="are called 'bits'"):
        scan(sounds, "bits", "more/bits")


def test_a_unit_too_long_for_the_study_file_is_refused(sounds: Path) -> None:
    with pytest.raises(AudioError, match="limit is 40"):
        scan(sounds, unit="u" * 41)


def test_more_levels_than_a_study_can_have_are_refused(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "baseline" / "one.wav", make_noise(seed=1, seconds=0.01))
    for level in range(65):
        (tmp_path / "bits" / str(level)).mkdir(parents=True)
        (tmp_path / "bits" / str(level) / "one.wav").hardlink_to(wav)
    with pytest.raises(AudioError, match="limit is 64"):
        scan(tmp_path)


def test_an_upper_case_ending_is_found_as_it_was_scanned(sounds: Path) -> None:
    path = sounds / "baseline" / "one.wav"
    path.rename(path.with_suffix(".WAV"))
    assert "one" in items_in(sounds / "baseline")
    assert read_clip(find_clip(sounds / "baseline", "one")).n_frames == 800


def test_one_item_in_two_formats_is_refused(sounds: Path) -> None:
    write_wav(sounds / "baseline" / "one.flac", make_noise(seed=1, seconds=0.05))
    with pytest.raises(AudioError, match=r"has both one\.wav and one\.flac"):
        find_clip(sounds / "baseline", "one")


def test_a_missing_level_names_those_that_are_there(sounds: Path) -> None:
    with pytest.raises(AudioError, match=r"no sub-folder for level 3") as caught:
        level_folder(sounds / "bits", 3)
    assert "There are: 1, 2, 4" in caught.value.remedy
