"""The family over the number of groups: size and cost against quality, beside a seed twin.

    python benchmarks/group_communication.py [--quick] [--full] [--steps N] [--seed N] [--items N]
                                             [--folder FOLDER] [--json FILE]

Trains the grouped enhancer with K = 1, 2, 4, 8, 16 and 32 groups for the same number of steps from
the same seed, and K = 1 once more from another: the seed twin. Speech and noise are synthesised
(flite, eSpeak NG); test sentences are in no training, test voices are. The default of 300 steps is
a tenth of what the bundled enhancer has, and takes about ten minutes of one idle core: the networks
are far from their best, the large ones furthest. --full trains 20,000 steps each, on a GPU where
torch sees one. --folder keeps the networks there, and goes on with what it holds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from enhancer_scores import outputs_of, row, test_pairs
from printing import finish, show

from jndlab.compression.axis import Version
from jndlab.compression.family import load_family
from jndlab.compression.grouped.training import COURSE, train_groups
from jndlab.compression.training.synthesis import synthesise_pairs

STEPS, FULL_STEPS, QUICK_STEPS = 300, 20_000, 20
N_TRAINING, N_VALIDATION, SECONDS = 1000, 50, 3.0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_STEPS} steps, 4 items")
    parser.add_argument("--full", action="store_true", help=f"{FULL_STEPS:,} steps")
    parser.add_argument("--steps", type=int, help=f"of each network [default: {STEPS}]")
    parser.add_argument("--seed", type=int, default=1, help="the twin has the next one")
    parser.add_argument("--items", type=int, default=24, help="test sentences")
    parser.add_argument("--folder", type=Path, help="keep networks and speech here")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    return parser.parse_args()


def main() -> None:
    asked = options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        steps = asked.steps or (FULL_STEPS if asked.full else QUICK_STEPS if asked.quick else STEPS)
        device = "cuda" if asked.full and torch.cuda.is_available() else "cpu"
        train(folder, steps, asked.seed, device, 60 if asked.quick else N_TRAINING)
        rows = table(folder, 4 if asked.quick else asked.items)
    print(f"{steps} steps each on {device}, seed {asked.seed}, twin {asked.seed + 1}.")
    if not asked.full:
        print("Not trained to convergence (--full was not asked for).")
    show(rows)
    finish(asked, rows)


def train(folder: Path, steps: int, seed: int, device: str, n: int) -> None:
    speech = folder / "speech"
    train_groups(
        synthesise_pairs(n, SECONDS, 1, cache=speech),
        output=folder,
        seed=seed,
        twin_seed=seed + 1,
        course=replace(COURSE, steps=steps, device=device),
        validation=synthesise_pairs(N_VALIDATION, SECONDS, 2, held_out=True, cache=speech),
        progress=tell,
    )


def tell(name: str, step: int, steps: int, loss: float) -> None:
    if step % 50 == 0 or step == steps:
        print(f"{name}: step {step} of {steps}, loss {loss:.3f}", file=sys.stderr, flush=True)


def table(folder: Path, items: int) -> list[dict[str, Any]]:
    axis, pairs = load_family(folder), test_pairs(items, folder / "speech")
    noisy = [sound.astype(float) for sound in pairs.noisy]
    baseline = outputs_of(axis.baseline, pairs)
    size = axis.baseline.parameters.count
    blank = {"parameters": "", "x smaller": "", "MMACs per s": "", "CPU s": ""}
    rows = [
        {"network": "noisy input", **blank, **row(noisy, pairs, baseline)},
        {"network": "K = 1, baseline", **blank, "parameters": f"{size:,}"}
        | row(baseline, pairs, None),
    ]
    for level in axis.levels:
        version = axis.version(level)
        outputs = outputs_of(version.model, pairs)
        rows.append({**facts(version, size), **row(outputs, pairs, baseline)})
    return rows


def facts(version: Version, baseline_size: int) -> dict[str, Any]:
    operations = version.model.operations(64_000)
    count = version.parameters.count
    twin = ", seed twin" if version.origin == "seed-twin" else ""
    return {
        "network": f"K = {version.facts['groups']}{twin}",
        "parameters": f"{count:,}",
        "x smaller": f"{baseline_size / count:.1f}",
        "MMACs per s": f"{operations.per_second / 1e6:.1f}" if operations else "",
        "CPU s": f"{float(version.facts['cpu_seconds']):.0f}",
    }


if __name__ == "__main__":
    main()
