"""The OpenAPI document of the participant API, made from the message models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from jndlab import __version__
from jndlab.web import messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request of the API."""

    method: str
    path: str
    summary: str
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    """None: the answer is a WAV file."""
    status: int = 200
    needs_token: bool = True
    errors: tuple[int, ...] = (404,)


OPERATIONS = (
    Operation(
        method="post",
        path="/sessions",
        summary="Open a session after consent.",
        body=messages.OpenSession,
        answer=messages.OpenedSession,
        status=201,
        needs_token=False,
        errors=(400, 404, 409),
    ),
    Operation(
        method="get",
        path="/session",
        summary="Where the session stands.",
        answer=messages.SessionState,
    ),
    Operation(
        method="post",
        path="/resume",
        summary="Go on with a session in a page that was loaded anew; counted once per key.",
        body=messages.Resume,
        answer=messages.SessionState,
        errors=(400, 404, 409),
    ),
    Operation(
        method="post",
        path="/recruit",
        summary="Whether the session is of the person whom a recruiter's parameters name.",
        body=messages.WhoIsIt,
        answer=messages.SamePerson,
        errors=(400, 404),
    ),
    Operation(
        method="post",
        path="/trial",
        summary="Present the current trial; asked again, the same trial.",
        answer=messages.CurrentTrial,
        errors=(404, 409),
    ),
    Operation(
        method="post",
        path="/trials/ahead",
        summary="Hand out the sounds of the next trials, at most two, before their turn.",
        answer=messages.TrialsAhead,
        errors=(404, 409),
    ),
    Operation(method="get", path="/clips/{name}", summary="One sound, 24-bit PCM WAV."),
    Operation(
        method="get",
        path="/examples/{number}",
        summary="A sound of the page of instructions, by its place there, from 0.",
    ),
    Operation(
        method="put",
        path="/trials/{number}/response",
        summary="Answer a trial; idempotent. A different answer to the same trial is refused.",
        body=messages.TrialResponse,
        answer=messages.AnswerReceipt,
        errors=(400, 404, 409),
    ),
    Operation(
        method="post",
        path="/check",
        summary="Present the current trial of the current check; asked again, the same one.",
        answer=messages.CheckTrial,
        errors=(400, 404, 409),
    ),
    Operation(
        method="get",
        path="/checks/{name}/clip",
        summary="The sound of a check, 24-bit PCM WAV.",
    ),
    Operation(
        method="put",
        path="/checks/{name}",
        summary="Answer a trial of a check; idempotent. The first answer stands.",
        body=messages.CheckAnswer,
        answer=messages.CheckResult,
        errors=(400, 404),
    ),
    Operation(
        method="put",
        path="/questionnaires/{name}",
        summary="Answer a questionnaire; idempotent. With a problem in it nothing is stored.",
        body=messages.QuestionnaireAnswers,
        answer=messages.QuestionnaireResult,
        errors=(400, 404, 409),
    ),
    Operation(
        method="post",
        path="/withdraw",
        summary="Delete everything that the session has stored; idempotent.",
        answer=messages.Withdrawn,
    ),
    Operation(
        method="post",
        path="/events",
        summary="Report something that happened in the browser.",
        body=messages.ClientEvent,
        answer=messages.Stored,
        errors=(400, 404),
    ),
    Operation(
        method="post",
        path="/failure",
        summary="Get the failure code, where the technology fails again and again.",
        body=messages.Failure,
        answer=messages.FailureCode,
        errors=(400, 404, 409),
    ),
    Operation(
        method="post",
        path="/finish",
        summary="Confirm the end and get the completion code.",
        answer=messages.SessionState,
        errors=(404, 409),
    ),
)

_REFERENCE = "#/components/schemas/{model}"


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
            "title": "jndlab participant API",
            "version": __version__,
            "description": "What a participant's browser, or a simulated listener, says to the "
            "server. Every error has the shape of ErrorMessage.",
        },
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "responses": {
            str(operation.status): {
                "description": "Done.",
                "content": _json_content(operation.answer)
                if operation.answer
                else {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
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
        described["security"] = [{"session": []}]
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _json_content(operation.body)}
    parameters = [
        {
            "name": part[1:-1],
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if part == "{number}" else "string"},
        }
        for part in operation.path.split("/")
        if part.startswith("{")
    ]
    if parameters:
        described["parameters"] = parameters
    return described


def _everywhere(operation: Operation) -> tuple[int, ...]:
    """A body can be too large, and any request can meet a full disk."""
    return (413, 503) if operation.body is not None else (503,)


def _json_content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}
