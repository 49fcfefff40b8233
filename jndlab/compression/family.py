"""A folder of models that were trained one by one -> an axis.

``baseline.npz`` and one ``LEVEL.npz`` per level, each a checkpoint of its own, and ``family.json``
that says what the levels mean. Level 0 is the seed twin, where there is one: as large as the
baseline, trained alike, from another seed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from jndlab.audio.places import level_of
from jndlab.compression.axis import FamilyAxis, Origin, Version, order_levels
from jndlab.compression.checkpoints import ENDING, Checkpoint, load_checkpoint, model_of
from jndlab.compression.counts import Parameters, Storage, float_storage
from jndlab.errors import CompressionError
from jndlab.files import write_atomically
from jndlab.study.trials import Direction

FILE = "family.json"
BASELINE_FILE = f"baseline{ENDING}"
TWIN_LEVEL = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFacts:
    """What the levels of a family mean."""

    name: str
    unit: str
    compression: Direction
    rule: str
    origin: Origin = "separately-trained"


def write_family(folder: Path, facts: FamilyFacts) -> None:
    """Write family.json. Raises CompressionError for the folder of another family, StoreError."""
    if (folder / FILE).is_file() and (there := _facts(folder)).name != facts.name:
        raise CompressionError(
            f"{folder} holds another family: {there.name}, levels in {there.unit}.",
            "Name an empty folder.",
        )
    text = json.dumps(asdict(facts), indent=2, sort_keys=True, ensure_ascii=False)
    write_atomically(folder / FILE, f"{text}\n".encode(), replace=True)


def level_file(level: float) -> str:
    """Name of the checkpoint of a level."""
    return f"{level:.15g}{ENDING}"


def load_family(folder: Path, *, levels: Sequence[float] | None = None) -> FamilyAxis:
    """The axis in a folder; ``levels``: only these.

    Raises CompressionError for files that are missing or no checkpoints, MissingExtra where the
    architecture needs torch.
    """
    facts = _facts(folder)
    paths = {
        level: path
        for path in sorted(folder.glob(f"*{ENDING}"))
        if (level := level_of(path.stem)) is not None
    }
    for level in levels or ():
        if level not in paths:
            raise CompressionError(
                f"{folder} has no model of level {level:g}.",
                f"It has {', '.join(f'{one:g}' for one in sorted(paths)) or 'none'}.",
            )
    baseline = load_checkpoint(folder / BASELINE_FILE)
    wanted = order_levels(list(paths if levels is None else levels), facts.compression)
    return FamilyAxis(
        name=facts.name,
        unit=facts.unit,
        compression=facts.compression,
        origin=facts.origin,
        rule=facts.rule,
        baseline=model_of(baseline),
        baseline_seed=baseline.seed,
        versions={level: _version(level, load_checkpoint(paths[level]), facts) for level in wanted},
    )


def _version(level: float, checkpoint: Checkpoint, facts: FamilyFacts) -> Version:
    model = model_of(checkpoint)
    is_twin = level == TWIN_LEVEL and facts.origin == "separately-trained"
    return Version(
        level=level,
        model=model,
        storage=_storage(checkpoint),
        parameters=_parameters(checkpoint, model.parameters),
        seed=checkpoint.seed,
        origin="seed-twin" if is_twin else None,
        facts=_short_facts(checkpoint.training),
    )


def _storage(checkpoint: Checkpoint) -> Storage:
    """What the training says of its size; single precision where it says nothing."""
    bits = checkpoint.training.get("storage_bits")
    rule = checkpoint.training.get("storage_rule")
    if isinstance(bits, int) and isinstance(rule, str):
        return Storage(bits=bits, rule=rule)
    return float_storage(checkpoint.weights)


def _parameters(checkpoint: Checkpoint, all_of_them: Parameters) -> Parameters:
    nonzero = checkpoint.training.get("nonzero")
    if isinstance(nonzero, int):
        return Parameters(count=nonzero, rule="weights other than zero")
    return all_of_them


def _short_facts(training: Mapping[str, object]) -> dict[str, float | int | str]:
    """Those facts of a training that stand in one cell."""
    return {
        name: value
        for name, value in training.items()
        if isinstance(value, float | int | str) and not isinstance(value, bool)
    }


def _facts(folder: Path) -> FamilyFacts:
    try:
        known = json.loads((folder / FILE).read_text(encoding="utf-8"))
        facts = FamilyFacts(**known)
        if facts.compression not in get_args(Direction) or facts.origin not in get_args(Origin):
            raise ValueError
    except FileNotFoundError:
        raise CompressionError(
            f"{folder} has no {FILE}.",
            "Name a folder that a training has written: jndlab compress train --help",
        ) from None
    except (OSError, ValueError, TypeError):
        raise CompressionError(
            f"{folder / FILE} is damaged.", "Train the family again, or restore that file."
        ) from None
    return facts
