"""What the disk takes at most: one process that writes and flushes, and does nothing else."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any


def measure_disk(folder: Path, seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """What was done, and its times in seconds: a row inserted, and a file appended to."""
    with closing(sqlite3.connect(folder / "limit.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE answers (id INTEGER PRIMARY KEY, content TEXT)")

        def insert() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO answers (content) VALUES (?)", ("x" * 200,))
            connection.execute("COMMIT")

        yield "insert and flush, SQLite", _repeat(insert, seconds)
    with (folder / "limit.bin").open("ab", buffering=0) as file:

        def flush() -> None:
            file.write(b"x" * 200)
            os.fsync(file.fileno())

        yield "append and fsync, a file", _repeat(flush, seconds)


def _repeat(work: Callable[[], None], seconds: float) -> dict[str, Any]:
    times = []
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return {"times": times, "seconds": time.perf_counter() - begun, "errors": []}
