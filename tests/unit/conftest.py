"""The command line in this process: status, output and error output of one command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from jndlab.cli import main


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind for its user."""

    status: int
    out: str
    err: str


@pytest.fixture
def run_cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    """Run ``jndlab ARGUMENTS``. An exception that would be a traceback is let through."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["jndlab", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        shown = capsys.readouterr()
        return Outcome(status, shown.out, shown.err)

    return run
