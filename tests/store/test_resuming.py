"""Going on with a session: counted with its gap, and only for as long as the study allows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from jndlab.errors import RequestInvalid, SessionExpired
from jndlab.sessions import release_trial, resume, store_answer
from jndlab.store import sessions as rows
from jndlab.store.models import AnswerRow, ResumeRow
from jndlab.study.trials import Response
from tests.store.launching import Launched, make_response, make_template, open_copy

KEY = "a-key-of-the-page"


def leave(launched: Launched, token: str, **duration: float) -> None:
    """Make the session's last sign of life lie so far back."""
    with launched.store.write() as db:
        session = rows.session_by_token(db, token)
        session.last_seen_at -= timedelta(**duration)


def gaps(launched: Launched) -> list[float]:
    with launched.store.read() as db:
        return [row.gap_seconds for row in db.scalars(select(ResumeRow).order_by(ResumeRow.id))]


def test_a_return_is_stored_once_per_page_with_the_gap_before_it(launched: Launched) -> None:
    token = launched.open()
    leave(launched, token, minutes=90)
    assert resume(launched.store, token, KEY).step == "trial"
    resume(launched.store, token, KEY)
    leave(launched, token, seconds=30)
    resume(launched.store, token, "another-page")
    first, second = gaps(launched)
    assert 5400 <= first < 5460
    assert 30 <= second < 90


def test_a_session_left_too_long_cannot_be_gone_on_with(tmp_path: Path) -> None:
    template = make_template(tmp_path / "made", design={"resume_hours": 2.0})
    launched = open_copy(template, tmp_path / "copy")
    token = launched.open()
    leave(launched, token, hours=1.9)
    resume(launched.store, token, KEY)
    leave(launched, token, hours=2.1)
    with pytest.raises(SessionExpired, match="too long ago"):
        resume(launched.store, token, "another-page")
    assert len(gaps(launched)) == 1
    launched.store.close()


def test_a_late_answer_is_kept_but_does_not_open_the_session_again(tmp_path: Path) -> None:
    template = make_template(tmp_path / "made", design={"resume_hours": 2.0})
    launched = open_copy(template, tmp_path / "copy")
    token = launched.open()
    release_trial(launched.store, token)
    leave(launched, token, hours=3)
    store_answer(launched.store, token, 1, make_response(), key=KEY)
    assert launched.answers(token) == {1: "A"}
    for go_on in (
        lambda: resume(launched.store, token, KEY),
        lambda: release_trial(launched.store, token),
    ):
        with pytest.raises(SessionExpired):
            go_on()
    launched.store.close()


def test_a_finished_session_is_not_gone_on_with_but_shown(launched: Launched) -> None:
    token = launched.open()
    for number in range(1, len(launched.plan(token).trials) + 1):
        release_trial(launched.store, token)
        store_answer(launched.store, token, number, make_response(), key=KEY)
    assert resume(launched.store, token, KEY).step == "finished"
    assert gaps(launched) == []


def test_confidence_is_stored_where_it_is_asked_and_refused_where_not(
    tmp_path: Path, launched: Launched
) -> None:
    template = make_template(tmp_path / "made", design={"confidence_steps": 4})
    asked = open_copy(template, tmp_path / "copy")

    def answer(study: Launched, confidence: int | None) -> None:
        token = study.open()
        release_trial(study.store, token)
        response = Response(
            value="A", response_time_ms=900.0, plays=(1, 1, 1), confidence=confidence
        )
        store_answer(study.store, token, 1, response, key=KEY)

    answer(asked, 4)
    with asked.store.read() as db:
        assert db.scalars(select(AnswerRow.confidence)).one() == 4
    for wrong in (None, 0, 5):
        with pytest.raises(RequestInvalid, match=r"confidence|how sure"):
            answer(asked, wrong)
    with pytest.raises(RequestInvalid, match="no confidence"):
        answer(launched, 1)
    asked.store.close()
