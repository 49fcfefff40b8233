"""How certain a planned study will be: asked for by the design page, worked out by a job.

Simulating studies takes seconds of computing, which no participant should wait for. What was
worked out once for the same design is not worked out again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import JobRow
from jndlab.study.definition import StudyDefinition
from jndlab.study.texts import Texts
from jndlab.web.jobs.queue import start_job

KIND = "certainty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known already, or the job that will tell."""

    result: dict[str, Any] | None
    job: str | None


def ask_for_certainty(
    store: Store,
    settings: Settings,
    study_id: int,
    study: StudyDefinition,
    *,
    n_listeners: int,
    by: int | None,
) -> Asked:
    """The certainty of a design with so many listeners, or the job that works it out."""
    options = {"definition": _what_counts(study), "n_listeners": n_listeners}
    query = select(JobRow).where(
        JobRow.kind == KIND,
        JobRow.study_id == study_id,
        JobRow.options == json.dumps(options, sort_keys=True),
        JobRow.state == "done",
    )
    with store.read() as db:
        known = db.scalars(query.limit(1)).one_or_none()
    if known is not None:
        return Asked(result=json.loads(known.result), job=None)
    job = start_job(store, settings, KIND, study_id=study_id, by=by, options=options)
    return Asked(result=None, job=job)


def _what_counts(study: StudyDefinition) -> str:
    """The definition without what makes no difference to certainty."""
    plain = study.model_copy(
        update={
            "title": "Planned",
            "seed": 1,
            "texts": Texts(),
            "checks": None,
            "questionnaires": (),
            "examples": (),
            "language": None,
        }
    )
    return plain.to_json()
