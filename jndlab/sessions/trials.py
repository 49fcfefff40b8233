"""Presenting a trial, sending its sounds, storing its answer: each in one transaction."""

from __future__ import annotations

import hashlib
import math
import secrets
from datetime import UTC, datetime, timedelta

from jndlab.errors import (
    AnswerConflict,
    RequestInvalid,
    SessionClosed,
    TokenInvalid,
    TrialOutOfOrder,
)
from jndlab.sessions.leaving import is_expired, require_not_expired
from jndlab.sessions.standing import Standing
from jndlab.sessions.steps import trial_in_turn
from jndlab.sessions.views import Receipt, ReleasedClip, TrialView
from jndlab.store import sessions as rows
from jndlab.store.deeds import note_end
from jndlab.store.engine import Store
from jndlab.store.histories import forget
from jndlab.store.studies import clip_of, definition_of
from jndlab.store.study_states import require_open_for
from jndlab.store.under_way import (
    UnderWay,
    add_answer,
    clip_names,
    finish,
    hand_out,
    handed_out,
    keep,
    present,
    presented,
    under_way,
)
from jndlab.study.definition import Design, StudyDefinition
from jndlab.study.paradigms import paradigm_of
from jndlab.study.progress import score, tells_correct, upcoming_trials
from jndlab.study.session_plan import OpenTrial, SessionPlan
from jndlab.study.trials import Response, Trial, TrialRecord

MAX_RESPONSE_MS = 24 * 3600 * 1000.0
MAX_NUMBER = 1_000_000
MAX_AHEAD = 2
"""Trials whose sounds may be loaded before their turn."""


def release_trial(store: Store, token: str) -> TrialView:
    """Present the current trial: its row is stored before anything can be heard of it.

    Asked again, for instance after a reload, it gives the same trial under the same names.
    Raises SessionClosed when nothing is left, StudyPaused or StudyClosed while the study takes
    nobody, SessionExpired after too long a gap, TrialOutOfOrder before the checks are over.
    """
    with store.write(shared=True) as db:
        session = under_way(db, token, lock=True)
        if session.state not in ("open", "finished"):
            raise SessionClosed("This session has ended.", "There are no trials to answer.")
        if session.checked_at is None:
            raise TrialOutOfOrder("The checks come first.", "Do the current check.")
        standing = Standing(db, session)
        trial = trial_in_turn(standing.next_step())
        if trial is None:
            raise SessionClosed("All trials are answered.", "Finish the session.")
        require_open_for(db, session)
        now = datetime.now(UTC)
        require_not_expired(session, session.study.design, now)
        session.last_seen_at = now
        row = handed_out(db, session.id, trial.number) or hand_out(db, session, trial, now)
        present(db, session, row, at=now)
        standing.keep()
        return _view(session, standing.plan, trial, clip_names(db, row))


def release_ahead(store: Store, token: str) -> tuple[TrialView, ...]:
    """Hand out the sounds of the next trials, at most two, so that none has to be waited for.

    They are not presented by this: that happens when their turn comes. Empty while no trial is
    presented, and where the next trial depends on answers yet to come.
    """
    with store.write(shared=True) as db:
        session = under_way(db, token, lock=True)
        standing = Standing(db, session)
        plan, current = standing.plan, standing.next_step().trial
        shown = None if current is None else handed_out(db, session.id, current.number)
        if shown is None or not shown.n_loads:
            return ()
        require_open_for(db, session)
        now = datetime.now(UTC)
        views = []
        for trial in upcoming_trials(plan, standing.answered, MAX_AHEAD):
            row = handed_out(db, session.id, trial.number) or hand_out(db, session, trial, now)
            views.append(_view(session, plan, trial, clip_names(db, row)))
        keep(db, session)
        standing.keep()
        return tuple(views)


def find_clip(store: Store, token: str, name: str) -> ReleasedClip:
    """The clip behind an opaque name. One and the same error for wrong and for not yours."""
    with store.read() as db:
        definition, clip, seed = rows.released_clip(db, token, name)
    if clip is None:
        raise TokenInvalid("There is no such clip.", "Load the current trial again.")
    fresh = definition.presentation.fresh_noise
    return ReleasedClip(clip=clip, noise_seed=seed if fresh else None)


def find_example(store: Store, token: str, number: int) -> ReleasedClip:
    """The clip behind one of the sounds on the page of instructions. Raises TokenInvalid."""
    with store.read() as db:
        session = rows.session_by_token(db, token)
        definition = definition_of(session.version)
        if number >= len(definition.examples):
            raise TokenInvalid("There is no such example.", "Load the page again.")
        example = definition.examples[number]
        clip = clip_of(
            db,
            session.version_id,
            item=example.item,
            condition=example.condition,
            level=example.level,
        )
    fresh = definition.presentation.fresh_noise
    return ReleasedClip(clip=clip, noise_seed=secrets.randbits(63) if fresh else None)


def store_answer(
    store: Store,
    token: str,
    number: int,
    response: Response,
    *,
    key: str,
    context_rate_hz: int | None = None,
    output_latency_ms: float | None = None,
    shown_ms_ago: float | None = None,
    of_session: str | None = None,
) -> Receipt:
    """Store the answer to trial ``number``; returns after it is safely on the disk.

    The same answer again is harmless and gets the same receipt. A trial that was handed out ahead
    may be answered without having been asked for, as it is where the network was away:
    ``shown_ms_ago`` then says when it was shown. ``of_session`` is what the trial said of its
    session. Raises AnswerConflict for a different answer and for one of another session,
    TrialOutOfOrder for a trial that was not handed out or whose turn has not come, RequestInvalid
    for an impossible response.
    """
    with store.write(shared=True) as db:
        session = under_way(db, token, lock=True)
        if of_session is not None and of_session != _mark(session):
            # The one before is lost: a server that was restored, and a link that was opened anew.
            raise AnswerConflict(
                f"This answer to trial {number} was given in another session.",
                "Go on with the current trial.",
            )
        row = handed_out(db, session.id, number) if number <= MAX_NUMBER else None
        if row is None:
            raise TrialOutOfOrder(f"Trial {number} was not presented.", "Answer the current trial.")
        study, trial = session.study, rows.trial_from_json(row.trial)
        correct = score(study.paradigm, trial, response.value)
        if row.response is not None:
            if row.response != response.value:
                raise AnswerConflict(
                    f"Another answer to trial {number} is already stored, and it stands.",
                    "Go on with the current trial.",
                )
            return _receipt(trial, study.design, repeated=True, correct=correct)
        standing = Standing(db, session)
        current = trial_in_turn(standing.next_step())
        if current is None or current.number != number:
            raise TrialOutOfOrder(
                f"The turn of trial {number} has not come.", "Answer the current trial."
            )
        _require_possible(response, trial, study)
        now = _stored_time(datetime.now(UTC))
        is_shown = row.n_loads > 0
        if not is_shown:
            # The server's clock and a duration of the client's: its clock may be wrong by a day.
            shown = now - timedelta(milliseconds=min(shown_ms_ago or 0.0, MAX_RESPONSE_MS))
            row = presented(row, at=max(row.presented_at, _stored_time(shown)))
        record = TrialRecord(
            trial=trial,
            presented_at=row.presented_at,
            n_loads=row.n_loads,
            response=response,
            answered_at=now,
            correct=correct,
            context_rate_hz=context_rate_hz,
            output_latency_ms=output_latency_ms,
        )
        if not is_expired(session, study.design, now):  # a late answer is kept, and no more
            session.last_seen_at = now
        add_answer(db, session, row, record, key=key, is_shown=is_shown)
        standing.add(record)
        if standing.next_step().kind == "finished":
            note_end(db, finish(db, session, now))
            forget(session.public_id)
        else:
            standing.keep()
        return _receipt(trial, study.design, repeated=False, correct=correct)


def _stored_time(at: datetime) -> datetime:
    """A time as it will be read again: in milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _mark(session: UnderWay) -> str:
    """Of a session, for its own browser: neither its name in the data nor a way to it."""
    return hashlib.sha256(f"session {session.public_id}".encode()).hexdigest()[:16]


def _view(session: UnderWay, plan: SessionPlan, trial: Trial, names: tuple[str, ...]) -> TrialView:
    before = plan.trials[trial.number - 2] if trial.number > 1 else None
    own = [other for other in plan.trials if other.part == trial.part]
    phase = [other.number for other in own if other.phase == trial.phase]
    return TrialView(
        session=_mark(session),
        number=trial.number,
        n_trials=len(plan.trials),
        phase=trial.phase,
        place=phase.index(trial.number) + 1,
        n_in_phase=len(phase),
        at_most=trial.phase == "main" and any(isinstance(other, OpenTrial) for other in own),
        paradigm=trial.paradigm or session.study.paradigm,
        part=1 + list(dict.fromkeys(other.part for other in plan.trials)).index(trial.part),
        starts_block=before is not None and before.block != trial.block,
        labels=tuple(interval.label for interval in trial.intervals),
        clips=names,
    )


def _receipt(trial: Trial, design: Design, *, repeated: bool, correct: bool | None) -> Receipt:
    told = tells_correct(design.feedback, trial)
    return Receipt(
        number=trial.number,
        repeated=repeated,
        correct=correct if told else None,
        correct_response=trial.correct_response if told else None,
    )


def _require_possible(response: Response, trial: Trial, study: StudyDefinition) -> None:
    if len(response.plays) != len(trial.intervals) or min(response.plays) < 0:
        raise RequestInvalid(
            "plays must hold one count per interval.", f"Send {len(trial.intervals)} counts."
        )
    time = response.response_time_ms
    if not math.isfinite(time) or not 0 <= time <= MAX_RESPONSE_MS:
        raise RequestInvalid(
            f"response_time_ms cannot be {time}.", "Send milliseconds since the first sound."
        )
    asks = paradigm_of(study.paradigm, trial).asks_confidence
    steps = study.design.confidence_steps if asks else None
    if (response.confidence is not None) != (steps is not None):
        raise RequestInvalid(
            f"This trial asks {'how sure an answer is' if steps else 'for no confidence'}.",
            f"Send confidence, from 1 to {steps}." if steps else "Leave confidence out.",
        )
    if steps is not None and not 1 <= (response.confidence or 0) <= steps:
        raise RequestInvalid(f"confidence cannot be {response.confidence}.", f"Send 1 to {steps}.")
