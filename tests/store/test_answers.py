"""One trial, one answer, whoever hammers at it; and nothing impossible is stored."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest
from sqlalchemy import select

from jndlab.errors import (
    AnswerConflict,
    RequestInvalid,
    SessionClosed,
    StoreError,
    TokenInvalid,
    TrialOutOfOrder,
)
from jndlab.sessions import Receipt, find_clip, finish, position, release_trial, store_answer
from jndlab.store.models import AnswerRow, PresentedRow, ReleasedClipRow
from tests.databases import make_read_only
from tests.store.launching import Launched, make_response

N_THREADS = 16
N_TRIALS = 10


def answer(launched: Launched, token: str, number: int, value: str = "A") -> Receipt:
    return store_answer(launched.store, token, number, make_response(value), key="some-key")


def take(launched: Launched, token: str, n_trials: int) -> None:
    for number in range(1, n_trials + 1):
        assert release_trial(launched.store, token).number == number
        answer(launched, token, number)


def hammer(work: Callable[[int], object]) -> list[object]:
    """What each of 16 threads that start together gets: a result, or the error raised."""
    barrier = threading.Barrier(N_THREADS)

    def one(thread: int) -> object:
        barrier.wait(timeout=60)
        try:
            return work(thread)
        except (AnswerConflict, TrialOutOfOrder) as error:
            return error

    with ThreadPoolExecutor(N_THREADS) as pool:
        return list(pool.map(one, range(N_THREADS)))


def test_the_presented_row_is_stored_before_a_clip_name_goes_out(launched: Launched) -> None:
    token = launched.open()
    view = release_trial(launched.store, token)
    with launched.store.read() as db:
        row = db.scalars(select(PresentedRow)).one()
        assert row.number == view.number == 1
        names = db.scalars(select(ReleasedClipRow.name).order_by(ReleasedClipRow.position)).all()
    assert tuple(names) == view.clips


def test_no_clip_name_goes_out_when_the_presented_row_cannot_be_stored(launched: Launched) -> None:
    token = launched.open()
    make_read_only(launched.store)
    with pytest.raises(StoreError):
        release_trial(launched.store, token)


def test_the_same_answer_from_16_threads_is_one_row_and_16_receipts(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    receipts = hammer(lambda thread: answer(launched, token, 1, "B"))
    assert all(isinstance(receipt, Receipt) for receipt in receipts)
    assert sorted(receipt.repeated for receipt in receipts if isinstance(receipt, Receipt)) == [
        False,
        *[True] * (N_THREADS - 1),
    ]
    assert launched.answers(token) == {1: "B"}


def test_different_answers_from_16_threads_leave_the_first_one_standing(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    values = ["A", "B"] * (N_THREADS // 2)
    results = hammer(lambda thread: answer(launched, token, 1, values[thread]))
    stored = launched.answers(token)[1]
    for value, result in zip(values, results, strict=True):
        assert isinstance(result, Receipt if value == stored else AnswerConflict)
    assert [r.repeated for r in results if isinstance(r, Receipt)].count(False) == 1


def test_16_threads_that_load_a_trial_see_one_trial_under_one_set_of_names(
    launched: Launched,
) -> None:
    token = launched.open()
    views = hammer(lambda thread: release_trial(launched.store, token))
    assert len(set(views)) == 1
    with launched.store.read() as db:
        row = db.scalars(select(PresentedRow)).one()
        assert row.n_loads == N_THREADS


def test_two_tabs_that_race_through_a_session_store_each_trial_once(launched: Launched) -> None:
    token = launched.open()

    def race(thread: int) -> None:
        for _ in range(N_TRIALS):
            try:
                number = release_trial(launched.store, token).number
                answer(launched, token, number)
            except SessionClosed:
                return

    hammer(race)
    assert launched.answers(token) == dict(zip(range(1, N_TRIALS + 1), cycle("A"), strict=False))
    assert position(launched.store, token).step == "finished"


def test_a_repeat_changes_nothing_that_was_stored_first(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    first = store_answer(launched.store, token, 1, make_response(ms=1234.5), key="first-key")
    again = store_answer(launched.store, token, 1, make_response(ms=9.0), key="second-key")
    assert (first.repeated, again.repeated) == (False, True)
    with launched.store.read() as db:
        row = db.scalars(select(AnswerRow)).one()
        assert (row.key, row.response_time_ms) == ("first-key", 1234.5)


def test_a_finished_session_still_gives_receipts_but_takes_no_other_answer(
    launched: Launched,
) -> None:
    token = launched.open()
    take(launched, token, N_TRIALS)
    assert answer(launched, token, N_TRIALS).repeated
    with pytest.raises(AnswerConflict):
        answer(launched, token, N_TRIALS, "B")
    with pytest.raises(SessionClosed):
        release_trial(launched.store, token)


@pytest.mark.parametrize("number", [0, 2, N_TRIALS, N_TRIALS + 1, 2**31])
def test_an_answer_to_a_trial_that_was_not_presented_is_refused(
    launched: Launched, number: int
) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    with pytest.raises(TrialOutOfOrder, match="not presented"):
        answer(launched, token, number)
    assert launched.answers(token) == {}


def test_an_answer_before_the_trial_was_released_is_refused(launched: Launched) -> None:
    with pytest.raises(TrialOutOfOrder):
        answer(launched, launched.open(), 1)


def test_a_past_trial_cannot_be_answered_anew(launched: Launched) -> None:
    token = launched.open()
    take(launched, token, 3)
    with pytest.raises(AnswerConflict):
        answer(launched, token, 1, "B")
    assert launched.answers(token) == {1: "A", 2: "A", 3: "A"}


def test_feedback_is_given_in_practice_and_never_in_the_test(launched: Launched) -> None:
    token = launched.open()
    for trial in launched.plan(token).trials:
        release_trial(launched.store, token)
        receipt = answer(launched, token, trial.number)
        if trial.phase == "practice":
            assert receipt.correct_response == trial.correct_response
            assert receipt.correct == (trial.correct_response == "A")
        else:
            assert (receipt.correct, receipt.correct_response) == (None, None)


def test_whether_an_answer_is_right_is_stored_as_the_plan_says(launched: Launched) -> None:
    token = launched.open()
    take(launched, token, N_TRIALS)
    with launched.store.read() as db:
        rows = db.scalars(select(AnswerRow).order_by(AnswerRow.presented_id)).all()
        keys = [trial.correct_response for trial in launched.plan(token).trials]
        assert [row.correct for row in rows] == [key == "A" for key in keys]


def test_the_completion_code_is_given_at_the_end_and_not_before(launched: Launched) -> None:
    token = launched.open()
    for number in range(1, N_TRIALS + 1):
        assert position(launched.store, token).completion_code is None
        with pytest.raises(TrialOutOfOrder, match=f"{N_TRIALS - number + 1} trials are left"):
            finish(launched.store, token)
        release_trial(launched.store, token)
        answer(launched, token, number)
    assert finish(launched.store, token).completion_code
    assert finish(launched.store, token) == position(launched.store, token)


@pytest.mark.parametrize(
    "response",
    [
        make_response(""),
        make_response("C"),
        make_response("a"),
        make_response("A" * 200),
        make_response(ms=math.nan),
        make_response(ms=math.inf),
        make_response(ms=-math.inf),
        make_response(ms=-0.001),
        make_response(ms=1e12),
        make_response(plays=()),
        make_response(plays=(1, 1)),
        make_response(plays=(1, 1, 1, 1)),
        make_response(plays=(1, -1, 1)),
    ],
)
def test_an_impossible_response_is_refused_and_not_stored(
    launched: Launched, response: object
) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    with pytest.raises(RequestInvalid) as refused:
        store_answer(launched.store, token, 1, response, key="some-key")  # type: ignore[arg-type]
    assert refused.value.remedy
    assert launched.answers(token) == {}


def test_a_clip_of_another_session_is_as_unknown_as_one_that_never_was(launched: Launched) -> None:
    mine, other = launched.open(), launched.open()
    (theirs, *_) = release_trial(launched.store, other).clips
    release_trial(launched.store, mine)
    texts = set()
    for name in (theirs, "x" * len(theirs), "", "../../jndlab.db", "%"):
        with pytest.raises(TokenInvalid) as refused:
            find_clip(launched.store, mine, name)
        texts.add((refused.value.code, refused.value.message, refused.value.remedy))
    assert len(texts) == 1
    assert find_clip(launched.store, other, theirs).clip
