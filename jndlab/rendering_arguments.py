"""Options of commands that render stimuli, and what is shown when they have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jndlab.console import Bar
from jndlab.model_arguments import Numbers

if TYPE_CHECKING:
    from jndlab.compression.rendering import Rendered
    from jndlab.compression.sources import Source

FOLDER = click.Path(path_type=Path, file_okay=False)
LEVELS_OPTION = click.option(
    "--levels", type=Numbers(), help="Such as 5,3,1. [default: from inaudible to obvious]"
)
THOSE_THERE_OPTION = click.option(
    "--levels", type=Numbers(), help="Only these, such as 5,3,1. [default: all]"
)
"""Of commands that find their levels in a folder."""
OUTPUT_OPTIONS = (
    click.option("--output", type=FOLDER, required=True, help="Folder for the stimuli."),
    click.option(
        "--item", "items", multiple=True, help="Only this one; can be given several times."
    ),
    click.option(
        "--match-loudness/--no-match-loudness",
        default=True,
        show_default=True,
        help="Bring every version to its baseline's loudness by one factor.",
    ),
    click.option(
        "--scores/--no-scores", default=True, help="PESQ and STOI, where they are installed."
    ),
    click.option("--json", "as_json", is_flag=True, help="The outcome as JSON."),
)
"""Of every such command, as keywords for :class:`Output`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where the stimuli go, and how."""

    output: Path
    items: tuple[str, ...]
    match_loudness: bool
    scores: bool
    as_json: bool

    @property
    def wanted(self) -> tuple[str, ...] | None:
        return self.items or None


def render(source: Source, output: Output) -> None:
    from jndlab.compression.distances import missing_scores
    from jndlab.compression.rendering import count_steps, render_axis
    from jndlab.compression.summary import summary_json, summary_text

    with Bar("Rendering", count_steps(source), hidden=output.as_json) as step:
        rendered = render_axis(
            source,
            output.output,
            match_loudness=output.match_loudness,
            scores=output.scores,
            progress=step,
        )
    if output.as_json:
        click.echo(json.dumps(summary_json(source, rendered), indent=2))
        return
    click.echo(summary_text(source, rendered))
    if output.scores and missing_scores():
        click.echo(
            f"Not measured, since not installed: {', '.join(missing_scores())}. "
            'Install them with: pip install "jndlab[scores]"'
        )
    _say_next(rendered)


def _say_next(rendered: Rendered) -> None:
    click.echo(f"Wrote {rendered.manifest}")
    click.echo(f"Make a study of it:  jndlab new my-study --manifest {rendered.manifest}")
