"""The sessions of a study as a tidy table, those that left no trial among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from jndlab.export.snapshot import EXPORTED_KINDS, Snapshot, snapshot_of
from jndlab.export.tidy import shared_columns
from jndlab.store import sessions as session_rows
from jndlab.store.engine import Store
from jndlab.store.models import SessionRow
from jndlab.study.rows import Row
from jndlab.study.trials import Column, SessionKind

SESSIONS_TITLE = "jndlab sessions: one row per session that was opened"

SESSION_COLUMNS: tuple[Column, ...] = (
    *shared_columns("study", "study_digest", "session", "session_kind"),
    Column(
        name="session_state",
        type="text",
        required=True,
        values=("open", "finished", "screened-out", "withdrawn"),
        description="State at the time of the export. withdrawn: the participant had everything "
        "deleted, and only this row is left.",
    ),
    *shared_columns("participant", "slot"),
    Column(
        name="consent_version",
        type="text",
        description="SHA-256 of the text that was agreed to; the text itself is in the export.",
    ),
    Column(name="consented_at", type="time", description="When consent was given, UTC."),
    Column(
        name="opened_at",
        type="time",
        required=True,
        description="When the session was opened, UTC, ISO 8601.",
    ),
    Column(
        name="checked_at", type="time", description="When the checks before the trials were over."
    ),
    Column(
        name="gain_db",
        type="number",
        description="Volume that was chosen in the level check; empty where there was none.",
    ),
    Column(
        name="n_answered",
        type="integer",
        required=True,
        description="Trials that were answered, practice included.",
    ),
    Column(
        name="n_resumes",
        type="integer",
        required=True,
        description="How often the session was gone on with after its page was closed.",
    ),
    Column(name="finished_at", type="time", description="When the last answer was stored."),
    Column(name="withdrawn_at", type="time", description="When the participant withdrew."),
    Column(
        name="jndlab_version",
        type="text",
        required=True,
        description="Version of jndlab that opened the session.",
    ),
)
"""The export of the sessions: one row each, these columns in this order."""


def session_table(
    store: Store, slug: str, *, kinds: Sequence[SessionKind] = EXPORTED_KINDS
) -> Iterator[Row]:
    """One row per session. Raises StudyUnknown."""
    with snapshot_of(store, slug, kinds=kinds) as snapshot:
        yield from sessions_in(snapshot)


def sessions_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per session, by kind and number."""
    for session in snapshot.sessions():
        yield {
            "study": snapshot.slug,
            "study_digest": snapshot.digest_of(session),
            "n_answered": len(session_rows.answered_numbers(snapshot.db, session.id)),
            "n_resumes": session_rows.count_resumes(snapshot.db, session.id),
            **_facts(session),
        }


def consent_texts(store: Store, slug: str) -> dict[str, dict[str, str]]:
    """Version -> language and text of every consent that was given in a study."""
    with snapshot_of(store, slug) as snapshot:
        return consents_in(snapshot)


def consents_in(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Version -> language and text of every consent that was given."""
    return {
        row.version: {"language": row.language, "text": row.text}
        for row in session_rows.consent_texts_of(snapshot.db, snapshot.study.id)
    }


def _facts(session: SessionRow) -> Row:
    return {
        "session": session.public_id,
        "session_kind": session.kind,
        "session_state": session.state,
        "participant": session.participant,
        "slot": session.slot,
        "consent_version": session.consent_version,
        "consented_at": _time(session.consented_at),
        "opened_at": _time(session.opened_at),
        "checked_at": _time(session.checked_at),
        "gain_db": session.gain_db,
        "finished_at": _time(session.finished_at),
        "withdrawn_at": _time(session.withdrawn_at),
        "jndlab_version": session.jndlab_version,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")
