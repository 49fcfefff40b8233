"""Putting a backup back: into an empty data folder, and into an empty database.

The database comes last. Until then there is nothing in the folder that a server would take for a
data folder with studies, and a restore that was cut off is begun anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from jndlab.backups.copying_files import DATABASE, copy_file, make_durable, read_sums
from jndlab.backups.database import close_for_good
from jndlab.backups.manifest import DATA, SUMS, Manifest, read_manifest
from jndlab.backups.verifying import TAKE_ANOTHER, require_database
from jndlab.clips import open_clips
from jndlab.errors import StoreError
from jndlab.files import disk_error, make_folder
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.moving import move_rows, require_empty

SCRATCH = ".restoring"
"""In the data folder while it is being restored."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back."""

    manifest: Manifest
    n_files: int
    n_tables: int
    n_rows: int


def restore_backup(backup: Path, settings: Settings, *, say: Say = lambda doing: None) -> Restored:
    """Put a backup back into the data folder and the database that the settings name.

    Both have to be empty. Every file is compared with its digest as it is copied, and every table
    of the database with what the server had. Raises StoreError.
    """
    manifest = read_manifest(backup)
    sums = read_sums(backup / SUMS)
    # First the database: where it is in use, nothing in the folder is what a restore has left.
    if settings.database_url:
        require_empty(settings)
    _require_empty_folder(settings.data)
    scratch = make_folder(settings.data / SCRATCH)
    try:
        say("Copying files")
        _copy(backup, scratch, sums)
        if settings.clips_url:
            _put_clips(settings, scratch / "clips")
        say("Comparing the database")
        there = Settings(data=scratch)
        n_tables, n_rows = require_database(there, manifest)
        say("Bringing its schema up to date")
        with closing(open_store(there, create=False)) as store:
            if settings.database_url:
                say("Filling the database")
                # Moved before the files are in place: with half of them a server would do harm.
                _place_files(scratch, settings.data)
                move_rows(store, replace(settings))
        if settings.database_url:
            (scratch / DATABASE).unlink()
        else:
            close_for_good(scratch / DATABASE)
            _place_files(scratch, settings.data)
            (scratch / DATABASE).replace(settings.database)
        make_durable(settings.data)
        shutil.rmtree(scratch)
    except OSError as error:
        raise disk_error(settings.data, error) from None
    return Restored(manifest=manifest, n_files=len(sums), n_tables=n_tables, n_rows=n_rows)


def _require_empty_folder(data: Path) -> None:
    """Raise StoreError if there is anything but what a restore that was cut off has left."""
    if not data.exists():
        return
    try:
        there = [path.name for path in data.iterdir()]
    except OSError as error:
        raise disk_error(data, error) from None
    if SCRATCH in there and DATABASE not in there:
        for path in data.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return
    if there:
        raise StoreError(
            f"{data} is not empty: {', '.join(sorted(there)[:5])}"
            f"{' and others' if len(there) > 5 else ''}.",
            "Stop the server and move the folder aside, or name a new one with --data.",
        )


def _copy(backup: Path, scratch: Path, sums: dict[str, str]) -> None:
    for name, digest in sums.items():
        source = backup / DATA / name
        found = copy_file(source, scratch / name)
        if found is None:
            raise StoreError(f"{source} is missing.", TAKE_ANOTHER)
        if found.digest != digest:
            raise StoreError(f"{source} has changed since the backup was made.", TAKE_ANOTHER)


def _put_clips(settings: Settings, folder: Path) -> None:
    """Clips go where the settings have them; those that are there already stay."""
    clips = open_clips(settings)
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*")}
    files = {name: path for name, path in paths.items() if path.is_file()}
    for name in clips.missing(files):
        clips.write(name, files[name].read_bytes())
    shutil.rmtree(folder, ignore_errors=True)


def _place_files(scratch: Path, data: Path) -> None:
    for path in sorted(scratch.iterdir()):
        if not path.name.startswith(DATABASE):
            path.replace(data / path.name)
