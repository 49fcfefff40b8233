"""Options of commands that train, and the sounds and the course of training that they come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.model_arguments import Numbers, add_options

if TYPE_CHECKING:
    from jndlab.compression.training.course import Course
    from jndlab.compression.training.data import Pairs

_FOLDER = click.Path(path_type=Path, file_okay=False)
_data_options = (
    click.option("--output", type=_FOLDER, required=True, help="Folder for the checkpoints."),
    click.option("--noisy", type=_FOLDER, help="Has ITEM.wav, noisy speech to train on."),
    click.option("--clean", type=_FOLDER, help="Has the same ITEM.wav, clean."),
    click.option(
        "--synthesise",
        type=click.IntRange(2, 100_000),
        default=800,
        show_default=True,
        help="Instead of recordings: so many synthetic sentences in noise (flite, eSpeak NG).",
    ),
    click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="First one."),
)


def _steps_option(usual: int) -> Any:
    text = f"Of training, for each level. [default: {usual:,}]"
    return click.option("--steps", type=click.IntRange(1), help=text)


_batch_options = (
    click.option("--batch-size", type=click.IntRange(1), help="Sounds in a step."),
    click.option("--clip-seconds", type=click.FloatRange(0.1), help="Of each sound in a step."),
)
_twin_option = click.option(
    "--twin-seed", type=click.IntRange(0), default=2, show_default=True, help="Of the seed twin."
)
_device_option = click.option(
    "--device", default="cpu", show_default=True, help="cpu, or cuda for a graphics card."
)
_checkpoint_option = click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What is compressed. [default: the bundled enhancer]",
)
_levels_option = click.option("--levels", type=Numbers(), help="[default: as without training]")
FINE_TUNING = (
    [_checkpoint_option, _levels_option, *_data_options, _steps_option(800)],
    [*_batch_options, _device_option],
)
"""Options of families that start from a trained model."""


def separate_training(usual_steps: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options of families that are trained from random weights."""
    return add_options(
        [*_data_options, _steps_option(usual_steps)], _batch_options, [_twin_option, _device_option]
    )


def training_pairs(options: dict[str, Any]) -> Pairs:
    """Recordings where they are given, else synthetic sentences."""
    from jndlab.compression.training.data import load_pairs
    from jndlab.compression.training.synthesis import synthesise_pairs

    noisy, clean = options["noisy"], options["clean"]
    if (noisy is None) != (clean is None):
        raise click.UsageError("Give both --noisy and --clean, or neither.")
    if noisy is not None:
        return load_pairs(noisy, clean)
    n = options["synthesise"]
    with click.progressbar(length=n, label="Speaking", show_eta=True, width=30) as bar:
        return synthesise_pairs(n, progress=lambda done, _: bar.update(done - bar.pos))


def training_course(usual: Course, options: dict[str, Any]) -> Course:
    """The family's own course, but for what is told."""
    return replace(usual, device=options["device"], **told_of_course(options))


def told_of_course(options: dict[str, Any]) -> dict[str, Any]:
    """What the options say of a course of training; what they leave out is the family's own."""
    names = {"steps": "steps", "batch_size": "batch_size", "clip_seconds": "seconds"}
    return {name: options[option] for option, name in names.items() if options[option]}
