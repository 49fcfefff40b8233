"""The real server as a process of its own, for tests."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from jndlab.settings import Settings


def free_port() -> int:
    """A port of the loopback interface that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_server(data: Path, *studies: Path) -> Iterator[Settings]:
    """`jndlab serve STUDY...` on a free port, ended with the block."""
    settings = Settings(data=data, port=free_port())
    log = data.with_name(data.name + "-server.log")
    command = [sys.executable, "-m", "jndlab", "serve", *map(str, studies)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env={**os.environ, **settings.to_environment()},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_up(settings.url, process, log)
        yield settings
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=2):
            return
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")
