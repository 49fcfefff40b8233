"""How a request of the experimenter's API is described: what all of them have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from jndlab.web.operations import Operation

STUDY = "/studies/{slug}"


def operation(
    method: str, path: str, summary: str, answer: type[BaseModel] | None = None, **more: Any
) -> Operation:
    """A request with an API token; ``more`` are further fields of :class:`Operation`."""
    needs_body = more.get("body") is not None or more.get("takes") is not None
    errors = {404, *((400,) if needs_body else ()), *more.pop("errors", ())}
    return Operation(
        method=method,
        path=path,
        summary=summary,
        answer=answer,
        who="experimenter",
        errors=tuple(sorted(errors)),
        **more,
    )
