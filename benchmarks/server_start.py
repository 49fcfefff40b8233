"""How long `jndlab serve` takes to its first page, and how much memory it has then.

The command is started again and again on a data folder with one launched study, and asked for a
participant's page until it comes. Memory is what all its processes have together, pages that they
share counted once; the second figure is after the page has been loaded fifty times.

    python benchmarks/server_start.py [--quick] [--json FILE]

Under a minute. Told are medians; the last rows are the same for an empty application of Flask on
granian, which is as little as there can be.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filled_sessions import launch
from printing import arguments, finish, show
from real_parts import Server

from jndlab.settings import Settings
from tests.servers import free_port

EMPTY = """
import sys
from flask import Flask
app = Flask("empty")
app.add_url_rule("/", "page", lambda: "a page")
if __name__ == "__main__":
    from granian import Granian
    from granian.constants import Interfaces
    served = {"interface": Interfaces.WSGI, "blocking_threads": 16}
    Granian("empty:app", port=int(sys.argv[1]), **served).serve()
"""
LOADS = 50
POLL_SECONDS = 0.005


def memory_mib(pid: int) -> float:
    """Memory of a process and of those below it, in MiB; nan where the system does not say."""
    total = 0.0
    for one in family(pid):
        rollup = Path(f"/proc/{one}/smaps_rollup")
        if not rollup.exists():
            return float("nan")
        lines = rollup.read_text(encoding="ascii").splitlines()
        total += next(float(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        return [pid]
    below = [family(int(word)) for word in children.read_text(encoding="ascii").split()]
    return [pid, *(one for part in below for one in part)]


def get(address: str) -> None:
    """Load a page to its end."""
    with urllib.request.urlopen(address, timeout=30) as page:
        page.read()


@contextmanager
def jndlab(data: Path) -> Iterator[tuple[int, str]]:
    """`jndlab serve`, just begun: the number of its process and its address."""
    server = Server(data)
    try:
        server.begin()
        assert server.process is not None
        yield server.process.pid, server.settings.url
    finally:
        server.terminate()


@contextmanager
def empty(folder: Path) -> Iterator[tuple[int, str]]:
    """The empty application, likewise."""
    (folder / "empty.py").write_text(EMPTY, encoding="utf-8")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "empty.py", str(port)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def measure(name: str, starts: Sequence[Any], path: str) -> dict[str, Any]:
    """Medians over the starts."""
    seconds, first, later = [], [], []
    for start in starts:
        begun = time.perf_counter()
        with start() as (pid, address):
            while True:
                with contextlib.suppress(OSError):
                    get(address + path)
                    break
                time.sleep(POLL_SECONDS)
            seconds.append(time.perf_counter() - begun)
            first.append(memory_mib(pid))
            for _ in range(LOADS):
                get(address + path)
            later.append(memory_mib(pid))
    return {
        "server": name,
        "first page, s": f"{statistics.median(seconds):.2f}",
        "memory, MiB": f"{statistics.median(first):.0f}",
        f"after {LOADS} pages": f"{statistics.median(later):.0f}",
    }


def main() -> None:
    options = arguments(__doc__)
    n_starts = 3 if options.quick else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data=folder / "data")
        store, link = launch(folder, settings)
        store.close()
        rows = [
            measure("jndlab serve", [lambda: jndlab(settings.data)] * n_starts, f"/s/{link}"),
            measure("Flask on granian, empty", [lambda: empty(folder)] * n_starts, "/"),
        ]
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
