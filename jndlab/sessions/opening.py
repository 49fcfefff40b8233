"""Opening a session: whether this link, this study and this person may, and with which plan."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jndlab import __version__
from jndlab.errors import (
    ConsentOutdated,
    LinkExpired,
    LinkRevoked,
    RequestInvalid,
    SessionError,
    StudyPaused,
    TokenInvalid,
)
from jndlab.languages.marks import N_
from jndlab.sessions.lifecycle import position_of
from jndlab.sessions.views import Position
from jndlab.store import sessions as rows
from jndlab.store.chain import session_start
from jndlab.store.deeds import note_opening
from jndlab.store.engine import Store
from jndlab.store.links import Entry, count_uses, entry_by_token, entry_of, require_usable
from jndlab.store.models import SessionRow, VersionRow
from jndlab.store.recruits import add_recruit, recruit_of, require_first
from jndlab.store.signing import PlanKey, plan_key, plan_statement
from jndlab.store.slots import free_slot, require_place
from jndlab.store.studies import definition_of, newest_version, require_version
from jndlab.store.study_states import kind_of_new
from jndlab.study.consent import consent_of_version
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import plan_session
from jndlab.study.recruiters import RECRUITERS, RecruitIds, read_ids
from jndlab.study.trials import SessionKind


def open_session(
    store: Store,
    *,
    link: str,
    user_agent: str,
    token: str | None = None,
    simulation: str | None = None,
    consent_version: str | None = None,
    recruit: Mapping[str, str] | None = None,
) -> tuple[str, Position]:
    """Open a session after consent: its secret token, and where it stands.

    A client that made the ``token`` itself may ask again without opening a second session; a
    personal link is its own token. With ``simulation``, the definition's ``simulation_key()``, the
    session counts as simulated. ``consent_version`` names the text that was agreed to, and
    ``recruit`` are the URL parameters of a recruiter. Raises TokenInvalid for an unknown link or a
    wrong key, ConsentOutdated for another text than today's, and what :func:`require_welcome` and
    the recruiter's ids raise.
    """
    with store.write() as db:
        key = plan_key(store.folder)
        entry = entry_by_token(db, link)
        version = version_for(db, entry)
        definition = definition_of(version)
        _require_study_file(definition, simulation)
        token = _token_for(entry, token, simulated=simulation is not None)
        session = rows.find_session(db, token)
        if session is not None:
            _require_own(db, session, entry, recruit, simulated=simulation is not None)
        elif simulation is not None:
            session = _new_session(
                db, version, definition, None, token, "simulated", user_agent, key=key
            )
        else:
            now = datetime.now(UTC)
            ids = _ids_for(db, entry, recruit)
            kind = require_welcome(db, entry, definition, now)
            session = _new_session(db, version, definition, entry, token, kind, user_agent, key=key)
            if ids is not None:
                add_recruit(db, session, ids, now)
            if consent_version is not None:
                _store_consent(db, session, definition, consent_version)
        return token, position_of(db, session, rows.plan_of(session))


def has_session(store: Store, link: str, token: str | None) -> bool:
    """Whether opening would open none: the token's session, or the personal link's, is there."""
    with store.read() as db:
        return any(rows.find_session(db, one) is not None for one in (token, link) if one)


def version_for(db: Session, entry: Entry) -> VersionRow:
    """The version that somebody who comes by this link takes. Raises StudyPaused for a draft."""
    newest = newest_version(db, entry.study.id)
    if newest is None:
        raise StudyPaused(
            N_("This study has not begun yet."), N_("Come back later with the same link.")
        )
    return newest if entry.kind == "preview" else require_version(db, entry.study.id)


def require_welcome(
    db: Session, entry: Entry, definition: StudyDefinition, now: datetime
) -> SessionKind:
    """What a new session by this link counts as.

    Raises LinkRevoked, LinkExpired, LinkUsedUp, StudyPaused, StudyClosed or StudyFull where nobody
    can begin.
    """
    if entry.link is not None:
        require_usable(db, entry.link, now)
    if entry.kind == "preview":
        return "preview"
    kind = kind_of_new(db, entry.study.id)
    if kind == "participant":
        require_place(db, entry.study, design=definition.design, now=now)
    return kind


def refusal(db: Session, entry: Entry, definition: StudyDefinition) -> str:
    """Code of the error that somebody new would meet; empty where anybody may begin.

    Raises LinkRevoked or LinkExpired where nobody has begun with the link: then there is nobody
    to go on, and the study's page is nobody's business any more.
    """
    try:
        require_welcome(db, entry, definition, datetime.now(UTC))
    except (LinkRevoked, LinkExpired) as error:
        if entry.link is not None and count_uses(db, entry.link.id) == 0:
            raise
        return error.code
    except SessionError as error:
        return error.code
    return ""


def is_same_person(store: Store, token: str, recruit: Mapping[str, str]) -> bool:
    """Whether the session of ``token`` is of the person whom these URL parameters name.

    On a shared computer the browser may hold the session of somebody else. Raises TokenInvalid,
    RequestInvalid, RecruitMissing.
    """
    with store.read() as db:
        session = rows.require_session(db, token)
        return _is_of(db, session, _read(entry_of(db, session), recruit))


def _require_study_file(definition: StudyDefinition, simulation: str | None) -> None:
    if simulation is not None and not hmac.compare_digest(
        simulation.encode(), definition.simulation_key().encode()
    ):
        raise TokenInvalid(
            "This is not the study that runs here.", "Simulate with the launched study file."
        )


def _token_for(entry: Entry, token: str | None, *, simulated: bool) -> str:
    if entry.kind != "personal" or simulated:
        return token or secrets.token_urlsafe(32)
    if token not in (None, entry.token):
        raise RequestInvalid(
            "token: a personal link is its own token.", "Send the last part of the link."
        )
    return entry.token


def _require_own(
    db: Session,
    session: SessionRow,
    entry: Entry,
    recruit: Mapping[str, str] | None,
    *,
    simulated: bool,
) -> None:
    link = None if entry.link is None or simulated else entry.link.id
    mine = (session.study_id, session.link_id, session.kind == "simulated")
    if mine != (entry.study.id, link, simulated) or (
        recruit and not _is_of(db, session, _read(entry, recruit))
    ):
        raise TokenInvalid("This token belongs to another session.", "Make a new one.")


def _ids_for(db: Session, entry: Entry, recruit: Mapping[str, str] | None) -> RecruitIds | None:
    if not entry.recruiter and not recruit:
        return None
    ids = _read(entry, recruit or {})
    require_first(db, entry.study.id, ids)
    return ids


def _read(entry: Entry, recruit: Mapping[str, str]) -> RecruitIds:
    if not entry.recruiter:
        raise RequestInvalid("recruit: this link is for no recruiter.", "Leave it out.")
    return read_ids(RECRUITERS[entry.recruiter], recruit)


def _is_of(db: Session, session: SessionRow, ids: RecruitIds) -> bool:
    recruit = recruit_of(db, session.id)
    if recruit is None:  # withdrawn: nothing is known any more
        return False
    return (recruit.recruiter, recruit.external_id) == (ids.recruiter, ids.external_id)


def _new_session(
    db: Session,
    version: VersionRow,
    definition: StudyDefinition,
    entry: Entry | None,
    token: str,
    kind: SessionKind,
    user_agent: str,
    *,
    key: PlanKey,
) -> SessionRow:
    now = datetime.now(UTC)
    participant = rows.next_participant(db, version.study_id, kind=kind)
    slot = free_slot(db, version.id, kind=kind, design=definition.design, now=now)
    plan = plan_session(definition, participant=participant, seed=definition.seed, slot=slot)
    session = SessionRow(
        study_id=version.study_id,
        version=version,
        link_id=entry.link.id if entry is not None and entry.link is not None else None,
        public_id=secrets.token_hex(8),
        token_digest=rows.token_digest(token),
        kind=kind,
        participant=participant,
        slot=slot,
        state="open",
        plan=plan.to_json(),
        plan_digest=plan.digest(),
        user_agent=user_agent[:400],
        opened_at=now,
        # A simulated listener has no loudspeaker to check.
        checked_at=None if kind != "simulated" and definition.check_rules() else now,
        last_seen_at=now,
        jndlab_version=__version__,
    )
    statement = plan_statement(session, study_digest=version.digest)
    session.plan_signature = key.sign(statement)
    session.chain_head = session_start(session, version_digest=version.digest)
    db.add(session)
    note_opening(db, session)
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
