"""The command that gives the data of a study away: as tables, or as one data package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from jndlab.arguments import data_option, open_data, slug_of
from jndlab.settings import load_settings

FORMATS = ("csv", "jsonl", "parquet", "sav", "psych-ds", "package")
KINDS = ("participant", "simulated", "pilot")


@click.command()
@click.argument("study")
@data_option
@click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    default="csv",
    show_default=True,
    help="csv, jsonl, parquet, sav (SPSS): a file for each table. psych-ds: a folder in that "
    "layout. package: one zip file with everything, from which jndlab report makes the report.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    help="Folder to write into. [default: here]",
)
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="Whose sessions; can be given several times. [default: all, each marked]",
)
@click.option("--licence", default="", help="Licence of the data, such as CC-BY-4.0, or its URL.")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file with sizes of the models and objective scores, to go into the package.",
)
@click.option(
    "--with-seed",
    is_flag=True,
    help="Put the seed into the package although the study is not closed. It tells the right "
    "answers of everybody who is still to come.",
)
@click.option(
    "--anonymised",
    is_flag=True,
    help="So that nobody is found again: new ids in a random order, no times of day, nothing that "
    "was typed into questionnaires, no reports of browsers. Not for the package.",
)
@click.option(
    "--with-recruiter-ids",
    is_flag=True,
    help="Write which recruiter's id each session belongs to into a file of its own. It names "
    "people: keep it apart from the data.",
)
def export(
    study: str,
    data: Path | None,
    file_format: str,
    output: Path,
    kinds: tuple[Any, ...],
    licence: str,
    manifest: Path | None,
    with_seed: bool,
    anonymised: bool,
    with_recruiter_ids: bool,
) -> None:
    """Write the data of STUDY: every table, with what each column means."""
    from jndlab.web.packages import PackageOptions
    from jndlab.web.study_export import export_as, export_recruiter_ids

    options = PackageOptions(
        kinds=kinds or KINDS,
        licence=licence,
        manifest=manifest,
        with_seed=with_seed,
        anonymised=anonymised,
    )
    with open_data(load_settings(data=data)) as store:
        slug = slug_of(study)
        written = export_as(store, slug, output, file_format=file_format, options=options)
        if with_recruiter_ids:
            written.append(export_recruiter_ids(store, slug, output))
    for path, what in written:
        click.echo(f"Wrote {path} ({what})")
