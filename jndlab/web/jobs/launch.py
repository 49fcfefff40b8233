"""The job that checks, renders and freezes a draft, and launches it unless for a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.studies.drafts import launch_draft, write_draft_file
from jndlab.studies.gate import examine_study, gate_of_launch, require_passed
from jndlab.study.study_file import load_study

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job


def run(job: Job) -> dict[str, Any]:
    """Options: target (preview, piloting, running) and note. Result: slug and version.

    Before participants come, every warning of the pair gate wants its written reason.
    """
    study_id = job.require_study_id()
    write_draft_file(job.store, job.settings, study_id)
    definition = load_study(job.settings.study_folder(study_id))
    job.progress(0, 2 * len(definition.stimuli.items))
    checked, _ = examine_study(job.settings, study_id, progress=job.step)
    with job.store.read() as db:
        gate = gate_of_launch(db, study_id, checked)
    if job.options["target"] != "preview":
        require_passed(gate)
    launched = launch_draft(
        job.store,
        job.settings,
        study_id,
        target=job.options["target"],
        note=job.options.get("note", ""),
        by=job.created_by,
        gate=gate.to_json(),
        checked=checked,
        progress=job.step,
    )
    return {"slug": launched.slug, "version": launched.version, "link": launched.link}
