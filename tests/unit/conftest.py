"""The command line in this process: status, output and error output of one command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from builders import listing
from servers import free_port as find_free_port

from jndlab.cli import main
from jndlab.settings import Settings


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


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and an environment without settings; no server is started."""

    def refuse(settings: Settings) -> None:
        raise AssertionError("a server was started")

    monkeypatch.chdir(tmp_path)
    for name in Settings().to_environment():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("jndlab.web.server.run_server", refuse)
    return tmp_path


@pytest.fixture
def refused(run_cli: Callable[..., Outcome], here: Path) -> Callable[..., str]:
    """Run a command that must be refused and leave no trace; gives what it said.

    The two files that SQLite keeps beside an open database are no trace.
    """

    def run(*arguments: object) -> str:
        before = traces(here)
        outcome = run_cli(*arguments)
        assert outcome.status == 2, outcome
        assert traces(here) == before
        message, *remedy = outcome.err.strip().split("\n")
        assert message, outcome
        assert remedy, f"no remedy: {outcome}"
        return outcome.err

    return run


def traces(folder: Path) -> dict[str, bytes | None]:
    """What lies in a folder, less the two files beside an open SQLite database."""
    found = listing(folder)
    return {path: found[path] for path in found if not path.endswith(("-wal", "-shm"))}


@pytest.fixture
def free_port() -> int:
    """A port of this machine on which nobody listens."""
    return find_free_port()
