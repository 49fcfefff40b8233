"""Opening sessions: numbers, kinds, tokens, and the plan that goes with a number."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from jndlab.clips import open_clips
from jndlab.errors import SessionError, TokenInvalid
from jndlab.sessions import (
    Position,
    answer_check,
    check_wav,
    finish,
    open_session,
    position,
    release_check,
    release_trial,
    store_answer,
    store_event,
)
from jndlab.sessions.lifecycle import MAX_EVENT_CHARACTERS, MAX_EVENTS
from jndlab.store.models import EventRow, SessionRow
from jndlab.store.sessions import token_digest
from jndlab.study.plan import plan_session
from tests.databases import stored_bytes
from tests.store.launching import Launched, make_response

N_THREADS = 16
TOKEN = "made-by-the-client-at-random-0123456789"


def all_sessions(launched: Launched) -> list[SessionRow]:
    with launched.store.read() as db:
        return list(db.scalars(select(SessionRow).order_by(SessionRow.id)))


def test_concurrent_opens_number_participants_without_gap_or_double(launched: Launched) -> None:
    barrier = threading.Barrier(N_THREADS)

    def open_both(thread: int) -> None:
        barrier.wait(timeout=60)
        launched.open(simulated=thread % 2 == 0)

    with ThreadPoolExecutor(N_THREADS) as pool:
        list(pool.map(open_both, range(N_THREADS)))
    numbers: dict[str, list[int]] = {"participant": [], "simulated": []}
    for row in all_sessions(launched):
        numbers[row.kind].append(row.participant)
    # Each kind counts for itself, so that a simulation changes nobody's plan.
    expected = list(range(1, N_THREADS // 2 + 1))
    assert {kind: sorted(found) for kind, found in numbers.items()} == {
        "participant": expected,
        "simulated": expected,
    }


def test_an_opening_that_is_sent_again_opens_no_second_session(launched: Launched) -> None:
    barrier = threading.Barrier(N_THREADS)

    def open_same(thread: int) -> tuple[str, Position]:
        barrier.wait(timeout=60)
        return open_session(launched.store, link=launched.link, user_agent="", token=TOKEN)

    with ThreadPoolExecutor(N_THREADS) as pool:
        opened = list(pool.map(open_same, range(N_THREADS)))
    assert len(set(opened)) == 1
    assert opened[0][0] == TOKEN
    assert [row.participant for row in all_sessions(launched)] == [1]


def test_an_opening_sent_again_later_says_where_the_session_stands(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    store_answer(launched.store, token, 1, make_response(), key="some-key")
    key = launched.study.simulation_key()
    again = open_session(
        launched.store, link=launched.link, user_agent="", token=token, simulation=key
    )
    assert again == (token, position(launched.store, token))
    assert again[1].n_answered == 1


def test_a_token_opens_no_session_of_another_kind(launched: Launched) -> None:
    token = launched.open(simulated=True)
    with pytest.raises(TokenInvalid, match="another session"):
        open_session(launched.store, link=launched.link, user_agent="", token=token)
    assert len(all_sessions(launched)) == 1


def test_the_stored_plan_is_that_of_the_number_and_the_study(launched: Launched) -> None:
    for _ in range(3):
        launched.open()
    for number, row in enumerate(all_sessions(launched), start=1):
        plan = plan_session(launched.study, participant=number, seed=launched.study.seed)
        assert (row.plan, row.plan_digest) == (plan.to_json(), plan.digest())


@pytest.mark.parametrize("key", ["", "simulate", "0" * 64, "ä", "\x00"])
def test_a_wrong_simulation_key_opens_nothing(launched: Launched, key: str) -> None:
    with pytest.raises(TokenInvalid, match="not the study"):
        open_session(launched.store, link=launched.link, user_agent="", simulation=key)
    assert all_sessions(launched) == []


def test_a_simulation_key_of_another_study_opens_nothing(launched: Launched) -> None:
    other = launched.study.model_copy(update={"seed": launched.study.seed + 1})
    with pytest.raises(TokenInvalid):
        open_session(
            launched.store, link=launched.link, user_agent="", simulation=other.simulation_key()
        )


@pytest.mark.parametrize("link", ["", "nowhere", "%", "tiny"])
def test_an_unknown_link_opens_nothing(launched: Launched, link: str) -> None:
    with pytest.raises(TokenInvalid, match="no study at this link"):
        open_session(launched.store, link=link, user_agent="")


def test_tokens_are_long_different_and_stored_as_digests_only(launched: Launched) -> None:
    tokens = [launched.open() for _ in range(5)]
    assert len(set(tokens)) == 5
    assert min(len(token) for token in tokens) >= 40
    assert [row.token_digest for row in all_sessions(launched)] == [
        token_digest(token) for token in tokens
    ]
    launched.store.close()
    content = stored_bytes(launched.settings)
    assert not any(token.encode() in content for token in tokens)


def test_a_token_that_was_never_given_is_refused_by_every_use_case(launched: Launched) -> None:
    launched.open()
    digest = all_sessions(launched)[0].token_digest
    use_cases: list[Callable[[str], object]] = [
        lambda token: position(launched.store, token),
        lambda token: release_trial(launched.store, token),
        lambda token: finish(launched.store, token),
        lambda token: release_check(launched.store, token),
        lambda token: check_wav(launched.store, token, "x", open_clips(launched.settings)),
        lambda token: answer_check(launched.store, token, "x", "3"),
        lambda token: store_event(launched.store, token, "resumed", ""),
    ]
    for token in ("", "x", digest, "' OR 1=1 --"):
        for use_case in use_cases:
            with pytest.raises(TokenInvalid, match="not known here"):
                use_case(token)


def test_events_are_kept_up_to_a_limit(launched: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_EVENTS >= 1000  # a long session with a shaky connection reports hundreds
    monkeypatch.setattr("jndlab.sessions.lifecycle.MAX_EVENTS", 3)
    token, other = launched.open(), launched.open()
    for number in range(3):
        store_event(launched.store, token, "resumed", str(number))
    with pytest.raises(SessionError, match="too many"):
        store_event(launched.store, token, "resumed", "3")
    with pytest.raises(SessionError, match="too long"):
        store_event(launched.store, other, "resumed", "x" * (MAX_EVENT_CHARACTERS + 1))
    store_event(launched.store, other, "resumed", "ü" * MAX_EVENT_CHARACTERS)
    with launched.store.read() as db:
        details = db.scalars(select(EventRow.detail)).all()
    assert details == ["0", "1", "2", "ü" * MAX_EVENT_CHARACTERS]
