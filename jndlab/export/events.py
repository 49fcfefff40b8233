"""What participants' browsers reported, as a tidy table: for whoever asks what went wrong."""

from __future__ import annotations

from collections.abc import Iterator

from jndlab.export.snapshot import Snapshot, snapshot_of
from jndlab.export.tidy import shared_columns
from jndlab.store import sessions as session_rows
from jndlab.store.engine import Store
from jndlab.study.rows import Row
from jndlab.study.trials import Column

EVENTS_TITLE = "jndlab events: one row per report of a participant's browser"

EVENT_COLUMNS: tuple[Column, ...] = (
    *shared_columns("study", "session", "session_kind", "participant"),
    Column(
        name="user_agent",
        type="text",
        description="What the browser that opened the session calls itself.",
    ),
    Column(
        name="kind",
        type="text",
        required=True,
        description="What happened, such as interrupted-while-playing.",
    ),
    Column(
        name="detail",
        type="text",
        description="More of it, as the page put it; often JSON. Nothing here is checked.",
    ),
    Column(
        name="received_at",
        type="time",
        required=True,
        description="When the server stored the report, UTC, ISO 8601.",
    ),
)
"""The export of the events: one row each, these columns in this order."""


def event_rows(store: Store, slug: str) -> Iterator[Row]:
    """One row per event, session by session, in order. Raises StudyUnknown."""
    with snapshot_of(store, slug) as snapshot:
        yield from events_in(snapshot)


def events_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per event of people's sessions, session by session, in order."""
    for session in snapshot.sessions(people=True):
        for event in session_rows.events_of(snapshot.db, session.id):
            yield {
                "study": snapshot.slug,
                "session": session.public_id,
                "session_kind": session.kind,
                "participant": session.participant,
                "user_agent": session.user_agent or None,
                "kind": event.kind,
                "detail": event.detail or None,
                "received_at": event.received_at.isoformat(timespec="milliseconds"),
            }
