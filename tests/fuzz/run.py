"""The long form: ``python -m tests.fuzz.run [TARGET...] --seconds 60``, with atheris where it is.

Each target runs in a process of its own, led by which lines of jndlab an input reaches. What is
found lies in a file that is named.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MEMORY_MB = 3000


def main() -> int:
    """Run the targets one after the other; 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--corpus", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        _one(options.one, options.seconds, Path(options.corpus))
        return 0
    from tests.fuzz.targets import TARGETS

    failed = []
    for name in options.targets or TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            command = [sys.executable, "-m", "tests.fuzz.run", "--one", name, "--corpus", folder]
            done = subprocess.run(
                [*command, "--seconds", str(options.seconds)],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        said = done.stderr + done.stdout
        counts = [line for line in said.splitlines() if "Done " in line or "stat::" in line]
        print(f"{name}: {counts[-1].strip() if counts else 'no count'}", end=" ")
        print(f"({time.monotonic() - begun:.0f} s)", flush=True)
        if done.returncode:
            failed.append(name)
            print(said[-4000:])
    return 1 if failed else 0


def _one(name: str, seconds: int, corpus: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["jndlab", "ruamel", "zipfile", "csv"]):
        from tests.fuzz.targets import TARGETS, seeds
    for number, good in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(good)
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-max_total_time={seconds}",
            f"-rss_limit_mb={MEMORY_MB}",
            "-timeout=30",
            "-max_len=20000",
            f"-artifact_prefix={tempfile.gettempdir()}/jndlab-fuzz-{name}-",
        ],
        TARGETS[name],
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
