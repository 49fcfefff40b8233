"""Making a backup of a data folder while its servers run.

The database is copied first, then the files. Whatever a row names was there before the row, and
clips never change, so that the files that are copied later hold all that the rows name; files that
came later are there as well and do no harm. Only a study that is deleted in between takes files
away too early: then everything is done once more.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from jndlab import __version__
from jndlab.backups.copying_files import (
    DATABASE,
    FileFacts,
    copy_file,
    digest_of_file,
    files_of,
    make_durable,
    write_sums,
)
from jndlab.backups.database import CopiedDatabase, copy_database
from jndlab.backups.manifest import (
    DATA,
    MANIFEST,
    SUMS,
    UNFINISHED,
    Manifest,
    all_backups,
    deployment_of,
    free_name,
    public_plan_key,
)
from jndlab.backups.verifying import Verified, verify_backup
from jndlab.clips import clip_name, open_clips
from jndlab.errors import StoreError
from jndlab.files import disk_error, hold_lock, make_folder
from jndlab.settings import Settings
from jndlab.store.engine import Store, connect_store

ATTEMPTS = 3
SPARE_BYTES = 64 * 1024 * 1024
"""So much stays free on the disk of the backups."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made, put back in a scratch folder, and found equal."""

    path: Path
    manifest: Manifest
    verified: Verified
    n_linked: int
    """Files that are shared with the backup before, as they have not changed since."""
    removed: tuple[Path, ...]
    """Older backups that were removed."""


def make_backup(
    settings: Settings, folder: Path, *, keep: int | None = None, say: Say = lambda doing: None
) -> Backup:
    """Back up a data folder, with its database, into a new folder inside ``folder``.

    The new folder gets its name when it is whole, on the disk, and verified; cut off before, it
    has another one and is removed by the next backup. ``keep``: how many of this data folder's
    backups are left then, the newest ones. Raises StoreError.
    """
    _require_apart(settings, folder)
    make_folder(folder)
    with _only_one(folder), closing(connect_store(settings)) as store:
        remove_unfinished(folder)
        before = next(iter(all_backups(folder, deployment=deployment_of(settings))), None)
        unfinished = folder / f"{UNFINISHED}backup"
        try:
            manifest, n_linked = _copy_all(store, settings, unfinished, before, say)
            say("Verifying")
            verified = verify_backup(unfinished, manifest, scratch=folder / f"{UNFINISHED}scratch")
            make_durable(unfinished)
            path = free_name(folder, verified.made_at)
            unfinished.rename(path)
        except OSError as error:
            raise disk_error(folder, error) from None
        finally:
            remove_unfinished(folder)
        removed = () if keep is None else remove_older(settings, folder, keep=keep)
    return Backup(
        path=path, manifest=manifest, verified=verified, n_linked=n_linked, removed=removed
    )


def remove_older(settings: Settings, folder: Path, *, keep: int) -> tuple[Path, ...]:
    """Remove the backups of this data folder but for the newest ``keep``; which they were."""
    older = all_backups(folder, deployment=deployment_of(settings))[max(1, keep) :]
    for path in older:
        # Renamed first: cut off in the middle, what is left of it looks like no backup.
        shutil.rmtree(path.rename(path.with_name(f"{UNFINISHED}{path.name}")), ignore_errors=True)
    return tuple(older)


def remove_unfinished(folder: Path) -> None:
    """Remove what backups that were cut off have left."""
    for path in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True)


def _copy_all(
    store: Store, settings: Settings, unfinished: Path, before: Path | None, say: Say
) -> tuple[Manifest, int]:
    for _ in range(ATTEMPTS):
        shutil.rmtree(unfinished, ignore_errors=True)
        data = make_folder(unfinished / DATA)
        unfinished.chmod(0o700)  # there are keys in it, and personal data
        _require_room(settings, data)
        say("Copying the database")
        copied = copy_database(store, data / DATABASE)
        say("Copying files")
        files, n_linked = _copy_files(settings, data, before)
        files += _copy_remote_clips(settings, data, before)
        missing = missing_clips(data)
        if not missing or not _were_deleted(store, missing):
            break
    manifest = _manifest(store, settings, copied, files, missing)
    write_sums(unfinished / SUMS, files)
    (unfinished / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return manifest, n_linked


def _copy_files(settings: Settings, data: Path, before: Path | None) -> tuple[list[FileFacts], int]:
    database = data / DATABASE
    files = [FileFacts(DATABASE, digest_of_file(database), database.stat().st_size)]
    n_linked = 0
    for name in files_of(settings.data):
        like = None if before is None else before / DATA / name
        found = copy_file(settings.data / name, data / name, like=like)
        if found is not None:
            files.append(FileFacts(name.as_posix(), found.digest, found.n_bytes))
            n_linked += (data / name).stat().st_nlink > 1
    return files, n_linked


def _copy_remote_clips(settings: Settings, data: Path, before: Path | None) -> list[FileFacts]:
    """Clips that lie in an object store come into the backup as files.

    What the backup before has is not fetched again: what has the same name is the same.
    """
    if not settings.clips_url:
        return []
    clips = open_clips(settings)
    files = []
    for name in sorted(clips.names()):
        path = data / "clips" / name
        make_folder(path.parent)
        like = None if before is None else before / DATA / "clips" / name
        if like is not None and like.is_file():
            copied = copy_file(like, path, like=like)
            if copied is not None:
                files.append(FileFacts(f"clips/{name}", copied.digest, copied.n_bytes))
                continue
        content = clips.read(name)
        if content is not None:  # else its study was deleted just now
            path.write_bytes(content)
            files.append(FileFacts(f"clips/{name}", digest_of_file(path), len(content)))
    return files


def missing_clips(data: Path) -> list[str]:
    """Digests of the clips that the database of a data folder names and that are not there."""
    with closing(sqlite3.connect(f"{(data / DATABASE).as_uri()}?mode=ro", uri=True)) as db:
        named = [str(clip) for (clip,) in db.execute("SELECT DISTINCT clip FROM stimuli")]
    return sorted(clip for clip in named if not (data / "clips" / clip_name(clip)).is_file())


def _were_deleted(store: Store, clips: list[str]) -> bool:
    """Whether a clip is named by nobody any more: its study was deleted meanwhile."""
    from sqlalchemy import text

    with store.read() as db:
        named = set(db.execute(text("SELECT DISTINCT clip FROM stimuli")).scalars())
    return not named.issuperset(clips)


def _manifest(
    store: Store,
    settings: Settings,
    copied: CopiedDatabase,
    files: list[FileFacts],
    missing: list[str],
) -> Manifest:
    return Manifest(
        made_at=copied.at.isoformat(timespec="milliseconds"),
        jndlab_version=__version__,
        schema=copied.schema,
        database=store.dialect,
        deployment=deployment_of(settings),
        plan_key=public_plan_key(settings.data),
        n_files=len(files),
        n_bytes=sum(file.n_bytes for file in files),
        missing_clips=tuple(missing),
        tables={name: (one.n_rows, one.digest) for name, one in copied.tables.items()},
    )


def _require_apart(settings: Settings, folder: Path) -> None:
    data = settings.data.resolve()
    if folder.resolve() == data or data in folder.resolve().parents:
        raise StoreError(
            f"{folder} lies inside the data folder: a backup there is lost with it.",
            "Name a folder elsewhere, best on another disk.",
        )


def _require_room(settings: Settings, data: Path) -> None:
    """The database is needed twice for a while: the copy, and the copy put back."""
    database = settings.database
    needed = SPARE_BYTES + (2 * database.stat().st_size if database.exists() else 0)
    free = shutil.disk_usage(data).free
    if free < needed:
        raise StoreError(
            f"There are {free // 2**20} MB free in {data.parents[1]}, and a backup needs at least "
            f"{needed // 2**20} MB.",
            "Free some space, or choose a folder on another disk.",
        )


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    with hold_lock(folder / ".backup.lock") as mine:
        if not mine:
            raise StoreError(f"Another backup to {folder} is being made.", "Wait until it is done.")
        yield
