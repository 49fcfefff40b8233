"""People from recruiters: their ids in one table and nowhere else, and the way back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect, select, text

from jndlab.errors import (
    RecruitBegun,
    RecruitDone,
    RecruitMissing,
    RequestInvalid,
    SessionClosed,
    SessionWithdrawn,
    TokenInvalid,
)
from jndlab.sessions import position, withdraw
from jndlab.sessions.endings import give_up
from jndlab.sessions.opening import is_same_person
from jndlab.store.models import EventRow, RecruitRow
from tests.store.launching import Launched
from tests.store.recruiting import IDS, SONA_URL, add_link, enter, set_session, set_study, take

TOKEN = "made-by-the-client-at-random-0123456789"
OTHER = IDS | {"PROLIFIC_PID": "6a2f"}


@pytest.fixture
def link(launched: Launched) -> str:
    set_study(launched, completion_code="D0NE", screen_out_code="0UT", failure_code="FA1L")
    return add_link(launched, recruiter="prolific")


def recruits(launched: Launched) -> list[RecruitRow]:
    with launched.store.read() as db:
        return list(db.scalars(select(RecruitRow)))


def everything_else(launched: Launched) -> str:
    """Every cell of every table but that of the recruits."""
    with launched.store.read() as db:
        tables = inspect(db.connection()).get_table_names()
        return "\n".join(
            str(tuple(row))
            for table in tables
            if table != "recruits"
            for row in db.execute(text(f'SELECT * FROM "{table}"'))
        )


def test_ids_are_kept_in_their_own_table_only(launched: Launched, link: str) -> None:
    take(launched, enter(launched, link, recruit=IDS))
    [row] = recruits(launched)
    assert (row.recruiter, row.external_id) == ("prolific", IDS["PROLIFIC_PID"])
    assert json.loads(row.assignment) == {
        "STUDY_ID": IDS["STUDY_ID"],
        "SESSION_ID": IDS["SESSION_ID"],
    }
    kept = everything_else(launched)
    assert "finished" in kept
    assert not any(value in kept for value in IDS.values())


def test_a_withdrawal_deletes_them(launched: Launched, link: str) -> None:
    token = enter(launched, link, recruit=IDS)
    enter(launched, link, recruit=OTHER)
    withdraw(launched.store, token)
    assert [row.external_id for row in recruits(launched)] == [OTHER["PROLIFIC_PID"]]
    with pytest.raises(SessionWithdrawn):
        give_up(launched.store, token, "no-sound")


def test_nobody_takes_part_twice(launched: Launched, link: str) -> None:
    token = enter(launched, link, recruit=IDS, token=TOKEN)
    assert enter(launched, link, recruit=IDS, token=TOKEN) == token
    with pytest.raises(RecruitBegun):
        enter(launched, link, recruit=IDS)
    take(launched, token)
    with pytest.raises(RecruitDone):
        enter(launched, link, recruit=IDS | {"SESSION_ID": "60cc33"})
    again = add_link(launched, recruiter="prolific")
    with pytest.raises(RecruitDone):  # nor by another link of the study
        enter(launched, again, recruit=IDS)
    assert len(recruits(launched)) == 1


def test_nobody_takes_part_twice_at_once(launched: Launched, link: str) -> None:
    def come(_: int) -> bool:
        try:
            enter(launched, link, recruit=IDS)
        except RecruitBegun:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(come, range(8))) == 1


def test_who_was_screened_out_is_not_let_in_again(launched: Launched, link: str) -> None:
    set_session(launched, enter(launched, link, recruit=IDS), state="screened-out")
    with pytest.raises(RecruitDone):
        enter(launched, link, recruit=IDS)


def test_the_link_of_a_recruiter_wants_the_id_of_a_person(launched: Launched, link: str) -> None:
    for nobody in (None, {}, {"STUDY_ID": "60aa"}):
        with pytest.raises(RecruitMissing):
            enter(launched, link, recruit=nobody)
    assert recruits(launched) == []


def test_ids_have_no_place_where_nobody_recruits(launched: Launched) -> None:
    with pytest.raises(RequestInvalid, match="for no recruiter"):
        enter(launched, recruit=IDS)


def test_the_session_of_somebody_else_on_the_same_computer_is_told(
    launched: Launched, link: str
) -> None:
    enter(launched, link, recruit=IDS, token=TOKEN)
    assert is_same_person(launched.store, TOKEN, IDS)
    assert not is_same_person(launched.store, TOKEN, OTHER)
    with pytest.raises(TokenInvalid, match="another session"):
        enter(launched, link, recruit=OTHER, token=TOKEN)
    with pytest.raises(TokenInvalid):
        is_same_person(launched.store, "x" * 40, IDS)


def test_prolific_gets_people_back_with_the_code_of_their_ending(
    launched: Launched, link: str
) -> None:
    token = enter(launched, link, recruit=IDS)
    assert position(launched.store, token).completion_url is None, "not before the end"
    done = position(launched.store, take(launched, token))
    assert done.completion_code == "D0NE"
    assert done.completion_url == "https://app.prolific.com/submissions/complete?cc=D0NE"
    out = enter(launched, link, recruit=OTHER)
    set_session(launched, out, state="screened-out")
    assert str(position(launched.store, out).completion_url).endswith("?cc=0UT")


def test_sona_gives_the_credit_where_the_institution_says(launched: Launched) -> None:
    sona = add_link(launched, recruiter="sona", return_url=SONA_URL)
    done = position(launched.store, take(launched, enter(launched, sona, recruit=CODE)))
    assert done.completion_url == SONA_URL.replace("XXXX", "4711")


CODE = {"survey_code": "4711"}


def test_who_gives_up_gets_the_failure_code_and_it_is_noted(launched: Launched, link: str) -> None:
    token = enter(launched, link, recruit=IDS)
    leave = give_up(launched.store, token, "no-sound")
    assert leave.code == "FA1L"
    assert leave.url == "https://app.prolific.com/submissions/complete?cc=FA1L"
    with launched.store.read() as db:
        [event] = db.scalars(select(EventRow)).all()
    assert (event.kind, event.detail) == ("gave-up", "no-sound")
    take(launched, token)  # and may still come back
    with pytest.raises(SessionClosed):
        give_up(launched.store, token, "no-sound")


def test_studies_from_before_there_was_a_failure_code_name_the_participant(
    launched: Launched,
) -> None:
    set_study(launched, failure_code=None)
    assert give_up(launched.store, enter(launched), "clip-damaged").code == "FAILED-1"


def test_giving_up_again_and_again_fills_no_disk(launched: Launched) -> None:
    token = enter(launched)
    for _ in range(30):
        give_up(launched.store, token, "no-sound")
    with launched.store.read() as db:
        assert len(db.scalars(select(EventRow)).all()) == 20
