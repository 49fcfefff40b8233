"""Training with the projection per epoch, as published. Needs torch.

An epoch is trained in single precision; at its end **every** parameter is rounded in place, and
the next epoch starts from the rounded values (EOFP-QNN, Hsu et al. 2018). There is no
straight-through gradient and no copy in single precision beside. The model after the last epoch
is the rounded one. The authors start from random weights and train for as many epochs as without
rounding; :func:`train_seofp` starts every level from one trained baseline instead, so that levels
differ by the compression and not by the course of a whole training too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from jndlab.compression.axis import order_levels
from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.family import FamilyFacts
from jndlab.compression.seofp.axis import COMPRESSION, LEVELS, NAME, UNIT, Seofp
from jndlab.compression.seofp.format import Rounding
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.training.course import Course
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.families import train_levels
from jndlab.compression.training.loop import Progress, TrainingRecord, train
from jndlab.compression.training.modules import module_of
from jndlab.compression.training.saving import put_weights, weights_of

STEPS = 800
EPOCH_STEPS = 100
LEARNING_RATE = 1e-3
"""Half of what trains from random weights: the baseline is trained already."""
COURSE = Course(steps=STEPS, learning_rate=LEARNING_RATE)


def project(module: nn.Module, level: float, rounding: Rounding = "nearest") -> None:
    """Round all parameters and running statistics in place. Raises CompressionError."""
    number_format = NumberFormat.at(level)
    put_weights(module, number_format.round_all(weights_of(module), rounding))


def train_projected(
    module: nn.Module,
    pairs: Pairs,
    *,
    level: float,
    seed: int,
    steps: int = STEPS,
    rounding: Rounding = "nearest",
    epoch_steps: int = EPOCH_STEPS,
    learning_rate: float = LEARNING_RATE,
    **options: Any,
) -> TrainingRecord:
    """Train in place with a projection at the end of each epoch; ends with rounded weights.

    ``options`` go to :func:`jndlab.compression.training.loop.train`. Raises CompressionError for a
    level out of range and if the training diverges.
    """
    NumberFormat.at(level)  # before any work
    return train(
        module,
        pairs,
        steps=steps,
        seed=seed,
        epoch_steps=epoch_steps,
        learning_rate=learning_rate,
        after_epoch=lambda trained, _: project(trained, level, rounding),
        **options,
    )


def train_seofp(
    baseline: Checkpoint,
    pairs: Pairs,
    *,
    output: Path,
    seed: int,
    levels: Sequence[float] = LEVELS,
    course: Course = COURSE,
    rounding: Rounding = "nearest",
    epoch_steps: int = EPOCH_STEPS,
    validation: Pairs | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Fine-tune the baseline to each level and write baseline.npz, LEVEL.npz and family.json.

    A level whose file is there already from the same training is kept, so that an interrupted run
    continues. ``progress(step, steps, loss)`` counts over the levels still to be trained. Returns
    the levels' files, least compressed first. Raises CompressionError for levels out of range,
    for a folder with another training in it, and if a training diverges.
    """
    ordered = order_levels(levels, COMPRESSION)
    for level in ordered:
        NumberFormat.at(level)
    method = Seofp(rounding=rounding)

    def make(level: float, _: Checkpoint, told: Progress | None, snapshot: Path) -> Checkpoint:
        module = module_of(baseline)
        record = train_projected(
            module,
            pairs,
            level=level,
            seed=seed,
            rounding=rounding,
            epoch_steps=epoch_steps,
            validation=validation,
            snapshot=snapshot,
            progress=told,
            **course.options(),
        )
        return _trained(module, baseline, level, method, record)

    facts = FamilyFacts(
        name=f"{NAME}-trained",
        unit=UNIT,
        compression=COMPRESSION,
        rule=f"{method.rule}; projected at the end of each epoch of {epoch_steps} steps",
        origin="fine-tuned",
    )
    return train_levels(
        output,
        facts,
        baseline,
        pairs,
        ordered,
        make,
        course=course,
        identity={"seed": seed, "rounding": rounding, "epoch_steps": epoch_steps},
        progress=progress,
    )


def _trained(
    module: nn.Module,
    baseline: Checkpoint,
    level: float,
    method: Seofp,
    record: TrainingRecord,
) -> Checkpoint:
    weights = weights_of(module)
    compressed = method.compress(weights, level)  # already rounded: for size and facts only
    facts = {
        name: value for name, value in compressed.facts.items() if "signal-to-error" not in name
    }
    return Checkpoint(
        architecture=baseline.architecture,
        options=baseline.options,
        weights=weights,
        training={
            **record.facts(),
            **facts,
            "storage_bits": compressed.storage.bits,
            "storage_rule": compressed.storage.rule,
        },
    )
