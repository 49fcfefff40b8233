"""How many rows each table of a study has, without reading them."""

from __future__ import annotations

from sqlalchemy import Select, func, select, true

from jndlab.export.snapshot import Snapshot
from jndlab.export.tracks import STATES
from jndlab.store.models import (
    CheckTrialRow,
    EventRow,
    PresentedRow,
    QuestionnaireAnswerRow,
    SessionRow,
)


def count_rows(snapshot: Snapshot) -> dict[str, int]:
    """Name of a table -> number of its rows."""
    # json_each of a plan: a row for each part whose levels follow from answers
    part = func.json_each(SessionRow.plan, "$.adaptive").table_valued("value", name="part")
    n_tracks = func.json_array_length(part.c.value, "$.tracks")
    people = [kind for kind in snapshot.kinds if kind != "simulated"]
    queries: dict[str, Select[int]] = {
        "trials": select(func.count())
        .select_from(PresentedRow)
        .join(SessionRow, PresentedRow.session_id == SessionRow.id)
        .where(PresentedRow.n_loads > 0),
        "sessions": select(func.count()).select_from(SessionRow),
        "tracks": select(func.coalesce(func.sum(n_tracks), 0))
        .select_from(SessionRow)
        .join(part, true())
        .where(SessionRow.state.in_(STATES)),
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
    return {
        name: snapshot.db.execute(query.where(*mine)).scalar_one()
        for name, query in queries.items()
    }
