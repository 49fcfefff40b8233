"""The job behind a look at the running result."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jndlab.errors import DataError
from jndlab.export.tidy import study_rows
from jndlab.store.models import StudyRow
from jndlab.store.studies import require_version
from jndlab.web.live.curve import running_curves

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job


def run(job: Job) -> dict[str, Any]:
    """Options: kind and version (a number, or None for all). Result: the curves of that moment."""
    kind, number = job.options["kind"], job.options["version"]
    with job.store.read() as db:
        slug = db.get_one(StudyRow, job.require_study_id()).slug
        digest = None
        if number is not None:
            digest = require_version(db, job.require_study_id(), number).digest
    job.progress(0, 2)
    rows = [
        row
        for row in study_rows(job.store, slug, kinds=[kind])
        if digest is None or row["study_digest"] == digest
    ]
    job.step()
    curves = running_curves(rows)
    if not curves:
        raise DataError(
            "There is no answer to a test trial yet.", "Look again when the first ones have come."
        )
    return {"curves": [asdict(curve) for curve in curves]}
