"""`jndlab import`: a study of another listening-test tool as a study folder."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.console import Bar
from jndlab.study.trials import TASKS

if TYPE_CHECKING:
    from jndlab.importing import Imported

FORMATS = ("webmushra", "reseval", "listen-and-rate", "beaqlejs")
"""As in the modules, which would take time to import."""


class VersionLevel(click.ParamType[tuple[str, tuple[str, float]]]):
    """A version with its condition and level."""

    name = "NAME=[CONDITION:]LEVEL"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, tuple[str, float]]:
        if isinstance(value, tuple):
            return value
        version, equals, place = str(value).rpartition("=")
        condition, _, number = place.rpartition(":")
        try:
            level = float(number)
        except ValueError:
            level = float("nan")
        if not equals or not version or level != level or abs(level) == float("inf"):
            self.fail(f"{value!r} is not like C1=opus:24.", param, ctx)
        return version, (condition, level)


@click.command(name="import")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(FORMATS), help="[default: found out]")
@click.option(
    "--sounds",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that paths of sounds begin at. [default: found out]",
)
@click.option("--baseline", help="The uncompressed version, where the source does not say it.")
@click.option(
    "--level",
    "levels",
    type=VersionLevel(),
    multiple=True,
    help="Level of a version, such as C1=opus:24. Can be given several times.",
)
@click.option("--unit", help="Unit of the levels, such as kbps.")
@click.option(
    "--paradigm",
    type=click.Choice(list(TASKS)),
    metavar="NAME",
    help=f"Trial type: {', '.join(TASKS)}. [default: as in the source]",
)
@click.option(
    "--compression",
    type=click.Choice(["rises", "falls"]),
    help="As the level's number grows. [default: measured from the sounds]",
)
@click.option("--take-ratings", is_flag=True, help="Take the sounds of rating tests, as pairs.")
@click.option("--link", is_flag=True, help="Link to the sounds instead of copying them.")
@click.option("--dry-run", is_flag=True, help="Tell what would be carried over, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="What was carried over and what not as JSON.")
def import_(
    source: Path,
    folder: Path,
    format_: Any,
    sounds: Path | None,
    levels: tuple[tuple[str, tuple[str, float]], ...],
    link: bool,
    dry_run: bool,
    as_json: bool,
    **known: Any,
) -> None:
    """Make a study in FOLDER from a study of another tool.

    SOURCE is a configuration of webMUSHRA, Listen and Rate, BeaqleJS or ReSEval, or the folder that
    holds it with its sounds. Whatever cannot be carried over is listed.
    """
    from jndlab.importing import ImportOptions, import_study, write_study

    options = ImportOptions(format=format_, sounds=sounds, levels=dict(levels), **known)
    imported = import_study(source, options)
    notes: tuple[str, ...] = ()
    path: Path | None = None
    if not dry_run:
        with Bar("Copying sounds", len(imported.clips), hidden=as_json) as step:
            path, notes = write_study(imported, folder, link=link, progress=step)
    if as_json:
        told = imported.to_dict()
        told["notes"] = [*told["notes"], *notes]
        told["study"] = None if path is None else str(path)
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    click.echo(import_text(imported, notes))
    if path is not None:
        click.echo(f"\nWrote {path}")
        click.echo(f"Look it over, then:  jndlab check {folder}  and  jndlab serve {folder}")


def import_text(imported: Imported, notes: tuple[str, ...] = ()) -> str:
    """What was carried over and what was not, for people."""
    from jndlab.importing.imported import FORMATS

    conditions = ", ".join(
        f"{one.name} ({', '.join(f'{level:g}' for level in one.levels)} {one.unit})"
        for one in imported.conditions
    )
    lines = [
        f"{imported.title}: {imported.paradigm}, from {FORMATS[imported.format]}",
        _indented(f"items: {len(imported.items)} ({_some(imported.items)})"),
        _indented(f"conditions: {conditions}"),
        "",
        f"Carried over ({len(imported.carried)}):",
    ]
    lines += [_indented(f"{one.what} -> {one.became} [{one.where}]") for one in imported.carried]
    lines += ["", f"Not carried over ({len(imported.not_carried)}):"]
    for left in imported.not_carried:
        lines.append(_indented(f"{left.what} [{left.where}]"))
        lines.append(_indented(f"{left.why} {left.remedy}".strip(), depth=6))
    if notes or imported.notes:
        lines += ["", "Look at:"]
        lines += [_indented(note) for note in (*imported.notes, *notes)]
    return "\n".join(lines)


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - 6
    return ", ".join(names[:6]) + (f" and {more} more" if more > 0 else "")


def _indented(text: str, depth: int = 2) -> str:
    space = " " * depth
    return textwrap.fill(
        text,
        98,
        initial_indent=space,
        subsequent_indent=f"{space}  ",
        break_on_hyphens=False,
        break_long_words=False,
    )
