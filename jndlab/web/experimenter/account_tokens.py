"""One's own API tokens: making one, which is shown once, and revoking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import AccountError, RequestInvalid
from jndlab.store.tokens import create_token, revoke_token
from jndlab.web.access import needs, the_user
from jndlab.web.context import store
from jndlab.web.experimenter.account import account_page
from jndlab.web.experimenter.blueprint import blueprint

LASTS = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365), "": None}
"""What the form offers, in days; empty: without end."""


@blueprint.post("/account/tokens")
@needs("signed-in")
def make_token() -> ResponseReturnValue:
    """Make a token and show it: the only time."""
    form = request.form
    try:
        if form.get("lasts", "90") not in LASTS:
            raise RequestInvalid("A token cannot last that long.", "Choose one of those offered.")
        with store().write() as db:
            token = create_token(
                db,
                the_user().id,
                name=form.get("name", ""),
                scope=form.get("scope", ""),
                lasts=LASTS[form.get("lasts", "90")],
                now=datetime.now(UTC),
            )
    except (RequestInvalid, AccountError) as error:
        return account_page(error)
    return account_page(new_token=token)


@blueprint.post("/account/tokens/<int(max=2147483647):token_id>/revoke")
@needs("signed-in")
def revoke(token_id: int) -> ResponseReturnValue:
    """End a token."""
    with store().write() as db:
        revoke_token(db, the_user().id, token_id, now=datetime.now(UTC))
    flash("The token is revoked.")
    return redirect(url_for("experimenter.account"))
