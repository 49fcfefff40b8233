"""JSON bodies of requests, read by the shape that they must have."""

from __future__ import annotations

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from jndlab.errors import RequestInvalid

Body = TypeVar("Body", bound=BaseModel)


def read_body(shape: type[Body]) -> Body:
    """The JSON body of this request. Raises RequestInvalid for anything of another shape."""
    try:
        return shape.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise RequestInvalid(
            f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}.",
            "Send JSON as described at /api/v1/openapi.json."
            if request.path.startswith("/api/")
            else "Load the page again.",  # its own script has sent it
        ) from None
