"""`jndlab new`: a study file from folders of sounds, or from a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from jndlab.study.trials import TASKS, ProcedureName


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--baseline", type=click.Path(path_type=Path), help="Has ITEM.wav.")
@click.option(
    "--compressed",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Has LEVEL/ITEM.wav; its name becomes the condition's. Can be given several times.",
)
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Instead of folders: the manifest.csv that names all sounds, as `jndlab compress` writes.",
)
@click.option(
    "--paradigm",
    type=click.Choice(list(TASKS)),
    metavar="NAME",
    default="abx",
    show_default=True,
    help=f"Trial type: {', '.join(TASKS)}.",
)
@click.option(
    "--procedure",
    type=click.Choice(get_args(ProcedureName)),
    default="constant-stimuli",
    show_default=True,
    help="How levels are chosen: as listed, or from the answers.",
)
@click.option("--unit", help="Unit of the levels, such as 'fraction bits'.")
@click.option(
    "--compression",
    type=click.Choice(["rises", "falls"]),
    help="As the level's number grows. [default: from the manifest, or measured from the sounds]",
)
@click.option("--title", help="Title that participants see.")
def new(
    folder: Path,
    baseline: Path | None,
    compressed: tuple[Path, ...],
    manifest: Path | None,
    paradigm: Any,
    procedure: Any,
    unit: str | None,
    compression: Any,
    title: str | None,
) -> None:
    """Make a study in FOLDER from folders of sound files, or from a manifest."""
    from jndlab.studies import new_study

    if manifest is not None and (baseline is not None or compressed):
        raise click.UsageError("Give either --manifest, or --baseline and --compressed.")
    made = new_study(
        folder,
        baseline=baseline,
        compressed=compressed,
        manifest=manifest,
        paradigm=paradigm,
        procedure=procedure,
        unit=unit,
        compression=compression,
        title=title,
    )
    click.echo(f"Wrote {made.path}")
    for note in made.notes:
        click.echo(f"  {note}")
    click.echo(f"Look it over, then:  jndlab check {folder}  and  jndlab serve {folder}")
