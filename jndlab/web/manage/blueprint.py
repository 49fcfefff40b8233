"""The blueprint of the experimenter's API: who asks, how bodies are read and answers written."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, Response, g, request
from pydantic import BaseModel, ValidationError

from jndlab.errors import NotSignedIn, RequestInvalid
from jndlab.store.tokens import token_user
from jndlab.web.access import check_rule, rule_of
from jndlab.web.context import store

blueprint = Blueprint("manage", __name__, url_prefix="/api/v1")

Body = TypeVar("Body", bound=BaseModel)


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


def read_body(model: type[Body]) -> Body:
    """The body of the request. Raises RequestInvalid."""
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise RequestInvalid(
            f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}.",
            "Send JSON as described at /api/v1/openapi.json.",
        ) from None


def answer(message: BaseModel, status: int = 200) -> Response:
    """A message as JSON."""
    return Response(message.model_dump_json(), status=status, mimetype="application/json")
