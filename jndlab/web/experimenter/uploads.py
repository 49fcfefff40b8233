"""Where the browser sends sound files and archives to, in parts.

The protocol is the core of tus (https://tus.io/protocols/resumable-upload): a file is begun, its
parts are appended at the offset that the server has, and after a break the server is asked for it.
"""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from jndlab.errors import RequestInvalid
from jndlab.studies.uploads import (
    Upload,
    abandon_upload,
    begin_upload,
    receive_part,
    upload_state,
)
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.body_limits import takes
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.jobs.queue import start_job

MAX_PART_BYTES = 16 * 1024**2
OFFSET = "Upload-Offset"


class _Begin(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    path: str = Field(max_length=300)
    n_bytes: int = Field(ge=0, le=2**53)
    replace: bool = False


class _Unpack(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    baseline: str | None = Field(default=None, max_length=1000)


@blueprint.post("/studies/<slug>/uploads")
@needs("edit")
def begin(slug: str) -> Response:
    """Begin a file: its address, and how much of it is here already."""
    told = read_body(_Begin)
    upload = begin_upload(
        store(),
        settings(),
        the_study().study_id,
        told.path,
        told.n_bytes,
        by=the_user().id,
        replace=told.replace,
    )
    return _state(upload)


@blueprint.get("/studies/<slug>/uploads/<name>")
@needs("edit")
def upload(slug: str, name: str) -> Response:
    """How much of a file is here."""
    return _state(upload_state(store(), settings(), the_study().study_id, name))


@blueprint.patch("/studies/<slug>/uploads/<name>")
@needs("edit")
@takes(MAX_PART_BYTES)
def send_part(slug: str, name: str) -> Response:
    """Take the next part of a file."""
    state = receive_part(
        store(), settings(), the_study().study_id, name, part_offset(), request.stream
    )
    return _state(state)


@blueprint.delete("/studies/<slug>/uploads/<name>")
@needs("edit")
def abandon(slug: str, name: str) -> Response:
    """Forget a file that was begun."""
    abandon_upload(store(), settings(), the_study().study_id, name)
    return jsonify({})


@blueprint.post("/studies/<slug>/uploads/<name>/unpack")
@needs("edit")
def unpack(slug: str, name: str) -> ResponseReturnValue:
    """Ask for an archive to be unpacked; where to see how far it is."""
    state = upload_state(store(), settings(), the_study().study_id, name)
    if not state.is_complete:
        raise RequestInvalid("The archive is not here as a whole.", "Go on sending it.")
    told = read_body(_Unpack)
    job = start_job(
        store(),
        settings(),
        "unpack",
        study_id=the_study().study_id,
        by=the_user().id,
        options={"name": name, "baseline": told.baseline},
    )
    return jsonify({"job": url_for("experimenter.job", public_id=job)}), 202


def part_offset() -> int:
    """Where the part that this request sends belongs, in bytes. Raises RequestInvalid."""
    text = request.headers.get(OFFSET, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise RequestInvalid(
            f"The header {OFFSET} is missing or no number.", "Say where the part belongs."
        )
    return int(text)


def _state(upload: Upload) -> Response:
    return jsonify(asdict(upload))
