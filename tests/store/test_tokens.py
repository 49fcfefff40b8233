"""API tokens: for whom they act, how far, how long; and that only their owner sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from jndlab.errors import AccountError, RequestInvalid
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import ApiTokenRow, UserRow
from jndlab.store.rights import RIGHTS
from jndlab.store.tokens import (
    MAX_TOKENS,
    PREFIX,
    create_token,
    revoke_token,
    token_user,
    tokens_of,
)
from tests.databases import stored_bytes
from tests.store.people import make_user


@pytest.fixture
def ann(store: Store) -> int:
    return make_user(store, "ann")


def make_token(
    store: Store,
    user_id: int,
    *,
    name: str = "nightly export",
    scope: str = "view",
    lasts: timedelta | None = None,
) -> str:
    with store.write() as db:
        return create_token(db, user_id, name=name, scope=scope, lasts=lasts, now=datetime.now(UTC))


def only_row(store: Store, user_id: int) -> ApiTokenRow:
    with store.read() as db:
        [row] = tokens_of(db, user_id)
    return row


@pytest.mark.parametrize("scope", RIGHTS)
def test_a_token_acts_for_its_user_as_far_as_its_scope_goes(
    store: Store, ann: int, scope: str
) -> None:
    token = make_token(store, ann, scope=scope)
    assert token.startswith(PREFIX)
    found = token_user(store, token)
    assert found is not None
    assert (found.user.id, found.user.name, found.user.is_admin) == (ann, "ann", False)
    assert found.user.scope == scope
    assert found.scopes == set(RIGHTS[: RIGHTS.index(found.user.scope) + 1])


@pytest.mark.parametrize("token", ["", PREFIX, PREFIX + "x" * 43, "x" * 43, PREFIX + "ü"])
def test_what_is_no_token_acts_for_nobody(store: Store, ann: int, token: str) -> None:
    make_token(store, ann)
    assert token_user(store, token) is None


def test_a_token_that_is_too_old_or_revoked_acts_for_nobody(store: Store, ann: int) -> None:
    old = make_token(store, ann, lasts=timedelta(0))
    young = make_token(store, ann, lasts=timedelta(days=1))
    assert token_user(store, old) is None
    assert token_user(store, young) is not None
    with store.write() as db:
        for row in tokens_of(db, ann):
            revoke_token(db, ann, row.id, now=datetime.now(UTC))
        assert tokens_of(db, ann) == []
    assert token_user(store, young) is None


def test_the_tokens_of_a_disabled_user_do_not_work(store: Store, ann: int) -> None:
    token = make_token(store, ann)
    with store.write() as db:
        db.get_one(UserRow, ann).disabled_at = datetime.now(UTC)
    assert token_user(store, token) is None


def test_nobody_revokes_the_token_of_somebody_else(store: Store, ann: int) -> None:
    token = make_token(store, ann)
    row = only_row(store, ann)
    for user_id, token_id in ((make_user(store, "bob"), row.id), (ann, row.id + 1)):
        with pytest.raises(RequestInvalid), store.write() as db:
            revoke_token(db, user_id, token_id, now=datetime.now(UTC))
    assert token_user(store, token) is not None


def test_the_last_use_is_written_down_but_not_each_time(store: Store, ann: int) -> None:
    token = make_token(store, ann)
    assert only_row(store, ann).last_used_at is None
    token_user(store, token)
    first = only_row(store, ann).last_used_at
    assert first is not None
    token_user(store, token)
    assert only_row(store, ann).last_used_at == first
    with store.write() as db:
        db.execute(update(ApiTokenRow).values(last_used_at=first - timedelta(hours=1)))
    token_user(store, token)
    again = only_row(store, ann).last_used_at
    assert again is not None
    assert again >= first


def test_the_store_does_not_hold_the_token(store: Store, settings: Settings, ann: int) -> None:
    token = make_token(store, ann)
    store.close()
    content = stored_bytes(settings)
    assert token.encode() not in content
    assert token.removeprefix(PREFIX).encode() not in content


@pytest.mark.parametrize(
    ("name", "scope"),
    [("", "view"), ("  ", "view"), ("x" * 81, "view"), ("a\nb", "view"), ("x", ""), ("x", "all")],
)
def test_a_token_without_a_name_or_with_another_scope_is_refused(
    store: Store, ann: int, name: str, scope: str
) -> None:
    with pytest.raises(RequestInvalid):
        make_token(store, ann, name=name, scope=scope)


def test_nobody_piles_up_tokens_but_old_ones_do_not_count(store: Store, ann: int) -> None:
    for _ in range(3):
        make_token(store, ann, lasts=timedelta(0))
    for _ in range(MAX_TOKENS):
        make_token(store, ann)
    with pytest.raises(AccountError, match="tokens"):
        make_token(store, ann)
