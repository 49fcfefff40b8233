"""The blueprint of the experimenter's API: who asks, and how answers are written."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, g, request
from pydantic import BaseModel
from werkzeug.routing import IntegerConverter

from jndlab.errors import NoRoom, NotSignedIn, StoreError
from jndlab.store.rates import REQUESTS, require_rate
from jndlab.store.tokens import token_user
from jndlab.web.access import check_rule, rule_of
from jndlab.web.context import store


class RowId(IntegerConverter):
    """The number of a row. One that no database holds is no address at all: were its size checked
    after the address was found, as by ``int(max=…)``, werkzeug would answer 405 for some methods.
    """

    regex = r"\d{1,9}"


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
    with suppress(StoreError, NoRoom):  # a full disk is no reason to keep data from a program
        require_rate(store(), REQUESTS, str(known.token_id))
    g.user = known.user
    with store().read() as db:
        slug = (request.view_args or {}).get("slug")
        g.study = check_rule(db, known.user, rule_of(request.endpoint), slug)


def answer(message: BaseModel, status: int = 200) -> Response:
    """A message as JSON."""
    return Response(message.model_dump_json(), status=status, mimetype="application/json")
