"""The job that looks at every sound of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.studies.drafts import write_draft_file
from jndlab.studies.gate import examine_study
from jndlab.study.study_file import load_study

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job


def run(job: Job) -> dict[str, Any]:
    """Result: how many pairs were looked at, and how many errors and warnings there are."""
    study_id = job.require_study_id()
    write_draft_file(job.store, job.settings, study_id)
    definition = load_study(job.settings.study_folder(study_id))
    job.progress(0, len(definition.stimuli.items))
    _, record = examine_study(job.settings, study_id, progress=job.step)
    return {
        "n_pairs": len(record.pairs),
        "n_errors": len(record.errors),
        "n_warnings": len(record.warnings),
    }
