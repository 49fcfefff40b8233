"""`make examples`, and every example study with its sounds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jndlab.studies import check_study
from tests.servers import jndlab

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/study.yaml"))


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study files, and beside them the sounds as `make examples` renders them."""
    folder = tmp_path_factory.mktemp("examples")
    command = [sys.executable, str(EXAMPLES / "make_sounds.py"), "--no-scores"]
    command += ["--output", str(folder / "sounds")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    for name in NAMES:
        shutil.copytree(EXAMPLES / name, folder / name)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_ready_to_launch(examples: Path, name: str) -> None:
    checked = check_study(examples / name)
    assert [str(finding) for finding in checked.findings] == []


def test_the_command_says_so_too(examples: Path) -> None:
    checked = jndlab("check", str(examples / "two-parts-latin-square"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Ready to launch" in checked.stdout
