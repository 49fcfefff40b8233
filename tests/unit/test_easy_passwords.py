"""Which long passwords are refused: those that are tried first."""

from __future__ import annotations

import pytest

from jndlab.errors import SignInError
from jndlab.store.easy_passwords import is_easy
from jndlab.store.passwords import require_password


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "q1w2e3r4t5y6",
        "qazwsxedc123",
        "passwordpassword",
        "Password123!",
        "jndlab-study-2026",
        "Admin@12345678",
        "aaaaaaaaaaaa",
        "Listening.Test1",
        "abcabcabcabc",
        "            ",
        "iloveyou12345",
        "zyxwvutsrqpo",
        "........ ....",
    ],
)
def test_easy_ones_are_refused(password: str) -> None:
    assert is_easy(password)
    with pytest.raises(SignInError, match="easily guessed"):
        require_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "three unrelated words",
        "kX9#mQ2$vL7!",
        "eine Amsel im Regen",
        "жизнь прекрасна",
        "雨の中の黒い鳥と傘と月",
        "my study password is tree",
        "!§$%&/()=?`*+'",
        "x" * 900 + " amber fox",
    ],
)
def test_others_are_taken_whatever_they_are_made_of(password: str) -> None:
    assert not is_easy(password)
