"""Students of MANNER with and without multi-view attention transfer, beside a seed twin.

    python benchmarks/attention_transfer.py [--full | --quick] [--steps N] [--seed N] [--items N]
                                            [--device DEVICE] [--noisy DIR --clean DIR]
                                            [--folder FOLDER] [--json FILE]

The default is a family small enough for a processor: a teacher of width 16 and depth 3, students of
depth 2. --full is the published size, MANNER-S with students of depth 3: it wants a GPU, days, and
recorded speech (--noisy, --clean); without these it takes the synthesised sentences. --quick only
shows that everything runs. --folder keeps the networks there, and goes on with what it holds.

--full was not run by the maintainers: they had no GPU at hand. No figure of the published size,
trained, is stated anywhere here.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from enhancer_scores import outputs_of, row, test_pairs
from printing import finish, show

from jndlab.compression.attention.design import Design
from jndlab.compression.attention.students import FOLDERS, Plan, train_students
from jndlab.compression.axis import Version
from jndlab.compression.family import load_family
from jndlab.compression.training.data import Pairs, load_pairs
from jndlab.compression.training.synthesis import synthesise_pairs

SMALL = Plan(
    baseline=Design(hidden=16, depth=3),
    students=tuple(Design(hidden=width, depth=2) for width in (16, 8, 4)),
    steps=300,
    batch_size=4,
    seconds=1.0,
    learning_rate=2e-3,
)
N_TRAINING, N_VALIDATION, SECONDS = 1000, 50, 3.0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="the published size")
    size.add_argument("--quick", action="store_true", help="5 steps, 2 items")
    parser.add_argument("--steps", type=int, help="of each network")
    parser.add_argument("--seed", type=int, default=1, help="the twin has the next one")
    parser.add_argument("--items", type=int, default=12, help="test sentences")
    parser.add_argument("--device", help="cpu, cuda [default: a GPU for --full, if there is one]")
    parser.add_argument("--noisy", type=Path, help="recordings to train on")
    parser.add_argument("--clean", type=Path, help="the same without noise")
    parser.add_argument("--folder", type=Path, help="keep networks and speech here")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    return parser.parse_args()


def main() -> None:
    asked = options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        plan = plan_of(asked)
        train_students(
            training_pairs(asked, folder / "speech"),
            folder,
            plan,
            transfer="both",
            validation=synthesise_pairs(
                2 if asked.quick else N_VALIDATION,
                SECONDS,
                2,
                held_out=True,
                cache=folder / "speech",
            ),
            progress=tell,
        )
        rows = table(folder, 2 if asked.quick else asked.items)
    print(f"{plan.steps} steps each on {plan.device}, seed {plan.seed}, twin {plan.twin_seed}.")
    if not asked.full:
        print("Far from convergence; networks much smaller than the published ones.")
    show(rows)
    finish(asked, rows)


def plan_of(asked: argparse.Namespace) -> Plan:
    base = Plan() if asked.full else SMALL
    device = "cuda" if asked.full and torch.cuda.is_available() else "cpu"
    return Plan(
        baseline=base.baseline,
        students=base.students,
        seed=asked.seed,
        twin_seed=asked.seed + 1,
        steps=asked.steps or (5 if asked.quick else base.steps),
        batch_size=base.batch_size,
        seconds=base.seconds,
        learning_rate=base.learning_rate,
        device=asked.device or device,
    )


def training_pairs(asked: argparse.Namespace, speech: Path) -> Pairs:
    if asked.noisy and asked.clean:
        return load_pairs(asked.noisy, asked.clean)
    return synthesise_pairs(12 if asked.quick else N_TRAINING, SECONDS, 1, cache=speech)


def tell(name: str, step: int, steps: int, loss: float) -> None:
    if step % 50 == 0 or step == steps:
        print(f"{name}: step {step} of {steps}, loss {loss:.3f}", file=sys.stderr, flush=True)


def table(folder: Path, items: int) -> list[dict[str, Any]]:
    pairs = test_pairs(items, folder / "speech")
    told = load_family(folder / FOLDERS["with"])
    baseline = outputs_of(told.baseline, pairs)
    size = told.baseline.parameters.count
    noisy = [sound.astype(float) for sound in pairs.noisy]
    rows = [
        {**cells("noisy input", "", None, size), **row(noisy, pairs, baseline)},
        {**cells(told.baseline.name, "", None, size), **row(baseline, pairs, None)},
    ]
    rows[-1]["parameters"] = f"{size:,}"
    for level in told.levels:
        for kind, name in FOLDERS.items():
            version = load_family(folder / name, levels=[level]).version(level)
            if version.origin == "seed-twin" and kind == "without":
                continue  # the same file
            transfer = "" if version.origin == "seed-twin" else kind
            outputs = outputs_of(version.model, pairs)
            rows.append(
                {
                    **cells(version.model.name, transfer, version, size),
                    **row(outputs, pairs, baseline),
                }
            )
    return rows


def cells(name: str, transfer: str, version: Version | None, size: int) -> dict[str, Any]:
    """What does not depend on the sounds."""
    facts = {"network": name, "transfer": transfer, "parameters": "", "x smaller": "", "CPU s": ""}
    if version is None:
        return facts
    count = version.parameters.count
    twin = ", seed twin" if version.origin == "seed-twin" else ""
    return facts | {
        "network": f"{name}{twin}",
        "parameters": f"{count:,}",
        "x smaller": f"{size / count:.1f}",
        "CPU s": f"{float(version.facts['cpu_seconds']):.0f}",
    }


if __name__ == "__main__":
    main()
