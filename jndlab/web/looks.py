"""Looks at the report while answers are still coming in: allowed, noted, and told by the report.

:mod:`jndlab.web.peeks` says them in a sentence, with the looks at the running result.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from jndlab.export.history import LOOK
from jndlab.store.answered import NOTHING, Answered, answered_by_version
from jndlab.store.deeds import REPORTED, deeds_of, detail_of, note_deed
from jndlab.store.engine import Store
from jndlab.store.models import StudyRow
from jndlab.store.studies import require_study
from jndlab.store.study_states import StudyState, study_state
from jndlab.study.trials import SessionKind
from jndlab.web.kept_reports import KeptReport
from jndlab.web.peeks import MAX_REASON

DATA = "the data"
COLLECTING: tuple[StudyState, ...] = ("running", "paused")


def is_look(state: StudyState, kind: SessionKind) -> bool:
    """Whether to see results of sessions of that kind is a look at data that are incomplete."""
    return kind == "participant" and state in COLLECTING


def note_look(
    store: Store, study_id: int, report: KeptReport, *, reason: str, by: int | None
) -> None:
    """Note that somebody looks at a report, and how much there is to see in it."""
    with store.write() as db:
        if not has_seen(db, study_id, report, by=by):
            _note(db, study_id, report.answered, reason, by=by, report=report.report_id)


def note_look_by_command(store: Store, slug: str, *, kind: SessionKind) -> None:
    """Note that a report was made on the command line, and whether answers were coming in."""
    with store.write() as db:
        study = db.query(StudyRow).filter_by(slug=slug).one()
        note_deed(db, REPORTED, study_id=study.id, kind=kind)
        if is_look(study_state(db, study.id), kind):
            counts = answered_by_version(db, study.id, kinds=[kind]).values()
            reason = "a report on the command line"
            _note(db, study.id, sum(counts, NOTHING), reason, by=None, report=None)


def note_download(store: Store, slug: str, *, kinds: Sequence[SessionKind], by: int | None) -> None:
    """Note that answers were taken away while more were coming in; whoever does it again before
    there are new ones learns nothing new. Raises StudyUnknown."""
    with store.write() as db:
        study = require_study(db, slug)
        if "participant" not in kinds or not is_look(study_state(db, study.id), "participant"):
            return
        answered = sum(answered_by_version(db, study.id, kinds=["participant"]).values(), NOTHING)
        known = any(
            row.user_id == by
            and detail_of(row).get("what") == DATA
            and detail_of(row).get("n_answers") == answered.n_answers
            for row in deeds_of(db, study.id, deed=LOOK)
        )
        if answered.n_answers and not known:
            reason = "an export of the data"
            _note(db, study.id, answered, reason, by=by, report=None, what=DATA)


def has_seen(db: Session, study_id: int, report: KeptReport, *, by: int | None) -> bool:
    """Whether this person's look at this very report is noted: it shows nothing new."""
    return any(
        row.user_id == by and detail_of(row).get("report") == report.report_id
        for row in deeds_of(db, study_id, deed=LOOK)
    )


def _note(
    db: Session,
    study_id: int,
    answered: Answered,
    reason: str,
    *,
    by: int | None,
    report: str | None,
    what: str = "the report",
) -> None:
    note_deed(
        db,
        LOOK,
        study_id=study_id,
        user_id=by,
        what=what,
        reason=reason.strip()[:MAX_REASON],
        report=report,
        kind="participant",
        n_finished=answered.n_finished,
        n_open=answered.n_sessions - answered.n_finished,
        n_answers=answered.n_answers,
    )
