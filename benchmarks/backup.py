"""Backing up, restoring and moving a database with many stored trials: time and memory.

One session is answered through the real application and copied, as in ``stored_trials.py``. Each
step runs as the command that users type, in a process of its own, whose largest memory is told.

    python benchmarks/backup.py [--quick] [--json FILE] [--stored 1000000] [--to ADDRESS]

A few minutes and 4 GB of disk; --quick stores 10^5 trials. ``--to`` names an empty PostgreSQL
database, into which the rows are moved then, and from which they are backed up once more.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from printing import finish, show
from stored_trials import make

MEASURED = """
import sys
from pathlib import Path
from jndlab.cli import main
try:
    main()
finally:
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
    print("PEAK", peak, file=sys.stderr)
"""


def run(data: Path, *arguments: str, database_url: str = "") -> dict[str, Any]:
    """Run a command; how long it took and how much memory it had."""
    environment = {**os.environ, "JNDLAB_DATA": str(data), "JNDLAB_DATABASE_URL": database_url}
    begun = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    outcome = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if outcome.returncode != 0:
        raise SystemExit(outcome.stderr)
    peak_kb = int(outcome.stderr.rpartition("PEAK ")[2].split()[0])
    return {
        "step": " ".join(arguments[:2] if arguments[0] == "db" else arguments[:1]),
        "database": "postgresql" if database_url else "sqlite",
        "seconds": round(time.perf_counter() - begun, 1),
        "cpu_seconds": round(
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1
        ),
        "peak_mb": round(peak_kb / 1024),
    }


def main() -> None:
    """Measure each step and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="10^5 trials")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--stored", type=int, default=1_000_000, help="trials")
    parser.add_argument("--to", default="", metavar="ADDRESS", help="empty PostgreSQL database")
    options = parser.parse_args()
    n_stored = 100_000 if options.quick else options.stored
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ExitStack() as stack:
            make(folder / "filled", n_stored, stack)
        data, backups = folder / "filled" / "data", folder / "backups"
        print(f"{n_stored} trials, {(data / 'jndlab.db').stat().st_size / 2**20:.0f} MiB of SQLite")
        rows = [run(data, "backup", str(backups)) for _ in range(2)]
        newest = max(backups.glob("jndlab-*"))
        rows.append(run(folder / "restored", "restore", str(newest)))
        if options.to:
            rows.append(run(data, "db", "move", options.to))
            rows.append(run(data, "backup", str(backups), database_url=options.to))
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
