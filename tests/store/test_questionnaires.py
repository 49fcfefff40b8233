"""Answers to questionnaires: in their turn, whole, once, and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jndlab.errors import AnswerConflict, SessionClosed, TrialOutOfOrder
from jndlab.sessions import (
    QuestionnaireReceipt,
    finish,
    position,
    release_trial,
    store_answer,
    store_questionnaire,
)
from jndlab.sessions.standing import Standing
from jndlab.store.models import QuestionnaireAnswerRow
from jndlab.store.questionnaires import add_values, stored_values
from jndlab.store.sessions import session_by_token
from jndlab.store.under_way import under_way
from jndlab.study.flow import Occasion
from tests.store.launching import Launched, make_response, make_template, open_copy


def ask(name: str, when: str) -> dict[str, Any]:
    questions = [
        {"name": "age", "kind": "number", "text": "How old?", "min": 16},
        {"name": "note", "kind": "text", "text": "Anything?", "required": False},
    ]
    return {"name": name, "title": name, "when": when, "questions": questions}


DESIGN = {
    "trials_per_level": 1,
    "practice_trials": 0,
    "identical_trials": 0,
    "gross_trials": 1,
    "trials_per_block": 2,
}
"""Four trials in two blocks."""
GOOD = {"age": "30", "note": "fine"}
BEFORE = Occasion(questionnaire="you", block=0)
BETWEEN = Occasion(questionnaire="tired", block=1)
AFTER = Occasion(questionnaire="end", block=2)


@pytest.fixture(scope="session")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    questionnaires = [ask("you", "before"), ask("tired", "between-blocks"), ask("end", "after")]
    folder = tmp_path_factory.mktemp("asking")
    return make_template(folder, questionnaires=questionnaires, checks=[], design=DESIGN)


@pytest.fixture
def launched(asking: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(asking, tmp_path)
    yield launched
    launched.store.close()


@pytest.fixture
def token(launched: Launched) -> str:
    return launched.open(simulated=False)


def give(
    launched: Launched, token: str, occasion: Occasion, given: Mapping[str, Any] = GOOD
) -> QuestionnaireReceipt:
    return store_questionnaire(launched.store, token, occasion, given, key="some-key")


def take(launched: Launched, token: str, *numbers: int) -> None:
    for number in numbers:
        assert release_trial(launched.store, token).number == number
        store_answer(launched.store, token, number, make_response(), key="some-key")


def stored(launched: Launched, token: str, occasion: Occasion) -> dict[str, Any]:
    with launched.store.read() as db:
        return dict(stored_values(db, session_by_token(db, token).id, occasion))


def test_each_is_due_in_its_turn_and_the_last_one_finishes_the_session(
    launched: Launched, token: str
) -> None:
    def due() -> tuple[str, str | None, int | None]:
        at = position(launched.store, token)
        return at.step, at.questionnaire, at.block

    assert due() == ("questionnaire", "you", 0)
    assert give(launched, token, BEFORE) == QuestionnaireReceipt(
        stored=True, repeated=False, problems=()
    )
    assert due() == ("trial", None, None)
    take(launched, token, 1, 2)
    assert due() == ("questionnaire", "tired", 1)
    give(launched, token, BETWEEN)
    take(launched, token, 3, 4)
    assert due() == ("questionnaire", "end", 2)
    assert position(launched.store, token).completion_code is None
    with pytest.raises(TrialOutOfOrder, match="A questionnaire is left"):
        finish(launched.store, token)
    give(launched, token, AFTER)
    assert finish(launched.store, token).completion_code is not None
    assert stored(launched, token, AFTER) == {"age": 30, "note": "fine"}


def test_no_trial_is_presented_while_a_questionnaire_comes_first(
    launched: Launched, token: str
) -> None:
    with pytest.raises(TrialOutOfOrder, match="questionnaire"):
        release_trial(launched.store, token)
    give(launched, token, BEFORE)
    take(launched, token, 1, 2)
    with pytest.raises(TrialOutOfOrder, match="questionnaire"):
        release_trial(launched.store, token)


@pytest.mark.parametrize("occasion", [BETWEEN, AFTER, Occasion(questionnaire="you", block=1)])
def test_one_whose_turn_has_not_come_is_refused(
    launched: Launched, token: str, occasion: Occasion
) -> None:
    with pytest.raises(TrialOutOfOrder):
        give(launched, token, occasion)
    with pytest.raises(TrialOutOfOrder):
        give(launched, token, Occasion(questionnaire="unknown", block=0))


def test_with_one_problem_nothing_is_stored(launched: Launched, token: str) -> None:
    receipt = give(launched, token, BEFORE, {"age": "3", "note": "fine"})
    assert not receipt.stored
    assert [(p.question, p.fault, p.limit) for p in receipt.problems] == [("age", "too-small", 16)]
    assert stored(launched, token, BEFORE) == {}
    assert position(launched.store, token).questionnaire == "you"


def test_the_same_answers_again_change_nothing_and_others_are_refused(
    launched: Launched, token: str
) -> None:
    give(launched, token, BEFORE)
    assert give(launched, token, BEFORE, {"age": " 30 ", "note": "fine"}).repeated
    for other in ({"age": "31", "note": "fine"}, {"age": "30"}, {"age": "no"}):
        with pytest.raises(AnswerConflict):
            give(launched, token, BEFORE, other)
    assert stored(launched, token, BEFORE) == {"age": 30, "note": "fine"}


def test_a_question_that_was_left_empty_has_a_row_of_its_own(
    launched: Launched, token: str
) -> None:
    give(launched, token, BEFORE, {"age": "30"})
    assert stored(launched, token, BEFORE) == {"age": 30, "note": None}


def test_many_requests_at_once_store_one_set_of_answers(launched: Launched, token: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: give(launched, token, BEFORE), range(16)))
    assert sum(not receipt.repeated for receipt in receipts) == 1
    with launched.store.read() as db:
        assert db.query(QuestionnaireAnswerRow).count() == 2


def test_a_session_that_has_ended_takes_no_new_answers(launched: Launched, token: str) -> None:
    give(launched, token, BEFORE)
    take(launched, token, 1, 2)
    give(launched, token, BETWEEN)
    take(launched, token, 3, 4)
    give(launched, token, AFTER)
    assert give(launched, token, AFTER).repeated
    with pytest.raises(SessionClosed):
        give(launched, token, Occasion(questionnaire="end", block=7))


def test_a_simulated_listener_is_asked_nothing(launched: Launched) -> None:
    token = launched.open()
    take(launched, token, 1, 2, 3, 4)
    assert finish(launched.store, token).step == "finished"


@pytest.mark.parametrize("between", [False, True])
def test_what_was_answered_in_a_transaction_that_failed_is_asked_again(
    launched: Launched, token: str, between: bool
) -> None:
    """Whoever came after it in the same group, and saw the answer, keeps nothing of it either."""
    if between:
        give(launched, token, BEFORE)
        for _ in range(2):
            number = release_trial(launched.store, token).number
            store_answer(launched.store, token, number, make_response("A"), key=f"key-{number}")
    occasion = BETWEEN if between else BEFORE
    with pytest.raises(RuntimeError, match="the disk"):
        answer_look_and_fail(launched, token, occasion)
    with pytest.raises(TrialOutOfOrder):
        release_trial(launched.store, token)
    assert position(launched.store, token).questionnaire == occasion.questionnaire


def answer_look_and_fail(launched: Launched, token: str, occasion: Occasion) -> None:
    with launched.store.write(shared=True) as db:
        row = session_by_token(db, token)
        add_values(db, row, occasion, {"age": 30}, key="lost", at=datetime.now(UTC))
        db.flush()
        standing = Standing(db, under_way(db, token, lock=True))
        assert standing.next_step().trial is not None
        standing.keep()
        raise RuntimeError("the disk")
