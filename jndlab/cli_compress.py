"""`jndlab compress`: graded stimuli from a model and its compressed versions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.cli_pairs import gain, renders
from jndlab.cli_train import train
from jndlab.console import Bar
from jndlab.model_arguments import MODEL_OPTIONS, add_options, chosen_model
from jndlab.rendering_arguments import (
    FOLDER,
    LEVELS_OPTION,
    OUTPUT_OPTIONS,
    THOSE_THERE_OPTION,
    Output,
    render,
)

if TYPE_CHECKING:
    from jndlab.compression.axis import Method
    from jndlab.compression.model import WeightedModel


_noisy_option = click.option(
    "--noisy", type=FOLDER, required=True, help="Has ITEM.wav, the noisy sounds."
)
_SENSITIVITY_ITEMS = 4
_sensitivity_option = click.option(
    "--sensitivity",
    type=click.FloatRange(0, 120),
    metavar="DB",
    help="Ratios for each matrix by an analysis: as many zeros as leave the output, with all other "
    "matrices whole, DB decibels from the difference. [default: the same ratio for all]",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """Noisy sounds, the model that enhances them, and where its versions' outputs go."""

    noisy: Path
    levels: tuple[float, ...] | None
    model: WeightedModel
    output: Output

    @classmethod
    def of(cls, noisy: Path, levels: Any, options: dict[str, Any]) -> _Job:
        from jndlab.compression.models.choosing import describe_model

        output = Output(**{one.name: options.pop(one.name) for one in fields(Output)})
        model = chosen_model(**options)
        if not output.as_json:
            click.echo(describe_model(model))
        return cls(noisy=noisy, levels=levels, model=model, output=output)

    def render(self, method: Method) -> None:
        """All levels of a way to compress the weights."""
        from jndlab.compression.axis import WeightAxis
        from jndlab.compression.sources import ModelSource

        axis = WeightAxis.of(self.model, method, self.levels)
        render(ModelSource(axis, self.noisy, self.output.wanted), self.output)

    def ratios(self, sensitivity: float | None) -> dict[str, float]:
        """How much of each matrix may go, by a sensitivity analysis; empty without one."""
        if sensitivity is None:
            return {}
        from jndlab.audio.reading import find_clip
        from jndlab.compression.sources import choose_items, read_mono
        from jndlab.compression.sparse.sensitivity import (
            output_distance,
            pruning_sensitivity,
            tolerance_of,
        )
        from jndlab.compression.weights import is_matrix

        items = choose_items(self.noisy, self.output.wanted)[:_SENSITIVITY_ITEMS]
        sounds = [
            read_mono(find_clip(self.noisy, item), self.model.rate_hz).samples for item in items
        ]
        weights = self.model.weights
        n_matrices = sum(is_matrix(tensor) for tensor in weights.values())
        with Bar("Sensitivity", n_matrices, hidden=self.output.as_json) as step:
            found = pruning_sensitivity(
                weights,
                output_distance(self.model, sounds),
                tolerance=tolerance_of(sensitivity),
                progress=lambda name: step(),
            )
        return dict(found.chosen)


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
@add_options([_noisy_option, LEVELS_OPTION], MODEL_OPTIONS, OUTPUT_OPTIONS)
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

    _Job.of(noisy, levels, options).render(Seofp(rounding=rounding))


@compress.command()
@add_options([_noisy_option, LEVELS_OPTION, _sensitivity_option], MODEL_OPTIONS, OUTPUT_OPTIONS)
def prune(noisy: Path, levels: Any, sensitivity: float | None, **options: Any) -> None:
    """The smallest weights of every matrix set to zero (Tan and Wang).

    Levels are the share of zeros, 0 to 1.
    """
    from jndlab.compression.sparse.axis import Prune

    job = _Job.of(noisy, levels, options)
    job.render(Prune(ratios=job.ratios(sensitivity)))


@compress.command()
@add_options([_noisy_option, LEVELS_OPTION], MODEL_OPTIONS, OUTPUT_OPTIONS)
def cluster(noisy: Path, levels: Any, **options: Any) -> None:
    """The weights of every matrix replaced by those of a codebook (Tan and Wang).

    Levels are bits of an index: 4 are 16 codebook entries.
    """
    from jndlab.compression.sparse.axis import Cluster

    _Job.of(noisy, levels, options).render(Cluster())


@compress.command("prune-cluster")
@add_options([_noisy_option, LEVELS_OPTION, _sensitivity_option], MODEL_OPTIONS, OUTPUT_OPTIONS)
@click.option(
    "--clusters", type=click.IntRange(2, 65535), default=16, show_default=True, help="Codebook."
)
def prune_cluster(
    noisy: Path, levels: Any, sensitivity: float | None, clusters: int, **options: Any
) -> None:
    """Pruning and then clustering what is left, along one path (Tan and Wang).

    Levels are log2 of how many times smaller the model becomes: 3 is 8 times.
    """
    from jndlab.compression.sparse.axis import PruneCluster

    job = _Job.of(noisy, levels, options)
    job.render(PruneCluster(clusters=clusters, ratios=job.ratios(sensitivity)))


@compress.command()
@click.argument("folder", type=FOLDER)
@add_options([_noisy_option, THOSE_THERE_OPTION], OUTPUT_OPTIONS)
def family(folder: Path, noisy: Path, levels: Any, **output: Any) -> None:
    """Models that were trained one by one: FOLDER is what `jndlab compress train` wrote."""
    from jndlab.compression.family import load_family
    from jndlab.compression.sources import ModelSource

    chosen = Output(**output)
    axis = load_family(folder, levels=levels)
    render(ModelSource(axis, noisy, chosen.wanted), chosen)


for command in (gain, renders, train):
    compress.add_command(command)
