"""How many rows each table of a study has, without reading them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, select

from jndlab.export.snapshot import Snapshot
from jndlab.export.tracks import STATES, has_tracks
from jndlab.store.models import (
    CheckTrialRow,
    EventRow,
    PresentedRow,
    QuestionnaireAnswerRow,
    SessionRow,
)
from jndlab.study.plan import track_levels
from jndlab.study.session_parts import parts_of


def count_rows(snapshot: Snapshot) -> dict[str, int]:
    """Name of a table -> number of its rows."""
    people = [kind for kind in snapshot.kinds if kind != "simulated"]
    queries: dict[str, Select[int]] = {
        "trials": select(func.count())
        .select_from(PresentedRow)
        .join(SessionRow, PresentedRow.session_id == SessionRow.id)
        .where(PresentedRow.n_loads > 0),
        "sessions": select(func.count()).select_from(SessionRow),
    }
    for name, row in (
        ("checks", CheckTrialRow),
        ("events", EventRow),
        ("questionnaires", QuestionnaireAnswerRow),
    ):
        queries[name] = (
            select(func.count())
            .select_from(row)
            .join(SessionRow, row.session_id == SessionRow.id)
            .where(SessionRow.kind.in_(people))
        )
    mine = (
        SessionRow.version_id.in_(snapshot.version_ids()),
        SessionRow.kind.in_(snapshot.kinds),
    )
    counts = {
        name: snapshot.db.execute(query.where(*mine)).scalar_one()
        for name, query in queries.items()
    }
    return {**counts, "tracks": _count_tracks(snapshot, mine)}


def _count_tracks(snapshot: Snapshot, mine: tuple[ColumnElement[bool], ...]) -> int:
    """Tracks follow from a version and a place in its counterbalancing: no plan is read."""
    adaptive = [key for key, one in snapshot.definitions.items() if has_tracks(one)]
    query = (
        select(SessionRow.version_id, SessionRow.slot, func.count())
        .where(*mine, SessionRow.version_id.in_(adaptive), SessionRow.state.in_(STATES))
        .group_by(SessionRow.version_id, SessionRow.slot)
    )
    n_tracks = 0
    for version_id, slot, n_sessions in snapshot.db.execute(query):
        study = snapshot.definitions[version_id]
        parts = [part for part in parts_of(study, slot) if part.adaptive]
        n_tracks += n_sessions * sum(len(track_levels(study, part)) for part in parts)
    return n_tracks
