"""The job behind a look at the running result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.errors import DataError
from jndlab.export.snapshot import snapshot_of
from jndlab.export.tidy import trial_rows
from jndlab.export.tracks import tracks_in
from jndlab.store.models import StudyRow
from jndlab.web.live.running import running_result

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job


def run(job: Job) -> dict[str, Any]:
    """Options: kind and version (a number, or None for all). Result: what was to be seen then.

    Raises StudyUnknown for a version that does not exist, DataError without answers.
    """
    with job.store.read() as db:
        slug = db.get_one(StudyRow, job.require_study_id()).slug
    job.progress(0, 2)
    kinds, version = [job.options["kind"]], job.options["version"]
    with snapshot_of(job.store, slug, kinds=kinds, version=version) as snapshot:
        rows, tracks = list(trial_rows(snapshot)), list(tracks_in(snapshot))
    job.step()
    result = running_result(rows, tracks)
    if result.is_empty:
        raise DataError(
            "There is no answer to a test trial yet.", "Look again when the first ones have come."
        )
    return result.to_dict()
