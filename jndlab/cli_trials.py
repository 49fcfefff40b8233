"""`jndlab report-trials`: the report over trials that another program wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.errors import DataError

if TYPE_CHECKING:
    from jndlab.analysis import AnalysisOptions, ForeignTrials

_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = "For example: --columns level=bits,correct=hit --paradigm abx --compression falls"
MAPPING_KEYS = ("columns", "paradigm", "compression", "unit")


@click.command(name="report-trials")
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "--columns",
    metavar="ROLE=NAME,...",
    multiple=True,
    help="Which column is what, such as item=utt,level=bits,correct=hit; NAME left empty: there is "
    "none. Columns with usual names are found.",
)
@click.option("--mapping", type=_FILE, help="YAML file with columns, paradigm, compression, unit.")
@click.option("--paradigm", help="The task: abx, two-interval, 3afc, ...")
@click.option(
    "--compression",
    type=click.Choice(["rises", "falls"]),
    help="Whether compression rises or falls as the level's number grows.",
)
@click.option("--unit", help="Unit of the levels. [default: level]")
@click.option("--sigmoid", default="norm", show_default=True, help="Form of the curve.")
@click.option("--target", type=float, help="Proportion correct of the JND. [default: 0.75]")
@click.option("--bound", type=float, help="Up to which a difference is none.")
@click.option(
    "--bound-on",
    type=click.Choice(["proportion_correct", "d_prime", "discriminators"]),
    default="proportion_correct",
    show_default=True,
    help="Scale of the bound.",
)
@click.option("--manifest", type=_FILE, help="CSV file with sizes of the models and scores.")
@click.option("--title", help="Title of the report. [default: name of the file]")
@click.option("--output", type=_FILE, help="File to write. [default: NAME-report.html]")
@click.option("--pdf", type=_FILE, help="Write the report as PDF, too. Needs the extra pdf.")
@click.option(
    "--files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for all numbers as JSON and all figures as SVG and PDF.",
)
@click.option("--dry-run", is_flag=True, help="Say how the table is read, analyse nothing.")
def report_trials(
    table: Path,
    columns: tuple[str, ...],
    mapping: Path | None,
    manifest: Path | None,
    title: str | None,
    output: Path | None,
    pdf: Path | None,
    files: Path | None,
    dry_run: bool,
    **choices: Any,
) -> None:
    """Write the report over the trials in TABLE, of a test that jndlab did not run.

    TABLE is any CSV file with one row per trial. The report is that of a study, and says that
    somebody else ran the test.
    """
    from jndlab.analysis import (
        analyse_foreign_trials,
        foreign_procedure,
        headline,
        load_foreign_trials,
        load_model_facts,
        render_report,
    )

    known = mapping_of(mapping) if mapping else {}
    told = {**known.get("columns", {}), **column_pairs(columns)}
    try:
        trials = load_foreign_trials(
            table,
            paradigm=choices["paradigm"] or known.get("paradigm"),
            compression=choices["compression"] or known.get("compression"),
            columns=told,
            level_unit=choices["unit"] or known.get("unit") or "level",
        )
    except DataError as error:
        if "does not tell" not in error.message:
            raise
        raise DataError(error.message, f"{error.remedy} {_OPTIONS}") from None
    click.echo(_reading_text(trials))
    if dry_run:
        return
    path = output or Path(f"{table.stem}-report.html")
    _require_other(table, path, pdf)
    analysis = analyse_foreign_trials(
        trials,
        options=_options(**choices),
        facts=None if manifest is None else load_model_facts(manifest),
    )
    page = render_report(
        analysis, title=title or trials.source, procedure=foreign_procedure(trials)
    )
    for condition in analysis.conditions:
        click.echo(f"{condition.condition}: {headline(condition)}")
    _write(analysis, page, path, pdf, files)


def column_pairs(parts: tuple[str, ...]) -> dict[str, str]:
    """{"item": "utt"} from ("item=utt,level=bits",)."""
    pairs = [pair for part in parts for pair in part.split(",") if pair.strip()]
    for pair in pairs:
        if "=" not in pair:
            raise DataError(f"{pair!r} is not like item=utt.", "Write ROLE=NAME, commas between.")
    return {role.strip(): name.strip() for role, _, name in (pair.partition("=") for pair in pairs)}


def mapping_of(path: Path) -> Mapping[str, Any]:
    """The mapping in a YAML file. StudyError: no YAML; DataError: not what it must be."""
    from jndlab.importing.documents import yaml_document

    data = yaml_document(path).data
    if not isinstance(data, dict) or set(data) - set(MAPPING_KEYS):
        raise DataError(
            f"{path.name} is no mapping of columns.",
            f"Its keys are {', '.join(MAPPING_KEYS)}; columns is a mapping of roles to names.",
        )
    columns = data.get("columns") or {}
    if not isinstance(columns, dict) or any(
        isinstance(one, dict | list) for one in columns.values()
    ):
        raise DataError(f"{path.name}: columns is no mapping.", "Write, below it: level: bits.")
    compression = data.get("compression")
    if compression not in (None, "rises", "falls"):
        raise DataError(f"compression cannot be {compression!r}.", "Write rises or falls.")
    told = {key: str(data[key]) for key in ("paradigm", "compression", "unit") if data.get(key)}
    names = {role: "" if name is None else str(name) for role, name in columns.items()}
    return {**told, "columns": names}


def _options(
    sigmoid: str, target: float | None, bound: float | None, bound_on: Any, **_: Any
) -> AnalysisOptions:
    from jndlab.analysis import AnalysisOptions

    chosen: dict[str, Any] = {"sigmoid": sigmoid, "equivalence_bound": bound, "bound_on": bound_on}
    if target is not None:
        chosen["target_probability"] = target
    return AnalysisOptions(**chosen)


def _reading_text(trials: ForeignTrials) -> str:
    found = ", ".join(f"{role} from {name}" for role, name in trials.columns.items())
    listeners = f"{len(trials.listeners)} listeners" if trials.listeners else "one listener"
    lines = [f"Read {trials.n_rows} trials of {listeners}: {found}."]
    return "\n".join([*lines, *(f"  {note}" for note in trials.notes)])


def _require_other(table: Path, *paths: Path | None) -> None:
    for path in paths:
        if path is not None and path.resolve() == table.resolve():
            raise DataError(f"{path} is the table itself.", "Name another file for the report.")


def _write(analysis: Any, page: str, path: Path, pdf: Path | None, files: Path | None) -> None:
    from jndlab.analysis import render_pdf, report_files
    from jndlab.files import write_atomically

    write_atomically(path, page.encode(), replace=True)
    click.echo(f"Wrote {path}")
    if pdf is not None:
        write_atomically(pdf, render_pdf(page), replace=True)
        click.echo(f"Wrote {pdf}")
    if files is not None:
        for name, content in report_files(analysis):
            (files / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(files / name, content, replace=True)
        click.echo(f"Wrote {files} (numbers and figures)")
