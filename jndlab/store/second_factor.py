"""The second factor: six digits from an app, which change every 30 seconds (RFC 6238)."""

from __future__ import annotations

import hmac
import re
from datetime import datetime

import pyotp

STEP_S = 30
DRIFT = 1
"""Steps before and after the present one that are taken too: clocks differ."""


def new_secret() -> str:
    """A secret to share with an app: 160 bits as Base32."""
    return pyotp.random_base32()


def app_address(secret: str, *, name: str, issuer: str) -> str:
    """The address that an app reads out of a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def matching_step(secret: str, code: str, *, at: datetime, after: int | None) -> int | None:
    """The time step that a code belongs to; None if it is wrong, too old, or taken before.

    Keep the step and give it as ``after`` the next time: so no code is taken twice, and none
    that is older than one that was taken.
    """
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch("[0-9]{6}", digits):
        return None
    totp = pyotp.TOTP(secret)
    present = int(at.timestamp()) // STEP_S
    for step in range(present - DRIFT, present + DRIFT + 1):
        fresh = after is None or step > after
        if hmac.compare_digest(totp.generate_otp(step), digits) and fresh:
            return step
    return None
