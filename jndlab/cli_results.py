"""The commands that write results: the tidy table and the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from jndlab.arguments import data_option, kind_option, open_data, slug_of
from jndlab.settings import load_settings


@click.command()
@click.argument("study")
@data_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    help="Folder to write into. [default: here]",
)
def export(study: str, data: Path | None, output: Path) -> None:
    """Write the tidy table of STUDY as CSV, with its data dictionary."""
    from jndlab.export.files import export_study

    with open_data(load_settings(data=data)) as store:
        for path, what in export_study(store, slug_of(study), output):
            click.echo(f"Wrote {path} ({what})")


_FILE_NAMES = {"participant": "report", "simulated": "simulation", "pilot": "pilot"}


@click.command()
@click.argument("study")
@data_option
@kind_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write. [default: SLUG-report.html, SLUG-simulation.html or SLUG-pilot.html]",
)
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report as PDF, too. Needs the extra pdf.",
)
@click.option(
    "--files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for all numbers as JSON and all figures as SVG and PDF.",
)
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file with sizes of the models and objective scores: adds a model card.",
)
@click.option(
    "--version",
    "version",
    metavar="NUMBER|all",
    default="",
    help="Version of the study whose answers are reported. [default: the newest with answers]",
)
@click.option("--condition", help="The only condition to report. [default: all of them]")
@click.option(
    "--include-pilot", is_flag=True, help="Analyse the pilot together with those who count."
)
@click.option(
    "--set",
    "changes",
    metavar="KEY=VALUE",
    multiple=True,
    help="Another value of a key of the study file's section 'analysis', such as alpha=0.01. The "
    "report marks it as a departure from the plan. Can be given several times.",
)
def report(
    study: str,
    data: Path | None,
    kind: Any,
    output: Path | None,
    pdf: Path | None,
    files: Path | None,
    manifest: Path | None,
    version: str,
    condition: str | None,
    include_pilot: bool,
    changes: tuple[str, ...],
) -> None:
    """Write the report of STUDY as one self-contained HTML file."""
    from jndlab.files import write_atomically
    from jndlab.web.report_choice import ReportChoice, parse_changes, parse_version
    from jndlab.web.reports import make_chosen_report

    choice = ReportChoice(
        kind=kind,
        version=parse_version(version),
        condition=condition,
        include_pilot=include_pilot,
        changes=parse_changes(text.partition("=")[::2] for text in changes),
    )
    slug = slug_of(study)
    path = output or Path(f"{slug}-{_FILE_NAMES[kind]}.html")
    with open_data(load_settings(data=data)) as store:
        made = make_chosen_report(store, slug, choice, manifest=manifest)
    write_atomically(path, made.page.encode(), replace=True)
    click.echo("\n".join([*made.headlines, f"Wrote {path}"]))
    if pdf is not None:
        from jndlab.analysis import render_pdf

        write_atomically(pdf, render_pdf(made.page), replace=True)
        click.echo(f"Wrote {pdf}")
    if files is not None:
        from jndlab.analysis import report_files

        for name, content in report_files(made.analysis):
            (files / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(files / name, content, replace=True)
        click.echo(f"Wrote {files} (numbers and figures)")
