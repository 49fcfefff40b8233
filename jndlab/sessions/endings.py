"""How a session ends for whoever sent the participant: a code, and an address to go back to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jndlab.errors import SessionClosed
from jndlab.store import sessions as rows
from jndlab.store.engine import Store
from jndlab.store.links import entry_of
from jndlab.store.models import SessionRow
from jndlab.store.recruits import recruit_of
from jndlab.study.recruiters import Ending, way_back

ENDINGS: dict[str, Ending] = {"finished": "complete", "screened-out": "screened-out"}
"""By the state of a session that has ended."""

PREVIEW_CODE = "PREVIEW"
"""Whoever only looks at a study gets no code that is worth anything."""

GAVE_UP = "gave-up"
"""Kind of the event that goes with a failure code."""
MAX_FAILURES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What a participant takes along."""

    code: str | None
    url: str | None
    """Where to go with it; None where the code is copied by hand."""


def leave_of(db: Session, session: SessionRow, ending: Ending) -> Leave:
    """Code and address for a session that ends like this."""
    if session.kind == "preview":
        return Leave(code=PREVIEW_CODE, url=None)
    study = session.study
    codes = {
        "complete": study.completion_code,
        "screened-out": study.screen_out_code,
        "failure": study.failure_code or f"FAILED-{session.participant}",
    }
    code, recruit = codes[ending], recruit_of(db, session.id)
    if code is None or recruit is None:
        return Leave(code=code, url=None)
    link = entry_of(db, session).link
    url = way_back(
        recruit.recruiter,
        ending,
        code,
        external_id=recruit.external_id,
        return_url=link.return_url if link else "",
    )
    return Leave(code=code, url=url)


def give_up(store: Store, token: str, reason: str) -> Leave:
    """The failure code, for somebody whose technology failed; the session stays open.

    Noted as an event, so that the code is no way to be paid without having tried. Raises
    SessionClosed for a session that has ended, TokenInvalid.
    """
    with store.write(shared=True) as db:
        session = rows.session_by_token(db, token, lock=True)
        if session.state != "open":
            raise SessionClosed("This session has ended.", "It has a code of its own.")
        if rows.count_events(db, session.id, kind=GAVE_UP) < MAX_FAILURES:
            rows.add_event(db, session, GAVE_UP, reason, datetime.now(UTC))
        return leave_of(db, session, "failure")
