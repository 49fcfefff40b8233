"""JSON bodies that the scripts of our own pages send."""

from __future__ import annotations

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from jndlab.errors import RequestInvalid

Body = TypeVar("Body", bound=BaseModel)


def read_body(shape: type[Body]) -> Body:
    """The JSON body of this request. Raises RequestInvalid."""
    try:
        return shape.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise RequestInvalid(
            f"The request is not as it should be: {where}: {first['msg']}.",
            "Load the page again.",
        ) from None
