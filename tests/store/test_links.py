"""Links: who gets in with which, how often, and what a session by it counts as."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from jndlab.errors import (
    LinkExpired,
    LinkRevoked,
    LinkUsedUp,
    RequestInvalid,
    SessionError,
    StudyClosed,
    TokenInvalid,
)
from jndlab.export.sessions import session_table
from jndlab.export.tidy import study_rows
from jndlab.sessions import open_session, position, resume, withdraw
from jndlab.sessions.endings import PREVIEW_CODE
from jndlab.sessions.opening import refusal
from jndlab.store.links import entry_by_token, links_of
from jndlab.store.models import LinkRow, SessionRow
from jndlab.store.studies import study_by_link
from jndlab.store.study_states import StudyState, set_study_state
from tests.store.launching import Launched
from tests.store.recruiting import add_link, enter, row_of, set_session, set_study, take

NOW = datetime.now(UTC)
TOKEN = "made-by-the-client-at-random-0123456789"


def set_state(launched: Launched, state: StudyState) -> None:
    with launched.store.write() as db:
        set_study_state(db, study_by_link(db, launched.link).id, state)


def refused(launched: Launched, link: str) -> str:
    """What the page of a link says to somebody new."""
    with launched.store.read() as db:
        return refusal(db, entry_by_token(db, link), launched.study)


def test_a_link_leads_to_its_study_and_the_session_remembers_it(launched: Launched) -> None:
    link = add_link(launched, max_uses=2)
    token, at = open_session(launched.store, link=link, user_agent="")
    assert at.link == link
    with launched.store.read() as db:
        session = db.scalars(select(SessionRow)).one()
        assert db.get_one(LinkRow, session.link_id or 0).token == link
    general = enter(launched)
    assert row_of(launched, general).link_id is None
    assert position(launched.store, general).link == launched.link
    assert (row_of(launched, token).slot, row_of(launched, general).slot) == (1, 2)


def test_a_multiple_link_takes_as_many_as_it_is_for(launched: Launched) -> None:
    link = add_link(launched, max_uses=2)
    for _ in range(2):
        assert refused(launched, link) == ""
        enter(launched, link)
    assert refused(launched, link) == "link-used-up"
    with pytest.raises(LinkUsedUp):
        enter(launched, link)
    enter(launched)  # the study itself takes more


def test_a_single_link_is_for_one_session_which_its_token_goes_on_with(launched: Launched) -> None:
    link = add_link(launched, "single", label="S01")
    enter(launched, link, token=TOKEN)
    assert enter(launched, link, token=TOKEN) == TOKEN
    for other in (None, TOKEN[::-1]):
        with pytest.raises(LinkUsedUp):
            enter(launched, link, token=other)
    assert resume(launched.store, TOKEN, "a-key-of-the-page").step == "check"


def test_a_personal_link_is_the_token_of_its_session(launched: Launched) -> None:
    link = add_link(launched, "personal", label="P07")
    assert enter(launched, link) == link
    assert enter(launched, link, token=link) == link
    with launched.store.read() as db:
        assert db.scalars(select(func.count()).select_from(SessionRow)).one() == 1
    with pytest.raises(RequestInvalid, match="its own token"):
        enter(launched, link, token=TOKEN)
    assert position(launched.store, link).step == "check"


def test_a_link_does_not_tell_who_withdrew(launched: Launched) -> None:
    link, others = (add_link(launched, "personal", label=name) for name in ("Ada", "Bea"))
    many = add_link(launched, label="class")
    enter(launched, link)
    enter(launched, others)
    token = enter(launched, many)
    for one in (link, token):
        withdraw(launched.store, one)
    with launched.store.read() as db:
        assert set(db.scalars(select(LinkRow.label))) == {"", "Bea", "class"}


def test_a_personal_link_opens_nothing_but_its_own_session(launched: Launched) -> None:
    first, second = (add_link(launched, "personal", label=label) for label in ("P1", "P2"))
    enter(launched, first)
    with pytest.raises(RequestInvalid):
        enter(launched, second, token=first)
    with pytest.raises(TokenInvalid, match="another session"):
        enter(launched, token=first)


def test_one_place_is_given_to_one_of_many_at_once(launched: Launched) -> None:
    link = add_link(launched, "single")

    def come(_: int) -> bool:
        try:
            enter(launched, link)
        except LinkUsedUp:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(come, range(8))) == 1


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"expires_at": NOW - timedelta(seconds=1)}, LinkExpired),
        ({"expires_at": NOW + timedelta(days=1)}, None),
        ({"revoked_at": NOW}, LinkRevoked),
    ],
)
def test_a_link_that_is_over_takes_nobody_but_who_has_begun(
    launched: Launched, over: dict[str, datetime], error: type[SessionError] | None
) -> None:
    link = add_link(launched)
    enter(launched, link, token=TOKEN)
    with launched.store.write() as db:
        row = db.scalars(select(LinkRow)).one()
        for name, value in over.items():
            setattr(row, name, value)
    assert enter(launched, link, token=TOKEN) == TOKEN
    assert refused(launched, link) == (error.code if error else "")
    if error is None:
        enter(launched, link)
    else:
        with pytest.raises(error):
            enter(launched, link)


def test_nothing_of_the_study_is_shown_where_nobody_has_begun(launched: Launched) -> None:
    link = add_link(launched, expires_at=NOW - timedelta(seconds=1))
    with pytest.raises(LinkExpired):
        refused(launched, link)


def test_an_unknown_link_is_not_found(launched: Launched) -> None:
    for link in ("", "nobody-made-this", launched.link + "x", launched.link.swapcase()):
        with pytest.raises(TokenInvalid, match="no study at this link"):
            enter(launched, link)


def test_a_preview_counts_nowhere_and_its_code_is_worth_nothing(launched: Launched) -> None:
    set_study(launched, quota=1)
    link = add_link(launched, "preview")
    token = take(launched, enter(launched, link))
    assert row_of(launched, token).kind == "preview"
    assert position(launched.store, token).completion_code == PREVIEW_CODE
    assert list(study_rows(launched.store, launched.study.slug)) == []
    assert list(session_table(launched.store, launched.study.slug)) == []
    assert row_of(launched, enter(launched)).participant == 1, "the one place is still there"


@pytest.mark.parametrize("state", ["paused", "closed", "archived"])
def test_a_preview_is_open_in_every_state(launched: Launched, state: StudyState) -> None:
    set_state(launched, state)
    link = add_link(launched, "preview")
    assert refused(launched, link) == ""
    enter(launched, link)
    set_session(launched, token := enter(launched, link), checked_at=NOW)
    take(launched, token)


def test_a_link_does_not_open_what_is_closed(launched: Launched) -> None:
    link = add_link(launched, "single")
    set_state(launched, "closed")
    assert refused(launched, link) == "study-closed"
    with pytest.raises(StudyClosed):
        enter(launched, link)


def test_links_are_listed_with_what_came_of_them(launched: Launched) -> None:
    single = add_link(launched, "single", label="S1")
    many = add_link(launched, label="class")
    add_link(launched, "personal", label="P1")
    enter(launched, many)
    take(launched, enter(launched, many))
    enter(launched, single)
    with launched.store.read() as db:
        uses = links_of(db, study_by_link(db, launched.link).id)
    assert [(u.link.label, u.n_sessions, u.n_finished, u.participant) for u in uses] == [
        ("P1", 0, 0, None),
        ("class", 2, 1, None),
        ("S1", 1, 0, 3),
    ]


def test_a_simulation_uses_up_no_link(launched: Launched) -> None:
    link = add_link(launched, "single")
    enter(launched, link, simulation=launched.study.simulation_key())
    assert refused(launched, link) == ""
