"""Experimenters' passwords and sign-ins, as the store keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from jndlab.errors import SignInError
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import SignInRow, UserRow
from jndlab.store.users import has_users, set_password, sign_in, sign_out, signed_in_user

PASSWORD = "three unrelated words"


@pytest.fixture
def ann(store: Store) -> str:
    assert set_password(store, "ann", PASSWORD)
    return "ann"


def test_nobody_can_sign_in_before_a_password_was_set(store: Store) -> None:
    assert not has_users(store)
    for name, password in (("admin", "admin"), ("", ""), ("jndlab", "jndlab")):
        with pytest.raises(SignInError):
            sign_in(store, name, password)


def test_a_right_password_gives_a_token_that_names_its_user(store: Store, ann: str) -> None:
    assert has_users(store)
    assert signed_in_user(store, sign_in(store, ann, PASSWORD)) == ann


def test_an_unknown_name_and_a_wrong_password_are_refused_alike(store: Store, ann: str) -> None:
    texts = set()
    for name, password in ((ann, "wrong password!"), ("nobody", PASSWORD), ("", ""), ("x\0", "")):
        with pytest.raises(SignInError) as refused:
            sign_in(store, name, password)
        texts.add((refused.value.code, refused.value.message, refused.value.remedy))
    assert len(texts) == 1


def test_the_store_holds_neither_password_nor_token(
    store: Store, settings: Settings, ann: str
) -> None:
    token = sign_in(store, ann, PASSWORD)
    store.close()
    content = b"".join(path.read_bytes() for path in settings.data.glob("jndlab.db*"))
    assert b"$argon2id$" in content
    assert PASSWORD.encode() not in content
    assert token.encode() not in content


def test_signing_out_ends_that_sign_in_and_no_other(store: Store, ann: str) -> None:
    here, there = sign_in(store, ann, PASSWORD), sign_in(store, ann, PASSWORD)
    sign_out(store, here)
    assert signed_in_user(store, here) is None
    assert signed_in_user(store, there) == ann


def test_a_new_password_ends_every_sign_in(store: Store, ann: str) -> None:
    token = sign_in(store, ann, PASSWORD)
    assert not set_password(store, ann, "another good password")
    assert signed_in_user(store, token) is None
    with pytest.raises(SignInError):
        sign_in(store, ann, PASSWORD)
    assert signed_in_user(store, sign_in(store, ann, "another good password")) == ann


def test_an_old_sign_in_is_no_longer_valid_and_is_cleared(store: Store, ann: str) -> None:
    token = sign_in(store, ann, PASSWORD)
    with store.write() as db:
        db.execute(update(SignInRow).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert signed_in_user(store, token) is None
    fresh = sign_in(store, ann, PASSWORD)
    assert signed_in_user(store, fresh) == ann
    with store.read() as db:
        assert len(db.scalars(select(SignInRow)).all()) == 1


@pytest.mark.parametrize("password", ["", "x", "elevenchars"])
def test_a_short_password_is_refused(store: Store, password: str) -> None:
    with pytest.raises(SignInError, match="too short"):
        set_password(store, "ann", password)
    assert not has_users(store)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 81, "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(store: Store, name: str) -> None:
    with pytest.raises(SignInError, match="cannot be used"):
        set_password(store, name, PASSWORD)
    with store.read() as db:
        assert db.scalars(select(UserRow)).all() == []
