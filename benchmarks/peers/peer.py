"""Other servers that save what participants answer, each in a virtual environment of its own.

``install`` makes the environments; a package that cannot be installed is told and left out. Each
peer says how its server is started in an empty folder, and which requests save one answer.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from real_parts import ROOT  # noqa: F401 (the tests become importable)

from tests.servers import free_port, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer(ABC):
    """A server to be measured beside ours."""

    name: str
    package: str
    beside: tuple[str, ...] = ()
    """Packages in the versions that it was made for, where it does not say so itself."""

    def python(self, environments: Path) -> Path:
        """The interpreter of its environment."""
        return environments / self.package / "bin" / "python"

    @abstractmethod
    def prepare(self, folder: Path, python: Path, n_sessions: int) -> None:
        """Make its project with so many participants in an empty folder."""

    @abstractmethod
    def command(self, folder: Path, python: Path, port: int) -> Sequence[str]:
        """What starts the server."""

    @abstractmethod
    def requests(self, folder: Path, port: int, n_sessions: int, n_each: int) -> list[list[str]]:
        """For each participant the requests that save an answer, one after the other; asked for
        while the server runs."""

    @contextmanager
    def serving(self, folder: Path, python: Path) -> Iterator[int]:
        """The port of its server as long as it runs."""
        port = free_port()
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(folder, python, port),
                cwd=folder,
                env={**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # some start others, which are to end with them
            )
            try:
                until(lambda: process.poll() is not None or _answers(port), self.name)
                if process.poll() is not None:
                    raise RuntimeError(f"{self.name} has ended: {folder / 'server.log'}")
                yield port
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=60)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).close()
    except urllib.error.HTTPError:
        return True  # whatever it says
    except OSError:
        return False
    return True


def install(peer: Peer, environments: Path) -> str:
    """Make its environment where it is not there yet; why that failed, or nothing."""
    python = peer.python(environments)
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", peer.package, *peer.beside],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["?"])[-1]


def request(method: str, path: str, content_type: str, body: str) -> str:
    """An HTTP request as text."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    )
