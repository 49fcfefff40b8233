"""What the benchmarks of error rates share: counting rejections, and the printed tables."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from printing import finish, peak_memory_mib, show

Floats = NDArray[np.float64]
Row = dict[str, Any]
ALPHA = 0.05
GIVEN = ("chance", "spread", "spread of differences", "correlation", "mean", "overdispersion")
"""Columns that describe a cell."""


@dataclass(frozen=True)
class Part:
    """One table: how it is filled with a number of studies, and what its rates are."""

    title: str
    simulate: Callable[[int, np.random.Generator], list[Row]]
    coverage: bool = False
    """Rates of intervals that hold the truth, not of errors."""


def rate_of(p_values: Sequence[float] | Floats) -> float:
    return float(np.mean(np.asarray(p_values) <= ALPHA))


def in_percent(row: Row, n_studies: int, *, coverage: bool) -> Row:
    """Rates as text, with a star where they are worse than stated."""
    slack = 2.0 * np.sqrt(ALPHA * (1.0 - ALPHA) / row.get("studies", n_studies))
    shown = {}
    for name, value in row.items():
        if not isinstance(value, float) or name in GIVEN:
            shown[name] = value
            continue
        worse = value < 1.0 - ALPHA - slack if coverage else value > ALPHA + slack
        shown[name] = f"{100 * value:.1f}{' *' if worse and 'finds' not in name else ''}"
    return shown


def run(options: argparse.Namespace, parts: Sequence[Part]) -> None:
    """Simulate, print and, where asked, write all parts."""
    n_studies = 1_000 if options.quick else 10_000
    rng = np.random.default_rng(options.seed)
    start = time.process_time()
    everything = []
    for part in parts:
        rows = part.simulate(n_studies, rng)
        everything += [{"part": part.title} | row for row in rows]
        names = list(dict.fromkeys(name for row in rows for name in row))
        shown = [in_percent(row, n_studies, coverage=part.coverage) for row in rows]
        print(f"\n{part.title}, %")
        show([{name: row.get(name, "") for name in names} for row in shown])
    print(
        f"\n{n_studies} studies a cell unless said otherwise, seed {options.seed}, "
        f"{time.process_time() - start:.0f} s of CPU, {peak_memory_mib():.0f} MiB"
    )
    finish(options, everything)
