"""`jndlab batch`: the reports on many data packages, by several processes or machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from jndlab.arguments import kind_option, scheduler_option
from jndlab.console import Bar
from jndlab.errors import DataError
from jndlab.settings import load_settings


@click.command()
@click.argument(
    "packages", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False)
)
@kind_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Folder to write into: a report named after each package. [default: here]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Processes of this machine. [default: as many as are worth it]",
)
@scheduler_option
@click.option("--json", "as_json", is_flag=True, help="What was found, for a machine.")
def batch(
    packages: tuple[Path, ...],
    kind: Any,
    output: Path,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Write the reports on many data PACKAGES, the zip files that jndlab export wrote.

    They are shared out among processes, or among the machines of a Dask cluster; each report is
    the one that jndlab report writes.
    """
    from jndlab.batches import report_packages
    from jndlab.files import write_atomically
    from jndlab.web.report_choice import ReportChoice

    _require_files(packages)
    reports = report_packages(
        packages,
        ReportChoice(kind=kind),
        workers=workers,
        scheduler=scheduler or load_settings().dask,
    )
    told, problems = [], []
    with Bar("Writing reports", len(packages), hidden=as_json) as step:
        for made in reports:
            step()
            if made.problem:
                problems.append(f"{made.name}: {made.problem} {made.remedy}")
            else:
                path = output / f"{made.name}-report.html"
                write_atomically(path, made.page.encode(), replace=True)
            told.append(
                {"package": made.name, "headlines": made.headlines, "problem": made.problem}
            )
    if as_json:
        click.echo(json.dumps(told, indent=1))
    else:
        for one in told:
            click.echo("\n  ".join([f"{one['package']}:", *one["headlines"]]))
    if problems:
        raise DataError(
            "Some packages have no report.\n" + "\n".join(problems),
            "The others were written; mend or leave out these.",
        )


def _require_files(packages: tuple[Path, ...]) -> None:
    for path in packages:
        if not path.is_file():
            raise DataError(f"There is no file {path}.", "Name the zip files of jndlab export.")
    names = [path.stem for path in packages]
    if twice := {name for name in names if names.count(name) > 1}:
        raise DataError(
            f"Several packages are called {', '.join(sorted(twice))}.",
            "Give their files different names: the reports are named after them.",
        )
