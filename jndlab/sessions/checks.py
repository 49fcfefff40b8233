"""The checks before the first trial: present one, send its sound, take its answer.

One mechanism for all kinds. What is right, and whether a check is passed, is decided here; the
page learns no more than how a whole check ended.
"""

from __future__ import annotations

import hmac
import math
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jndlab.audio.audibility_sounds import speech_level
from jndlab.audio.check_sounds import SPEECH_KINDS, check_sound, draw_answer, marked_intervals
from jndlab.audio.pcm import FULL_SCALE, decode_wav, encode_wav, freshen, quantise
from jndlab.clips import Shelf, load_clip
from jndlab.errors import RequestInvalid, SessionClosed, TokenInvalid, TrialOutOfOrder
from jndlab.sessions.views import CheckOutcome, CheckReceipt, CheckView
from jndlab.store import sessions as rows
from jndlab.store.deeds import note_end
from jndlab.store.engine import Store
from jndlab.store.models import CheckTrialRow, SessionRow
from jndlab.store.studies import clip_of, definition_of
from jndlab.store.study_states import require_open_for
from jndlab.study.checks import (
    ANSWERS,
    GAIN_RANGE_DB,
    START_GAIN_DB,
    CheckResponse,
    CheckRule,
    ChecksState,
    NextCheckTrial,
    attempt_outcome,
    checks_state,
)
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import BASELINE

MAX_ATTEMPTS = 50


def release_check(store: Store, token: str) -> CheckView:
    """Present the current trial of the current check; asked again, the same one.

    Raises SessionClosed or TrialOutOfOrder when no check is due, StudyPaused or StudyClosed while
    the study takes nobody, RequestInvalid after too many attempts.
    """
    with store.write(shared=True) as db:
        session = rows.session_by_token(db, token, lock=True)
        rules = definition_of(session.version).check_rules()
        due = _due(db, session, rules)
        require_open_for(db, session)
        given = rows.check_trials(db, session.id)
        row = next((r for r in given if _place(r) == _place(due)), None)
        if row is None:
            if due.attempt > MAX_ATTEMPTS:
                raise RequestInvalid(
                    "The sound check was tried too often.", "Try another device or browser."
                )
            row = _new_trial(session, rules[due.place], due)
            db.add(row)
        return _view(rules[due.place], row)


def check_wav(store: Store, token: str, name: str, clips: Shelf) -> bytes:
    """The sound of a check as a WAV file at the study's rate. Raises TokenInvalid.

    ``clips`` has the study's own clips: a level is set on one, and soft tones are
    made beside its level.
    """
    with store.read() as db:
        session = rows.session_by_token(db, token)
        row = rows.check_trial(db, session.id, name)
        if row is None:
            raise TokenInvalid("There is no such clip.", "Load the current check again.")
        definition = definition_of(session.version)
        speech = _speech_clip(db, session, definition)
    rule = definition.check_rules()[row.place]
    rate_hz = definition.presentation.sample_rate_hz
    if rule.kind == "level":
        # As it is, its checksum would mark the baseline.
        return freshen(load_clip(clips, speech), row.seed)
    if rule.kind in SPEECH_KINDS:
        wav = decode_wav(load_clip(clips, speech)) / FULL_SCALE
        level = speech_level(wav, rate_hz)
        sound = check_sound(rule, row.right_answer, row.seed, rate_hz, speech_db=level)
    else:
        sound = check_sound(rule, row.right_answer, row.seed, rate_hz)
    return encode_wav(quantise(sound), rate_hz)


def answer_check(store: Store, token: str, name: str, answer: str) -> CheckReceipt:
    """Take the answer to one trial of a check; the same request again gets the same receipt.

    Each trial can be answered once and the first answer stands, so that trying all answers on
    one sound is no way in. Raises RequestInvalid for an answer that the page does not offer.
    """
    with store.write(shared=True) as db:
        session = rows.session_by_token(db, token, lock=True)
        row = rows.check_trial(db, session.id, name)
        if row is None:
            raise TokenInvalid("There is no such check.", "Load the current check again.")
        rules = definition_of(session.version).check_rules()
        rule = rules[row.place]
        if row.answer is None:
            _require_possible(rule, answer)
            row.answer = answer
            row.correct = rule.kind == "level" or hmac.compare_digest(answer, row.right_answer)
            row.answered_at = datetime.now(UTC)
            db.flush()
            if rule.kind == "level":
                session.gain_db = float(answer) + 0.0  # no zero below zero
            _close_if_over(db, session, checks_state(rules, _responses(db, session)))
        return _receipt(rule, row, _responses(db, session), session)


def _due(db: Session, session: SessionRow, rules: Sequence[CheckRule]) -> NextCheckTrial:
    if session.state != "open":
        raise SessionClosed("This session has ended.", "Nothing is left to check.")
    due = checks_state(rules, _responses(db, session)).next_trial
    if session.checked_at is not None or due is None:
        raise TrialOutOfOrder("The checks are over.", "Go on with the current trial.")
    return due


def _responses(db: Session, session: SessionRow) -> list[CheckResponse]:
    return [
        CheckResponse(place=row.place, attempt=row.attempt, correct=row.correct)
        for row in rows.check_trials(db, session.id)
        if row.correct is not None
    ]


def _place(trial: NextCheckTrial | CheckTrialRow) -> tuple[int, int, int]:
    return (trial.place, trial.attempt, trial.number)


def _new_trial(session: SessionRow, rule: CheckRule, due: NextCheckTrial) -> CheckTrialRow:
    return CheckTrialRow(
        session_id=session.id,
        place=due.place,
        kind=rule.kind,
        attempt=due.attempt,
        number=due.number,
        name=secrets.token_urlsafe(18),
        right_answer=draw_answer(rule.kind),
        seed=secrets.randbits(63),
        made_at=datetime.now(UTC),
    )


def _close_if_over(db: Session, session: SessionRow, state: ChecksState) -> None:
    if state.screened_out:
        session.state = "screened-out"
        note_end(db, session)
    elif state.next_trial is None and session.checked_at is None:
        session.checked_at = datetime.now(UTC)


def _view(rule: CheckRule, row: CheckTrialRow) -> CheckView:
    return CheckView(
        kind=rule.kind,
        name=row.name,
        number=row.number,
        n_trials=rule.n_trials,
        attempt=row.attempt,
        answers=ANSWERS[rule.kind],
        intervals=marked_intervals(rule.kind),
        gain_range_db=(*GAIN_RANGE_DB, START_GAIN_DB) if rule.kind == "level" else None,
    )


def _receipt(
    rule: CheckRule, row: CheckTrialRow, responses: Sequence[CheckResponse], session: SessionRow
) -> CheckReceipt:
    outcome: CheckOutcome
    match attempt_outcome(rule, responses, row.place, row.attempt):
        case "open":
            outcome = "next"
        case "passed":
            outcome = "passed"
        case "failed":
            outcome = "again" if rule.allows_another(row.attempt) else "failed"
    return CheckReceipt(outcome=outcome, gain_db=session.gain_db)


def _require_possible(rule: CheckRule, answer: str) -> None:
    if rule.kind != "level":
        if answer not in ANSWERS[rule.kind]:
            offered = ", ".join(ANSWERS[rule.kind])
            raise RequestInvalid(f"answer cannot be {answer!r}.", f"Use one of {offered}.")
        return
    low, high = GAIN_RANGE_DB
    try:
        gain = float(answer)
    except ValueError:
        gain = math.nan
    if not low <= gain <= high:
        raise RequestInvalid(
            f"answer cannot be {answer!r}.", f"Send a gain in dB from {low:g} to {high:g}."
        )


def _speech_clip(db: Session, session: SessionRow, definition: StudyDefinition) -> str:
    item = definition.stimuli.items[0]
    return clip_of(db, session.version_id, item=item, condition=BASELINE, level=None)
