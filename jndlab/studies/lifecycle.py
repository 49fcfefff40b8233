"""The life of a study: draft, piloting, running, paused, closed, archived."""

from __future__ import annotations

from jndlab.errors import StudyConflict
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.studies import live_version
from jndlab.store.study_states import StudyState, set_study_state, study_state

NEXT_STATES: dict[StudyState, tuple[StudyState, ...]] = {
    "draft": ("piloting", "running"),
    "piloting": ("running", "draft"),
    "running": ("paused", "closed"),
    "paused": ("running", "closed"),
    "closed": ("running", "archived"),
    "archived": ("closed",),
}
"""Where a study can go from each state. Into the first two and out of a draft by a launch."""


def change_state(
    store: Store, study_id: int, state: StudyState, *, by: int | None = None, note: str = ""
) -> None:
    """Move a study to another state; to the state it has, nothing happens.

    Raises StudyConflict for a way that there is not, or a study that was never launched.
    """
    with store.write() as db:
        now = study_state(db, study_id)
        if now == state:
            return
        if state not in NEXT_STATES[now]:
            ways = " or ".join(NEXT_STATES[now])
            raise StudyConflict(
                f"A study that is {now} cannot become {state} at once.", f"It can become {ways}."
            )
        if live_version(db, study_id) is None:
            raise StudyConflict("This study was never launched.", "Launch it first.")
        set_study_state(db, study_id, state, by=by, note=note)
        note_deed(
            db, "state-changed", study_id=study_id, user_id=by, before=now, after=state, note=note
        )
