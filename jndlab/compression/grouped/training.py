"""Trains the family over the number of groups: one network for each level, and a seed twin.

Needs torch. An interrupted run goes on where it stopped, to the same weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.family import BASELINE_FILE, TWIN_LEVEL, FamilyFacts, level_file
from jndlab.compression.grouped.design import ARCHITECTURE, Design
from jndlab.compression.grouped.enhancer import GroupedEnhancer
from jndlab.compression.training.course import Course, FamilyProgress, require_other_seed
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.families import Network, train_networks
from jndlab.compression.training.loop import Progress, fresh, train
from jndlab.compression.training.saving import checkpoint_of
from jndlab.errors import CompressionError

GROUPS = (2, 4, 8, 16, 32)
COURSE = Course(steps=3500)
FACTS = FamilyFacts(
    name="groupcomm",
    unit="log2(groups)",
    compression="rises",
    rule="group communication (TAC); every level trained from random weights with the same seed",
)
"""Level and x are log2 of the number of groups: one step halves the width of a group, and divides
the size by about four. The number itself would put half of a fitted axis between 16 and 32."""


def train_groups(
    pairs: Pairs,
    *,
    output: Path,
    groups: Sequence[int] = GROUPS,
    width: int = 128,
    layers: int = 2,
    seed: int = 1,
    twin_seed: int | None = 2,
    course: Course = COURSE,
    validation: Pairs | None = None,
    progress: FamilyProgress | None = None,
) -> list[Path]:
    """Checkpoints of the whole family in ``output``, least compressed first, and family.json.

    ``baseline.npz`` is the network with one group, ``0.npz`` its twin from another seed (not made
    for ``twin_seed=None``), and LEVEL.npz the network with 2 to the power of LEVEL groups.
    Networks that lie there already are kept if they were trained as asked. Raises
    CompressionError for numbers of groups that do not divide the width, for networks there that
    were trained otherwise, and if a training diverges.
    """
    networks = {}
    for name, (design, own_seed) in _plan(groups, width, layers, seed, twin_seed).items():
        told = None if progress is None else partial(progress, Path(name).stem)
        make = partial(_trained, design, own_seed, course, pairs, validation, told)
        identity = {
            **design.options,
            "seed": own_seed,
            **course.identity(),
            "data_digest": pairs.digest,
        }
        networks[name] = Network(identity, make)
    return train_networks(output, FACTS, networks, device=course.device)


def level_of(groups: int) -> float:
    """Place of a network on the axis: log2 of its number of groups."""
    return math.log2(groups)


def _plan(
    groups: Sequence[int], width: int, layers: int, seed: int, twin_seed: int | None
) -> dict[str, tuple[Design, int]]:
    """Name of the file, and what is trained into it. Checked before the first is trained."""
    require_other_seed(seed, twin_seed)
    if not groups or 1 in groups or len(set(groups)) != len(groups):
        raise CompressionError(
            f"Levels of {', '.join(map(str, groups)) or 'no'} groups make no family.",
            "Name different numbers above 1; one group is the baseline.",
        )
    baseline = Design(groups=1, width=width, layers=layers)
    plan = {BASELINE_FILE: (baseline, seed)}
    if twin_seed is not None:
        plan[level_file(TWIN_LEVEL)] = (baseline, twin_seed)
    for number in sorted(groups):
        plan[level_file(level_of(number))] = (replace(baseline, groups=number), seed)
    return plan


def _trained(
    design: Design,
    seed: int,
    course: Course,
    pairs: Pairs,
    validation: Pairs | None,
    progress: Progress | None,
    snapshot: Path,
) -> Checkpoint:
    module = fresh(partial(GroupedEnhancer, design), seed)
    record = train(
        module,
        pairs,
        seed=seed,
        validation=validation,
        snapshot=snapshot,
        progress=progress,
        **course.options(),
    )
    return _described(checkpoint_of(module, ARCHITECTURE, design.options, record), design)


def _described(checkpoint: Checkpoint, design: Design) -> Checkpoint:
    """With its size beside the baseline's, for the model card."""
    baseline = replace(design, groups=1).n_parameters
    facts = {
        "groups": design.groups,
        "times_smaller": round(baseline / design.n_parameters, 2),
        "level": level_of(design.groups),
    }
    return replace(checkpoint, training={**checkpoint.training, **facts})
