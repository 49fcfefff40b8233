"""The blueprint of the experimenter's pages, and who gets to them."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.store.rights import signed_in
from jndlab.store.sign_ins import note_seen
from jndlab.web.access import check_rule, rule_of
from jndlab.web.context import settings, store

blueprint = Blueprint("experimenter", __name__)

COOKIE = "jndlab_sign_in"
"""Name of the cookie of a signed-in browser, less the prefix that it has over HTTPS."""


def sign_in_token() -> str:
    """What the cookie of this browser holds; empty if there is none."""
    return request.cookies.get(f"{settings().cookie_prefix}{COOKIE}", "")


@blueprint.before_request
def require_right() -> ResponseReturnValue | None:
    """Let nobody in whom the view's rule does not name."""
    g.study = None
    rule = rule_of(request.endpoint)
    with store().read() as db:
        g.user = signed_in(db, sign_in_token())
        if rule == "nobody":
            return None
        if g.user is None:
            return redirect(url_for("experimenter.sign_in_form"))
        g.study = check_rule(db, g.user, rule, (request.view_args or {}).get("slug"))
    note_seen(store(), sign_in_token())
    return None
