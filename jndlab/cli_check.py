"""``jndlab check``: what is wrong with a study and its sounds, and copies that are mended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jndlab.console import Bar, findings_json, findings_text
from jndlab.errors import AudioError

if TYPE_CHECKING:
    from jndlab.studies import CheckedStudy
    from jndlab.studies.mending import MendedStudy

MOST_SHOWN = 40
"""Of the files that were changed; mended.csv has all of them."""


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--fix",
    "output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write mended copies of all sounds, with a study file, into this new folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
def check(study: Path, output: Path | None, as_json: bool) -> None:
    """Explain what is wrong with a study and its sounds, if anything.

    With --fix, what can be mended without listening is mended in copies: delay, gain, polarity,
    offset, length, silence at the ends. The sounds of STUDY stay as they are. The copies are then
    checked in their turn, and what is left is told.
    """
    from jndlab.studies.mending import require_folder_for_mending

    if output is not None:
        require_folder_for_mending(study, output)
    checked = _look(study, hidden=as_json)
    if output is not None and _can_be_mended(checked):
        if not as_json:
            click.echo("\n".join(map(str, checked.findings)))
        mended = _mend(study, output, checked, hidden=as_json)
        if not as_json:
            click.echo(_mended_text(mended))
        study, checked = output, _look(output, hidden=as_json)
    elif output is not None and not as_json:
        click.echo("Nothing here can be mended by a program: no copies were written.")
    click.echo(findings_json(checked) if as_json else findings_text(checked))
    errors = sum(finding.severity == "error" for finding in checked.findings)
    if errors:
        count = "1 error" if errors == 1 else f"{errors} errors"
        raise AudioError(f"{count}: this study cannot be launched.", "Mend it, then check again.")
    if not as_json:
        click.echo(f"Ready to launch:  jndlab serve {study}")


def _look(study: Path, *, hidden: bool) -> CheckedStudy:
    from jndlab.studies import check_study
    from jndlab.study.study_file import load_study

    n_items = len(load_study(study).stimuli.items)
    with Bar("Reading sounds", n_items, hidden=hidden) as step:
        return check_study(study, progress=step)


def _can_be_mended(checked: CheckedStudy) -> bool:
    from jndlab.audio.mending import MENDABLE

    return any(finding.code in MENDABLE for finding in checked.findings)


def _mend(study: Path, output: Path, checked: CheckedStudy, *, hidden: bool) -> MendedStudy:
    from jndlab.studies.mending import mend_study

    with Bar("Mending sounds", len(checked.definition.stimuli.items), hidden=hidden) as step:
        return mend_study(study, output, progress=step)


def _mended_text(mended: MendedStudy) -> str:
    """What was done to each file, and what was not."""
    lines = [f"not mended: {one.path}: {one.left}" for one in mended.files if one.left]
    lines += [f"mended: {one.path}: {one.summary}" for one in mended.changed[:MOST_SHOWN]]
    n_changed = len(mended.changed)
    if n_changed > MOST_SHOWN:
        lines.append(f"and {n_changed - MOST_SHOWN} more")
    lines.append(
        f"{n_changed} of {len(mended.files)} sounds were changed in {mended.folder}; "
        "mended.csv says how. The others are plain copies."
    )
    return "\n".join(lines)
