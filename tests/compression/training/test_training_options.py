"""Options of `jndlab compress train`: the steps that its help names, what a width family takes."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("torch")

from jndlab.cli_train import train
from jndlab.compression.attention.students import Plan
from jndlab.compression.checkpoints import load_checkpoint
from jndlab.compression.training.course import Course
from jndlab.compression.training.data import Pairs
from jndlab.errors import CompressionError

COURSES = {
    "seofp": "seofp.training",
    "prune": "sparse.trained_levels",
    "cluster": "sparse.trained_levels",
    "groupcomm": "grouped.training",
    "width": "training.recipe",
}


def tones() -> Pairs:
    frequencies = np.array([200, 300, 400])[:, None]
    clean = (0.1 * np.sin(2 * np.pi * frequencies * np.arange(2000) / 16000)).astype(np.float32)
    return Pairs.of(clean + clean[::-1], clean, "tones in tones")


def usual_steps(command: str) -> int:
    if command == "manner":
        return Plan().steps
    course = importlib.import_module(f"jndlab.compression.{COURSES[command]}").COURSE
    assert isinstance(course, Course)
    return course.steps


@pytest.mark.parametrize("command", [*COURSES, "manner"])
def test_the_help_names_the_steps_of_its_family(command: str) -> None:
    shown = " ".join(CliRunner().invoke(train, [command, "--help"]).output.split())
    assert f"Of training, for each level. [default: {usual_steps(command):,}]" in shown


def test_a_width_family_by_its_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jndlab.cli_train.training_pairs", lambda options: tones())
    asked = ["--output", str(tmp_path), "--widths", "4", "--steps", "1", "--batch-size", "2"]
    result = CliRunner().invoke(train, ["width", *asked, "--clip-seconds", "0.1"])
    assert result.exit_code == 0, result.output
    facts = load_checkpoint(tmp_path / "5.npz").training
    assert (facts["steps"], facts["batch_size"], facts["seconds"]) == (1, 2, 0.1)
    refused = CliRunner().invoke(train, ["width", *asked, "--device", "nowhere"])
    assert isinstance(refused.exception, CompressionError)
    assert "'nowhere'" in str(refused.exception)
