"""The plain family: the small enhancer at graded widths, each trained from random weights.

What the cleverer families have to beat. Needs torch. An interrupted run goes on where it stopped,
to the same weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.family import BASELINE_FILE, TWIN_LEVEL, FamilyFacts, level_file
from jndlab.compression.training.course import Course, FamilyProgress, require_other_seed
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.families import Network, train_networks
from jndlab.compression.training.loop import Progress
from jndlab.compression.training.recipe import COURSE, train_enhancer
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


def train_widths(
    pairs: Pairs,
    *,
    output: Path,
    widths: Sequence[int] = WIDTHS,
    width: int = WIDTH,
    layers: int = 2,
    seed: int = 1,
    twin_seed: int | None = 2,
    course: Course = COURSE,
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
    networks = {}
    for name, (hidden, own_seed) in _plan(widths, width, seed, twin_seed).items():
        told = None if progress is None else partial(progress, Path(name).stem)
        make = partial(_trained, pairs, own_seed, hidden, layers, course, validation, told)
        identity = {
            "hidden": hidden,
            "layers": layers,
            "seed": own_seed,
            **course.identity(),
            "data_digest": pairs.digest,
        }
        networks[name] = Network(identity, make)
    return train_networks(output, FACTS, networks, device=course.device)


def _trained(
    pairs: Pairs,
    seed: int,
    hidden: int,
    layers: int,
    course: Course,
    validation: Pairs | None,
    progress: Progress | None,
    snapshot: Path,
) -> Checkpoint:
    return train_enhancer(
        pairs,
        seed=seed,
        course=course,
        hidden=hidden,
        layers=layers,
        validation=validation,
        snapshot=snapshot,
        progress=progress,
    )


def level_of(hidden: int, width: int = WIDTH) -> float:
    """Place of a network on the axis: log2 of how much narrower than the baseline it is."""
    return math.log2(width / hidden)


def _plan(
    widths: Sequence[int], width: int, seed: int, twin_seed: int | None
) -> dict[str, tuple[int, int]]:
    """Name of each file, with width and seed of the network. Checked before any is trained."""
    require_other_seed(seed, twin_seed)
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
