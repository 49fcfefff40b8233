"""Codes of the second factor: agreed with the standard, taken once, in their time only."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndlab.store.second_factor import app_address, matching_step, new_secret

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOON = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


# The last six of the eight digits in appendix B of RFC 6238.
@pytest.mark.parametrize(
    ("seconds", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, digits: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert matching_step(RFC_SECRET, digits, at=at, after=None) == seconds // 30


def test_a_clock_may_be_one_step_off_and_no_more() -> None:
    secret = new_secret()
    taken = [
        steps
        for steps in range(-4, 5)
        if matching_step(secret, code(secret, NOON + steps * STEP), at=NOON, after=None)
    ]
    assert taken == [-1, 0, 1]


def test_no_code_is_taken_twice_nor_one_before_it() -> None:
    secret = new_secret()
    step = matching_step(secret, code(secret, NOON), at=NOON, after=None)
    assert step is not None
    for at in (NOON, NOON - STEP):
        assert matching_step(secret, code(secret, at), at=NOON, after=step) is None
    later = NOON + STEP
    assert matching_step(secret, code(secret, later), at=NOON, after=step) == step + 1


def test_spaces_between_the_digits_do_no_harm() -> None:
    secret = new_secret()
    digits = code(secret, NOON)
    assert matching_step(secret, f" {digits[:3]} {digits[3:]}\n", at=NOON, after=None)


@given(st.text(max_size=12).filter(lambda text: not text.isascii() or len(text) != 6))
def test_whatever_else_is_typed_is_wrong_and_no_error(text: str) -> None:
    assert matching_step(RFC_SECRET, text, at=NOON, after=None) is None


def test_an_app_is_told_the_secret_and_whose_it_is() -> None:
    secret = new_secret()
    address = urlsplit(app_address(secret, name="ann/ü", issuer="jndlab (lab.example.org)"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    query = parse_qs(address.query)
    assert query["secret"] == [secret]
    assert query["issuer"] == ["jndlab (lab.example.org)"]
    assert len(base64.b32decode(secret)) == 20
