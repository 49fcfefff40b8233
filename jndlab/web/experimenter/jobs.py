"""How far a job is, for the page that asked for it, and the files that it made."""

from __future__ import annotations

from flask import Response, jsonify, send_file
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from jndlab.errors import TokenInvalid
from jndlab.store.models import StudyRow
from jndlab.store.rights import access_to
from jndlab.web.access import needs, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.jobs.kinds import right_for
from jndlab.web.jobs.queue import JobState, require_job


@blueprint.get("/jobs/<public_id>")
@needs("signed-in")
def job(public_id: str) -> ResponseReturnValue:
    """How far a job is."""
    at = require_mine(public_id)
    return jsonify(
        {
            "state": at.state,
            "n_done": at.n_done,
            "n_steps": at.n_steps,
            "message": at.message,
            "remedy": at.remedy,
            "result": at.result,
        }
    )


@blueprint.get("/jobs/<public_id>/files/<name>")
@needs("signed-in")
def job_file(public_id: str, name: str) -> Response:
    """A file that a job has made, to download."""
    return send_job_file(public_id, name)


def send_job_file(public_id: str, name: str) -> Response:
    """A file that a job has made. Raises TokenInvalid."""
    require_mine(public_id)
    path = safe_join(str(settings().job_folder(public_id).resolve()), name)
    try:
        return send_file(path or "", as_attachment=True, download_name=name, max_age=0)
    except (OSError, ValueError):  # a null byte in a name
        raise TokenInvalid("There is no such file.", "Make it once more.") from None


def require_mine(public_id: str) -> JobState:
    """A job about no study that is one's own, or one that one's right in its study is enough for.

    Having asked for it is no right: who has left a study has nothing to do with its data any
    more, and a token may be for less than its user. Raises TokenInvalid.
    """
    user = the_user()
    with store().read() as db:
        at = require_job(db, public_id)
        if at.study_id is None:
            is_mine = at.created_by == user.id
        else:
            study = db.get(StudyRow, at.study_id)
            access = access_to(db, user, study.slug) if study is not None else None
            is_mine = access is not None and access.allows(right_for(at.kind, at.options))
    if not is_mine:
        raise TokenInvalid("There is no such job.", "Load the page again.")
    return at
