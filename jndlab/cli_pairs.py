"""`jndlab compress gain` and `renders`: stimuli from sounds that exist already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from jndlab.model_arguments import Numbers, add_options
from jndlab.rendering_arguments import FOLDER, OUTPUT_OPTIONS, THOSE_THERE_OPTION, Output, render


@click.command()
@click.option("--baseline", type=FOLDER, required=True, help="Has ITEM.wav.")
@click.option("--compressed", type=FOLDER, required=True, help="Has ITEM.wav: one level.")
@click.option(
    "--levels",
    type=Numbers(),
    default="-24,-18,-12,-6,0,6",
    show_default=True,
    help="Gains of the difference, dB; 0 is the real one.",
)
@click.option("--name", default="gain", show_default=True, help="Of the condition.")
@add_options(OUTPUT_OPTIONS)
def gain(baseline: Path, compressed: Path, levels: Any, name: str, **output: Any) -> None:
    """The difference between two sounds made softer or louder: how much headroom is there?

    Works for any pair, from wherever it comes.
    """
    from jndlab.compression.renders import GainSource

    chosen = Output(**output)
    source = GainSource(
        baseline_folder=baseline,
        compressed_folder=compressed,
        wanted_levels=levels,
        name=name,
        wanted=chosen.wanted,
    )
    render(source, chosen)


@click.command()
@click.option("--baseline", type=FOLDER, required=True, help="Has ITEM.wav.")
@click.option("--compressed", type=FOLDER, required=True, help="Has LEVEL/ITEM.wav.")
@click.option("--unit", required=True, help="Unit of the levels, such as 'fraction bits'.")
@click.option(
    "--compression",
    type=click.Choice(["rises", "falls"]),
    required=True,
    help="As the level's number grows.",
)
@add_options([THOSE_THERE_OPTION], OUTPUT_OPTIONS)
def renders(
    baseline: Path, compressed: Path, unit: str, compression: Any, levels: Any, **output: Any
) -> None:
    """Sounds that were rendered elsewhere: copied, matched in loudness, measured."""
    from jndlab.audio.folders import condition_name
    from jndlab.compression.renders import RendersSource

    chosen = Output(**output)
    source = RendersSource(
        baseline_folder=baseline,
        folder=compressed,
        name=condition_name(compressed),
        unit=unit,
        compression=compression,
        wanted=chosen.wanted,
        wanted_levels=levels,
    )
    render(source, chosen)
