"""What administrators do with accounts, and what keeps them from locking themselves out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jndlab.errors import AccountError, RequestInvalid
from jndlab.store.administration import (
    accounts,
    disable,
    enable,
    reset_second_factor,
    set_admin,
    set_subject,
)
from jndlab.store.engine import Store
from jndlab.store.invitations import invite, open_invitations
from jndlab.store.models import DeedRow, UserRow
from jndlab.store.rights import signed_in
from jndlab.store.sign_ins import begin_sign_in
from tests.store.people import make_user


@pytest.fixture
def ann(store: Store) -> int:
    return make_user(store, "ann", is_admin=True)


@pytest.fixture
def bob(store: Store) -> int:
    return make_user(store, "Bob")


def deeds(store: Store) -> list[str]:
    with store.read() as db:
        return [row.deed for row in db.scalars(select(DeedRow).order_by(DeedRow.id))]


def test_accounts_are_listed_by_name_with_what_they_have(store: Store, bob: int, ann: int) -> None:
    begin_sign_in(store, bob)
    with store.write() as db:
        db.get_one(UserRow, bob).totp_secret = "S"
        db.get_one(UserRow, bob).password_hash = None
    with store.read() as db:
        listed = accounts(db)
    assert [account.name for account in listed] == ["ann", "Bob"]
    assert (listed[0].is_admin, listed[0].has_password, listed[0].signed_in_at) == (
        True,
        True,
        None,
    )
    assert (listed[1].has_password, listed[1].has_second_factor) == (False, True)
    assert listed[1].signed_in_at is not None


def test_a_disabled_user_is_signed_out_and_invites_nobody(store: Store, ann: int, bob: int) -> None:
    token = begin_sign_in(store, bob)
    with store.write() as db:
        invite(db, by=bob)
        disable(db, bob, by=ann)
        assert open_invitations(db) == []
    with store.write() as db:
        assert signed_in(db, token) is None
        enable(db, bob, by=ann)
        assert db.get_one(UserRow, bob).disabled_at is None
        assert signed_in(db, token) is None
    assert deeds(store)[-2:] == ["user-disabled", "user-enabled"]


def test_no_server_is_left_without_an_administrator(store: Store, ann: int, bob: int) -> None:
    for change in (
        lambda db: disable(db, ann, by=None),
        lambda db: set_admin(db, ann, False, by=ann),
    ):
        with pytest.raises(AccountError, match="only administrator"), store.write() as db:
            change(db)
    with store.write() as db:
        set_admin(db, bob, True, by=ann)
        disable(db, bob, by=ann)
    with pytest.raises(AccountError, match="only administrator"), store.write() as db:
        set_admin(db, ann, False, by=ann)  # a disabled one does not count
    with store.write() as db:
        enable(db, bob, by=ann)
        set_admin(db, ann, False, by=ann)


def test_nobody_disables_their_own_account(store: Store, ann: int, bob: int) -> None:
    with store.write() as db:
        set_admin(db, bob, True, by=ann)
    with pytest.raises(AccountError, match="your own"), store.write() as db:
        disable(db, ann, by=ann)


def test_a_second_factor_that_is_reset_is_gone_and_browsers_are_signed_out(
    store: Store, ann: int, bob: int
) -> None:
    token = begin_sign_in(store, bob)
    with store.write() as db:
        user = db.get_one(UserRow, bob)
        user.totp_secret, user.totp_last_step = "S", 7
        assert reset_second_factor(db, bob, by=ann)
        assert (user.totp_secret, user.totp_last_step) == (None, None)
        assert not reset_second_factor(db, bob, by=ann)
        assert signed_in(db, token) is None
    assert deeds(store).count("second-factor-reset") == 1


def test_a_subject_belongs_to_one_account(store: Store, ann: int, bob: int) -> None:
    with store.write() as db:
        set_subject(db, ann, " 42 ", by=ann)
        assert db.get_one(UserRow, ann).oidc_subject == "42"
    with pytest.raises(AccountError, match="ann's"), store.write() as db:
        set_subject(db, bob, "42", by=ann)
    with store.write() as db:
        set_subject(db, ann, "", by=ann)
        set_subject(db, bob, "42", by=ann)
        assert db.get_one(UserRow, ann).oidc_subject is None
    for subject in ("x" * 256, "a\nb"):
        with pytest.raises(RequestInvalid), store.write() as db:
            set_subject(db, bob, subject, by=ann)


def test_an_account_that_is_not_there_is_an_error_in_words(store: Store, ann: int) -> None:
    for change in (disable, enable, reset_second_factor):
        with pytest.raises(RequestInvalid, match="no such user"), store.write() as db:
            change(db, 999, by=ann)
