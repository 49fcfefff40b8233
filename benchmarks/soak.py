"""Complete sessions one after the other through one server: no error, and memory that stays flat.

`jndlab serve` as it is by default, as a process of its own, and simulated listeners who take a
small study to its end over HTTP: consent, each trial with its sounds, each answer, completion
code. Meanwhile the memory of the server's processes is read. It rises while caches fill;
in the second half it has to stay.

    python benchmarks/soak.py [--sessions 1000] [--concurrency 8] [--quick] [--json FILE]

100 sessions by default, about a minute; 20 with --quick. Told are, for each tenth of the sessions,
answers per second, memory and open files at its end; below that how memory has grown in the
second half, and whether every session is stored to its end. Ends with 1 where there was an error,
where a session is not whole, and where memory grew by more than 5% in the second half of 1,000
sessions or more.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from printing import arguments, finish, show
from real_parts import Server, write_study

from jndlab.errors import JndlabError
from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.truth import Truth
from jndlab.study.study_file import load_study

STUDY: dict[str, Any] = {
    "design": {"trials_per_level": 8, "practice_trials": 2, "identical_trials": 2},
    "sounds": {"seconds": 1.0},
}
MOST_GROWTH = 1.05
ENOUGH_SESSIONS = 1000
N_PARTS = 10


def family(pid: int) -> list[int]:
    """A process and those that it has started, and so on."""
    found = [pid]
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
        for child in map(int, children.split()):
            found += family(child)
    return found


def memory_mib(pid: int) -> float:
    """Memory of a process and its children, what they share counted once.

    Without the files of programs and libraries: of these, each process has the smaller a share the
    more others use them, and so it rises whenever another program ends.
    """
    total = 0.0
    for one in family(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text(encoding="utf-8").splitlines():
                if line.startswith("Pss_Anon:"):
                    total += float(line.split()[1]) / 1024
    return total


def n_open_files(pid: int) -> int:
    """Files and connections that a process and its children hold open."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            total += len(list(Path(f"/proc/{one}/fd").iterdir()))
    return total


def stored(database: Path) -> tuple[int, int, int]:
    """Finished sessions, all sessions, and answers."""
    queries = (
        "SELECT count(*) FROM sessions WHERE state = 'finished'",
        "SELECT count(*) FROM sessions",
        "SELECT count(*) FROM answers",
    )
    with closing(sqlite3.connect(database)) as connection:
        finished, opened, answered = (connection.execute(query).fetchone()[0] for query in queries)
    return finished, opened, answered


def soak(
    folder: Path, *, n_sessions: int, concurrency: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each part of the sessions, and what went wrong."""
    file = write_study(folder / "study", slug="soak", **STUDY)
    study, rows, problems = load_study(file), [], list[str]()
    with Server(folder / "data", [file]) as server:
        assert server.process is not None
        pid, database = server.process.pid, server.settings.database
        with closing(sqlite3.connect(database)) as connection:
            [(link,)] = connection.execute("SELECT link FROM studies")
        done = 0
        for part in range(N_PARTS):
            n_listeners = (part + 1) * n_sessions // N_PARTS - done
            n_answers, began = 0, time.perf_counter()

            def count() -> None:
                nonlocal n_answers
                n_answers += 1

            try:
                simulate_over_http(
                    study,
                    url=server.settings.url,
                    link=link,
                    truth=Truth(threshold=2.0),
                    n_listeners=n_listeners,
                    seed=part,
                    concurrency=concurrency,
                    progress=count,
                )
            except JndlabError as error:
                problems.append(str(error))
                break
            done += n_listeners
            seconds = time.perf_counter() - began
            rows.append(
                {
                    "sessions": done,
                    "answers/s": f"{n_answers / seconds:.0f}",
                    "memory, MiB": f"{memory_mib(pid):.1f}",
                    "open files": n_open_files(pid),
                }
            )
            print(rows[-1], file=sys.stderr, flush=True)
        finished, opened, answered = stored(database)
        log = server.log.read_text(encoding="utf-8")
    n_trials = answered / max(1, finished)
    if (finished, opened) != (n_sessions, n_sessions) or not n_trials.is_integer():
        problems.append(f"{finished} of {opened} sessions are finished, with {answered} answers")
    problems += [f"in the log: {line}" for line in log.splitlines() if "Error" in line]
    return rows, problems


def growth(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Memory at the end relative to the middle; and its slope, MiB per 1,000 sessions."""
    later = rows[len(rows) // 2 - 1 :]
    memory = [float(row["memory, MiB"]) for row in later]
    sessions = [float(row["sessions"]) for row in later]
    slope = statistics.linear_regression(sessions, memory).slope
    return memory[-1] / memory[0], 1000 * slope


def main() -> None:
    options = arguments(
        __doc__, sessions=("complete sessions", 100), concurrency=("sessions at a time", 8)
    )
    with tempfile.TemporaryDirectory() as folder:
        rows, problems = soak(
            Path(folder),
            n_sessions=20 if options.quick else options.sessions,
            concurrency=options.concurrency,
        )
    show(rows)
    if len(rows) == N_PARTS:
        ratio, slope = growth(rows)
        print(f"\nMemory in the second half: x{ratio:.3f}, {slope:+.1f} MiB per 1,000 sessions.")
        # Of a few sessions the growth is that of caches that fill.
        if ratio > MOST_GROWTH and options.sessions >= ENOUGH_SESSIONS and not options.quick:
            problems.append("memory grows")
    if not problems:
        print("No errors; every session is stored to its end.")
    finish(options, rows, problems)


if __name__ == "__main__":
    main()
