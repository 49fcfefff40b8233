"""`jndlab fit`: a psychometric curve from levels and counts, wherever they come from."""

from __future__ import annotations

import hashlib
import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.errors import DataError

if TYPE_CHECKING:
    from jndlab.analysis import (
        ConditionAnalysis,
        ConditionComparison,
        ConfidenceInterval,
        CountsReport,
        CountsTable,
    )

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--paradigm", required=True, help="Sets the chance level: abx, 2afc, 3afc, ...")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="ROLE=NAME",
    help="Which column is what, such as level=snr. Can be given several times.",
)
@click.option("--sigmoid", default="norm", show_default=True, help="Form of the curve.")
@click.option(
    "--direction",
    type=click.Choice(["rises", "falls"]),
    default="rises",
    show_default=True,
    help="Of the proportion correct as the level's number grows.",
)
@click.option("--target", type=float, help="Proportion correct of the JND. [default: 0.75]")
@click.option("--bound", type=float, help="Up to which a difference is none.")
@click.option(
    "--bound-on",
    type=click.Choice(["proportion_correct", "d_prime", "discriminators"]),
    default="proportion_correct",
    show_default=True,
    help="Scale of the bound.",
)
@click.option("--unit", default="level", show_default=True, help="Unit of the levels.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of resamples.")
@click.option("--json", "as_json", is_flag=True, help="All numbers as JSON.")
@click.option("--html", type=_FILE, help="Write the report as one self-contained HTML file.")
@click.option("--pdf", type=_FILE, help="Write the report as PDF. Needs the extra pdf.")
@click.option("--title", help="Title of the report. [default: name of the file]")
@click.option(
    "--figures",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for all figures as SVG and PDF, and all numbers as JSON.",
)
def fit(
    table: Path,
    paradigm: str,
    columns: tuple[str, ...],
    direction: Any,
    unit: str,
    seed: int,
    as_json: bool,
    html: Path | None,
    pdf: Path | None,
    title: str | None,
    figures: Path | None,
    **choices: Any,
) -> None:
    """Fit a psychometric function to the levels and counts in TABLE.

    TABLE is a CSV file with columns for level, correct answers and trials, or with one row per
    trial; columns for listener and condition are used if they are there.
    """
    from jndlab.analysis import report_counts

    for path in (html, pdf):
        if path is not None and path.resolve() == table.resolve():
            raise DataError(f"{path} is the table itself.", "Name another file for the report.")
    read = _read(table, columns)
    report = report_counts(
        read,
        paradigm=paradigm,
        direction=direction,
        level_unit=unit.strip() or "level",
        seed=seed,
        options=_options(**choices),
        file_digest=hashlib.sha256(table.read_bytes()).hexdigest(),
    )
    click.echo(json.dumps(report.to_dict(), indent=1) if as_json else _text(report))
    if html is not None or pdf is not None:
        _write_page(report, html, pdf, title)
    if figures is not None:
        _write_files(report, figures)


def _read(table: Path, columns: tuple[str, ...]) -> CountsTable:
    from jndlab.analysis import load_counts

    try:
        return load_counts(table, columns=_columns(columns))
    except DataError as error:  # its remedy may be one for Python
        remedy = re.sub(r'columns=\{"(\w+)": "([^"]*)"\}', r"--column \1='\2'", error.remedy)
        raise DataError(error.message, remedy) from None


def _columns(pairs: tuple[str, ...]) -> dict[str, str] | None:
    """{"level": "snr"} from ("level=snr",)."""
    for pair in pairs:
        if "=" not in pair:
            raise click.BadParameter(f"{pair!r} is not like level=snr.", param_hint="--column")
    return {role: name for role, _, name in (pair.partition("=") for pair in pairs)} or None


def _options(sigmoid: str, target: float | None, bound: float | None, bound_on: Any) -> Any:
    from jndlab.analysis import AnalysisOptions

    chosen: dict[str, Any] = {"sigmoid": sigmoid, "equivalence_bound": bound, "bound_on": bound_on}
    if target is not None:
        chosen["target_probability"] = target
    return AnalysisOptions(**chosen)


def _text(report: CountsReport) -> str:
    table = report.table
    found = ", ".join(f"{name} in {column}" for name, column in table.columns.items())
    rows = f"{table.n_rows} row{'' if table.n_rows == 1 else 's'}"
    lines = [f"Read {rows}: {found}.", *table.notes]
    lines += [f"Note: {warning}" for warning in report.warnings]
    parts = [_condition_text(one) for one in report.conditions]
    parts += [_comparison_text(one) for one in report.comparisons]
    return "\n\n".join(["\n".join(lines), *parts])


def _condition_text(condition: ConditionAnalysis) -> str:
    from jndlab.analysis import headline

    lines = [f"{condition.condition}:"] if condition.condition else []
    lines.append(headline(condition))
    fit = condition.fit
    if fit is not None:
        for name in ("threshold", "width", "slope", "lapse_rate", "overdispersion"):
            interval = fit.interval(name)
            lines.append(f"  {name.replace('_', ' '):<15} {_value(fit.estimate(name), interval)}")
    for jnd in condition.jnds[1:]:
        lines.append(f"  {jnd.label}: {_value(jnd.threshold.value, jnd.threshold.interval)}")
    for row in condition.levels:
        if row.equivalence is not None:
            lines.append(f"  {row.level:g}: {row.equivalence.wording}")
    lines += [f"  note: {warning}" for warning in condition.warnings]
    return "\n".join(lines)


def _comparison_text(comparison: ConditionComparison) -> str:
    shifts = [
        f"{one.condition} against {one.reference}: the typical listener's thresholds differ by "
        f"{_value(one.estimate, one.interval)}"
        for one in comparison.shifts
    ]
    return f"{'; '.join(shifts)}, p = {comparison.p_value:.2g}."


def _value(value: float, interval: ConfidenceInterval) -> str:
    """With 4 digits, or as many as tell the ends of the interval apart."""
    digits, size = 4, max(abs(interval.low), abs(interval.high))
    if 0.0 < interval.length < size < math.inf:
        digits = min(15, max(4, 2 + math.ceil(math.log10(size / interval.length))))
    low, high = (f"{end:.{digits}g}" for end in (interval.low, interval.high))
    return f"{value:.{digits}g} ({low} to {high})"


def _write_page(
    report: CountsReport, html: Path | None, pdf: Path | None, title: str | None
) -> None:
    from jndlab.analysis import render_counts, render_pdf

    page = render_counts(report, title=title)
    if html is not None:
        _write(html, page.encode())
    if pdf is not None:
        _write(pdf, render_pdf(page))


def _write_files(report: CountsReport, folder: Path) -> None:
    from jndlab.analysis import counts_files
    from jndlab.files import write_atomically

    for name, content in counts_files(report):
        write_atomically(folder / name, content, replace=True)
    click.echo(f"Wrote {folder} (numbers and figures)", err=True)


def _write(path: Path, content: bytes) -> None:
    from jndlab.files import write_atomically

    write_atomically(path, content, replace=True)
    click.echo(f"Wrote {path}", err=True)
