"""Opening a session, asking where it stands, its events, and its end."""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jndlab import __version__
from jndlab.errors import RequestInvalid, TokenInvalid, TrialOutOfOrder
from jndlab.sessions.views import Position
from jndlab.store import sessions as rows
from jndlab.store.engine import Store
from jndlab.store.models import SessionRow, StudyRow
from jndlab.store.studies import definition_of, study_by_link
from jndlab.store.study_states import require_open
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import SessionPlan, plan_session
from jndlab.study.trials import SessionKind

MAX_EVENTS = 5_000
MAX_EVENT_CHARACTERS = 2_000


def open_session(
    store: Store,
    *,
    link: str,
    user_agent: str,
    token: str | None = None,
    simulation: str | None = None,
) -> tuple[str, Position]:
    """Open a session after consent: its secret token, and where it stands.

    A client that made the ``token`` itself may ask again without opening a second session.
    With ``simulation``, the definition's ``simulation_key()``, the session counts as simulated.
    Raises TokenInvalid for an unknown link or a wrong key, StudyPaused or StudyClosed.
    """
    token = token or secrets.token_urlsafe(32)
    with store.write() as db:
        study = study_by_link(db, link)
        definition = definition_of(study)
        if simulation is not None and not hmac.compare_digest(
            simulation.encode(), definition.simulation_key().encode()
        ):
            raise TokenInvalid(
                "This is not the study that runs here.", "Simulate with the launched study file."
            )
        kind: SessionKind = "participant" if simulation is None else "simulated"
        session = rows.find_session(db, token)
        if session is None:
            if kind == "participant":
                require_open(db, study.id)
            session = _new_session(db, study, definition, token, kind, user_agent)
        elif (session.study_id, session.kind) != (study.id, kind):
            raise TokenInvalid("This token belongs to another session.", "Make a new one.")
        return token, _position(db, session, rows.plan_of(session))


def _new_session(
    db: Session,
    study: StudyRow,
    definition: StudyDefinition,
    token: str,
    kind: SessionKind,
    user_agent: str,
) -> SessionRow:
    now = datetime.now(UTC)
    participant = rows.next_participant(db, study.id, kind=kind)
    plan = plan_session(definition, participant=participant, seed=definition.seed)
    session = SessionRow(
        study=study,
        public_id=secrets.token_hex(8),
        token_digest=rows.token_digest(token),
        kind=kind,
        participant=participant,
        state="open",
        plan=plan.to_json(),
        plan_digest=plan.digest(),
        user_agent=user_agent[:400],
        opened_at=now,
        # A simulated listener has no loudspeaker to check.
        checked_at=None if kind == "participant" and definition.check_rules() else now,
        last_seen_at=now,
        jndlab_version=__version__,
    )
    db.add(session)
    db.flush()
    return session


def position(store: Store, token: str) -> Position:
    """Where the session of ``token`` stands. Raises TokenInvalid."""
    with store.read() as db:
        session = rows.session_by_token(db, token)
        return _position(db, session, rows.plan_of(session))


def finish(store: Store, token: str) -> Position:
    """Confirm the end. Raises TrialOutOfOrder if trials are left."""
    at = position(store, token)
    if at.step != "finished":
        left = at.n_trials - at.n_answered
        raise TrialOutOfOrder(f"{left} trials are left.", "Answer the current trial.")
    return at


def store_event(store: Store, token: str, kind: str, detail: str) -> None:
    """Keep something that the participant's browser reported. Raises RequestInvalid."""
    if len(detail) > MAX_EVENT_CHARACTERS:
        raise RequestInvalid("The event is too long.", f"Send {MAX_EVENT_CHARACTERS} characters.")
    with store.write() as db:
        session = rows.session_by_token(db, token)
        if rows.count_events(db, session.id) >= MAX_EVENTS:
            raise RequestInvalid("This session has reported too many events.", "Send no more.")
        rows.add_event(db, session, kind, detail, datetime.now(UTC))


def _position(db: Session, session: SessionRow, plan: SessionPlan) -> Position:
    n_answered = len(rows.answered_numbers(db, session.id))
    step = "trial" if session.checked_at else "check"
    codes = {
        "finished": session.study.completion_code,
        "screened-out": session.study.screen_out_code,
    }
    return Position(
        step=step if session.state == "open" else session.state,
        participant=session.participant,
        n_answered=n_answered,
        n_trials=len(plan.trials),
        completion_code=codes.get(session.state),
        gain_db=session.gain_db,
    )
