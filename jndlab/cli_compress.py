"""`jndlab compress`: graded stimuli from a model and its compressed versions."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.cli_train import train
from jndlab.console import Bar
from jndlab.model_arguments import MODEL_OPTIONS, Numbers, add_options, chosen_model

if TYPE_CHECKING:
    from jndlab.compression.axis import Method
    from jndlab.compression.rendering import Rendered
    from jndlab.compression.sources import Source

_FOLDER = click.Path(path_type=Path, file_okay=False)


_output_options = (
    click.option("--output", type=_FOLDER, required=True, help="Folder for the stimuli."),
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
_noisy_option = click.option(
    "--noisy", type=_FOLDER, required=True, help="Has ITEM.wav, the noisy sounds."
)
_levels_option = click.option(
    "--levels", type=Numbers(), help="Such as 5,3,1. [default: from inaudible to obvious]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Output:
    """Where the stimuli go, and how."""

    output: Path
    items: tuple[str, ...]
    match_loudness: bool
    scores: bool
    as_json: bool

    @property
    def wanted(self) -> tuple[str, ...] | None:
        return self.items or None


@click.group(invoke_without_command=True)
@click.option("--published", is_flag=True, help="Check the published figures of the four families.")
@click.option("--json", "as_json", is_flag=True, help="With --published: as JSON.")
@click.pass_context
def compress(context: click.Context, published: bool, as_json: bool) -> None:
    """Render graded stimuli from a model and its compressed versions.

    Noisy sounds go in; out comes a folder with the baseline's output, that of every compressed
    version, and a manifest with sizes and distances. `jndlab new STUDY --manifest` makes a study
    of it.
    """
    if context.invoked_subcommand is not None:
        return
    if not published:
        click.echo(context.get_help())
        return
    from jndlab.compression.published import all_claims, claims_json, claims_text

    claims = all_claims()
    click.echo(claims_json(claims) if as_json else claims_text(claims))


@compress.command()
@add_options([_noisy_option, _levels_option], MODEL_OPTIONS, _output_options)
@click.option(
    "--rounding",
    type=click.Choice(["nearest", "eofp", "chop"]),
    default="nearest",
    show_default=True,
    help="Of the fraction; eofp: as published.",
)
def seofp(noisy: Path, levels: Any, rounding: Any, **options: Any) -> None:
    """Sign, exponent and fewer fraction bits of every weight (SEOFP-NET).

    Levels are fraction bits, 23 to 0, and go on below 0: -1 rounds weights to every second
    octave.
    """
    from jndlab.compression.seofp.axis import Seofp

    _render_method(Seofp(rounding=rounding), noisy, levels, options)


@compress.command()
@add_options([_noisy_option, _levels_option], MODEL_OPTIONS, _output_options)
def prune(noisy: Path, levels: Any, **options: Any) -> None:
    """The smallest weights of every matrix set to zero (Tan and Wang).

    Levels are the share of zeros, 0 to 1.
    """
    from jndlab.compression.sparse.axis import Prune

    _render_method(Prune(), noisy, levels, options)


@compress.command()
@add_options([_noisy_option, _levels_option], MODEL_OPTIONS, _output_options)
def cluster(noisy: Path, levels: Any, **options: Any) -> None:
    """The weights of every matrix replaced by those of a codebook (Tan and Wang).

    Levels are bits of an index: 4 are 16 codebook entries.
    """
    from jndlab.compression.sparse.axis import Cluster

    _render_method(Cluster(), noisy, levels, options)


@compress.command("prune-cluster")
@add_options([_noisy_option, _levels_option], MODEL_OPTIONS, _output_options)
@click.option(
    "--clusters", type=click.IntRange(2, 65536), default=16, show_default=True, help="Codebook."
)
def prune_cluster(noisy: Path, levels: Any, clusters: int, **options: Any) -> None:
    """Pruning and then clustering what is left, along one path (Tan and Wang).

    Levels are log2 of how many times smaller the model becomes: 3 is 8 times.
    """
    from jndlab.compression.sparse.axis import PruneCluster

    _render_method(PruneCluster(clusters=clusters), noisy, levels, options)


@compress.command()
@click.argument("folder", type=_FOLDER)
@add_options([_noisy_option, _levels_option], _output_options)
def family(folder: Path, noisy: Path, levels: Any, **output: Any) -> None:
    """Models that were trained one by one: FOLDER is what `jndlab compress train` wrote."""
    from jndlab.compression.family import load_family
    from jndlab.compression.sources import ModelSource

    chosen = _Output(**output)
    axis = load_family(folder, levels=levels)
    _render(ModelSource(axis, noisy, chosen.wanted), chosen)


@compress.command()
@click.option("--baseline", type=_FOLDER, required=True, help="Has ITEM.wav.")
@click.option("--compressed", type=_FOLDER, required=True, help="Has ITEM.wav: one level.")
@click.option(
    "--levels",
    type=Numbers(),
    default="-24,-18,-12,-6,0,6",
    show_default=True,
    help="Gains of the difference, dB; 0 is the real one.",
)
@click.option("--name", default="gain", show_default=True, help="Of the condition.")
@add_options(_output_options)
def gain(baseline: Path, compressed: Path, levels: Any, name: str, **output: Any) -> None:
    """The difference between two sounds made softer or louder: how much headroom is there?

    Works for any pair, from wherever it comes.
    """
    from jndlab.compression.renders import GainSource

    chosen = _Output(**output)
    source = GainSource(
        baseline_folder=baseline,
        compressed_folder=compressed,
        wanted_levels=levels,
        name=name,
        wanted=chosen.wanted,
    )
    _render(source, chosen)


@compress.command()
@click.option("--baseline", type=_FOLDER, required=True, help="Has ITEM.wav.")
@click.option("--compressed", type=_FOLDER, required=True, help="Has LEVEL/ITEM.wav.")
@click.option("--unit", required=True, help="Unit of the levels, such as 'fraction bits'.")
@click.option(
    "--compression",
    type=click.Choice(["rises", "falls"]),
    required=True,
    help="As the level's number grows.",
)
@add_options([_levels_option], _output_options)
def renders(
    baseline: Path, compressed: Path, unit: str, compression: Any, levels: Any, **output: Any
) -> None:
    """Sounds that were rendered elsewhere: copied, matched in loudness, measured."""
    from jndlab.audio.folders import condition_name
    from jndlab.compression.renders import RendersSource

    chosen = _Output(**output)
    source = RendersSource(
        baseline_folder=baseline,
        folder=compressed,
        name=condition_name(compressed),
        unit=unit,
        compression=compression,
        wanted=chosen.wanted,
        wanted_levels=levels,
    )
    _render(source, chosen)


def _render_method(method: Method, noisy: Path, levels: Any, options: dict[str, Any]) -> None:
    from jndlab.compression.axis import WeightAxis
    from jndlab.compression.models.choosing import describe_model
    from jndlab.compression.sources import ModelSource

    names = [one.name for one in fields(_Output)]
    output = _Output(**{name: options.pop(name) for name in names})
    axis = WeightAxis.of(chosen_model(**options), method, levels)
    if not output.as_json:
        click.echo(describe_model(axis.baseline))
    _render(ModelSource(axis, noisy, output.wanted), output)


def _render(source: Source, output: _Output) -> None:
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


compress.add_command(train)
