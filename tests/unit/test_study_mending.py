"""Mended copies of a study: a folder that is a study itself, with a record of what was done."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from builders import listing, make_noise, write_study, write_text, write_wav

from jndlab.analysis.study.manifest import load_model_facts
from jndlab.audio.manifest import read_manifest
from jndlab.errors import StoreError, StudyConflict
from jndlab.studies import check_study
from jndlab.studies.mending import mend_study
from jndlab.study.study_file import load_study

Cli = Callable[..., Any]
LATE = "bits/2/two.wav"


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A study with a late sound and a soft one; each level has a fault at most."""
    folder = write_study(tmp_path / "study").parent
    plant(folder / LATE, lambda s: np.concatenate([np.zeros((16, 1)), s[:-16]]))
    plant(folder / "bits" / "4" / "three.wav", lambda s: -0.8 * s)
    return folder


def plant(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    samples, rate_hz = sf.read(path, always_2d=True)
    write_wav(path, change(samples), rate_hz)


def rows(output: Path) -> dict[str, dict[str, str]]:
    """mended.csv by path."""
    with (output / "mended.csv").open(newline="", encoding="utf-8") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def test_copies_are_a_study_without_findings_and_the_sources_stay_as_they_are(
    faulty: Path, tmp_path: Path
) -> None:
    before = listing(faulty)
    steps: list[None] = []
    output = tmp_path / "mended"
    mended = mend_study(faulty, output, progress=lambda: steps.append(None))
    assert listing(faulty) == before
    assert len(steps) == 3
    assert check_study(output).findings == ()
    assert load_study(output).digest() == load_study(faulty).digest()
    assert len(mended.files) == 12
    assert (output / "baseline" / "one.wav").read_bytes() == before["baseline/one.wav"]
    assert sf.info(output / LATE).subtype == "PCM_24"


def test_what_was_done_to_each_file_is_on_record(faulty: Path, tmp_path: Path) -> None:
    output = tmp_path / "mended"
    mend_study(faulty, output)
    table = rows(output)
    assert len(table) == 12
    late, soft, other = table[LATE], table["bits/4/three.wav"], table["bits/1/one.wav"]
    assert (late["findings"], float(late["delay_samples_removed"])) == ("delay", 16)
    assert (late["cut_start_samples"], late["cut_end_samples"]) == ("16", "0")
    assert late["fade_out_ms"] == "5.0"
    assert table["baseline/two.wav"]["cut_end_samples"] == "16"
    assert (soft["polarity"], soft["encoding"]) == ("turned", "24-bit")
    assert float(soft["gain_db_applied"]) == pytest.approx(1.938, abs=0.01)
    assert (other["encoding"], other["source_digest"]) == ("as it was", other["digest"])
    assert not (output / ".mending.lock").exists()


def test_the_manifest_is_read_by_both_readers_and_carries_what_was_known_of_the_models(
    faulty: Path, tmp_path: Path
) -> None:
    lines = ["item,condition,level,path,bytes,pesq,remark,sound_digest,gain_db"]
    for item in ("one", "two", "three"):
        lines.append(f"{item},baseline,,baseline/{item}.wav,4000,4.5,fine,0a,-2")
        for level in (1, 2, 4):
            lines.append(
                f"{item},bits,{level},bits/{level}/{item}.wav,{level}00,{level}.25,x,0b,-2"
            )
    write_text(faulty / "manifest.csv", "\n".join(lines))
    output = tmp_path / "mended"
    mend_study(faulty, output)
    text = (output / "manifest.csv").read_text(encoding="utf-8")
    assert [row.path for row in read_manifest(text)] == list(rows(output))
    facts = load_model_facts(output / "manifest.csv")
    assert (facts.sizes, facts.scores, facts.ignored) == (
        ("bytes",),
        ("pesq",),
        ("remark", "mended"),
    )
    assert facts.baseline("bytes") == 4000
    assert facts.score_by_level("pesq", condition="bits")[1].tolist() == [1.25, 2.25, 4.25]
    table = rows(output)
    said = {row["path"]: row for row in csv.DictReader(text.splitlines())}
    assert said[LATE]["mended"].startswith("delay of +16.000 samples removed")
    assert said["bits/1/one.wav"]["mended"] == ""
    assert {path: row["sound_digest"] for path, row in said.items()} == {
        path: row["digest"] for path, row in table.items()
    }
    assert said[LATE]["gain_db"] == "-2"
    assert float(said["bits/4/three.wav"]["gain_db"]) == pytest.approx(-0.062, abs=0.01)


def test_the_manifest_that_a_study_names_is_carried_over_and_named(
    faulty: Path, tmp_path: Path
) -> None:
    write_text(
        faulty / "models" / "sizes.csv",
        "item,condition,level,path,bytes\n"
        + "".join(
            f"{item},{place},x,9\n"
            for item in ("one", "two", "three")
            for place in ("baseline,", "bits,1", "bits,2", "bits,4")
        ),
    )
    file = faulty / "study.yaml"
    text = file.read_text(encoding="utf-8")
    write_text(file, text.replace("stimuli:\n", "stimuli:\n  manifest: models/sizes.csv\n"))
    output = tmp_path / "mended"
    mend_study(faulty, output)
    assert load_study(output).stimuli.manifest == "manifest.csv"
    assert load_model_facts(output / "manifest.csv").sizes == ("bytes",)
    assert check_study(output).manifest is not None


def test_without_a_manifest_the_new_one_has_no_score(faulty: Path, tmp_path: Path) -> None:
    mend_study(faulty, tmp_path / "mended")
    facts = load_model_facts(tmp_path / "mended" / "manifest.csv")
    assert (facts.sizes, facts.scores) == ((), ())
    assert len(facts.stimuli) == 12


def test_comments_of_the_study_file_stay(faulty: Path, tmp_path: Path) -> None:
    file = faulty / "study.yaml"
    file.write_text("# mine\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    mend_study(faulty, tmp_path / "mended")
    assert (tmp_path / "mended" / "study.yaml").read_text(encoding="utf-8").startswith("# mine\n")


def test_doing_it_again_changes_nothing(faulty: Path, tmp_path: Path) -> None:
    output = tmp_path / "mended"
    first = mend_study(faulty, output)
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*.wav")}
    content = listing(output)
    assert mend_study(faulty, output) == first
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*.wav")} == before
    assert listing(output) == content


def test_two_runs_into_two_folders_give_the_same_bytes(faulty: Path, tmp_path: Path) -> None:
    mend_study(faulty, tmp_path / "a")
    mend_study(faulty, tmp_path / "b")
    assert listing(tmp_path / "a") == listing(tmp_path / "b")


def test_an_interrupted_run_is_gone_on_with(faulty: Path, tmp_path: Path) -> None:
    whole, output = tmp_path / "whole", tmp_path / "mended"
    mend_study(faulty, whole)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mend_study(faulty, output, progress=interrupt)
    assert not (output / "study.yaml").exists()
    done = {path: path.stat().st_mtime_ns for path in output.rglob("*.wav")}
    assert 4 <= len(done) < 12
    with (output / "mending.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"item": "tw')  # the power failed while a line was being written
    (output / "bits" / "1" / ".writing-abc").write_bytes(b"half")
    mend_study(faulty, output)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert listing(output) == listing(whole)


def test_a_sound_that_was_replaced_since_is_mended_anew(faulty: Path, tmp_path: Path) -> None:
    output = tmp_path / "mended"
    mend_study(faulty, output)
    path = faulty / "bits" / "1" / "one.wav"
    plant(path, lambda s: -s)
    mend_study(faulty, output)
    assert rows(output)["bits/1/one.wav"]["polarity"] == "turned"
    assert check_study(output).findings == ()


def test_a_copy_that_was_damaged_since_is_written_anew(faulty: Path, tmp_path: Path) -> None:
    output = tmp_path / "mended"
    mend_study(faulty, output)
    content = listing(output)
    (output / LATE).write_bytes(b"")
    mend_study(faulty, output)
    assert listing(output) == content


def test_flac_and_floating_point_keep_what_they_hold(faulty: Path, tmp_path: Path) -> None:
    for path in (faulty / LATE, faulty / "bits" / "1" / "one.wav"):
        samples, rate_hz = sf.read(path, always_2d=True)
        path.unlink()
        sf.write(path.with_suffix(".flac"), samples, rate_hz, subtype="PCM_24")
    soft = faulty / "bits" / "4" / "three.wav"
    samples, rate_hz = sf.read(soft, always_2d=True)
    sf.write(soft, samples, rate_hz, subtype="FLOAT")
    output = tmp_path / "mended"
    mend_study(faulty, output)
    assert sf.info(output / "bits" / "4" / "three.wav").subtype == "FLOAT"
    assert (output / LATE).is_file()
    assert (output / "bits" / "1" / "one.flac").is_file()
    assert check_study(output).findings == ()
    plant(faulty / "bits" / "2" / "one.wav", lambda s: s[:-3])  # now this item changes, too
    mend_study(faulty, output)
    assert not (output / "bits" / "1" / "one.flac").exists()
    assert check_study(output).findings == ()


@pytest.mark.parametrize("name", ["study", "study/bits", "study/bits/2/new", "study/baseline"])
def test_the_folders_of_the_sources_are_refused(faulty: Path, name: str) -> None:
    before = listing(faulty)
    with pytest.raises(StudyConflict):
        mend_study(faulty, faulty.parent / name)
    assert listing(faulty) == before


def test_a_folder_with_anything_else_in_it_is_refused(faulty: Path, tmp_path: Path) -> None:
    write_text(tmp_path / "other" / "thesis.txt", "mine")
    with pytest.raises(StudyConflict, match="not empty"):
        mend_study(faulty, tmp_path / "other")
    with pytest.raises(StudyConflict, match="is a file"):
        mend_study(faulty, tmp_path / "other" / "thesis.txt")
    assert listing(tmp_path / "other") == {"thesis.txt": b"mine"}


def test_the_copies_of_another_study_are_refused(faulty: Path, tmp_path: Path) -> None:
    output = tmp_path / "mended"
    mend_study(faulty, output)
    before = listing(output)
    other = write_study(tmp_path / "other", slug="other").parent
    with pytest.raises(StudyConflict, match="another study"):
        mend_study(other, output)
    assert listing(output) == before


def test_a_disk_that_is_full_is_told_and_freed_space_lets_it_go_on(
    faulty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "mended"
    with monkeypatch.context() as patch:
        calls: list[int] = []

        def full(handle: int) -> None:
            calls.append(handle)
            if len(calls) > 6:
                raise OSError(28, os.strerror(28))

        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left") as caught:
            mend_study(faulty, output)
    assert "free some space" in caught.value.remedy
    assert not list(output.rglob(".writing-*"))
    mend_study(faulty, output)
    assert check_study(output).findings == ()


def test_a_run_that_was_killed_leaves_no_half_file_and_is_gone_on_with(
    faulty: Path, tmp_path: Path
) -> None:
    for number in range(12):  # enough to be caught in the middle of
        name = f"more{number}"
        for folder in ("baseline", "bits/1", "bits/2", "bits/4"):
            shutil.copy(faulty / folder / "two.wav", faulty / folder / f"{name}.wav")
    text = (faulty / "study.yaml").read_text(encoding="utf-8")
    names = ", ".join(f'"more{number}"' for number in range(12))
    write_text(faulty / "study.yaml", text.replace('"three"]', f'"three", {names}]'))
    output = tmp_path / "mended"
    command = [sys.executable, "-m", "jndlab", "check", str(faulty), "--fix", str(output)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while not (output / "baseline" / "two.wav").exists() and run.poll() is None:
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
    assert not (output / "study.yaml").exists()
    for path in output.rglob("*.wav"):
        assert sf.info(path).frames > 0
    mend_study(faulty, output)
    assert check_study(output).findings == ()
    assert not list(output.rglob(".*"))


def test_check_with_fix_says_what_it_found_did_and_left(
    run_cli: Cli, faulty: Path, here: Path
) -> None:
    write_wav(faulty / "bits" / "1" / "one.wav", make_noise(seed=4242))
    outcome = run_cli("check", faulty, "--fix", "mended")
    assert outcome.status == 0, outcome
    assert "comes 16.00 samples (1 ms) later" in outcome.out
    assert f"mended: {LATE}: delay of +16.000 samples removed; cut by 16 and 0" in outcome.out
    assert "mended: bits/4/three.wav: polarity turned; +1.9" in outcome.out
    after = outcome.out.split("mended.csv says how")[1]
    assert "hardly anything in common" in after
    assert "comes 16" not in after
    assert "Ready to launch:  jndlab serve mended" in after


def test_check_with_fix_as_json_is_that_of_the_copies(
    run_cli: Cli, faulty: Path, here: Path
) -> None:
    assert json.loads(run_cli("check", faulty, "--json", "--fix", "mended").out)["findings"] == []
    assert (here / "mended" / "study.yaml").is_file()


def test_where_nothing_can_be_mended_nothing_is_written(
    run_cli: Cli, study_folder: Path, here: Path
) -> None:
    outcome = run_cli("check", study_folder, "--fix", "mended")
    assert outcome.status == 0
    assert "no copies were written" in outcome.out
    assert not (here / "mended").exists()


def test_an_error_that_is_left_in_the_copies_is_an_error(
    run_cli: Cli, faulty: Path, here: Path
) -> None:
    write_wav(faulty / "bits" / "1" / "one.wav", np.zeros((4800, 1)))
    outcome = run_cli("check", faulty, "--fix", "mended")
    assert outcome.status == 2
    assert "1 error: this study cannot be launched" in outcome.err
    assert (here / "mended" / "study.yaml").is_file()
