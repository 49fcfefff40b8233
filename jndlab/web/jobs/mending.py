"""The job that makes a copy of a study with its sounds mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.studies.drafts import write_draft_file
from jndlab.studies.mended_copy import make_mended_copy
from jndlab.study.study_file import load_study

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

MOST_TOLD = 200
"""Files whose treatment the page tells one by one."""


def run(job: Job) -> dict[str, Any]:
    """Result: slug of the copy, how many of how many files were changed, and what was done."""
    study_id = job.require_study_id()
    write_draft_file(job.store, job.settings, study_id)
    definition = load_study(job.settings.study_folder(study_id))
    job.progress(0, len(definition.stimuli.items))
    copy = make_mended_copy(
        job.store,
        job.settings,
        study_id,
        work=job.folder / "mended",
        by=job.created_by,
        progress=job.step,
    )
    told = [[one.path, one.summary or "plain copy", one.left] for one in copy.files]
    changed = [row for one, row in zip(copy.files, told, strict=True) if one.is_changed or one.left]
    return {
        "slug": copy.slug,
        "n_changed": sum(one.is_changed for one in copy.files),
        "n_files": len(copy.files),
        "told": changed[:MOST_TOLD],
    }
