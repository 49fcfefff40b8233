"""Opening a session, asking where it stands, its events, and its end."""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jndlab import __version__
from jndlab.errors import (
    ConsentOutdated,
    RequestInvalid,
    TokenInvalid,
    TrialOutOfOrder,
)
from jndlab.sessions.leaving import gap_seconds, require_not_expired
from jndlab.sessions.steps import step_of
from jndlab.sessions.views import Position
from jndlab.store import sessions as rows
from jndlab.store.engine import Store
from jndlab.store.models import ResumeRow, SessionRow, StudyRow
from jndlab.store.studies import definition_of, study_by_link
from jndlab.store.study_states import require_open
from jndlab.study.consent import consent_of_version
from jndlab.study.definition import StudyDefinition
from jndlab.study.pace import seconds_per_trial
from jndlab.study.plan import SessionPlan, plan_session
from jndlab.study.progress import trials_given
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
    consent_version: str | None = None,
) -> tuple[str, Position]:
    """Open a session after consent: its secret token, and where it stands.

    A client that made the ``token`` itself may ask again without opening a second session.
    With ``simulation``, the definition's ``simulation_key()``, the session counts as simulated.
    ``consent_version`` names the text that was agreed to. Raises TokenInvalid for an unknown link
    or a wrong key, ConsentOutdated for another text than today's, StudyPaused or StudyClosed.
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
            if kind == "participant" and consent_version is not None:
                _store_consent(db, session, definition, consent_version)
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


def _store_consent(
    db: Session, session: SessionRow, definition: StudyDefinition, version: str
) -> None:
    consent = consent_of_version(definition, version)
    if consent is None:
        raise ConsentOutdated(
            "The text that was agreed to is not the study's text.", "Show the present one."
        )
    session.consent_version = version
    session.consented_at = session.opened_at
    rows.keep_consent_text(db, version, consent.language, consent.text())


def position(store: Store, token: str) -> Position:
    """Where the session of ``token`` stands. Raises TokenInvalid."""
    with store.read() as db:
        session = rows.require_session(db, token)
        return _position(db, session, rows.plan_of(session))


def resume(store: Store, token: str, key: str) -> Position:
    """Go on with a session in a page that was loaded anew; counted once per ``key``.

    Raises SessionExpired when the study allows it no longer, TokenInvalid.
    """
    with store.write() as db:
        session = rows.session_by_token(db, token)
        at = _position(db, session, rows.plan_of(session))
        if session.state != "open" or rows.find_resume(db, session.id, key) is not None:
            return at
        now = datetime.now(UTC)
        require_not_expired(session, definition_of(session.study).design, now)
        gap = gap_seconds(session, now)
        if rows.count_resumes(db, session.id) < MAX_EVENTS:
            db.add(ResumeRow(session_id=session.id, key=key, resumed_at=now, gap_seconds=gap))
        session.last_seen_at = now
        return at


def finish(store: Store, token: str) -> Position:
    """Confirm the end. Raises TrialOutOfOrder if trials are left."""
    at = position(store, token)
    if at.step == "questionnaire":
        raise TrialOutOfOrder("A questionnaire is left.", "Answer the current questionnaire.")
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
    history = rows.history_of(db, session.id)
    step = step_of(db, session, plan=plan, history=history)
    codes = {
        "finished": session.study.completion_code,
        "screened-out": session.study.screen_out_code,
    }
    return Position(
        step=step.kind if session.state == "open" else session.state,
        link=session.study.link,
        participant=session.participant,
        n_answered=sum(record.response is not None for record in history),
        n_trials=len(trials_given(plan, history)),
        completion_code=codes.get(session.state),
        gain_db=session.gain_db,
        questionnaire=step.occasion.questionnaire if step.occasion else None,
        block=step.occasion.block if step.occasion else None,
        seconds_per_trial=seconds_per_trial(history),
    )
