"""How long a study's personal data are kept: set by people, ended by the clock."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import UTC, date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jndlab.errors import RequestInvalid
from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.models import JobRow, StudyRow
from jndlab.store.retention import (
    KeptThen,
    erase_everything,
    erase_personal,
    retention_of,
    studies_whose_time_is_over,
    today_utc,
)
from jndlab.store.study_states import StudyState, set_study_state, study_state

MOST_YEARS = 100
WARNED_DAYS = 30
"""Days before the end from which the pages say that it is near."""
ENDED = "retention-ended"
_AFTER: dict[StudyState, StudyState] = {
    "piloting": "draft",
    "running": "closed",
    "paused": "closed",
}
"""Who takes no data any more takes no new personal ones either."""
_JOBS_WITH_DATA = ("package", "exclusions")
_JOBS_ABOUT_DATA = ("report", "report-pdf", "running-curve")


def set_retention(
    store: Store,
    study_id: int,
    until: date | None,
    then: KeptThen = "anonymise",
    *,
    by: int | None = None,
) -> None:
    """Say how long what is personal is kept; ``until`` None: for good. Raises RequestInvalid."""
    today = today_utc()
    if until is not None and not today <= until <= today.replace(year=today.year + MOST_YEARS):
        raise RequestInvalid(
            f"Data cannot be kept until {until.isoformat()}.",
            "Choose today or a later day, at most a hundred years from now.",
        )
    with store.write() as db:
        study = db.get_one(StudyRow, study_id)
        before = retention_of(study)
        if (before.until, before.then) == (until, then) and before.done_at is None:
            return
        study.keep_until = None if until is None else until.isoformat()
        study.kept_then = None if until is None else then
        study.kept_at = None
        note_deed(
            db,
            "retention-set",
            study_id=study_id,
            user_id=by,
            until=study.keep_until,
            then=study.kept_then,
            before=None if before.until is None else before.until.isoformat(),
        )


def end_retention(store: Store, settings: Settings, *, today: date | None = None) -> list[str]:
    """Anonymise or delete what has been kept for long enough; the slugs of these studies.

    Each study in a transaction of its own. Whoever still collects data is closed.
    """
    day = today or today_utc()
    with store.read() as db:
        due = [study.id for study in studies_whose_time_is_over(db, day)]
    return [slug for one in due if (slug := _end(store, settings, one, day)) is not None]


def _end(store: Store, settings: Settings, study_id: int, day: date) -> str | None:
    with store.write() as db:
        study = next((s for s in studies_whose_time_is_over(db, day) if s.id == study_id), None)
        if study is None:  # another server was faster, or somebody has changed the day
            return None
        slug, then = study.slug, retention_of(study).then
        now = datetime.now(UTC)
        _stop_collecting(db, study_id)
        if then == "delete":
            erased = {"n_sessions": erase_everything(db, study, now)}
        else:
            erased = asdict(erase_personal(db, study))
        db.get_one(StudyRow, study_id).kept_at = now
        note_deed(db, ENDED, study_id=study_id, then=then, **erased)
        jobs = _delete_jobs(db, study_id, everything=then == "delete")
    # Files go after the rows are gone for good: cut off here, they are only litter.
    folders = [settings.job_folder(job) for job in jobs]
    if then == "delete":
        folders.append(settings.data / "reports" / str(study_id))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return slug


def _stop_collecting(db: Session, study_id: int) -> None:
    state = study_state(db, study_id)
    after = _AFTER.get(state)
    if after is not None:
        note = "the time is over for which personal data are kept"
        set_study_state(db, study_id, after, note=note)
        note_deed(db, "state-changed", study_id=study_id, before=state, after=after, note=note)


def _delete_jobs(db: Session, study_id: int, *, everything: bool) -> list[str]:
    """Forget the files that were made of the data; the public ids of their jobs."""
    kinds = _JOBS_WITH_DATA + (_JOBS_ABOUT_DATA if everything else ())
    mine = (JobRow.study_id == study_id, JobRow.kind.in_(kinds))
    jobs = list(db.scalars(select(JobRow.public_id).where(*mine)))
    db.execute(delete(JobRow).where(*mine))
    return jobs
