"""Everything that is stored of one person, in one file: for whoever asks what there is of them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from jndlab import __version__
from jndlab.export.snapshot import Snapshot, snapshot_of
from jndlab.export.tables import Table, rows_of, tables_of
from jndlab.export.tidy import describe_columns
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.models import ConsentTextRow, LinkRow, RecruitRow, ResumeRow, SessionRow
from jndlab.store.people import session_named
from jndlab.store.studies import require_study

ABOUT = (
    "All that is stored of one session of a listening test: who came by which way, what was agreed "
    "to, every answer with its times, and what the browser reported. The keys columns say what "
    "each column means. Times are UTC."
)


def export_person(store: Store, slug: str, public_id: str, *, by: int | None = None) -> str:
    """Everything of one session as JSON; it is noted who asked. Raises StudyUnknown, TokenInvalid.

    Of a session under way the right answers are told of the trials that it had so far.
    """
    with store.write() as db:
        study = require_study(db, slug)
        kind = session_named(db, study.id, public_id).kind
        note_deed(db, "person-exported", study_id=study.id, user_id=by, session=public_id)
    with snapshot_of(store, slug, session=public_id) as snapshot:
        content = {
            "about": ABOUT,
            "study": {"slug": slug, "title": snapshot.study.title},
            **_session(snapshot, public_id),
            "tables": {} if kind == "preview" else _tables(snapshot),
            "jndlab_version": __version__,
        }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _session(snapshot: Snapshot, public_id: str) -> dict[str, Any]:
    db = snapshot.db
    session = session_named(db, snapshot.study.id, public_id)
    recruit = db.get(RecruitRow, session.id)
    consent = db.get(ConsentTextRow, session.consent_version or "")
    link = db.get(LinkRow, session.link_id or 0)
    resumes = select(ResumeRow).where(ResumeRow.session_id == session.id).order_by(ResumeRow.id)
    return {
        "session": _facts(session),
        "recruiter": None
        if recruit is None
        else {
            "recruiter": recruit.recruiter,
            "id": recruit.external_id,
            "assignment": json.loads(recruit.assignment),
            "received_at": _time(recruit.received_at),
        },
        "link": None if link is None else {"kind": link.kind, "label": link.label},
        "consent": None
        if consent is None
        else {"language": consent.language, "text": consent.text},
        "resumes": [
            {"resumed_at": _time(row.resumed_at), "gap_seconds": row.gap_seconds}
            for row in db.scalars(resumes)
        ],
    }


def _facts(session: SessionRow) -> dict[str, Any]:
    """What the session's row holds, without its plan and its secrets."""
    return {
        "id": session.public_id,
        "kind": session.kind,
        "participant": session.participant,
        "state": session.state,
        "user_agent": session.user_agent,
        "gain_db": session.gain_db,
        **{
            name: _time(getattr(session, name))
            for name in (
                "opened_at",
                "checked_at",
                "last_seen_at",
                "finished_at",
                "consented_at",
                "withdrawn_at",
            )
        },
    }


def _tables(snapshot: Snapshot) -> dict[str, Any]:
    return {table.name: _table(snapshot, table) for table in tables_of(snapshot)}


def _table(snapshot: Snapshot, table: Table) -> dict[str, Any]:
    return {
        "columns": {one["name"]: one["description"] for one in describe_columns(table.columns)},
        "rows": list(rows_of(snapshot, table)),
    }


def _time(at: Any) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")
