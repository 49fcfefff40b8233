"""Sounds that do not fit: check explains them, serve refuses them and leaves nothing behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from builders import listing, make_noise, write_wav

Cli = Callable[..., Any]


def silent(path: Path) -> None:
    write_wav(path, np.zeros((4800, 1)))


SOUNDS: list[tuple[str, Callable[[Path], object], str, str]] = [
    ("missing file", lambda s: (s / "bits/2/two.wav").unlink(), "has no two.wav", "Render"),
    ("missing baseline", lambda s: (s / "baseline/two.wav").unlink(), "has no two.wav", "Render"),
    ("missing level", lambda s: shutil.rmtree(s / "bits/2"), "no sub-folder for level 2", "1, 4"),
    ("missing condition", lambda s: shutil.rmtree(s / "bits"), "no folder", "Check the path"),
    (
        "rate",
        lambda s: write_wav(s / "bits/2/three.wav", make_noise(seed=1), 8_000),
        "bits/2/three: sample rate 8000 Hz, but the baseline has 16000 Hz",
        "same rate",
    ),
    (
        "channels",
        lambda s: write_wav(s / "bits/2/three.wav", make_noise(seed=1, n_channels=2)),
        "bits/2/three: 2 channels, but the baseline has 1",
        "same channels",
    ),
    (
        "surround",
        lambda s: write_wav(s / "baseline/three.wav", make_noise(seed=1, n_channels=6)),
        "baseline/three: 6 channels",
        "mono or stereo",
    ),
    (
        "length",
        lambda s: write_wav(s / "bits/2/three.wav", make_noise(seed=1)[:-48]),
        "bits/2/three: 4752 samples, but the baseline has 4800 (-3.0 ms)",
        "Cut or pad",
    ),
    ("no samples", lambda s: write_wav(s / "bits/2/three.wav", np.zeros((0, 1))), "no samples", ""),
    ("silence", lambda s: silent(s / "baseline/three.wav"), "is silent", "Render it again"),
    (
        "not finite",
        lambda s: sf.write(s / "bits/2/three.wav", np.full(4800, np.nan), 16_000, subtype="FLOAT"),
        "no numbers",
        "division by zero",
    ),
    (
        "no sound file",
        lambda s: (s / "bits/2/three.wav").write_text("text"),
        "no readable sound file",
        "Render it again",
    ),
    (
        "level twice",
        lambda s: shutil.copytree(s / "bits/2", s / "bits/2.0"),
        "are the same level",
        "Remove one",
    ),
    ("no number", lambda s: (s / "bits/two").mkdir(), "'two' is none", "such as 3 or 0.8"),
]


@pytest.mark.parametrize(
    ("spoil", "message", "remedy"),
    [pytest.param(*entry[1:], id=entry[0]) for entry in SOUNDS],
)
@pytest.mark.parametrize("command", ["check", "serve"])
def test_wrong_sounds_stop_check_and_launch(
    run_cli: Cli,
    here: Path,
    study_folder: Path,
    free_port: int,
    command: str,
    spoil: Callable[[Path], object],
    message: str,
    remedy: str,
) -> None:
    spoil(study_folder)
    options = ["--port", free_port] if command == "serve" else []
    before = listing(here)
    outcome = run_cli(command, study_folder, *options)
    assert outcome.status == 2
    assert listing(here) == before
    assert message in outcome.out + outcome.err
    assert remedy in outcome.out + outcome.err


def test_findings_as_json_are_readable_by_a_machine_when_the_check_fails(
    run_cli: Cli, here: Path, study_folder: Path
) -> None:
    silent(study_folder / "bits/2/two.wav")
    outcome = run_cli("check", study_folder, "--json")
    assert outcome.status == 2
    (finding,) = json.loads(outcome.out)["findings"]
    assert (finding["code"], finding["level"], finding["item"]) == ("silent", 2.0, "two")
    assert "cannot be launched" in outcome.err
