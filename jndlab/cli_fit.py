"""`jndlab fit`: a psychometric curve from levels and counts, wherever they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jndlab.analysis import ConditionAnalysis


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
@click.option("--bound", type=float, help="Proportion correct up to which a difference is none.")
@click.option("--unit", default="level", show_default=True, help="Unit of the levels.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of resamples.")
@click.option("--json", "as_json", is_flag=True, help="All numbers as JSON.")
@click.option(
    "--figures",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the curves as SVG.",
)
def fit(
    table: Path,
    paradigm: str,
    columns: tuple[str, ...],
    direction: Any,
    unit: str,
    seed: int,
    as_json: bool,
    figures: Path | None,
    **choices: Any,
) -> None:
    """Fit a psychometric function to the levels and counts in TABLE.

    TABLE is a CSV file with columns for level, correct answers and trials, or with one row per
    trial; columns for listener and condition are used if they are there.
    """
    from jndlab.analysis import analyse_counts, load_counts, to_dict

    read = load_counts(table, columns=_columns(columns))
    conditions = analyse_counts(
        read,
        paradigm=paradigm,
        direction=direction,
        level_unit=unit,
        seed=seed,
        options=_options(**choices),
    )
    if as_json:
        click.echo(json.dumps(to_dict(conditions), indent=1))
    else:
        found = ", ".join(f"{name} in {column}" for name, column in read.columns.items())
        click.echo("\n".join([f"Read {read.n_rows} rows: {found}.", *read.notes]))
        for condition in conditions:
            click.echo("\n" + _text(condition))
    if figures is not None:
        _write_figures(conditions, figures)


def _columns(pairs: tuple[str, ...]) -> dict[str, str] | None:
    """{"level": "snr"} from ("level=snr",)."""
    for pair in pairs:
        if "=" not in pair:
            raise click.BadParameter(f"{pair!r} is not like level=snr.", param_hint="--column")
    return {role: name for role, _, name in (pair.partition("=") for pair in pairs)} or None


def _options(sigmoid: str, target: float | None, bound: float | None) -> Any:
    from jndlab.analysis import AnalysisOptions

    chosen: dict[str, Any] = {"sigmoid": sigmoid, "equivalence_bound": bound}
    if target is not None:
        chosen["target_probability"] = target
    return AnalysisOptions(**chosen)


def _text(condition: ConditionAnalysis) -> str:
    from jndlab.analysis import headline

    lines = [f"{condition.condition}:"] if condition.condition else []
    lines.append(headline(condition))
    fit = condition.fit
    if fit is not None:
        for name in ("threshold", "width", "slope", "lapse_rate", "overdispersion"):
            interval = fit.interval(name)
            value = f"{fit.estimate(name):.4g} ({interval.low:.4g} to {interval.high:.4g})"
            lines.append(f"  {name.replace('_', ' '):<15} {value}")
    for jnd in condition.jnds[1:]:
        interval = jnd.threshold.interval
        value = f"{jnd.threshold.value:.4g} ({interval.low:.4g} to {interval.high:.4g})"
        lines.append(f"  {jnd.label}: {value}")
    for row in condition.levels:
        if row.equivalence is not None:
            lines.append(f"  {row.level:g}: {row.equivalence.wording}")
    lines += [f"  note: {warning}" for warning in condition.warnings]
    return "\n".join(lines)


def _write_figures(conditions: tuple[ConditionAnalysis, ...], folder: Path) -> None:
    from jndlab.analysis import figure_to_svg, plot_psychometric
    from jndlab.files import write_atomically

    folder.mkdir(parents=True, exist_ok=True)
    for number, condition in enumerate(conditions, start=1):
        path = folder / f"curve-{number}.svg"
        write_atomically(path, figure_to_svg(plot_psychometric(condition)).encode(), replace=True)
        click.echo(f"Wrote {path}", err=True)
