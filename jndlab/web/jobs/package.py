"""The jobs that give data away as one file, and that apply the rules of exclusion."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab.export.csv_tables import write_csv_file
from jndlab.export.package.archive import zip_files
from jndlab.export.snapshot import EXPORTED_KINDS, snapshot_of
from jndlab.store.deeds import EXCLUSIONS as EXCLUSIONS_LISTED
from jndlab.store.deeds import note_deed
from jndlab.store.models import StudyRow
from jndlab.web.packages import PackageOptions
from jndlab.web.study_export import export_as

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

SHOWN = 500
"""Most excluded sessions that the page lists; the file has all of them."""


def run(job: Job) -> dict[str, Any]:
    """Options: format, kinds, version, with_seed, licence. Result: the file and what it holds."""
    slug = _slug(job)
    file_format = job.options.get("format", "package")
    options = PackageOptions(
        kinds=job.options.get("kinds") or EXPORTED_KINDS,
        version=job.options.get("version"),
        with_seed=bool(job.options.get("with_seed")),
        licence=job.options.get("licence", ""),
        anonymised=bool(job.options.get("anonymised")),
    )
    with tempfile.TemporaryDirectory(dir=job.folder) as name:
        folder = Path(name)
        written = export_as(
            job.store, slug, folder, file_format=file_format, options=options, by=job.created_by
        )
        stem = f"{slug}-anonymised" if options.anonymised else slug
        target = job.folder / f"{stem}-{file_format}.zip"
        if file_format == "package":
            written[0][0].replace(target)
        else:
            names = sorted(path.relative_to(folder).as_posix() for path, _ in written)
            zip_files(folder, names, target)
    holds = written[0][1] if file_format == "package" else f"{len(written)} files"
    return {"file": target.name, "holds": holds, "n_bytes": target.stat().st_size}


def run_exclusions(job: Job) -> dict[str, Any]:
    """Options: kinds, version. Result: the file with all of them, and the first ones."""
    from jndlab.web.exclusions import EXCLUSIONS, exclusions_in

    slug = _slug(job)
    kinds = job.options.get("kinds") or EXPORTED_KINDS
    with snapshot_of(job.store, slug, kinds=kinds, version=job.options.get("version")) as snapshot:
        rows = list(exclusions_in(snapshot))
    target = job.folder / f"{slug}-exclusions.csv"
    write_csv_file(EXCLUSIONS, rows, target)
    with job.store.write() as db:
        note_deed(
            db,
            EXCLUSIONS_LISTED,
            study_id=job.require_study_id(),
            user_id=job.created_by,
            kinds=list(kinds),
            version=job.options.get("version"),
            n_sessions=sum(not row["trial"] for row in rows),
            n_trials=sum(bool(row["trial"]) for row in rows),
            sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
        )
    trials = Counter(
        (row["session_kind"], row["participant"], row["reason"]) for row in rows if row["trial"]
    )
    sessions = [
        {"kind": row["session_kind"], "participant": row["participant"], "reason": row["reason"]}
        for row in rows
        if not row["trial"]
    ]
    sessions += [
        {"kind": kind, "participant": number, "reason": reason, "n_trials": n_trials}
        for (kind, number, reason), n_trials in trials.items()
    ]
    shown = json.loads(json.dumps(sessions[:SHOWN]))
    return {"file": target.name, "shown": shown, "n_more": max(0, len(sessions) - SHOWN)}


def _slug(job: Job) -> str:
    with job.store.read() as db:
        return db.get_one(StudyRow, job.require_study_id()).slug
