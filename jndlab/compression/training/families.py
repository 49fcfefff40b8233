"""Folders of trained models, filled one by one: what is there is kept, what is missing is trained.

Needs torch. An interrupted training goes on where it stopped, to the same weights: models that lie
in the folder are kept if they were trained as asked, and the one that was under way has a snapshot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from jndlab.compression.checkpoints import Checkpoint, load_checkpoint, write_checkpoint
from jndlab.compression.family import BASELINE_FILE, FamilyFacts, level_file, write_family
from jndlab.compression.training.course import Course
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.devices import require_device
from jndlab.compression.training.loop import Progress
from jndlab.compression.weights import weights_digest
from jndlab.errors import CompressionError
from jndlab.files import make_folder

TRAINED_AS = "trained_as"
"""Fact of a checkpoint that holds its identity, where its other facts do not tell it."""

Identity = Mapping[str, object]
"""What two trainings must share to be one and the same."""
Make = Callable[[Path], Checkpoint]
"""Trains a model; it may keep a snapshot of the training in the file named."""
MakeLevel = Callable[[float, Checkpoint, Progress | None, Path], Checkpoint]
"""The same from the level, the model of the level before (at first the baseline), and progress."""


@dataclass(frozen=True, slots=True)
class Network:
    """One of a family that is trained from random weights."""

    identity: Identity
    make: Make


def train_networks(
    output: Path, facts: FamilyFacts, networks: Mapping[str, Network], *, device: str
) -> list[Path]:
    """Train the networks into files of those names, and write family.json; the files, in order.

    Raises CompressionError for another family's folder, for models there that were trained
    otherwise, for a device that cannot be used, and if a training diverges.
    """
    require_device(device)
    for name, network in networks.items():
        if (output / name).exists():
            require_same(output / name, network.identity)
    make_folder(output)
    write_family(output, facts)
    for name, network in networks.items():
        keep_or_train(output / name, network.identity, network.make)
    return [output / name for name in networks]


def train_levels(
    output: Path,
    facts: FamilyFacts,
    baseline: Checkpoint,
    pairs: Pairs,
    levels: Sequence[float],
    make: MakeLevel,
    *,
    course: Course,
    identity: Identity,
    progress: Progress | None = None,
) -> list[Path]:
    """Train levels from one baseline, in that order, beside baseline.npz and family.json.

    ``identity`` is what tells the training from others but for baseline, data and course, which
    are added; it becomes part of the facts of each level. ``progress(step, steps, loss)`` counts
    over the levels still to be trained. Returns the levels' files. Raises as
    :func:`train_networks` does.
    """
    require_device(course.device)
    whole = {
        "baseline_digest": weights_digest(baseline.weights),
        "data_digest": pairs.digest,
        **course.identity(),
        **identity,
    }
    paths = {level: output / level_file(level) for level in levels}
    missing = [level for level, path in paths.items() if not path.exists()]
    for level in levels:
        if level not in missing:
            require_same(paths[level], whole)
    make_folder(output)
    write_family(output, facts)
    write_checkpoint(output / BASELINE_FILE, baseline)
    last = baseline
    for level, path in paths.items():
        told = None
        if progress is not None and level in missing:
            done = missing.index(level) * course.steps
            told = _shifted(progress, done, len(missing) * course.steps)
        last = keep_or_train(path, whole, partial(_level, make, level, last, told, whole))
    return list(paths.values())


def keep_or_train(path: Path, identity: Identity, make: Make) -> Checkpoint:
    """The model of a file, which is made and written if it is not there.

    Raises CompressionError for one that was trained otherwise.
    """
    if path.exists():
        return require_same(path, identity)
    key = hashlib.sha256(repr(sorted(identity.items())).encode()).hexdigest()[:8]
    snapshot = path.with_name(f"{path.stem}-{key}.partial")
    checkpoint = make(snapshot)
    write_checkpoint(path, checkpoint)
    snapshot.unlink(missing_ok=True)
    return checkpoint


def require_same(path: Path, identity: Identity) -> Checkpoint:
    """The checkpoint of a file. Raises CompressionError unless it was trained as ``identity``."""
    there = load_checkpoint(path)
    own = there.training.get(TRAINED_AS)
    facts = {**there.options, **there.training, **(own if isinstance(own, dict) else {})}
    remedy = "Name another folder, or remove the checkpoints of this one."
    for name, value in identity.items():
        if facts.get(name) == value:
            continue
        if name == "data_digest":
            raise CompressionError(
                f"{path} was trained on other sounds: {there.training.get('data')}.", remedy
            )
        raise CompressionError(
            f"{path} was trained otherwise: its {name} is {facts.get(name)}, not {value}.", remedy
        )
    return there


def _level(
    make: MakeLevel,
    level: float,
    last: Checkpoint,
    progress: Progress | None,
    identity: Identity,
    snapshot: Path,
) -> Checkpoint:
    made = make(level, last, progress, snapshot)
    return replace(made, training={**made.training, **identity, "level": level})


def _shifted(progress: Progress, done: int, total: int) -> Progress:
    return lambda step, _, loss: progress(done + step, total, loss)
