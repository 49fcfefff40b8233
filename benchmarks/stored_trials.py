"""What one answer costs with nothing, 10^4 and 10^6 trials stored; and the export of that many.

The real application, in process, asked through its HTTP interface, on SQLite. Each database holds
so many answered trials, in sessions of 60 with plans, clip names and chain as they are left by
participants (one session is answered; the others are copies of its rows). Answers of fresh sessions
are then timed on each of the databases in turn, so that whatever else the computer does meets all
alike. Last, `jndlab export` writes the tables of the largest one as CSV and as Parquet.

    python benchmarks/stored_trials.py [--quick] [--json FILE] [--stored 0 10000 1000000]
        [--answers 300] [--no-export]

About four minutes and 3 GB of disk (10^7 trials: ten minutes, 30 GB and 5 GB of memory); --quick
stops at 10^5 trials, and --no-export leaves out the files, which take most of the time. Told are
medians of wall and CPU time in milliseconds with their ratio to the empty database, and of the
export rows per second and the largest memory of its process. The exit status is 1 where the CPU
time of an answer is more than 1.5 times that on the empty database, or an export takes more than
300 MiB.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filled_sessions import answer_body, fill, launch
from flask.testing import FlaskClient
from printing import finish, show
from sqlalchemy import select, text

from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.engine import Store
from jndlab.store.models import PresentedRow, SessionRow
from jndlab.web.app import create_app

N_TRIALS = 60
N_SESSIONS = 10
MOST_RATIO = 1.5
MOST_MIB = 300
FILLING_KIB = 4_000_000
EXPORT = """
import atexit
from pathlib import Path

@atexit.register
def tell():
    lines = Path("/proc/self/status").read_text().splitlines()
    print("PEAK", next(line.split()[1] for line in lines if line.startswith("VmHWM:")))

from jndlab.cli import main
main()
"""


@dataclass
class Filled:
    """A database with so many answered trials, and fresh sessions in it."""

    n_stored: int
    client: FlaskClient
    tokens: list[str]
    number: int = 1
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def answer_once_each(self) -> None:
        """One answer of each of the fresh sessions."""
        for token in self.tokens:
            clocks = time.perf_counter(), time.process_time()
            answer(self.client, token, self.number)
            self.wall.append(1000 * (time.perf_counter() - clocks[0]))
            self.cpu.append(1000 * (time.process_time() - clocks[1]))
        self.number += 1


def answer(client: FlaskClient, token: str, number: int) -> None:
    """Answer a trial; fails unless the answer is confirmed."""
    reply = client.put(
        f"/api/v1/trials/{number}/response",
        data=answer_body(number),
        headers={"Authorization": f"Bearer {token}"},
        content_type="application/json",
    )
    if reply.status_code != 200:
        raise RuntimeError(reply.get_data(as_text=True))


def make(folder: Path, n_stored: int, stack: ExitStack) -> Filled:
    """A data folder of its own with so many trials."""
    settings = Settings(data=folder / "data")
    store, link = launch(folder, settings)
    stack.enter_context(store)
    client = create_app(settings, store).test_client()
    if n_stored:
        (first,) = fill(store, link, 1)
        for number in range(1, N_TRIALS + 1):
            answer(client, first.token, number)
        copy_session(store, -(-n_stored // N_TRIALS) - 1)
    tokens = [asked.token for asked in fill(store, link, N_SESSIONS)]
    return Filled(n_stored, client, tokens)


def copy_session(store: Store, n_copies: int) -> None:
    """Store the rows of the one session so many times more, under new names."""
    with store.write() as db:
        # The names of clips are random: their index is filled in memory, not on the disk.
        db.execute(text(f"PRAGMA cache_size = -{FILLING_KIB}"))
        session = db.scalars(select(SessionRow)).one()
        first = db.scalars(select(PresentedRow.id).order_by(PresentedRow.id)).first()
        trial = f"(k * {N_TRIALS} + {{}})"
        new = {
            "sessions": {
                "id": f"{session.id} + k",
                "participant": f"{session.participant} + k",
                "public_id": "'copy-' || k",
                "token_digest": "'copy-' || k",
            },
            "presented_trials": {"id": trial.format("id"), "session_id": f"{session.id} + k"},
            "released_clips": {
                "id": f"(k * {3 * N_TRIALS} + id)",
                "presented_id": trial.format("presented_id"),
                "name": "lower(hex(randomblob(12)))",
            },
            "answers": {"presented_id": trial.format("presented_id")},
        }
        assert first == 1, "the copies are numbered after the first session's rows"
        for table, changed in new.items():
            names = [column.name for column in Base.metadata.tables[table].columns]
            values = ", ".join(changed.get(name, f'"{name}"') for name in names)
            quoted = ", ".join(f'"{name}"' for name in names)
            db.execute(  # in the order of their numbers
                text(
                    "WITH RECURSIVE copies(k) AS "
                    "(SELECT 1 UNION ALL SELECT k + 1 FROM copies WHERE k < :n) "
                    f"INSERT INTO {table} ({quoted}) "
                    f"SELECT {values} FROM copies CROSS JOIN {table}"
                ),
                {"n": n_copies},
            )
        db.execute(text("PRAGMA cache_size = -2000"))  # SQLite's default
        db.execute(text("PRAGMA shrink_memory"))


def compare(filled: list[Filled], n_answers: int) -> list[dict[str, Any]]:
    """Rows of the answers, one per database."""
    for one in filled:
        one.answer_once_each()  # what is read for the first time is not counted
        one.wall.clear()
        one.cpu.clear()
    for _ in range(min(N_TRIALS - 2, -(-n_answers // N_SESSIONS))):
        for one in filled:
            one.answer_once_each()
    least = filled[0]
    return [
        {
            "stored trials": one.n_stored,
            "answer, ms": f"{statistics.median(one.wall):.2f}",
            "ratio": f"{statistics.median(one.wall) / statistics.median(least.wall):.2f}",
            "CPU, ms": f"{statistics.median(one.cpu):.2f}",
            "ratio of CPU": f"{statistics.median(one.cpu) / statistics.median(least.cpu):.2f}",
        }
        for one in filled
    ]


def export(data: Path, file_format: str, folder: Path) -> dict[str, Any]:
    """What the command took, in a process of its own."""
    start = time.perf_counter()
    command = [sys.executable, "-c", EXPORT, "export", "load", "--data", str(data)]
    command += ["--format", file_format, "--output", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds = time.perf_counter() - start
    peak = float(done.stdout.rpartition("PEAK ")[2]) / 1024
    path = folder / f"load-trials.{file_format}"
    n_rows = int(done.stdout.partition(f"{path.name} (")[2].split()[0])
    return {
        "export": file_format,
        "trials": n_rows,
        "seconds": f"{seconds:.1f}",
        "trials/s": f"{n_rows / seconds:.0f}",
        "size, MB": f"{path.stat().st_size / 1e6:.0f}",
        "peak memory, MiB": f"{peak:.0f}",
    }


def missed(rows: list[dict[str, Any]], exports: list[dict[str, Any]]) -> list[str]:
    """Where the cost grows with what is stored, or an export does not fit."""
    steep = [row for row in rows if float(row["ratio of CPU"]) > MOST_RATIO]
    large = [row for row in exports if float(row["peak memory, MiB"]) > MOST_MIB]
    return [
        *(f"An answer costs {row['ratio of CPU']} times as much." for row in steep),
        *(f"The export as {row['export']} took {row['peak memory, MiB']} MiB." for row in large),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="stop at 10^5 stored trials")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--stored", type=int, nargs="+", help="numbers of stored trials")
    parser.add_argument("--answers", type=int, default=300, help="answers to time on each")
    parser.add_argument("--no-export", action="store_true", help="answers only")
    options = parser.parse_args()
    sizes = options.stored or ([0, 10_000, 100_000] if options.quick else [0, 10_000, 1_000_000])
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folders = [Path(name) / str(size) for size in sizes]
        filled = [make(folder, size, stack) for folder, size in zip(folders, sizes, strict=True)]
        rows = compare(filled, options.answers)
        show(rows)
        print(flush=True)
        largest = folders[sizes.index(max(sizes))]
        formats = () if options.no_export else ("csv", "parquet")
        exports = [export(largest / "data", one, largest) for one in formats]
        if exports:
            show(exports)
    finish(options, [*rows, *exports], missed(rows, exports))


if __name__ == "__main__":
    main()
