"""What the benchmark scripts share: options, tables, peak memory."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def arguments(description: str | None, **numbers: tuple[str, int]) -> argparse.Namespace:
    """--quick for a run in seconds, --json FILE for the rows as data, and options with numbers."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    for name, (text, default) in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=text)
    return parser.parse_args()


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows as a Markdown table, ready for the documentation."""
    names = list(rows[0])
    widths = [max(len(str(row[name])) for row in [*rows, {n: n for n in names}]) for name in names]

    def line(cells: list[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return "| " + " | ".join(padded) + " |"

    print(line(names))
    print(line(["-" * width for width in widths]))
    for row in rows:
        print(line([str(row[name]) for name in names]))


def finish(
    options: argparse.Namespace, rows: Sequence[dict[str, Any]], missed: Sequence[str] = ()
) -> None:
    """Write the rows where --json asked for them; leave with status 1 if a limit was missed."""
    if options.json is not None:
        options.json.write_text(json.dumps(list(rows), indent=2) + "\n", encoding="utf-8")
    if missed:
        sys.exit("\n".join(["", *missed]))


def peak_memory_mib() -> float:
    """Largest resident memory of this process so far; nan where the system does not say."""
    # Not ru_maxrss: on Linux a child starts with its parent's.
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    for text in status.read_text(encoding="utf-8").splitlines():
        if text.startswith("VmHWM:"):
            return float(text.split()[1]) / 1024
    return float("nan")
