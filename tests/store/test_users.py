"""Experimenters' accounts and passwords, as the store keeps them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jndlab.errors import AccountError, SignInError
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import DeedRow, UserRow
from jndlab.store.passwords import MAX_PASSWORD
from jndlab.store.rights import signed_in
from jndlab.store.sign_ins import sign_in
from jndlab.store.users import add_user, change_password, has_users, set_password
from tests.databases import stored_bytes
from tests.store.people import PASSWORD, make_user


def is_admin(store: Store, name: str) -> bool:
    with store.read() as db:
        return db.scalars(select(UserRow.is_admin).where(UserRow.name == name)).one()


def is_in(store: Store, token: str) -> bool:
    with store.read() as db:
        return signed_in(db, token) is not None


def test_the_first_user_is_an_administrator_and_later_ones_are_when_asked(store: Store) -> None:
    for name, admin, becomes in (("ann", False, True), ("bob", False, False), ("cy", True, True)):
        assert set_password(store, name, PASSWORD, admin=admin)
        assert is_admin(store, name) is becomes


def test_a_password_set_anew_makes_an_administrator_but_never_unmakes_one(store: Store) -> None:
    for name in ("ann", "bob"):
        set_password(store, name, PASSWORD)
    assert not set_password(store, "bob", PASSWORD, admin=True)
    assert not set_password(store, "ann", PASSWORD)
    assert is_admin(store, "bob")
    assert is_admin(store, "ann")


def test_the_store_holds_neither_password_nor_token(store: Store, settings: Settings) -> None:
    set_password(store, "ann", PASSWORD)
    token = sign_in(store, "ann", PASSWORD)
    store.close()
    content = stored_bytes(settings)
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in content  # RFC 9106, low memory
    assert PASSWORD.encode() not in content
    assert token.encode() not in content


def test_a_password_counts_to_the_letter(store: Store) -> None:
    password = f"Three unrelated Words {'x' * 977} "
    assert len(password) == MAX_PASSWORD
    set_password(store, "ann", password)
    for other in (password.lower(), password.strip(), password[:-1] + "x", password[:72]):
        with pytest.raises(SignInError):
            sign_in(store, "ann", other)
    assert sign_in(store, "ann", password)


def test_a_password_set_anew_ends_every_sign_in(store: Store) -> None:
    set_password(store, "ann", PASSWORD)
    token = sign_in(store, "ann", PASSWORD)
    assert not set_password(store, "ann", "another good password")
    assert not is_in(store, token)
    with pytest.raises(SignInError):
        sign_in(store, "ann", PASSWORD)
    assert is_in(store, sign_in(store, "ann", "another good password"))


def test_a_user_who_changes_the_password_stays_signed_in_here_only(store: Store) -> None:
    user_id = make_user(store, "ann")
    here, there = sign_in(store, "ann", PASSWORD), sign_in(store, "ann", PASSWORD)
    change_password(store, user_id, old=PASSWORD, new="another good password", browser=here)
    assert is_in(store, here)
    assert not is_in(store, there)
    assert is_in(store, sign_in(store, "ann", "another good password"))


def test_a_password_is_changed_only_by_who_knows_it(store: Store) -> None:
    user_id = make_user(store, "ann")
    with pytest.raises(SignInError, match="present password"):
        change_password(store, user_id, old="x" * 12, new="another good password", browser="")
    with pytest.raises(SignInError, match="too short"):
        change_password(store, user_id, old=PASSWORD, new="short", browser="")
    assert is_in(store, sign_in(store, "ann", PASSWORD))


@pytest.mark.parametrize("password", ["", "x", "elevenchars", "x" * 1001])
def test_a_password_that_cannot_be_used_is_refused(store: Store, password: str) -> None:
    with pytest.raises(SignInError, match=r"too (short|long)"):
        set_password(store, "ann", password)
    assert not has_users(store)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 81, "a\u202eb", " ann", "ann "])
def test_a_name_that_cannot_be_shown_or_told_apart_is_refused(store: Store, name: str) -> None:
    with pytest.raises(SignInError, match="cannot be used"):
        set_password(store, name, PASSWORD)
    with store.read() as db:
        assert db.scalars(select(UserRow)).all() == []


def test_no_two_accounts_share_a_name_or_an_identity(store: Store) -> None:
    with store.write() as db:
        add_user(db, "ann", oidc_subject="1")
    for name, subject, what in (("ann", "2", "name"), ("bob", "1", "identity")):
        with pytest.raises(AccountError, match=what), store.write() as db:
            add_user(db, name, oidc_subject=subject)
    with store.read() as db:
        assert db.scalars(select(UserRow.name)).all() == ["ann"]


def test_what_happens_to_accounts_is_noted_without_secrets(store: Store) -> None:
    user_id = make_user(store, "ann")
    change_password(store, user_id, old=PASSWORD, new="another good password", browser="")
    set_password(store, "ann", PASSWORD)
    with store.read() as db:
        rows = db.scalars(select(DeedRow).order_by(DeedRow.id)).all()
    assert [row.deed for row in rows] == ["user-made", "password-changed", "password-set"]
    noted = "".join(row.detail for row in rows)
    assert PASSWORD not in noted
    assert "another" not in noted
    assert "$argon2" not in noted
