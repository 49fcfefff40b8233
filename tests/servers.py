"""The real server as a process of its own, to be stopped kindly or killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jndlab.settings import Settings

START_SECONDS = 180.0


@dataclass
class Server:
    """`jndlab serve` on a port of the loopback interface."""

    data: Path
    studies: Sequence[Path] = ()
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None
    database_url: str = ""
    """Of PostgreSQL, with two processes; empty: SQLite in the data folder."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside those of the settings."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """Other settings, as of a deployment."""

    @property
    def settings(self) -> Settings:
        usual = {"database_url": self.database_url, "workers": 2 if self.database_url else 1}
        return Settings(data=self.data, port=self.port, **{**usual, **self.given})

    @property
    def log(self) -> Path:
        """What it says, over all its starts."""
        return self.data.with_name("server.log")

    def start(self) -> Server:
        """Start it and wait until it answers."""
        self.begin()
        until(self.answers, f"the server to start; {self.log}")
        return self

    def begin(self) -> None:
        """Start it, and do not wait."""
        command = [
            sys.executable,
            "-m",
            "jndlab",
            "serve",
            *map(str, self.studies),
        ]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **self.settings.to_environment(), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own, so that a kill meets nobody else
            )

    def answers(self) -> bool:
        """Whether it answers now itself, whatever is before it; fails if it has ended."""
        assert self.process is not None
        assert self.process.poll() is None, f"the server has ended: {self.log_end()}"
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{self.settings.local_url}/health", timeout=5),
        ):
            return True
        return False

    def log_end(self) -> str:
        """The last of what it said."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def terminate(self) -> int:
        """Ask it to end, as a service manager does; returns its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def suspend(self) -> None:
        """Stop every process of its group where it is; returns when none can send anything."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGSTOP)
        until(lambda: not _running_threads(self.process), "the server to stand still")

    def kill(self) -> None:
        """kill -9 every process of its group; harmless if it has ended."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=60)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.kill()


def _running_threads(leader: subprocess.Popen[bytes] | None) -> list[str]:
    """Threads of a process group that are neither stopped nor in the kernel, where they will be."""
    assert leader is not None
    shown = subprocess.run(
        ["ps", "-L", "-o", "pgid=,lwp=,stat=", "-e"], capture_output=True, text=True, check=True
    )
    threads = [line.split() for line in shown.stdout.splitlines()]
    return [
        thread
        for group, thread, state in threads
        if group == str(leader.pid) and state[0] not in "TDZ"
    ]


def free_port() -> int:
    """A port of the loopback interface that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether a server could listen at that port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def until(condition: object, what: str) -> None:
    """Wait until ``condition()`` holds; fail after a generous time."""
    assert callable(condition)
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def jndlab(
    *arguments: str, timeout: float = 120, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command line, run to its end; ``environment`` are variables beside those there are."""
    return subprocess.run(
        [sys.executable, "-m", "jndlab", *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
