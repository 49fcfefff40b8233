"""Sounds may be loaded ahead: at most two trials, presented only when their turn comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jndlab.errors import TrialOutOfOrder
from jndlab.sessions import find_clip, position, release_ahead, release_trial, store_answer
from jndlab.store import sessions as rows
from jndlab.store.models import PresentedRow
from tests.store.launching import Launched, make_response


def answer(launched: Launched, token: str, number: int, **options: float) -> None:
    store_answer(launched.store, token, number, make_response("A"), key="some-key", **options)


def numbers(launched: Launched, token: str) -> list[int]:
    return [view.number for view in release_ahead(launched.store, token)]


def test_nothing_is_ahead_of_a_trial_that_was_not_presented(launched: Launched) -> None:
    token = launched.open()
    assert numbers(launched, token) == []
    release_trial(launched.store, token)
    assert numbers(launched, token) == [2, 3]
    answer(launched, token, 1)
    assert numbers(launched, token) == []


def test_names_handed_out_ahead_stay_those_of_the_trial(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    ahead = release_ahead(launched.store, token)
    assert release_ahead(launched.store, token) == ahead
    for name in ahead[1].clips:
        assert find_clip(launched.store, token, name).clip
    answer(launched, token, 1)
    assert release_trial(launched.store, token) == ahead[0]


def test_a_trial_handed_out_ahead_is_not_presented_yet(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    release_ahead(launched.store, token)
    with launched.store.read() as db:
        session = rows.session_by_token(db, token)
        assert [record.trial.number for record in rows.history_of(db, session.id)] == [1]
        stored = db.scalars(select(PresentedRow).order_by(PresentedRow.number)).all()
        assert [row.n_loads for row in stored] == [1, 0, 0]
        handed_out = stored[1].presented_at
    answer(launched, token, 1)
    release_trial(launched.store, token)
    with launched.store.read() as db:
        second = db.scalars(select(PresentedRow).where(PresentedRow.number == 2)).one()
        assert second.n_loads == 1
        assert second.presented_at >= handed_out


def test_the_turn_is_kept(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    release_ahead(launched.store, token)
    with pytest.raises(TrialOutOfOrder, match="turn of trial 2"):
        answer(launched, token, 2)
    with pytest.raises(TrialOutOfOrder, match="Trial 4 was not presented"):
        answer(launched, token, 4)
    assert position(launched.store, token).n_answered == 0


def test_where_the_network_was_away_the_trial_was_shown_so_long_ago(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    release_ahead(launched.store, token)
    with launched.store.write() as db:  # handed out a minute ago
        for row in db.scalars(select(PresentedRow)):
            row.presented_at = datetime.now(UTC) - timedelta(seconds=60)
    answer(launched, token, 1)
    answer(launched, token, 2, shown_ms_ago=20_000.0)
    answer(launched, token, 3, shown_ms_ago=1e9)
    with launched.store.read() as db:
        session = rows.session_by_token(db, token)
        records = rows.history_of(db, session.id)
    seconds = [(r.answered_at - r.presented_at).total_seconds() for r in records if r.answered_at]
    assert [record.n_loads for record in records] == [1, 1, 1]
    assert 20.0 <= seconds[1] < 30.0
    assert 59.0 < seconds[2] < 70.0  # not before it was handed out


def test_the_last_trials_have_less_ahead(launched: Launched) -> None:
    token = launched.open()
    n_trials = position(launched.store, token).n_trials
    ahead = []
    for number in range(1, n_trials + 1):
        release_trial(launched.store, token)
        ahead.append(len(numbers(launched, token)))
        answer(launched, token, number)
    assert ahead == [2] * (n_trials - 2) + [1, 0]
