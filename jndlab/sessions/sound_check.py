"""The sound check: so many beeps, how many did you hear?

An audio context that says it is running is no proof of sound; a right count is.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime

from jndlab.audio.pcm import encode_wav, quantise
from jndlab.audio.tones import MAX_BEEPS, MIN_BEEPS, beeps
from jndlab.errors import RequestInvalid, TokenInvalid
from jndlab.store import sessions as rows
from jndlab.store.engine import Store
from jndlab.store.models import SoundCheckRow
from jndlab.store.studies import definition_of

MAX_ATTEMPTS = 50


def new_sound_check(store: Store, token: str) -> str:
    """Make a new check with a random number of beeps; returns its opaque clip name.

    Raises RequestInvalid after too many attempts.
    """
    name = secrets.token_urlsafe(18)
    with store.write() as db:
        session = rows.session_by_token(db, token)
        if rows.count_sound_checks(db, session.id) >= MAX_ATTEMPTS:
            raise RequestInvalid(
                "The sound check was tried too often.", "Try another device or browser."
            )
        n_beeps = MIN_BEEPS + secrets.randbelow(MAX_BEEPS - MIN_BEEPS + 1)
        db.add(
            SoundCheckRow(
                session_id=session.id, name=name, n_beeps=n_beeps, made_at=datetime.now(UTC)
            )
        )
    return name


def sound_check_wav(store: Store, token: str, name: str) -> bytes:
    """The sound of a check as a WAV file at the study's rate. Raises TokenInvalid."""
    with store.read() as db:
        session = rows.session_by_token(db, token)
        check = rows.sound_check(db, session.id, name)
        if check is None:
            raise TokenInvalid("There is no such clip.", "Start the sound check again.")
        rate_hz = definition_of(session.study).presentation.sample_rate_hz
    return encode_wav(quantise(beeps(check.n_beeps, rate_hz)), rate_hz)


def answer_sound_check(store: Store, token: str, name: str, heard: int) -> bool:
    """Whether ``heard`` is the number of beeps; if so the session goes on to its trials.

    Each check can be answered once, so that trying all numbers on one sound is no way in.
    """
    with store.write() as db:
        session = rows.session_by_token(db, token)
        check = rows.sound_check(db, session.id, name)
        if check is None:
            raise TokenInvalid("There is no such sound check.", "Start the sound check again.")
        if check.heard is None:
            check.heard = heard
        passed = hmac.compare_digest(str(check.heard), str(check.n_beeps))
        if passed and session.sound_checked_at is None:
            session.sound_checked_at = datetime.now(UTC)
    return passed
