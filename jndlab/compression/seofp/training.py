"""Training with the projection per epoch, as published. Needs torch.

An epoch is trained in single precision; at its end **every** parameter is rounded in place, and
the next epoch starts from the rounded values (EOFP-QNN, Hsu et al. 2018). There is no
straight-through gradient and no copy in single precision beside. The model after the last epoch
is the rounded one. The authors start from random weights and train for as many epochs as without
rounding; :func:`train_seofp` starts every level from one trained baseline instead, so that levels
differ by the compression and not by the course of a whole training too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from jndlab.compression.axis import order_levels
from jndlab.compression.checkpoints import (
    Checkpoint,
    Option,
    load_checkpoint,
    write_checkpoint,
)
from jndlab.compression.family import BASELINE_FILE, FamilyFacts, level_file, write_family
from jndlab.compression.seofp.axis import COMPRESSION, LEVELS, NAME, UNIT, Seofp
from jndlab.compression.seofp.format import Rounding
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.gru_mask import GruMask
from jndlab.compression.training.loop import Progress, TrainingRecord, train
from jndlab.compression.training.saving import put_weights, weights_of
from jndlab.compression.weights import weights_digest
from jndlab.errors import CompressionError

STEPS = 800
EPOCH_STEPS = 100
LEARNING_RATE = 1e-3
"""Half of what trains from random weights: the baseline is trained already."""
_COURSE = ("batch_size", "seconds", "learning_rate")
"""Options of a training that tell it from another one, as its record names them."""


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


def module_of(checkpoint: Checkpoint) -> nn.Module:
    """The torch module of a checkpoint of the small enhancer, with its weights.

    Raises CompressionError for other architectures.
    """
    if checkpoint.architecture != "gru-mask":
        raise CompressionError(
            f"SEOFP training knows the architecture gru-mask, not {checkpoint.architecture!r}.",
            "Train a baseline with: jndlab compress train",
        )
    sizes: dict[str, Any] = dict(checkpoint.options)
    module = GruMask(**sizes)
    put_weights(module, checkpoint.weights)
    return module


def train_seofp(
    baseline: Checkpoint,
    pairs: Pairs,
    *,
    output: Path,
    seed: int,
    levels: Sequence[float] = LEVELS,
    steps: int = STEPS,
    rounding: Rounding = "nearest",
    epoch_steps: int = EPOCH_STEPS,
    module_from: Callable[[Checkpoint], nn.Module] = module_of,
    progress: Progress | None = None,
    **options: Any,
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
    origin: dict[str, Option] = {
        "baseline_digest": weights_digest(baseline.weights),
        "data_digest": pairs.digest,
        "seed": seed,
        "steps": steps,
        "rounding": rounding,
        "epoch_steps": epoch_steps,
        **{name: options[name] for name in _COURSE if name in options},
    }
    paths = {level: output / level_file(level) for level in ordered}
    missing = [level for level in ordered if not _is_there(paths[level], origin)]
    output.mkdir(parents=True, exist_ok=True)
    write_family(
        output,
        FamilyFacts(
            name=f"{NAME}-trained",
            unit=UNIT,
            compression=COMPRESSION,
            rule=f"{method.rule}; projected at the end of each epoch of {epoch_steps} steps",
            origin="fine-tuned",
        ),
    )
    write_checkpoint(output / BASELINE_FILE, baseline)
    for place, level in enumerate(missing):
        module = module_from(baseline)
        record = train_projected(
            module,
            pairs,
            level=level,
            seed=seed,
            steps=steps,
            rounding=rounding,
            epoch_steps=epoch_steps,
            progress=_shifted(progress, place * steps, len(missing) * steps),
            **options,
        )
        write_checkpoint(paths[level], _trained(module, baseline, level, method, record, origin))
    return list(paths.values())


def _trained(
    module: nn.Module,
    baseline: Checkpoint,
    level: float,
    method: Seofp,
    record: TrainingRecord,
    origin: dict[str, Option],
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
            **origin,
            "level": level,
            "storage_bits": compressed.storage.bits,
            "storage_rule": compressed.storage.rule,
        },
    )


def _is_there(path: Path, origin: dict[str, Option]) -> bool:
    if not path.exists():
        return False
    training = load_checkpoint(path).training
    for name, value in origin.items():
        if training.get(name) != value:
            raise CompressionError(
                f"{path} is from another training: its {name} is {training.get(name)!r}.",
                "Give an empty folder, or the same baseline, sounds, seed, steps and rounding.",
            )
    return True


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda step, _, loss: progress(done + step, total, loss)
