"""The plain family: the small enhancer at graded widths, each trained from random weights.

What the cleverer families have to beat. Needs torch. An interrupted run goes on where it stopped,
to the same weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from jndlab.compression.checkpoints import load_checkpoint, write_checkpoint
from jndlab.compression.family import (
    BASELINE_FILE,
    TWIN_LEVEL,
    FamilyFacts,
    level_file,
    write_family,
)
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.recipe import STEPS, train_enhancer
from jndlab.errors import CompressionError

WIDTH = 128
WIDTHS = (64, 32, 16, 8)
FACTS = FamilyFacts(
    name="width",
    unit="log2(times narrower)",
    compression="rises",
    rule="narrower layers; every level trained from random weights with the same seed",
)
"""One level more halves the width of every layer, and divides the size by two to four."""

FamilyProgress = Callable[[str, int, int, float], None]
"""Name of the checkpoint, step, number of steps, loss."""


def train_widths(
    pairs: Pairs,
    *,
    output: Path,
    widths: Sequence[int] = WIDTHS,
    width: int = WIDTH,
    layers: int = 2,
    seed: int = 1,
    twin_seed: int | None = 2,
    steps: int = STEPS,
    validation: Pairs | None = None,
    progress: FamilyProgress | None = None,
) -> list[Path]:
    """Checkpoints of the whole family in ``output``, least compressed first, and family.json.

    ``baseline.npz`` has ``width`` units in each layer, ``0.npz`` is its twin from another seed
    (not made for ``twin_seed=None``), and LEVEL.npz has LEVEL halvings of the width. Networks
    that lie there already are kept if they were trained as asked. Raises CompressionError for
    widths that make no family, for networks there that were trained otherwise, and if a training
    diverges.
    """
    plan = _plan(widths, width, seed, twin_seed)
    paths = [output / name for name in plan]
    for path, (hidden, own_seed) in zip(paths, plan.values(), strict=True):
        if path.exists():
            _require_same(path, hidden, layers, own_seed, steps, pairs)
    for path, (hidden, own_seed) in zip(paths, plan.values(), strict=True):
        if path.exists():
            continue
        snapshot = path.with_suffix(".partial")
        checkpoint = train_enhancer(
            pairs,
            seed=own_seed,
            steps=steps,
            hidden=hidden,
            layers=layers,
            validation=validation,
            snapshot=snapshot,
            progress=None if progress is None else partial(progress, path.stem),
        )
        write_checkpoint(path, checkpoint)
        snapshot.unlink(missing_ok=True)
    write_family(output, FACTS)
    return paths


def level_of(hidden: int, width: int = WIDTH) -> float:
    """Place of a network on the axis: log2 of how much narrower than the baseline it is."""
    return math.log2(width / hidden)


def _plan(
    widths: Sequence[int], width: int, seed: int, twin_seed: int | None
) -> dict[str, tuple[int, int]]:
    """Name of each file, with width and seed of the network. Checked before any is trained."""
    if twin_seed == seed:
        raise CompressionError(
            f"The seed twin would have the seed {seed} of the baseline: the same network twice.",
            "Give it another seed.",
        )
    if not widths or len(set(widths)) != len(widths) or not 0 < min(widths) <= max(widths) < width:
        raise CompressionError(
            f"Widths of {', '.join(map(str, widths)) or 'no'} units make no family.",
            f"Name different widths below the baseline's {width}.",
        )
    plan = {BASELINE_FILE: (width, seed)}
    if twin_seed is not None:
        plan[level_file(TWIN_LEVEL)] = (width, twin_seed)
    for hidden in sorted(widths, reverse=True):
        plan[level_file(level_of(hidden, width))] = (hidden, seed)
    return plan


def _require_same(
    path: Path, hidden: int, layers: int, seed: int, steps: int, pairs: Pairs
) -> None:
    """Keep a network that is there only if it is the one that was asked for."""
    there = load_checkpoint(path)
    facts = {**there.options, **there.training}
    wanted = {
        "hidden": hidden,
        "layers": layers,
        "seed": seed,
        "steps": steps,
        "data_digest": pairs.digest,
    }
    wrong = [name for name, value in wanted.items() if facts.get(name) != value]
    if wrong:
        raise CompressionError(
            f"{path} was trained otherwise: {', '.join(wrong)} differ.",
            "Name another folder with --output, or remove the file to train it anew.",
        )
