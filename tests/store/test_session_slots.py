"""Slots and places of stored sessions: taken, lost, and given out again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jndlab.errors import SessionExpired, StudyFull
from jndlab.export.sessions import session_table
from jndlab.export.tidy import study_rows
from jndlab.sessions import position, release_trial, resume, withdraw
from jndlab.store.slots import count_places
from jndlab.store.studies import study_by_link
from jndlab.study.plan import plan_session
from tests.store.launching import Launched, make_template, open_copy
from tests.store.recruiting import enter, leave, row_of, set_session, set_study, take

N_THREADS = 32


def slots(launched: Launched, *tokens: str) -> list[int]:
    return [row_of(launched, token).slot for token in tokens]


def taken(launched: Launched) -> int:
    with launched.store.read() as db:
        study = study_by_link(db, launched.link)
        return sum(count_places(db, study.id, design=launched.study.design, now=datetime.now(UTC)))


def test_the_slot_of_a_dead_session_goes_to_the_next_with_another_order(
    launched: Launched,
) -> None:
    first, second = enter(launched), enter(launched)
    leave(launched, first, hours=25)
    third = enter(launched)
    assert slots(launched, first, second, third) == [1, 2, 1]
    lost, made = launched.plan(first), launched.plan(third)
    assert made == plan_session(launched.study, participant=3, seed=launched.study.seed, slot=1)
    assert [t.order for t in made.trials] != [t.order for t in lost.trials]


@pytest.mark.parametrize("state", ["screened-out", "withdrawn"])
def test_who_is_out_makes_room(launched: Launched, state: str) -> None:
    first, second = enter(launched), enter(launched)
    if state == "withdrawn":
        withdraw(launched.store, first)
    else:
        set_session(launched, first, state=state)
    assert slots(launched, second, enter(launched)) == [2, 1]


def test_a_finished_session_keeps_its_slot_until_it_is_withdrawn(launched: Launched) -> None:
    first = take(launched, enter(launched))
    leave(launched, first, days=400)
    assert slots(launched, enter(launched)) == [2]
    withdraw(launched.store, first)
    assert slots(launched, enter(launched)) == [1]


def test_who_comes_back_after_the_slot_was_given_out_goes_on_with_the_same_plan(
    launched: Launched,
) -> None:
    first = enter(launched)
    before = launched.plan(first)
    leave(launched, first, hours=25)
    second = enter(launched)
    assert resume(launched.store, first, "a-key-of-the-page").step == "check"
    assert launched.plan(first) == before
    # Both live in slot 1 now; nobody else gets it, and no third one is made of it.
    assert slots(launched, first, second, enter(launched)) == [1, 1, 2]


def test_the_study_says_how_long_a_session_lives(tmp_path: Path) -> None:
    template = make_template(tmp_path / "made", design={"resume_hours": 2.0})
    launched = open_copy(template, tmp_path / "copy")
    first = enter(launched)
    leave(launched, first, hours=2.1)
    second = enter(launched)
    assert slots(launched, first, second) == [1, 1]
    set_session(launched, first, checked_at=datetime.now(UTC))
    with pytest.raises(SessionExpired):
        release_trial(launched.store, first)
    launched.store.close()


def test_people_who_come_at_once_get_a_slot_each(launched: Launched) -> None:
    barrier = threading.Barrier(N_THREADS)

    def come(_: int) -> str:
        barrier.wait(timeout=60)
        return enter(launched)

    with ThreadPoolExecutor(N_THREADS) as pool:
        tokens = list(pool.map(come, range(N_THREADS)))
    assert sorted(slots(launched, *tokens)) == list(range(1, N_THREADS + 1))


def test_each_kind_of_session_has_slots_of_its_own(launched: Launched) -> None:
    person, model = enter(launched), launched.open()
    assert slots(launched, person, model) == [1, 1]


def test_the_exports_name_the_slot(launched: Launched) -> None:
    leave(launched, enter(launched), hours=25)
    take(launched, enter(launched))
    slug = launched.study.slug
    assert [row["slot"] for row in session_table(launched.store, slug)] == [1, 1]
    rows = list(study_rows(launched.store, slug))
    assert {(row["participant"], row["slot"]) for row in rows} == {(2, 1)}


def test_a_simulated_listener_is_told_its_slot_and_nobody_else_is(launched: Launched) -> None:
    assert position(launched.store, launched.open()).slot == 1
    assert position(launched.store, enter(launched)).slot is None


def test_a_full_study_takes_nobody_until_a_place_is_free(launched: Launched) -> None:
    set_study(launched, quota=2)
    first, second = take(launched, enter(launched)), enter(launched)
    assert taken(launched) == 2
    with pytest.raises(StudyFull):
        enter(launched)
    launched.open()  # a simulated listener takes nobody's place
    leave(launched, second, hours=25)
    assert taken(launched) == 1
    third = enter(launched)
    assert slots(launched, first, second, third) == [1, 2, 2]
    # Who comes back late goes on, even if there are more than wanted then.
    resume(launched.store, second, "a-key-of-the-page")
    assert taken(launched) == 3
    with pytest.raises(StudyFull):
        enter(launched)


def test_the_last_place_is_given_to_one_of_many_at_once(launched: Launched) -> None:
    set_study(launched, quota=3)

    def come(_: int) -> bool:
        try:
            enter(launched)
        except StudyFull:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(come, range(12))) == 3


def test_a_quota_of_none_closes_the_study_to_new_people(launched: Launched) -> None:
    token = enter(launched)
    set_study(launched, quota=0)
    with pytest.raises(StudyFull):
        enter(launched)
    assert position(launched.store, token).step == "check"
