"""The jobs that write a whole study into an archive, and read one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.errors import ArchiveRefused, StudyError
from jndlab.store.models import StudyRow
from jndlab.studies.study_archive import read_study_archive, write_study_archive

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job


def run_write(job: Job) -> dict[str, Any]:
    """Result: name of the file."""
    study_id = job.require_study_id()
    with job.store.read() as db:
        slug = db.get_one(StudyRow, study_id).slug
    name = f"{slug}.jndlab.zip"
    write_study_archive(job.store, job.settings, study_id, job.folder / name, progress=job.progress)
    return {"file": name}


def run_read(job: Job) -> dict[str, Any]:
    """Options: name of the upload. Result: the study's short name, or what was refused."""
    try:
        slug = read_study_archive(
            job.store,
            job.settings,
            job.require_study_id(),
            job.options["name"],
            by=job.created_by,
            progress=job.progress,
        )
    except ArchiveRefused as error:
        entries = [list(entry) for entry in error.entries]
        return {"refused": {"message": error.message, "remedy": error.remedy, "entries": entries}}
    except StudyError as error:
        told = [[str(p.location or "study.yaml"), p.message] for p in error.problems]
        message = "The study file in the archive is wrong; nothing was taken."
        return {"refused": {"message": message, "remedy": "Mend it there.", "entries": told}}
    return {"slug": slug}
