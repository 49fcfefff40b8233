"""The data of a study in any format that it can be had in: for the command line and the pages."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from jndlab.errors import DataError
from jndlab.export.csv_tables import write_csv_file
from jndlab.export.files import export_study
from jndlab.export.package.writing import SEED_IS_TOLD_IN
from jndlab.export.psych_ds import write_psych_ds
from jndlab.export.recruiter_ids import RECRUITER_IDS, recruiter_ids_in
from jndlab.export.snapshot import snapshot_of
from jndlab.files import replacing
from jndlab.store.deeds import EXPORTED, note_deed
from jndlab.store.engine import Store
from jndlab.store.studies import require_study
from jndlab.store.study_states import study_state
from jndlab.web.looks import note_download
from jndlab.web.packages import PackageOptions, analysis_tables, package_study

Written = list[tuple[Path, str]]
"""Each file, and what is in it."""


def export_as(
    store: Store,
    slug: str,
    folder: Path,
    *,
    file_format: str,
    options: PackageOptions,
    by: int | None = None,
) -> Written:
    """Write a study into a folder in a format: csv, jsonl, parquet, sav, psych-ds or package.

    Raises StudyUnknown, StoreError, MissingExtra, and DataError for options of another format.
    """
    if file_format != "package" and (options.with_seed or options.manifest):
        what = "--with-seed" if options.with_seed else "--manifest"
        raise DataError(f"{what} is for the data package only.", "Add: --format package")
    if options.anonymised and file_format == "package":
        raise DataError(
            "A data package cannot be anonymised: its plans are signed with whose they are.",
            "Choose another format, such as csv, parquet or psych-ds.",
        )
    note_download(store, slug, kinds=options.kinds, by=by)
    written = _write(store, slug, folder, file_format, options)
    if options.with_seed:
        note_seed(store, slug, by=by)
    note_export(
        store,
        slug,
        by=by,
        what=file_format,
        kinds=list(options.kinds),
        version=options.version,
        anonymised=options.anonymised,
        files={path.relative_to(folder).as_posix(): _sha256(path) for path, _ in written},
    )
    return written


def _write(
    store: Store, slug: str, folder: Path, file_format: str, options: PackageOptions
) -> Written:
    if file_format == "package":
        target = folder / f"{slug}-package.zip"
        n_rows = package_study(store, slug, target, options)
        said = f"{n_rows['trials']} trials of {n_rows['sessions']} sessions, and all about them"
        return [(target, said)]
    if file_format == "psych-ds":
        with snapshot_of(
            store,
            slug,
            kinds=options.kinds,
            version=options.version,
            anonymous=options.anonymised,
        ) as snapshot:
            name = f"{slug}-anonymised" if options.anonymised else slug
            return write_psych_ds(
                snapshot,
                folder / f"{name}-psych-ds",
                # The rules of exclusion need what browsers reported.
                tables=() if options.anonymised else analysis_tables(snapshot),
                licence=options.licence,
            )
    return export_study(
        store,
        slug,
        folder,
        file_format=file_format,
        kinds=options.kinds,
        version=options.version,
        anonymous=options.anonymised,
    )


def export_recruiter_ids(
    store: Store, slug: str, folder: Path, *, by: int | None = None
) -> tuple[Path, str]:
    """Write which recruiter's id each session has; it is noted who asked. Raises StudyUnknown."""
    path = folder / f"{slug}-recruiter-ids.csv"
    with snapshot_of(store, slug) as snapshot, replacing(path, mode=0o600) as temporary:
        n_rows = write_csv_file(RECRUITER_IDS, recruiter_ids_in(snapshot), temporary)
    note_recruiter_ids(store, slug, by=by, n_rows=n_rows)
    return path, f"{n_rows} {RECRUITER_IDS.holds}: keep it apart from the data"


def note_export(store: Store, slug: str, *, by: int | None, what: str, **detail: Any) -> None:
    """Note that data were given away, in the chain of the study: as what, and which files."""
    with store.write() as db:
        study_id = require_study(db, slug).id
        note_deed(db, EXPORTED, study_id=study_id, user_id=by, what=what, **detail)


def note_recruiter_ids(store: Store, slug: str, *, by: int | None, n_rows: int) -> None:
    """Note that the ids of recruiters were given out."""
    with store.write() as db:
        study_id = require_study(db, slug).id
        note_deed(db, "recruiter-ids-exported", study_id=study_id, user_id=by, n_ids=n_rows)


def note_seed(store: Store, slug: str, *, by: int | None) -> None:
    """Note that the seed was given out before the end, if it was."""
    with store.write() as db:
        study_id = require_study(db, slug).id
        if study_state(db, study_id) not in SEED_IS_TOLD_IN:
            note_deed(db, "seed-exported", study_id=study_id, user_id=by)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
