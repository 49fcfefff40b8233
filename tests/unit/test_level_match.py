"""Versions brought to the level of their baseline when they are rendered, and so checked."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from builders import make_definition, make_noise, write_wav
from speech import as_clip, read_pair

from jndlab.audio.checking import check_sounds
from jndlab.audio.level_match import level_matched, match_gains
from jndlab.audio.loudness import loudness_lufs
from jndlab.audio.pair_figures import level_db
from jndlab.audio.pcm import FULL_SCALE, decode_wav
from jndlab.audio.speech_level import speech_level
from jndlab.audio.stimuli import Stimulus, render_stimuli
from jndlab.clips import FolderShelf, load_clip
from jndlab.study.definition import LevelMatch, StudyDefinition

RATE_HZ = 16_000
MATCHES = [how for how in get_args(LevelMatch) if how != "none"]


def level(how: str, samples: np.ndarray, rate_hz: int) -> float:
    if how == "rms":
        return level_db(samples)
    if how == "loudness":
        loudness = loudness_lufs(samples, rate_hz)
        assert loudness is not None
        return loudness
    speech = speech_level(samples, rate_hz)
    assert speech is not None
    return speech.active_db


def soft_study(folder: Path, how: str) -> StudyDefinition:
    """One item at two levels; the one is 3 dB soft, the other loud and coarse."""
    for level_name, gain in (("7", 10 ** (-3 / 20)), ("0", 10 ** (2 / 20))):
        baseline, compressed = read_pair("letters", level_name)
        write_wav(folder / "baseline" / "letters.wav", baseline, RATE_HZ)
        write_wav(folder / "bits" / level_name / "letters.wav", gain * compressed, RATE_HZ)
    return make_definition(
        items=["letters"], condition={"levels": [7, 0]}, presentation={"level_match": how}
    )


def played(folder: Path, study: StudyDefinition) -> tuple[list[Stimulus], list[np.ndarray]]:
    clips = FolderShelf(folder / "clips")
    stimuli = render_stimuli(study, folder, clips)
    wavs = [load_clip(clips, stimulus.clip) for stimulus in stimuli]
    return stimuli, [decode_wav(wav) / FULL_SCALE for wav in wavs]


@pytest.mark.parametrize("how", MATCHES)
def test_versions_are_played_at_the_level_of_the_baseline(tmp_path: Path, how: str) -> None:
    study = soft_study(tmp_path, how)
    stimuli, sounds = played(tmp_path, study)
    levels = [level(how, sound, 48_000) for sound in sounds]
    assert levels == pytest.approx([levels[0]] * 3, abs=0.02)
    assert [stimulus.gain_db for stimulus in stimuli][:2] == pytest.approx([0, 3], abs=0.05)
    assert stimuli[2].gain_db < -1


@pytest.mark.parametrize("how", MATCHES)
def test_what_is_matched_is_no_finding(tmp_path: Path, how: str) -> None:
    about = {"gain", "loudness", "speech-level"}
    plain = check_sounds(soft_study(tmp_path, "none"), tmp_path)
    assert about & {finding.code for finding in plain.findings if finding.level == 7}
    matched = check_sounds(soft_study(tmp_path, how), tmp_path)
    assert not about & {finding.code for finding in matched.findings if finding.level == 7}


def test_without_it_levels_stay_as_they_are(tmp_path: Path) -> None:
    stimuli, _ = played(tmp_path, soft_study(tmp_path, "none"))
    assert {stimulus.gain_db for stimulus in stimuli} == {0}


def test_what_gets_too_loud_is_turned_down_with_its_whole_item(tmp_path: Path) -> None:
    study = soft_study(tmp_path, "rms")
    baseline, compressed = read_pair("letters", "7")
    scale = 0.95 / np.abs(baseline).max()
    soft = 0.1 * scale * compressed
    soft[5000] = 0.5  # alone, so that the level hardly changes
    write_wav(tmp_path / "baseline" / "letters.wav", scale * baseline, RATE_HZ)
    write_wav(tmp_path / "bits" / "7" / "letters.wav", soft, RATE_HZ)
    stimuli, sounds = played(tmp_path, study)
    assert stimuli[0].gain_db < -6
    levels = [level_db(sound) for sound in sounds]
    assert levels == pytest.approx([levels[0]] * 3, abs=0.05)


@pytest.mark.parametrize("how", get_args(LevelMatch))
@pytest.mark.parametrize(
    "odd", [np.zeros((0, 1)), np.zeros((8000, 1)), np.full((8000, 1), np.nan), np.ones((1, 1))]
)
def test_what_has_no_level_is_left_alone(how: LevelMatch, odd: np.ndarray) -> None:
    noise = make_noise(seed=1, seconds=0.5)
    gains = match_gains(how, [as_clip(noise), as_clip(odd), as_clip(2 * noise)])
    assert np.isfinite(gains).all()
    assert gains[0] == 0
    assert gains[2] == pytest.approx(0 if how == "none" else -6.02, abs=0.01)
    if len(odd) != 1:
        assert gains[1] == 0
    assert match_gains(how, [as_clip(odd), as_clip(noise)])[0] == 0


def test_nothing_is_copied_where_nothing_is_asked_for() -> None:
    clips = [as_clip(make_noise(seed=1)), as_clip(make_noise(seed=2))]
    assert all(a is b for a, b in zip(level_matched("none", clips), clips, strict=True))
