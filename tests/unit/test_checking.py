"""All sounds of a study are looked at: pairs with their figures, and levels against one another."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from builders import make_definition, make_noise, write_stimuli, write_wav
from speech import ITEMS, LEVELS, MATERIAL

from jndlab.audio.checking import check_sounds
from jndlab.audio.pairs import Finding
from jndlab.study.definition import StudyDefinition

STUDY = make_definition()


def found(study: StudyDefinition, root: Path) -> list[tuple[str, str, float | None]]:
    findings = check_sounds(study, root).findings
    return [(finding.code, finding.item, finding.level) for finding in findings]


def test_speech_has_no_findings_and_figures_for_every_pair() -> None:
    levels = [int(level) for level in LEVELS]
    condition = {"name": "seofp", "folder": "seofp", "levels": levels}
    checked = check_sounds(make_definition(items=ITEMS, condition=condition), MATERIAL)
    assert checked.findings == ()
    assert len(checked.pairs) == len({pair.sounds for pair in checked.pairs}) == 24
    by_level = {pair.level: pair.figures for pair in checked.pairs if pair.item == "train"}
    assert {level: round(one.difference_db) for level, one in by_level.items() if one} == {
        7: -63,
        5: -51,
        4: -45,
        3: -39,
        2: -33,
        0: -20,
    }


def test_one_sound_at_two_levels_is_found(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    shutil.copy(tmp_path / "bits" / "2" / "one.wav", tmp_path / "bits" / "1" / "one.wav")
    (finding,) = check_sounds(STUDY, tmp_path).findings
    assert (finding.code, finding.level) == ("same-sound", 1.0)
    assert "byte by byte, as level 2" in finding.message
    flac = tmp_path / "bits" / "1" / "one.flac"
    (tmp_path / "bits" / "1" / "one.wav").unlink()
    samples, rate_hz = sf.read(tmp_path / "bits" / "2" / "one.wav")
    sf.write(flac, samples, rate_hz, subtype="PCM_24")
    (finding,) = check_sounds(STUDY, tmp_path).findings
    assert "is the same sound as level 2" in finding.message


def test_levels_that_are_mixed_up_are_found_by_their_distance(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    two, four = tmp_path / "bits" / "2" / "two.wav", tmp_path / "bits" / "4" / "two.wav"
    kept = two.read_bytes()
    two.write_bytes(four.read_bytes())
    four.write_bytes(kept)
    (finding,) = check_sounds(STUDY, tmp_path).findings
    assert (finding.code, finding.item, finding.level) == ("not-monotone", "two", 2.0)
    assert finding.figure == pytest.approx(6.02, abs=0.05)
    assert "less compressed level 4" in finding.message


def test_a_whole_condition_in_the_wrong_order_is_said_once(tmp_path: Path) -> None:
    write_stimuli(tmp_path, compression="rises")
    assert {code for code, _, _ in found(STUDY, tmp_path)} == {"direction"}


def test_a_copy_of_the_baseline_counts_neither_as_near_nor_as_the_same(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    baseline = tmp_path / "baseline" / "one.wav"
    for level in ("1", "2"):
        shutil.copy(baseline, tmp_path / "bits" / level / "one.wav")
    codes = found(STUDY, tmp_path)
    assert ("identical", "one", 1.0) in codes
    assert ("identical", "one", 2.0) in codes
    assert not {code for code, _, _ in codes} & {"same-sound", "not-monotone"}


def test_pairs_that_cannot_be_compared_have_no_figures(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    write_wav(tmp_path / "bits" / "2" / "one.wav", make_noise(seed=1, seconds=0.2))
    write_wav(tmp_path / "baseline" / "two.wav", make_noise(seed=1)[:0])
    checked = check_sounds(STUDY, tmp_path)
    without = [(pair.item, pair.level) for pair in checked.pairs if pair.figures is None]
    assert without == [("one", 2.0), ("two", 1.0), ("two", 2.0), ("two", 4.0)]


def test_a_pair_is_named_by_both_of_its_sounds(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    before = {pair.level: pair.sounds for pair in check_sounds(STUDY, tmp_path).pairs[:3]}
    write_wav(tmp_path / "bits" / "2" / "one.wav", make_noise(seed=5))
    after = {pair.level: pair.sounds for pair in check_sounds(STUDY, tmp_path).pairs[:3]}
    assert {level for level in before if before[level] != after[level]} == {2.0}
    write_wav(tmp_path / "baseline" / "one.wav", make_noise(seed=6))
    last = {pair.level: pair.sounds for pair in check_sounds(STUDY, tmp_path).pairs[:3]}
    assert all(last[level] != after[level] for level in after)


def test_the_key_of_a_finding_is_its_code_and_place() -> None:
    finding = Finding(
        code="gain",
        severity="warning",
        message="",
        remedy="",
        item="one",
        condition="bits",
        level=0.5,
    )
    assert finding.key == "gain|one|bits|0.5"


def test_a_shifted_level_does_not_make_the_others_look_out_of_order(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    path = tmp_path / "bits" / "2" / "one.wav"
    samples, rate_hz = sf.read(path, always_2d=True)
    write_wav(path, np.roll(samples, 5, axis=0), rate_hz)
    assert found(STUDY, tmp_path) == [("delay", "one", 2.0)]
