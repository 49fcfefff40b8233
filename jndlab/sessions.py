"""What happens in a participant's session: open, next trial, clip, answer, finish.

Each function is one use case in one transaction. The truth about a trial stays in here:
what goes out is a :class:`TrialView`, which has none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jndlab import __version__
from jndlab.errors import (
    AnswerConflict,
    RequestInvalid,
    SessionClosed,
    TokenInvalid,
    TrialOutOfOrder,
)
from jndlab.store import sessions as rows
from jndlab.store.engine import Store
from jndlab.store.models import AnswerRow, PresentedRow, ReleasedClipRow, SessionRow
from jndlab.store.studies import clip_of, definition_of, study_by_link
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import SessionPlan, plan_session
from jndlab.study.progress import next_trial, score
from jndlab.study.trials import Response, Trial

MAX_EVENTS = 5_000
MAX_EVENT_CHARACTERS = 2_000
MAX_RESPONSE_MS = 24 * 3600 * 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a session stands: what comes next, and how much of it is done."""

    step: str
    """sound-check, trial or finished."""
    participant: int
    n_answered: int
    n_trials: int
    completion_code: str | None
    """Given once every trial is answered and stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """A trial as its participant may see it: no item, no condition, no level, no key."""

    number: int
    n_trials: int
    phase: str
    starts_block: bool
    """Whether a break lies before it."""
    clips: tuple[str, ...]
    """Opaque clip names, in the order of the paradigm's labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a participant learns about a stored answer."""

    number: int
    repeated: bool
    """True if the same answer was stored before."""
    correct: bool | None
    """Feedback, in practice only."""
    correct_response: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedClip:
    """Which stored clip to send, and the seed of the noise in its last bit."""

    clip: str
    noise_seed: int


def simulation_key(study: StudyDefinition) -> str:
    """Shows that a simulated listener comes from somebody who holds the study file."""
    message = f"simulate:{study.digest()}".encode()
    return hmac.new(str(study.seed).encode(), message, hashlib.sha256).hexdigest()


def open_session(
    store: Store, *, link: str, user_agent: str, simulation: str | None = None
) -> tuple[str, Position]:
    """Open a session after consent: its secret token, and where it stands.

    ``simulation`` is the :func:`simulation_key`; with it the session counts as simulated.
    Raises TokenInvalid for an unknown link or a wrong key.
    """
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    with store.write() as db:
        study = study_by_link(db, link)
        definition = definition_of(study)
        if simulation is not None and not hmac.compare_digest(
            simulation.encode(), simulation_key(definition).encode()
        ):
            raise TokenInvalid(
                "This is not the study that runs here.", "Simulate with the launched study file."
            )
        kind = "participant" if simulation is None else "simulated"
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
            sound_checked_at=None if simulation is None else now,
            last_seen_at=now,
            jndlab_version=__version__,
        )
        db.add(session)
        db.flush()
        position = _position(db, session, plan)
    return token, position


def position(store: Store, token: str) -> Position:
    """Where the session of ``token`` stands. Raises TokenInvalid."""
    with store.read() as db:
        session = rows.session_by_token(db, token)
        return _position(db, session, rows.plan_of(session))


def release_trial(store: Store, token: str) -> TrialView:
    """Present the current trial: its row is stored before anything can be heard of it.

    Asked again, for instance after a reload, it gives the same trial under the same names.
    Raises SessionClosed when nothing is left, TrialOutOfOrder before the sound check.
    """
    with store.write() as db:
        session = rows.session_by_token(db, token)
        if session.sound_checked_at is None:
            raise TrialOutOfOrder("The sound check comes first.", "Do the sound check.")
        plan = rows.plan_of(session)
        trial = _current(db, session, plan)
        if trial is None:
            raise SessionClosed("All trials are answered.", "Finish the session.")
        now = datetime.now(UTC)
        session.last_seen_at = now
        row = rows.presented(db, session.id, trial.number)
        if row is None:
            row = _present(db, session, trial, now)
        else:
            row.n_loads += 1
        return _view(plan, trial, tuple(clip.name for clip in row.clips))


def find_clip(store: Store, token: str, name: str) -> ReleasedClip:
    """The clip behind an opaque name. One and the same error for wrong and for not yours."""
    with store.read() as db:
        session = rows.session_by_token(db, token)
        released = rows.released_clip(db, session.id, name)
        if released is None:
            raise TokenInvalid("There is no such clip.", "Load the current trial again.")
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
        return ReleasedClip(clip=released.clip, noise_seed=seed)


def store_answer(
    store: Store,
    token: str,
    number: int,
    response: Response,
    *,
    key: str,
    context_rate_hz: int | None = None,
    output_latency_ms: float | None = None,
) -> Receipt:
    """Store the answer to trial ``number``; returns after it is safely on the disk.

    The same answer again is harmless and gets the same receipt. Raises AnswerConflict for
    a different one, TrialOutOfOrder for a trial that was not presented, RequestInvalid for
    an impossible response.
    """
    with store.write() as db:
        session = rows.session_by_token(db, token)
        row = rows.presented(db, session.id, number)
        if row is None:
            raise TrialOutOfOrder(f"Trial {number} was not presented.", "Answer the current trial.")
        trial = rows.trial_of(row)
        definition = definition_of(session.study)
        correct = score(definition.paradigm, trial, response.value)
        if row.answer is not None:
            if row.answer.response != response.value:
                raise AnswerConflict(
                    f"Another answer to trial {number} is already stored, and it stands.",
                    "Go on with the current trial.",
                )
            return _receipt(trial, repeated=True, correct=correct)
        _require_possible(response, trial)
        now = datetime.now(UTC)
        row.answer = AnswerRow(
            key=key,
            response=response.value,
            correct=correct,
            response_time_ms=response.response_time_ms,
            plays=json.dumps(response.plays),
            context_rate_hz=context_rate_hz,
            output_latency_ms=output_latency_ms,
            answered_at=now,
        )
        db.flush()
        session.last_seen_at = now
        if _current(db, session, rows.plan_of(session)) is None:
            session.state = "finished"
            session.finished_at = now
        return _receipt(trial, repeated=False, correct=correct)


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
    finished = session.state == "finished"
    step = "trial" if session.sound_checked_at else "sound-check"
    return Position(
        step="finished" if finished else step,
        participant=session.participant,
        n_answered=n_answered,
        n_trials=len(plan.trials),
        completion_code=session.study.completion_code if finished else None,
    )


def _current(db: Session, session: SessionRow, plan: SessionPlan) -> Trial | None:
    return next_trial(plan, rows.history_of(db, session.id))


def _present(db: Session, session: SessionRow, trial: Trial, now: datetime) -> PresentedRow:
    row = PresentedRow(
        session_id=session.id,
        number=trial.number,
        trial=rows.trial_to_json(trial),
        presented_at=now,
        n_loads=1,
    )
    row.clips = [
        ReleasedClipRow(
            position=place,
            name=secrets.token_urlsafe(18),
            clip=clip_of(
                db,
                session.study_id,
                item=trial.item,
                condition=interval.condition,
                level=interval.level,
            ),
        )
        for place, interval in enumerate(trial.intervals)
    ]
    db.add(row)
    return row


def _view(plan: SessionPlan, trial: Trial, clips: tuple[str, ...]) -> TrialView:
    before = plan.trials[trial.number - 2] if trial.number > 1 else None
    return TrialView(
        number=trial.number,
        n_trials=len(plan.trials),
        phase=trial.phase,
        starts_block=before is not None and before.block != trial.block,
        clips=clips,
    )


def _receipt(trial: Trial, *, repeated: bool, correct: bool) -> Receipt:
    practice = trial.phase == "practice"
    return Receipt(
        number=trial.number,
        repeated=repeated,
        correct=correct if practice else None,
        correct_response=trial.correct_response if practice else None,
    )


def _require_possible(response: Response, trial: Trial) -> None:
    if len(response.plays) != len(trial.intervals) or min(response.plays) < 0:
        raise RequestInvalid(
            "plays must hold one count per interval.", f"Send {len(trial.intervals)} counts."
        )
    time = response.response_time_ms
    if not math.isfinite(time) or not 0 <= time <= MAX_RESPONSE_MS:
        raise RequestInvalid(
            f"response_time_ms cannot be {time}.", "Send milliseconds since the first sound."
        )
