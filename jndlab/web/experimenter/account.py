"""The page of one's own account: password, signed-in browsers, and what else belongs to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import JndlabError, RequestInvalid, SignInError
from jndlab.store.models import UserRow
from jndlab.store.sessions import token_digest
from jndlab.store.sign_ins import end_sign_ins, sign_ins_of
from jndlab.store.tokens import SCOPES, is_valid, tokens_of
from jndlab.store.users import change_password
from jndlab.web.access import needs, the_user
from jndlab.web.browsers import browser_name
from jndlab.web.context import settings, store
from jndlab.web.errors import STATUS
from jndlab.web.experimenter.blueprint import blueprint, sign_in_token
from jndlab.web.oidc import provider_name


@blueprint.get("/account")
@needs("signed-in")
def account() -> ResponseReturnValue:
    """One's own account."""
    return account_page()


@blueprint.post("/account/password")
@needs("signed-in")
def set_own_password() -> ResponseReturnValue:
    """Change one's own password; other browsers are signed out."""
    new = request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise SignInError("The two new passwords differ.", "Type the same one twice.")
        change_password(
            store(),
            the_user().id,
            old=request.form.get("old", ""),
            new=new,
            browser=sign_in_token(),
        )
    except SignInError as error:
        return account_page(error)
    flash("The password is changed. Other browsers are signed out.")
    return redirect(url_for("experimenter.account"))


@blueprint.post("/account/browsers/<int(max=2147483647):sign_in_id>/sign-out")
@needs("signed-in")
def sign_out_browser(sign_in_id: int) -> ResponseReturnValue:
    """Sign one of one's other browsers out."""
    with store().write() as db:
        if not end_sign_ins(db, the_user().id, but=sign_in_token(), only=sign_in_id):
            raise RequestInvalid("This browser is signed out already.", "Load the page anew.")
    flash("That browser is signed out.")
    return redirect(url_for("experimenter.account"))


@blueprint.post("/account/browsers/sign-out")
@needs("signed-in")
def sign_out_others() -> ResponseReturnValue:
    """Sign all of one's other browsers out."""
    with store().write() as db:
        end_sign_ins(db, the_user().id, but=sign_in_token())
    flash("All other browsers are signed out.")
    return redirect(url_for("experimenter.account"))


def account_page(error: JndlabError | None = None, **more: Any) -> ResponseReturnValue:
    """The page, with why something was refused, or with a new token to show once."""
    here, moment = token_digest(sign_in_token()), datetime.now(UTC)
    with store().read() as db:
        user = db.get_one(UserRow, the_user().id)
        browsers = [
            {
                "id": row.id,
                "name": browser_name(row.user_agent),
                "created_at": row.created_at,
                "last_seen_at": row.last_seen_at,
                "is_this": row.token_digest == here,
            }
            for row in sign_ins_of(db, user.id)
        ]
        tokens = [{"row": row, "is_valid": is_valid(row, moment)} for row in tokens_of(db, user.id)]
    page = render_template(
        "experimenter/account.html",
        error=error,
        user=user,
        browsers=browsers,
        tokens=tokens,
        scopes=SCOPES,
        provider=provider_name(settings()),
        **more,
    )
    return page, 200 if error is None else STATUS[type(error)]
