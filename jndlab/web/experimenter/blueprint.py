"""The blueprint of the experimenter's pages, and who gets to them."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.store.rights import signed_in
from jndlab.store.sign_ins import note_seen
from jndlab.web.access import check_rule, rule_of
from jndlab.web.context import store

blueprint = Blueprint("experimenter", __name__)

COOKIE = "jndlab_sign_in"


@blueprint.before_request
def require_right() -> ResponseReturnValue | None:
    """Let nobody in whom the view's rule does not name."""
    g.study = None
    rule = rule_of(request.endpoint)
    with store().read() as db:
        g.user = signed_in(db, request.cookies.get(COOKIE, ""))
        if rule == "nobody":
            return None
        if g.user is None:
            return redirect(url_for("experimenter.sign_in_form"))
        g.study = check_rule(db, g.user, rule, (request.view_args or {}).get("slug"))
    note_seen(store(), request.cookies.get(COOKIE, ""))
    return None
