"""Between the right password and the first page: second factor, cookie, and where to go."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from jndlab.errors import SignInError, TokenInvalid
from jndlab.store.invitations import open_invitation
from jndlab.store.sign_ins import SIGN_IN_LASTS, Recognised, begin_sign_in
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import COOKIE
from jndlab.web.security_log import note

CODE_WAITS_S = 300
_AWAITED, _INVITATION = "awaited_code", "invitation"


def welcome(known: Recognised) -> ResponseReturnValue:
    """Sign in who needs no code; ask the others for theirs."""
    if known.needs_code:
        session[_AWAITED] = {"user": known.user_id, "at": datetime.now(UTC).timestamp()}
        return redirect(url_for("experimenter.code_form"))
    return let_in(known.user_id)


def awaited_user() -> int:
    """The user whose code this browser is to give. Raises SignInError if there is none."""
    awaited = session.get(_AWAITED, {"at": 0.0})
    if datetime.now(UTC).timestamp() - awaited["at"] > CODE_WAITS_S:
        session.pop(_AWAITED, None)
        raise SignInError("No code is awaited (any more).", "Sign in with your password first.")
    user: int = awaited["user"]
    return user


def let_in(user_id: int) -> Response:
    """The first page, with a cookie that scripts cannot read."""
    session.pop(_AWAITED, None)
    note("signed-in", user=user_id)
    token = begin_sign_in(store(), user_id, user_agent=request.user_agent.string)
    response = redirect(_where_to())
    response.set_cookie(
        f"{settings().cookie_prefix}{COOKIE}",
        token,
        max_age=int(SIGN_IN_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings().secure_cookies,
    )
    return response


def come_back_to_invitation(token: str | None) -> None:
    """Remember which invitation this browser looked at; None forgets it."""
    if token is None:
        session.pop(_INVITATION, None)
    else:
        session[_INVITATION] = token


def _where_to() -> str:
    token = session.pop(_INVITATION, "")
    try:
        with store().read() as db:
            open_invitation(db, token)
    except TokenInvalid:
        return url_for("experimenter.studies")
    return url_for("experimenter.invitation", token=token)
