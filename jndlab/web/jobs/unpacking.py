"""The job that unpacks an archive of sounds and brings the study file up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.errors import ArchiveRefused
from jndlab.studies.settling import settle_sounds
from jndlab.studies.unpacking import unpack_sounds

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

MOST_NAMED = 5000


def run(job: Job) -> dict[str, Any]:
    """Options: name of the upload and baseline. Result: what became of each file.

    A refused archive is a result, too: it names every entry, which a message could not hold.
    """
    study_id = job.require_study_id()
    try:
        unpacked = unpack_sounds(
            job.store,
            job.settings,
            study_id,
            job.options["name"],
            baseline=job.options.get("baseline"),
            progress=job.progress,
        )
    except ArchiveRefused as error:
        refused = [list(entry) for entry in error.entries[:MOST_NAMED]]
        return {"refused": {"message": error.message, "remedy": error.remedy, "entries": refused}}
    notes: tuple[str, ...] = ()
    if unpacked.placed:
        settled = settle_sounds(
            job.store,
            job.settings,
            study_id,
            by=job.created_by,
            fresh=unpacked.placed,
            manifest=unpacked.manifest,
        )
        notes = settled.notes
    layout = unpacked.layout
    return {
        "n_placed": len(unpacked.placed),
        "left_out": [[left.path, left.reason] for left in layout.left_out],
        "notes": [*layout.notes, *notes],
        "candidates": [] if layout.is_sure else list(layout.candidates),
    }
