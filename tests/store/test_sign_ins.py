"""Signing in: what is asked, what is refused, and how guessing is slowed down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import func, select, update

from jndlab.errors import SignInError, TooManyAttempts
from jndlab.store.engine import Store
from jndlab.store.failed_sign_ins import MAX_FAILURES, WINDOW
from jndlab.store.models import FailedSignInRow, SignInRow, UserRow
from jndlab.store.rights import IDLE, signed_in
from jndlab.store.second_factor import new_secret
from jndlab.store.sign_ins import (
    begin_sign_in,
    check_code,
    check_password,
    end_sign_ins,
    note_seen,
    sign_in,
    sign_ins_of,
    sign_out,
)
from tests.store.people import PASSWORD, make_user


@pytest.fixture
def ann(store: Store) -> int:
    return make_user(store, "ann")


def who(store: Store, token: str) -> str | None:
    with store.read() as db:
        user = signed_in(db, token)
    return user and user.name


def refused(store: Store, name: str, password: str) -> SignInError:
    with pytest.raises(SignInError) as caught:
        check_password(store, name, password)
    return caught.value


def test_nobody_can_sign_in_before_there_is_a_user(store: Store) -> None:
    for name, password in (("admin", "admin"), ("", ""), ("jndlab", "jndlab")):
        refused(store, name, password)


def test_a_right_password_gives_a_token_that_names_its_user(store: Store, ann: int) -> None:
    assert who(store, sign_in(store, "ann", PASSWORD)) == "ann"
    assert who(store, "") is None


def test_an_unknown_name_and_a_wrong_password_are_refused_alike(store: Store, ann: int) -> None:
    attempts = (("ann", "wrong password!"), ("nobody", PASSWORD), ("", ""), ("x\0", ""))
    errors = [refused(store, name, password) for name, password in attempts]
    assert len({(error.code, error.message, error.remedy) for error in errors}) == 1


def test_a_user_without_a_password_cannot_sign_in_with_one(store: Store, ann: int) -> None:
    with store.write() as db:
        db.get_one(UserRow, ann).password_hash = None
    for password in ("", PASSWORD):
        refused(store, "ann", password)


def test_a_damaged_hash_lets_nobody_in(store: Store, ann: int) -> None:
    with store.write() as db:
        db.get_one(UserRow, ann).password_hash = ""  # as a migration downwards leaves it
    refused(store, "ann", "")


def test_a_disabled_user_is_told_so_only_with_the_right_password(store: Store, ann: int) -> None:
    token = sign_in(store, "ann", PASSWORD)
    with store.write() as db:
        db.get_one(UserRow, ann).disabled_at = datetime.now(UTC)
    assert "disabled" in refused(store, "ann", PASSWORD).message
    assert "disabled" not in refused(store, "ann", "wrong password!").message
    assert who(store, token) is None


def test_signing_out_ends_that_sign_in_and_no_other(store: Store, ann: int) -> None:
    here, there = sign_in(store, "ann", PASSWORD), sign_in(store, "ann", PASSWORD)
    sign_out(store, here)
    assert who(store, here) is None
    assert who(store, there) == "ann"


def test_other_browsers_are_listed_and_can_be_signed_out(store: Store, ann: int) -> None:
    bob = begin_sign_in(store, make_user(store, "bob"))
    tokens = [begin_sign_in(store, ann, user_agent=agent) for agent in ("one", "two", "x" * 999)]
    with store.write() as db:
        rows = sign_ins_of(db, ann)
        assert [row.user_agent for row in rows] == ["x" * 300, "two", "one"]
        assert end_sign_ins(db, ann, only=rows[1].id) == 1
        assert end_sign_ins(db, ann, but=tokens[2]) == 1
    assert [who(store, token) for token in tokens] == [None, None, "ann"]
    assert who(store, bob) == "bob"


def test_a_browser_in_use_is_seen_but_not_written_down_each_time(store: Store, ann: int) -> None:
    token = begin_sign_in(store, ann)

    def seen() -> datetime:
        with store.read() as db:
            [row] = sign_ins_of(db, ann)
        assert row.last_seen_at is not None
        return row.last_seen_at

    first = seen()
    note_seen(store, token)
    assert seen() == first
    with store.write() as db:
        db.execute(update(SignInRow).values(last_seen_at=first - timedelta(hours=1)))
    note_seen(store, token)
    assert seen() >= first
    note_seen(store, "unknown")


def test_an_old_sign_in_is_no_longer_valid_and_is_cleared(store: Store, ann: int) -> None:
    token = begin_sign_in(store, ann)
    with store.write() as db:
        db.execute(update(SignInRow).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        assert sign_ins_of(db, ann) == []
    assert who(store, token) is None
    fresh = begin_sign_in(store, ann)
    assert who(store, fresh) == "ann"
    with store.read() as db:
        assert len(db.scalars(select(SignInRow)).all()) == 1


def test_a_browser_that_somebody_has_left_is_signed_out(store: Store, ann: int) -> None:
    token = begin_sign_in(store, ann)
    with store.write() as db:
        db.execute(update(SignInRow).values(last_seen_at=datetime.now(UTC) - IDLE))
    assert who(store, token) is None
    with store.write() as db:
        lately = datetime.now(UTC) - IDLE + timedelta(minutes=1)
        db.execute(update(SignInRow).values(last_seen_at=lately))
    assert who(store, token) == "ann"


# Guessing


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting without the time that hashing takes."""
    monkeypatch.setattr("jndlab.store.sign_ins.is_right", lambda hashed, given: given == PASSWORD)


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_after_some_failures_a_name_has_to_wait_whether_it_exists_or_not(
    store: Store, ann: int, impatient: None, name: str
) -> None:
    for _ in range(MAX_FAILURES):
        assert not isinstance(refused(store, name, "a guess"), TooManyAttempts)
    assert isinstance(refused(store, name, "a guess"), TooManyAttempts)
    assert isinstance(refused(store, name, PASSWORD), TooManyAttempts)
    bob = make_user(store, "bob")
    assert check_password(store, "bob", PASSWORD).user_id == bob  # nobody else has to


def test_after_the_wait_the_right_password_is_taken_and_the_count_begins_anew(
    store: Store, ann: int, impatient: None
) -> None:
    for _ in range(MAX_FAILURES):
        refused(store, "ann", "a guess")
    with store.write() as db:
        db.execute(update(FailedSignInRow).values(at=datetime.now(UTC) - WINDOW))
    assert check_password(store, "ann", PASSWORD).user_id == ann
    with store.read() as db:
        assert db.scalar(select(func.count()).select_from(FailedSignInRow)) == 0


def test_a_right_password_forgets_the_failures_before_it(
    store: Store, ann: int, impatient: None
) -> None:
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            refused(store, "ann", "a guess")
        check_password(store, "ann", PASSWORD)


def test_failures_that_count_no_more_are_not_kept(store: Store, ann: int, impatient: None) -> None:
    refused(store, "a name that nobody has", "a guess")
    with store.write() as db:
        db.execute(update(FailedSignInRow).values(at=datetime.now(UTC) - WINDOW))
    refused(store, "ann", "a guess")
    with store.read() as db:
        assert db.scalar(select(func.count()).select_from(FailedSignInRow)) == 1


def test_a_password_typed_as_the_name_is_not_stored(
    store: Store, ann: int, impatient: None
) -> None:
    refused(store, PASSWORD, "")
    with store.read() as db:
        [row] = db.scalars(select(FailedSignInRow)).all()
    assert PASSWORD not in row.name_digest
    assert len(row.name_digest) == 64


# The second factor


@pytest.fixture
def secret(store: Store, ann: int) -> str:
    secret = new_secret()
    with store.write() as db:
        db.get_one(UserRow, ann).totp_secret = secret
    return secret


def test_with_a_second_factor_the_password_is_not_enough(
    store: Store, ann: int, secret: str
) -> None:
    assert check_password(store, "ann", PASSWORD).needs_code
    with pytest.raises(SignInError):
        sign_in(store, "ann", PASSWORD)


def test_a_code_is_taken_once(store: Store, ann: int, secret: str) -> None:
    code = pyotp.TOTP(secret).now()
    check_code(store, ann, code)
    with pytest.raises(SignInError, match="used before"):
        check_code(store, ann, code)


def test_codes_cannot_be_guessed_one_after_the_other(store: Store, ann: int, secret: str) -> None:
    for _ in range(MAX_FAILURES):
        with pytest.raises(SignInError, match="wrong"):
            check_code(store, ann, "no code")
    with pytest.raises(TooManyAttempts):
        check_code(store, ann, pyotp.TOTP(secret).now())


def test_who_has_no_second_factor_has_no_right_code(store: Store, ann: int) -> None:
    with pytest.raises(SignInError):
        check_code(store, ann, "000000")
