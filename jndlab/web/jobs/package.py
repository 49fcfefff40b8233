"""The job that makes a data package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.store.models import StudyRow
from jndlab.web.packages import PackageOptions
from jndlab.web.study_export import export_as

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job


def run(job: Job) -> dict[str, Any]:
    """Options: with_seed, licence. Result: the file's name and what is in it."""
    with job.store.read() as db:
        slug = db.get_one(StudyRow, job.require_study_id()).slug
    options = PackageOptions(
        with_seed=bool(job.options.get("with_seed")), licence=job.options.get("licence", "")
    )
    [(path, holds)] = export_as(
        job.store,
        slug,
        job.folder,
        file_format="package",
        options=options,
        by=job.created_by,
    )
    return {"file": path.name, "holds": holds}
