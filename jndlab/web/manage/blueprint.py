"""The blueprint of the experimenter's API: who asks, and how answers are written."""

from __future__ import annotations

from flask import Blueprint, Response, g, request
from pydantic import BaseModel

from jndlab.errors import NotSignedIn
from jndlab.store.tokens import token_user
from jndlab.web.access import check_rule, rule_of
from jndlab.web.context import store

blueprint = Blueprint("manage", __name__, url_prefix="/api/v1")


@blueprint.before_request
def require_right() -> None:
    """Let nobody in whose token and role the view's rule does not name."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = token_user(store(), token.strip()) if scheme == "Bearer" else None
    if known is None:
        raise NotSignedIn(
            "This needs a valid API token.",
            "Make one on your account page, and send it as 'Authorization: Bearer TOKEN'.",
        )
    g.user = known.user
    with store().read() as db:
        slug = (request.view_args or {}).get("slug")
        g.study = check_rule(db, known.user, rule_of(request.endpoint), slug)


def answer(message: BaseModel, status: int = 200) -> Response:
    """A message as JSON."""
    return Response(message.model_dump_json(), status=status, mimetype="application/json")
