"""Which recruiter's id belongs to which session: a table apart, for paying people."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from jndlab.export.snapshot import Snapshot
from jndlab.export.tables import Table
from jndlab.export.tidy import shared_columns
from jndlab.store.models import RecruitRow, SessionRow
from jndlab.study.rows import Row
from jndlab.study.trials import Column

RECRUITER_IDS = Table(
    name="recruiter-ids",
    title="jndlab recruiter ids: one row per session of somebody whom a recruiter sent",
    holds="ids of recruiters",
    columns=(
        *shared_columns("study", "session", "session_kind"),
        Column(
            name="session_state", type="text", required=True, description="State of the session."
        ),
        *shared_columns("participant"),
        Column(name="recruiter", type="text", required=True, description="Who sent the person."),
        Column(
            name="external_id",
            type="text",
            required=True,
            description="Id of the person at the recruiter.",
        ),
        Column(
            name="assignment",
            type="text",
            description="What else the recruiter wrote into the link, as JSON.",
        ),
        Column(name="received_at", type="time", required=True, description="When they came, UTC."),
    ),
    key=("session",),
)


def recruiter_ids_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per session of somebody whom a recruiter sent."""
    query = (
        select(RecruitRow, SessionRow)
        .join(SessionRow, SessionRow.id == RecruitRow.session_id)
        .where(RecruitRow.study_id == snapshot.study.id, SessionRow.kind.in_(snapshot.kinds))
        .order_by(SessionRow.kind, SessionRow.participant)
    )
    for recruit, session in snapshot.db.execute(query):
        yield {
            "study": snapshot.slug,
            "session": session.public_id,
            "session_kind": session.kind,
            "session_state": session.state,
            "participant": session.participant,
            "recruiter": recruit.recruiter,
            "external_id": recruit.external_id,
            "assignment": recruit.assignment,
            "received_at": recruit.received_at.isoformat(timespec="milliseconds"),
        }
