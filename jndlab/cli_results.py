"""The command that writes the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.arguments import data_option, kind_option, open_data, slug_of
from jndlab.errors import DataError
from jndlab.settings import load_settings

if TYPE_CHECKING:
    from jndlab.web.report_choice import ReportChoice
    from jndlab.web.reports import StudyReport


_TABLES = (".csv", ".tsv", ".txt")
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
    """Write the report of STUDY as one self-contained HTML file.

    STUDY is a study folder, the slug of a launched study, or a data package: the zip file that
    jndlab export wrote, or the folder it was unpacked into.
    """
    from jndlab.files import write_atomically
    from jndlab.web.report_choice import ReportChoice, parse_changes, parse_version

    choice = ReportChoice(
        kind=kind,
        version=parse_version(version),
        condition=condition,
        include_pilot=include_pilot,
        changes=parse_changes(text.partition("=")[::2] for text in changes),
    )
    slug, made = _make(study, data, choice, manifest)
    path = output or Path(f"{slug}-{_FILE_NAMES[kind]}.html")
    write_atomically(path, made.page.encode(), replace=True)
    click.echo("\n".join([*made.headlines, f"Wrote {path}"]))
    if pdf is not None:
        from jndlab.analysis import render_pdf

        write_atomically(pdf, render_pdf(made.page), replace=True)
        click.echo(f"Wrote {pdf}")
    if files is not None:
        from jndlab.analysis import part_files

        for name, content in part_files(made.parts):
            (files / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(files / name, content, replace=True)
        click.echo(f"Wrote {files} (numbers and figures)")


def _make(
    study: str, data: Path | None, choice: ReportChoice, manifest: Path | None
) -> tuple[str, StudyReport]:
    """The slug of what STUDY means, and the report on it."""
    from jndlab.export.package.reading import is_package
    from jndlab.web.looks import note_look_by_command
    from jndlab.web.packages import report_on_package
    from jndlab.web.reports import make_chosen_report

    if study.lower().endswith(".zip") or is_package(Path(study)):
        return report_on_package(Path(study), choice, manifest=manifest)
    if study.lower().endswith(_TABLES) and Path(study).is_file():
        raise DataError(
            f"{study} is a table and no study.",
            f"For the report over trials of another program: jndlab report-trials {study}",
        )
    slug = slug_of(study)
    with open_data(load_settings(data=data)) as store:
        made = make_chosen_report(store, slug, choice, manifest=manifest)
        note_look_by_command(store, slug, kind=choice.kind)
        return slug, made
