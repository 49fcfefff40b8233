"""The list of studies."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from jndlab.store.models import StudyRow
from jndlab.store.retention import retention_of, today_utc
from jndlab.store.rights import studies_for
from jndlab.store.studies import definition_of, live_version, newest_version, progress_of
from jndlab.store.study_states import study_state
from jndlab.studies.retention import WARNED_DAYS
from jndlab.web.access import needs, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.task_choices import task_words
from jndlab.web.jobs.backup import scheduled_backups


@blueprint.get("/studies")
@needs("signed-in")
def studies() -> ResponseReturnValue:
    """Every study that the user has a part in, with its progress."""
    with store().read() as db:
        entries = [_entry(db, row) for row in studies_for(db, the_user())]
        is_told = the_user().is_admin and settings().backup_to is not None
        backups = scheduled_backups(db) if is_told else None
    archived = [entry for entry in entries if entry["state"] == "archived"]
    current = [entry for entry in entries if entry["state"] != "archived"]
    return render_template(
        "experimenter/studies.html", studies=current, archived=archived, backups=backups
    )


def _entry(db: Session, row: StudyRow) -> dict[str, object]:
    version = live_version(db, row.id) or newest_version(db, row.id)
    return {
        "slug": row.slug,
        "title": row.title,
        "state": study_state(db, row.id),
        "task": task_words(definition_of(version)) if version else None,
        "version": version.number if version else None,
        "created_at": row.created_at,
        "quota": row.quota,
        "progress": progress_of(db, row.id, kind="participant"),
        "simulated": progress_of(db, row.id, kind="simulated"),
        "data_end": _end_of_data(row),
    }


def _end_of_data(row: StudyRow) -> str | None:
    """The day until which the data are kept, once it is near."""
    retention = retention_of(row)
    days = retention.days_left(today_utc())
    if retention.until is None or days is None or days > WARNED_DAYS:
        return None
    return retention.until.isoformat()
