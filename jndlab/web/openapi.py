"""The OpenAPI document of the API, made from the message models."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from jndlab import __version__
from jndlab.web import messages
from jndlab.web.manage.operations import MANAGE_OPERATIONS
from jndlab.web.operations import Operation
from jndlab.web.participant_operations import PARTICIPANT_OPERATIONS

OPERATIONS = (*PARTICIPANT_OPERATIONS, *MANAGE_OPERATIONS)

_REFERENCE = "#/components/schemas/{model}"
_NUMBERS = ("{number}", "{link_id}", "{user_id}")


@cache
def openapi_document() -> dict[str, Any]:
    """OpenAPI 3.1 description of everything under /api/v1."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _describe(operation)
    models = dict.fromkeys(
        model
        for operation in OPERATIONS
        for model in (operation.body, operation.answer, messages.ErrorMessage)
        if model is not None
    )
    inputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [(m, "validation") for m in models]
    _, schemas = models_json_schema(inputs, ref_template=_REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jndlab API",
            "version": __version__,
            "description": "What a participant's browser, or a simulated listener, says to the "
            "server, and what an experimenter's programs may ask of it. Every error has the shape "
            "of ErrorMessage.",
        },
        "tags": [
            {"name": "participant", "description": "Taking part: with the token of a session."},
            {
                "name": "experimenter",
                "description": "Making, running and exporting studies: with an API token, within "
                "its scope and its user's roles.",
            },
        ],
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer"},
                "api_token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "tags": [operation.who],
        "responses": {
            str(operation.status): {
                "description": "Done.",
                "content": _json_content(operation.answer)
                if operation.answer
                else _file_content(operation.gives),
            },
            **{
                str(status): {
                    "description": "Refused.",
                    "content": _json_content(messages.ErrorMessage),
                }
                for status in sorted({*operation.errors, *_everywhere(operation)})
            },
        },
    }
    if operation.needs_token:
        scheme = "session" if operation.who == "participant" else "api_token"
        described["security"] = [{scheme: []}]
    if operation.right:
        described["description"] = (
            f"Needs the right '{operation.right}' in the study, by role and by the token's scope."
        )
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _json_content(operation.body)}
    elif operation.takes is not None:
        described["requestBody"] = {"required": True, "content": _file_content(operation.takes)}
    parameters = [
        {
            "name": part[1:-1],
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if part in _NUMBERS else "string"},
        }
        for part in operation.path.split("/")
        if part.startswith("{")
    ]
    parameters += [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
        for name in operation.query
    ]
    if operation.number_header:
        parameters.append(
            {
                "name": operation.number_header,
                "in": "header",
                "required": True,
                "schema": {"type": "integer", "minimum": 0},
            }
        )
    if parameters:
        described["parameters"] = parameters
    return described


def _everywhere(operation: Operation) -> tuple[int, ...]:
    """A body can be too large, and any request can meet a full disk."""
    refused = (401, 403, 429, 507) if operation.who == "experimenter" else ()
    too_large = (413,) if operation.body is not None or operation.takes is not None else ()
    return (*refused, *too_large, 503)


def _json_content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}


def _file_content(media: str) -> dict[str, Any]:
    return {media: {"schema": {"type": "string", "format": "binary"}}}
