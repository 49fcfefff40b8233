"""A published enhancer over the axis of fraction bits: how far its output moves, and how fast.

    python benchmarks/dtln_fraction_bits.py --model A.onnx,B.onnx --noisy FOLDER [--items 4]

Renders the default levels of every item with the command's own renderer (the table), and 5
to 0 fraction bits without matching the loudness, then checks, with exit status 1 if one fails:

* over 5 to 0 bits the difference to the baseline's output grows by 6 ± 1.5 dB a bit, in the mean
  over the items at each bit and in the slope of each item;
* it grows with every bit for every item;
* the default levels take less than 60 s of CPU, with everything: enhancing, matching of loudness,
  PESQ and STOI where they are installed, writing.

Deterministic. Needs the extra ``onnx``; DTLN is at breizhn/DTLN (MIT licence).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from printing import show

from jndlab.compression.axis import WeightAxis
from jndlab.compression.models.choosing import load_weighted_model
from jndlab.compression.rendering import Rendered, render_axis
from jndlab.compression.seofp.axis import LEVELS, Seofp
from jndlab.compression.sources import ModelSource

BITS = (5.0, 4.0, 3.0, 2.0, 1.0, 0.0)
PER_BIT_DB, TOLERANCE_DB = 6.0, 1.5
CPU_SECONDS = 60.0


def main() -> None:
    options = _options()
    source = _source(options, LEVELS)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        axis = render_axis(source, Path(folder))
        seconds = time.process_time() - start
    with tempfile.TemporaryDirectory() as folder:
        # What the model gives: matching the loudness takes away that part of a difference which
        # is a gain, some 1.5 dB of it at 0 bits.
        bits = render_axis(_source(options, BITS), Path(folder), match_loudness=False, scores=False)
    rows = [_row(source.items, level, _distances(axis, level)) for level in LEVELS]
    show(rows)
    table = np.array([_distances(bits, level) for level in BITS])  # (bits, items)
    steps = -np.diff(table, axis=0)
    slopes = -np.polyfit(np.arange(len(BITS)), table, 1)[0]
    print(f"\nMean step per bit, dB, 5 to 0: {_list(steps.mean(axis=1))}")
    print(f"Slope of each item, dB per bit: {_list(slopes)}")
    print(f"Single steps from {steps.min():.1f} to {steps.max():.1f} dB")
    print(f"{len(LEVELS)} levels x {len(source.items)} items: {seconds:.1f} s of CPU")
    checks = {
        "6 ± 1.5 dB per bit in the mean over items": _within(steps.mean(axis=1)),
        "6 ± 1.5 dB per bit in the slope of each item": _within(slopes),
        "grows with every bit for every item": bool((steps > 0).all()),
        "default levels in less than 60 s of CPU": seconds < CPU_SECONDS,
    }
    for what, holds in checks.items():
        print(f"{'holds' if holds else 'FAILS'}: {what}")
    if options.json is not None:
        found = {"levels": rows, "steps_db": steps.tolist(), "cpu_seconds": seconds, **checks}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(not all(checks.values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True, help="as for the command: A.onnx,B.onnx")
    parser.add_argument("--noisy", type=Path, required=True, help="folder of noisy sounds")
    parser.add_argument("--items", type=int, default=4, help="how many of them")
    parser.add_argument("--rounding", default="nearest", help="nearest, eofp or chop")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


def _source(options: argparse.Namespace, levels: tuple[float, ...]) -> ModelSource:
    method = Seofp(rounding=options.rounding)
    axis = WeightAxis.of(load_weighted_model(options.model), method, levels)
    items = ModelSource(axis, options.noisy).items[: options.items]
    return ModelSource(axis, options.noisy, items)


def _distances(rendered: Rendered, level: float) -> list[float]:
    """Difference SNR of each item at a level, dB."""
    of_level = {one.item: one.distances for one in rendered.entries if one.level == level}
    return [float(of_level[item]["difference_snr_db"]) for item in sorted(of_level)]


def _row(items: tuple[str, ...], level: float, distances: list[float]) -> dict[str, Any]:
    cells = {item: f"{db:.1f}" for item, db in zip(sorted(items), distances, strict=True)}
    return {"fraction bits": f"{level:g}", **cells, "mean, dB": f"{np.mean(distances):.1f}"}


def _within(values: Any) -> bool:
    return bool((np.abs(np.asarray(values) - PER_BIT_DB) <= TOLERANCE_DB).all())


def _list(values: Any) -> str:
    return ", ".join(f"{value:.1f}" for value in values)


if __name__ == "__main__":
    main()
