"""`jndlab state`: see, pause, close and open a launched study."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from jndlab.cli import cli
from jndlab.errors import StudyUnknown
from tests.store.launching import make_template


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["state", *words, "--data", str(data)], standalone_mode=False)


def test_a_study_is_paused_closed_and_opened_again(tmp_path: Path) -> None:
    data = make_template(tmp_path)
    said = [run(data, *words).output for words in (["tiny"], ["tiny", "paused"], ["tiny"])]
    assert "is running:" in said[0]
    assert "is paused:" in said[1]
    assert said[2] == said[1]
    assert "is closed:" in run(data, "tiny", "closed").output
    assert "is running:" in run(data, "tiny", "open").output


def test_an_unknown_study_is_named(tmp_path: Path) -> None:
    data = make_template(tmp_path)
    error = run(data, "other", "closed").exception
    assert isinstance(error, StudyUnknown)
    assert "other" in error.message


def test_a_state_that_is_none_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["state", "tiny", "frozen", "--data", str(tmp_path)])
    assert result.exit_code == 2
    assert "frozen" in result.output
