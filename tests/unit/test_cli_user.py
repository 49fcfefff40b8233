"""`jndlab user`: accounts from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jndlab.cli import cli
from jndlab.errors import AccountError, SignInError
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import UserRow
from jndlab.store.sign_ins import check_password, user_named

PASSWORD = "three unrelated words"


def run(data: Path, *words: str, given: str = "") -> Result:
    arguments = ["user", *words, "--data", str(data)]
    return CliRunner().invoke(cli, arguments, input=given, standalone_mode=False)


def make(data: Path, name: str, *words: str) -> Result:
    return run(data, name, "--password-stdin", *words, given=PASSWORD + "\n")


def look(data: Path, name: str) -> UserRow:
    with open_store(Settings(data=data), create=False) as store, store.read() as db:
        user = user_named(db, name)
    assert user is not None
    return user


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(Settings(data=tmp_path))


def test_the_first_user_is_an_administrator_and_is_said_to_be(tmp_path: Path) -> None:
    assert "ann is an administrator" in make(tmp_path, "ann").output
    assert "administrator" not in make(tmp_path, "bob").output
    assert "cy is an administrator" in make(tmp_path, "cy", "--admin").output
    assert [look(tmp_path, name).is_admin for name in ("ann", "bob", "cy")] == [True, False, True]


def test_a_second_factor_is_switched_off_without_a_password(tmp_path: Path, store: Store) -> None:
    make(tmp_path, "ann")
    assert "has none" in run(tmp_path, "ann", "--reset-second-factor").output
    with store.write() as db:
        user = user_named(db, "ann")
        assert user is not None
        user.totp_secret = "S"
    assert "without a second factor" in run(tmp_path, "ann", "--reset-second-factor").output
    assert check_password(store, "ann", PASSWORD).needs_code is False


def test_an_account_can_be_made_for_who_signs_in_elsewhere(tmp_path: Path) -> None:
    assert "signs in as 42" in run(tmp_path, "ann", "--oidc-subject", "42").output
    user = look(tmp_path, "ann")
    assert (user.oidc_subject, user.password_hash, user.is_admin) == ("42", None, True)
    run(tmp_path, "bob", "--oidc-subject", "43")
    assert not look(tmp_path, "bob").is_admin
    assert isinstance(run(tmp_path, "bob", "--oidc-subject", "42").exception, AccountError)
    assert "no subject" in run(tmp_path, "bob", "--oidc-subject", "").output
    assert look(tmp_path, "bob").oidc_subject is None


def test_a_user_is_disabled_and_enabled_but_not_the_only_administrator(tmp_path: Path) -> None:
    make(tmp_path, "ann")
    make(tmp_path, "bob")
    assert isinstance(run(tmp_path, "ann", "--disable").exception, AccountError)
    run(tmp_path, "bob", "--disable")
    assert look(tmp_path, "bob").disabled_at is not None
    run(tmp_path, "bob", "--enable")
    assert look(tmp_path, "bob").disabled_at is None


def test_an_unknown_user_is_named(tmp_path: Path) -> None:
    make(tmp_path, "ann")
    for option in ("--reset-second-factor", "--disable", "--enable"):
        error = run(tmp_path, "nobody", option).exception
        assert isinstance(error, AccountError)
        assert "nobody" in error.message


def test_a_password_that_cannot_be_used_makes_no_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    result = run(data, "ann", "--password-stdin", given="short\n")
    assert isinstance(result.exception, SignInError)
    assert not data.exists()


def test_a_password_that_would_not_be_used_is_not_asked_for(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli, ["user", "ann", "--password-stdin", "--disable", "--data", str(tmp_path)]
    )
    assert result.exit_code == 2
    assert "--password-stdin" in result.output
