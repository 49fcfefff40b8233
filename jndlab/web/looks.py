"""Looks at results while answers are still coming in: allowed, noted, and told by the report.

Who looks and then decides whether to go on makes chance findings likelier than the error rate
says. The look itself is no fault; to keep silent about it is.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from jndlab.export.history import LOOK
from jndlab.store.answered import answered_by_version
from jndlab.store.deeds import deeds_of, detail_of, note_deed
from jndlab.store.engine import Store
from jndlab.store.study_states import StudyState
from jndlab.study.trials import SessionKind
from jndlab.web.kept_reports import KeptReport

COLLECTING: tuple[StudyState, ...] = ("running", "paused")


def is_look(state: StudyState, kind: SessionKind) -> bool:
    """Whether to see results of sessions of that kind is a look at data that are incomplete."""
    return kind == "participant" and state in COLLECTING


def note_look(
    store: Store, study_id: int, *, what: str, by: int | None, report: KeptReport | None = None
) -> None:
    """Note that somebody looked at ``what``, and how much there was to see."""
    with store.write() as db:
        if report is not None and has_seen(db, study_id, report, by=by):
            return
        counts = answered_by_version(db, study_id, kinds=["participant"]).values()
        seen = report.answered if report else None
        note_deed(
            db,
            LOOK,
            study_id=study_id,
            user_id=by,
            what=what,
            report=report.report_id if report else None,
            n_finished=seen.n_finished if seen else sum(one.n_finished for one in counts),
            n_answers=seen.n_answers if seen else sum(one.n_answers for one in counts),
        )


def has_seen(db: Session, study_id: int, report: KeptReport, *, by: int | None) -> bool:
    """Whether this person's look at this very report is noted: it shows nothing new."""
    return any(
        row.user_id == by and detail_of(row).get("report") == report.report_id
        for row in deeds_of(db, study_id, deed=LOOK)
    )
