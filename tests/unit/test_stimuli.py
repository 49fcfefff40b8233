"""Checking and rendering the clips of a study."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from builders import listing, make_definition, make_noise, write_stimuli, write_wav

from jndlab.audio.checking import check_sounds
from jndlab.audio.pcm import FULL_SCALE, decode_wav
from jndlab.audio.reading import read_clip
from jndlab.audio.stimuli import (
    CEILING,
    Stimulus,
    render_stimuli,
    require_sound,
    sources_of,
    stimuli_digest,
)
from jndlab.clips import FolderShelf, clip_name
from jndlab.errors import AudioError
from jndlab.study.definition import StudyDefinition

STUDY = make_definition()


def rendered(folder: Path, study: StudyDefinition = STUDY) -> list[Stimulus]:
    return render_stimuli(study, folder, FolderShelf(folder / "clips"))


def samples_of(folder: Path, stimulus: Stimulus) -> np.ndarray:
    wav = (folder / "clips" / clip_name(stimulus.clip)).read_bytes()
    assert hashlib.sha256(wav).hexdigest() == stimulus.clip
    return decode_wav(wav) / FULL_SCALE


def test_sources_are_every_item_at_every_level_the_baseline_first(tmp_path: Path) -> None:
    write_stimuli(tmp_path, formats={4: "4.0"})
    sources = sources_of(STUDY, tmp_path)
    assert list(sources) == ["one", "two", "three"]
    assert [(source.condition, source.level) for source in sources["two"]] == [
        ("baseline", None),
        ("bits", 1.0),
        ("bits", 2.0),
        ("bits", 4.0),
    ]
    assert sources["two"][-1].path == tmp_path / "bits" / "4.0" / "two.wav"


def test_sound_files_in_order_give_no_findings_and_their_length(tmp_path: Path) -> None:
    steps: list[None] = []
    write_stimuli(tmp_path)
    checked = check_sounds(STUDY, tmp_path, progress=lambda: steps.append(None))
    assert checked.findings == ()
    assert checked.clip_seconds == pytest.approx(0.3)
    assert len(steps) == 3


def test_a_finding_says_where_it_was_found(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    write_wav(tmp_path / "bits" / "2" / "two.wav", make_noise(seed=1, seconds=0.2))
    write_wav(tmp_path / "baseline" / "three.wav", make_noise(seed=1, n_channels=2))
    findings = check_sounds(STUDY, tmp_path).findings
    found = [(entry.code, entry.item, entry.condition, entry.level) for entry in findings]
    assert found == [
        ("length", "two", "bits", 2.0),
        *[("channels", "three", "bits", level) for level in (1.0, 2.0, 4.0)],
    ]


def test_a_sound_with_an_error_is_not_rendered(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    write_wav(tmp_path / "bits" / "2" / "one.wav", np.zeros((4800, 1)))
    before = listing(tmp_path)
    with pytest.raises(AudioError, match="silent") as caught:
        rendered(tmp_path)
    assert "jndlab check" in caught.value.remedy
    assert listing(tmp_path) == before


def test_ten_errors_are_shown_and_the_rest_is_counted(tmp_path: Path) -> None:
    items = [f"i{number}" for number in range(4)]
    write_stimuli(tmp_path, items=items, seconds=0)
    findings = check_sounds(make_definition(items=items), tmp_path).findings
    with pytest.raises(AudioError) as caught:
        require_sound(findings)
    assert caught.value.message.count("holds no samples") == 10
    assert "and 6 more" in caught.value.message


def test_rendering_twice_changes_nothing(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    first = rendered(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "clips").rglob("*.wav")}
    assert rendered(tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(before) == len(first) == 12


def test_names_in_the_clip_folder_tell_nothing_but_a_digest(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    stimuli = rendered(tmp_path)
    names = {path.name for path in (tmp_path / "clips").rglob("*.wav")}
    assert names == {f"{stimulus.clip}.wav" for stimulus in stimuli}


def test_at_the_same_rate_samples_pass_unchanged(tmp_path: Path) -> None:
    write_stimuli(tmp_path, rate_hz=48_000, seconds=0.1)
    first, *_ = rendered(tmp_path)
    source, _ = sf.read(tmp_path / "baseline" / "one.wav", always_2d=True)
    assert np.array_equal(samples_of(tmp_path, first), source)
    assert (first.gain_db, first.rate_hz, first.source_rate_hz) == (0, 48_000, 48_000)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("frequency_hz", [440.0, 3_000.0])
def test_resampling_a_sine_gives_that_sine(
    tmp_path: Path, rate_hz: int, frequency_hz: float
) -> None:
    write_stimuli(tmp_path, items=["one"], levels=[1], rate_hz=rate_hz, seconds=0.5)
    time = np.arange(rate_hz // 2)[:, None] / rate_hz
    write_wav(
        tmp_path / "baseline" / "one.wav", 0.5 * np.sin(2 * np.pi * frequency_hz * time), rate_hz
    )
    study = make_definition(items=["one"], condition={"levels": [1]})
    baseline, compressed = rendered(tmp_path, study)
    assert baseline.n_frames == compressed.n_frames == 24_000
    ideal = 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(24_000) / 48_000)
    error = samples_of(tmp_path, baseline)[:, 0] - ideal
    middle = slice(4_800, -4_800)  # the ends see the silence around the clip
    assert np.abs(error[middle]).max() < 2e-6
    # No delay: a shift by a single sample would be a hundred thousand times that.


def test_an_item_that_overshoots_is_turned_down_as_a_whole(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    before = [samples_of(tmp_path, stimulus) for stimulus in rendered(tmp_path)]
    square = np.sign(np.random.default_rng(1).normal(size=(4800, 1)))
    write_wav(tmp_path / "bits" / "2" / "one.wav", square)  # resampled, it overshoots
    stimuli = rendered(tmp_path)
    gains = {(stimulus.item, stimulus.gain_db) for stimulus in stimuli}
    assert len(gains) == 3  # one for each item, whatever its condition and level
    gain_db = dict(gains)["one"]
    assert -12 < gain_db < -1
    for stimulus, old in zip(stimuli, before, strict=True):
        new = samples_of(tmp_path, stimulus)
        if (stimulus.item, stimulus.level) == ("one", 2.0):
            assert np.abs(new).max() == pytest.approx(CEILING, abs=1e-6)
        else:  # a version that does not overshoot is turned down with the one that does
            gain = 10 ** (gain_db / 20) if stimulus.item == "one" else 1.0
            assert np.abs(new - gain * old).max() < 3e-7


def test_the_digest_of_the_stimuli_covers_their_sound_and_their_place(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    stimuli = rendered(tmp_path)
    digest = stimuli_digest(stimuli)
    assert stimuli_digest(stimuli[::-1]) == digest
    write_wav(tmp_path / "bits" / "2" / "two.wav", make_noise(seed=77))
    assert stimuli_digest(rendered(tmp_path)) != digest
    assert stimuli_digest(stimuli[1:]) != digest


def test_stereo_stays_stereo(tmp_path: Path) -> None:
    write_stimuli(tmp_path, n_channels=2)
    assert {stimulus.n_channels for stimulus in rendered(tmp_path)} == {2}


def test_a_clip_left_half_written_by_a_crash_is_not_taken_for_whole(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    stimulus = rendered(tmp_path)[0]
    path = tmp_path / "clips" / clip_name(stimulus.clip)
    whole = path.read_bytes()
    path.unlink()
    # What a crash can leave is the temporary file, never the clip under its own name.
    (path.parent / ".writing-abc").write_bytes(whole[:100])
    assert rendered(tmp_path)[0] == stimulus
    assert path.read_bytes() == whole


def test_what_was_rendered_before_is_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_stimuli(tmp_path)
    first = rendered(tmp_path)
    monkeypatch.setattr("jndlab.audio.stimuli.read_clip", lambda path: pytest.fail(str(path)))
    assert rendered(tmp_path) == first


def test_of_a_study_with_one_sound_changed_only_its_item_is_rendered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_stimuli(tmp_path)
    first = rendered(tmp_path)
    write_wav(tmp_path / "bits" / "2" / "two.wav", make_noise(seed=77))
    read: list[Path] = []
    monkeypatch.setattr(
        "jndlab.audio.stimuli.read_clip", lambda path: read.append(path) or read_clip(path)
    )
    second = rendered(tmp_path)
    assert {path.stem for path in read} == {"two"}
    changed = [(new.item, new.level) for new, old in zip(second, first, strict=True) if new != old]
    assert changed == [("two", 2.0)]


def test_another_rate_is_another_rendering(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    rendered(tmp_path)
    other = make_definition(presentation={"sample_rate_hz": 44_100})
    assert {stimulus.rate_hz for stimulus in rendered(tmp_path, other)} == {44_100}
    assert {stimulus.rate_hz for stimulus in rendered(tmp_path)} == {48_000}


def test_a_clip_that_got_lost_is_rendered_again_as_it_was(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    stimulus = rendered(tmp_path)[5]
    path = tmp_path / "clips" / clip_name(stimulus.clip)
    whole = path.read_bytes()
    path.unlink()
    assert rendered(tmp_path)[5] == stimulus
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"[1]", b'[{"clip": "x"}]', b"null", b"\xff"]
)
def test_a_damaged_memory_of_what_was_rendered_is_no_harm(tmp_path: Path, content: bytes) -> None:
    write_stimuli(tmp_path)
    first = rendered(tmp_path)
    kept = list((tmp_path / "clips" / ".rendered").rglob("*.json"))
    assert len(kept) == 3
    for path in kept:
        path.write_bytes(content)
    assert rendered(tmp_path) == first


def test_rendering_in_two_processes_gives_the_same_stimuli_in_the_same_order(
    tmp_path: Path,
) -> None:
    write_stimuli(tmp_path)
    steps: list[None] = []
    two = render_stimuli(
        STUDY,
        tmp_path,
        FolderShelf(tmp_path / "two"),
        workers=2,
        progress=lambda: steps.append(None),
    )
    assert two == rendered(tmp_path)
    assert len(steps) == 3
    for stimulus in two:
        name = clip_name(stimulus.clip)
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "clips" / name).read_bytes()


def test_an_error_in_another_process_comes_with_its_remedy(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    write_wav(tmp_path / "bits" / "2" / "three.wav", np.zeros((4800, 1)))
    with pytest.raises(AudioError, match="silent") as caught:
        render_stimuli(STUDY, tmp_path, FolderShelf(tmp_path / "clips"), workers=2)
    assert "jndlab check" in caught.value.remedy


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from builders import make_definition
from jndlab.audio.stimuli import render_stimuli
from jndlab.clips import FolderShelf
folder = Path(sys.argv[1])
items = [path.stem for path in (folder / "baseline").iterdir()]
render_stimuli(
    make_definition(items=items), folder, FolderShelf(folder / "clips"),
    workers=2, progress=lambda: print("one", flush=True),
)
"""


def test_what_a_rendering_that_was_killed_has_left_is_whole_and_is_gone_on_with(
    tmp_path: Path,
) -> None:
    items = [f"i{number}" for number in range(60)]
    write_stimuli(tmp_path, items=items, seconds=0.1)
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(Path(__file__).parents[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "one\n"
        run.kill()
    left = list((tmp_path / "clips").rglob("*.wav"))
    for path in left:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    before = {path: path.stat().st_mtime_ns for path in left}
    stimuli = rendered(tmp_path, make_definition(items=items))
    assert len(stimuli) == 240
    assert {path: path.stat().st_mtime_ns for path in left} == before


def test_what_was_left_half_written_long_ago_is_removed(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    old, new = (tmp_path / "clips" / "ab" / f".writing-{name}" for name in ("old", "new"))
    old.parent.mkdir(parents=True)
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    rendered(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from builders import make_definition
from jndlab.audio.stimuli import render_stimuli
from jndlab.clips import FolderShelf
from jndlab.errors import StoreError
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
folder = Path(sys.argv[1])
try:
    render_stimuli(make_definition(), folder, FolderShelf(folder / "clips"), workers=2)
except StoreError as error:
    print(error.message, error.remedy)
"""


def test_a_disk_that_is_full_in_another_process_is_told_and_leaves_no_half_of_a_clip(
    tmp_path: Path,
) -> None:
    write_stimuli(tmp_path)  # a clip has 43,244 bytes
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), tests],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "Cannot write" in done.stdout
    assert [path for path in (tmp_path / "clips").rglob("*") if path.is_file()] == []
    assert len(rendered(tmp_path)) == 12
