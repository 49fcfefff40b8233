"""`jndlab compress train`: versions of a model that need training, as a folder of checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.console import TrainingBar
from jndlab.model_arguments import Numbers, add_options
from jndlab.training_arguments import (
    FINE_TUNING,
    separate_training,
    told_of_course,
    training_course,
    training_pairs,
)

if TYPE_CHECKING:
    from jndlab.compression.checkpoints import Checkpoint


@click.group()
def train() -> None:
    """Train compressed versions: a folder for `jndlab compress family`.

    Needs torch: pip install "jndlab[train]". A training that was interrupted goes on with the
    same command.
    """


@train.command()
@add_options(*FINE_TUNING)
@click.option(
    "--rounding",
    type=click.Choice(["nearest", "eofp", "chop"]),
    default="nearest",
    show_default=True,
    help="Of the fraction; eofp: as published.",
)
def seofp(
    checkpoint: Path | None, levels: Any, output: Path, seed: int, rounding: Any, **options: Any
) -> None:
    """Fine-tune with all weights rounded at the end of each epoch (SEOFP-NET)."""
    _require_torch()
    from jndlab.compression.seofp import training

    chosen = {"levels": levels} if levels else {}
    pairs = training_pairs(options)
    with TrainingBar() as progress:
        paths = training.train_seofp(
            _baseline(checkpoint),
            pairs,
            output=output,
            seed=seed,
            rounding=rounding,
            course=training_course(training.COURSE, options),
            progress=progress,
            **chosen,
        )
    _say_next(output, paths)


@train.command()
@add_options(*FINE_TUNING)
@click.option("--lasso", "lambda1", type=float, default=0.0, help="Penalty on single weights.")
@click.option("--group-lasso", "lambda2", type=float, default=0.0, help="Penalty on groups.")
def prune(checkpoint: Path | None, levels: Any, output: Path, **options: Any) -> None:
    """Prune step by step, and fine-tune what is left (Tan and Wang)."""
    _require_torch()
    from jndlab.compression.sparse.trained_levels import COURSE, Penalty, train_sparse

    chosen = {"levels": levels} if levels else {}
    pairs = training_pairs(options)
    with TrainingBar() as progress:
        paths = train_sparse(
            _baseline(checkpoint),
            pairs,
            output=output,
            seed=options["seed"],
            course=training_course(COURSE, options),
            penalty=Penalty(lambda1=options["lambda1"], lambda2=options["lambda2"]),
            progress=progress,
            **chosen,
        )
    _say_next(output, paths)


@train.command()
@add_options(*FINE_TUNING)
@click.option(
    "--start",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What is clustered, if not the baseline: a pruned checkpoint, whose zeros stay.",
)
def cluster(
    checkpoint: Path | None, levels: Any, output: Path, start: Path | None, **options: Any
) -> None:
    """Cluster the weights, and tune the codebooks (Tan and Wang)."""
    _require_torch()
    from jndlab.compression.checkpoints import load_checkpoint
    from jndlab.compression.sparse.trained_levels import COURSE, train_clustered

    chosen = {"levels": levels} if levels else {}
    pairs = training_pairs(options)
    with TrainingBar() as progress:
        paths = train_clustered(
            _baseline(checkpoint),
            pairs,
            output=output,
            start=None if start is None else load_checkpoint(start),
            seed=options["seed"],
            course=training_course(COURSE, options),
            progress=progress,
            **chosen,
        )
    _say_next(output, paths)


@train.command()
@separate_training(20_000)
@click.option("--hidden", type=click.IntRange(6), default=60, show_default=True, help="Baseline.")
@click.option("--depth", type=click.IntRange(1, 5), default=4, show_default=True, help="Baseline.")
@click.option("--widths", type=Numbers(), help="Of the students. [default: 48 to 8]")
@click.option("--student-depth", type=click.IntRange(1, 5), default=3, show_default=True)
@click.option("--beta", type=float, default=0.1, show_default=True, help="Weight of the transfer.")
@click.option(
    "--transfer",
    type=click.Choice(["with", "without", "both"]),
    default="with",
    show_default=True,
    help="Whether the teacher's attention is handed on; both: two folders to compare.",
)
def manner(
    output: Path,
    seed: int,
    twin_seed: int,
    hidden: int,
    depth: int,
    widths: Any,
    student_depth: int,
    beta: float,
    transfer: Any,
    **options: Any,
) -> None:
    """Students of MANNER, taught by its attention maps (MV-AT)."""
    _require_torch()
    from jndlab.compression.attention import students
    from jndlab.compression.attention.design import Design

    plan = students.Plan(
        baseline=Design(hidden=hidden, depth=depth),
        students=tuple(
            Design(hidden=int(width), depth=student_depth) for width in widths or students.WIDTHS
        ),
        seed=seed,
        twin_seed=twin_seed,
        beta=beta,
        device=options["device"],
        **told_of_course(options),
    )
    pairs = training_pairs(options)
    with TrainingBar(named=True) as progress:
        paths = students.train_students(pairs, output, plan, transfer=transfer, progress=progress)
    folders = sorted({path.parent for path in paths}) or [output]
    for folder in folders:
        _say_next(folder, [path for path in paths if path.parent == folder])


@train.command()
@separate_training(3500)
@click.option("--groups", type=Numbers(), help="Numbers of groups. [default: 2,4,8,16,32]")
@click.option("--width", type=click.IntRange(4), default=128, show_default=True)
def groupcomm(
    output: Path, seed: int, twin_seed: int, groups: Any, width: int, **options: Any
) -> None:
    """The small enhancer in ever more groups that share one network (GroupComm)."""
    _require_torch()
    from jndlab.compression.grouped import training

    pairs = training_pairs(options)
    with TrainingBar(named=True) as progress:
        paths = training.train_groups(
            pairs,
            output=output,
            groups=tuple(int(one) for one in groups or training.GROUPS),
            width=width,
            seed=seed,
            twin_seed=twin_seed,
            course=training_course(training.COURSE, options),
            progress=progress,
        )
    _say_next(output, paths)


@train.command()
@separate_training(3200)
@click.option("--widths", type=Numbers(), help="Units in a layer. [default: 64,32,16,8]")
def width(output: Path, seed: int, twin_seed: int, widths: Any, **options: Any) -> None:
    """The small enhancer at graded widths: what the cleverer families have to beat."""
    _require_torch()
    from jndlab.compression.training.recipe import COURSE
    from jndlab.compression.training.widths import WIDTHS, train_widths

    pairs = training_pairs(options)
    with TrainingBar(named=True) as progress:
        paths = train_widths(
            pairs,
            output=output,
            widths=tuple(int(one) for one in widths or WIDTHS),
            seed=seed,
            twin_seed=twin_seed,
            course=training_course(COURSE, options),
            progress=progress,
        )
    _say_next(output, paths)


def _require_torch() -> None:
    from jndlab.compression.extras import require

    require("torch")


def _baseline(path: Path | None) -> Checkpoint:
    from jndlab.compression.checkpoints import load_checkpoint
    from jndlab.compression.enhancer.bundled import bundled_checkpoint

    return bundled_checkpoint() if path is None else load_checkpoint(path)


def _say_next(folder: Path, paths: list[Path]) -> None:
    click.echo(f"Wrote {folder}: {', '.join(path.name for path in paths)}")
    click.echo(f"Render it:  jndlab compress family {folder} --noisy NOISY --output STIMULI")
