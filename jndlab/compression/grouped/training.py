"""Trains the family over the number of groups: one network for each level, and a seed twin.

Needs torch. An interrupted run goes on where it stopped, to the same weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from jndlab.compression.checkpoints import Checkpoint, load_checkpoint, write_checkpoint
from jndlab.compression.family import (
    BASELINE_FILE,
    TWIN_LEVEL,
    FamilyFacts,
    level_file,
    write_family,
)
from jndlab.compression.grouped.design import ARCHITECTURE, Design
from jndlab.compression.grouped.enhancer import GroupedEnhancer
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.loop import fresh, train
from jndlab.compression.training.saving import checkpoint_of
from jndlab.errors import CompressionError

GROUPS = (2, 4, 8, 16, 32)
STEPS = 3500
FACTS = FamilyFacts(
    name="groupcomm",
    unit="log2(groups)",
    compression="rises",
    rule="group communication (TAC); every level trained from random weights with the same seed",
)
"""Level and x are log2 of the number of groups: one step halves the width of a group, and divides
the size by about four. The number itself would put half of a fitted axis between 16 and 32."""

FamilyProgress = Callable[[str, int, int, float], None]
"""Name of the checkpoint, step, number of steps, loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How every network of a family is trained: all alike."""

    steps: int = STEPS
    batch_size: int = 16
    seconds: float = 2.0
    """Of each sound in a batch."""
    device: str = "cpu"


def train_groups(
    pairs: Pairs,
    *,
    output: Path,
    groups: Sequence[int] = GROUPS,
    width: int = 128,
    layers: int = 2,
    seed: int = 1,
    twin_seed: int | None = 2,
    course: Course | None = None,
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
    wanted = course or Course()
    plan = _plan(groups, width, layers, seed, twin_seed)
    paths = [output / name for name in plan]
    for path, (design, own_seed) in zip(paths, plan.values(), strict=True):
        if path.exists():
            _require_same(path, design, own_seed, wanted, pairs)
    output.mkdir(parents=True, exist_ok=True)
    for path, (design, own_seed) in zip(paths, plan.values(), strict=True):
        if not path.exists():
            _train(path, design, own_seed, wanted, pairs, validation, progress)
    write_family(output, FACTS)
    return paths


def level_of(groups: int) -> float:
    """Place of a network on the axis: log2 of its number of groups."""
    return math.log2(groups)


def _plan(
    groups: Sequence[int], width: int, layers: int, seed: int, twin_seed: int | None
) -> dict[str, tuple[Design, int]]:
    """Name of the file, and what is trained into it. Checked before the first is trained."""
    if twin_seed == seed:
        raise CompressionError(
            f"The seed twin would have the seed {seed} of the baseline: the same network twice.",
            "Give it another seed.",
        )
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


def _train(
    path: Path,
    design: Design,
    seed: int,
    course: Course,
    pairs: Pairs,
    validation: Pairs | None,
    progress: FamilyProgress | None,
) -> None:
    """Train one network and write it; a snapshot lies beside it until then."""
    snapshot = path.with_name(f"{path.stem}-{design.width}-{design.layers}.partial")
    module = fresh(partial(GroupedEnhancer, design), seed)
    record = train(
        module,
        pairs,
        steps=course.steps,
        seed=seed,
        batch_size=course.batch_size,
        seconds=course.seconds,
        validation=validation,
        snapshot=snapshot,
        progress=None if progress is None else partial(progress, path.stem),
        device=course.device,
    )
    trained = checkpoint_of(module, ARCHITECTURE, design.options, record)
    write_checkpoint(path, _described(trained, design))
    snapshot.unlink(missing_ok=True)


def _described(checkpoint: Checkpoint, design: Design) -> Checkpoint:
    """With its size beside the baseline's, for the model card."""
    baseline = replace(design, groups=1).n_parameters
    facts = {
        "groups": design.groups,
        "times_smaller": round(baseline / design.n_parameters, 2),
        "level": level_of(design.groups),
    }
    return replace(checkpoint, training={**checkpoint.training, **facts})


def _require_same(path: Path, design: Design, seed: int, course: Course, pairs: Pairs) -> None:
    there = load_checkpoint(path)
    found = {"architecture": there.architecture, **there.training, **there.options}
    wanted = {
        "architecture": ARCHITECTURE,
        **design.options,
        "seed": seed,
        "steps": course.steps,
        "batch_size": course.batch_size,
        "seconds": course.seconds,
    }
    for key, value in wanted.items():
        if found.get(key) != value:
            raise CompressionError(
                f"{path} was trained otherwise: its {key} is {found.get(key)}, not {value}.",
                "Name another folder, or remove the checkpoints of this one.",
            )
    if found.get("data_digest") != pairs.digest:
        raise CompressionError(
            f"{path} was trained on other sounds: {found.get('data')}.",
            "Name another folder, or remove the checkpoints of this one.",
        )
