"""``jndlab backup`` and ``jndlab restore``: a copy of everything, and everything from a copy."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.arguments import data_option
from jndlab.errors import ServerError
from jndlab.settings import load_settings

if TYPE_CHECKING:
    from jndlab.backups.making import Backup
    from jndlab.backups.manifest import Manifest


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@data_option
@click.option(
    "--keep",
    type=click.IntRange(1, 9999),
    help="Remove older backups of this data folder, but for so many. [default: remove none]",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Make none: verify one again, FOLDER being the backup itself.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def backup(
    folder: Path | None, data: Path | None, keep: int | None, verify: bool, as_json: bool
) -> None:
    """Back up everything while the server runs: database, sounds, working files and keys.

    Makes a new folder in FOLDER, by default in the one of $JNDLAB_BACKUP_TO. The copy is put back
    into a scratch folder, and every table compared, before the new folder gets its name: what is
    called jndlab-TIME is whole. It holds keys and personal data: keep it as safe as the server.
    """
    from jndlab.backups.making import make_backup
    from jndlab.backups.manifest import read_manifest
    from jndlab.backups.verifying import verify_again

    settings = load_settings(data=data)
    target = folder or (None if verify else settings.backup_to)
    if target is None:
        raise ServerError(
            "It is not said where the backup goes.",
            "Name a folder, best on another disk: jndlab backup FOLDER (or set JNDLAB_BACKUP_TO).",
        )
    if verify:
        manifest = read_manifest(target)
        verified = verify_again(target)
        content: dict[str, Any] = {"backup": str(target), "verified": asdict(verified)}
        lines = [_what(target, manifest), _read_again(verified), *_warned(verified.warnings)]
    else:
        made = make_backup(settings, target, keep=keep, say=_saying(as_json))
        content = {
            "backup": str(made.path),
            "verified": asdict(made.verified),
            "linked": made.n_linked,
            "removed": [str(path) for path in made.removed],
        }
        lines = _made(made)
    click.echo(json.dumps(content, indent=2, default=str) if as_json else "\n".join(lines))


@click.command()
@click.argument("backup", type=click.Path(path_type=Path, file_okay=False))
@data_option
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def restore(backup: Path, data: Path | None, as_json: bool) -> None:
    """Put BACKUP back into an empty data folder.

    With JNDLAB_DATABASE_URL its database goes into that one, which has to be empty too, whichever
    kind of database it was. Every file and every table is compared with what the backup says. What
    was stored after the backup is not in it; pages of participants that are open give the answers
    back that they still have.
    """
    from jndlab.backups.restoring import restore_backup

    settings = load_settings(data=data)
    restored = restore_backup(backup, settings, say=_saying(as_json))
    if as_json:
        content = {"data": str(settings.data), **asdict(restored)}
        click.echo(json.dumps(content, indent=2, default=str))
        return
    click.echo(
        f"{_what(backup, restored.manifest)}\n"
        f"Put back into {settings.data}: {restored.n_files} files, each with its digest; "
        f"{restored.n_rows} rows in {restored.n_tables} tables, equal to what was backed up.\n"
        f"Serve it with: jndlab serve --data {settings.data}"
    )


def _saying(as_json: bool) -> Any:
    return (lambda doing: None) if as_json else (lambda doing: click.echo(f"{doing} ...", err=True))


def _made(made: Backup) -> list[str]:
    lines = [_what(made.path, made.manifest), _read_again(made.verified)]
    if made.n_linked:
        lines.append(
            f"{made.n_linked} of the files have not changed and are shared with the backup before."
        )
    if made.removed:
        lines.append(f"Removed: {', '.join(path.name for path in made.removed)}")
    return [
        *lines,
        *_warned(made.verified.warnings),
        f"Put it back with: jndlab restore {made.path}",
    ]


def _what(path: Path, manifest: Manifest) -> str:
    n_rows = sum(n for n, _ in manifest.tables.values())
    return (
        f"{path}: the state of {manifest.made_at[:19].replace('T', ' ')} UTC, "
        f"{n_rows} rows ({manifest.database}), {manifest.n_files} files, "
        f"{manifest.n_bytes / 1e6:.1f} MB."
    )


def _read_again(verified: Any) -> str:
    return (
        f"Verified: the database was put back into a scratch folder, where {verified.n_tables} "
        f"tables with {verified.n_rows} rows equal the server's; {verified.n_files} files were "
        "read again and have their digests."
    )


def _warned(warnings: tuple[str, ...]) -> list[str]:
    return [f"Warning: {warning}" for warning in warnings]
