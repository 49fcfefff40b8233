"""A preview of what is saved, asked for from the pages where a study is made."""

from __future__ import annotations

from flask import jsonify, url_for
from flask.typing import ResponseReturnValue

from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.jobs.queue import start_job


@blueprint.post("/studies/<slug>/preview/make")
@needs("edit")
def make_preview(slug: str) -> ResponseReturnValue:
    """Ask for the newest draft to be rendered for a preview; where to see how far it is."""
    job = start_job(
        store(),
        settings(),
        "launch",
        study_id=the_study().study_id,
        by=the_user().id,
        options={"target": "preview", "note": ""},
    )
    return jsonify({"job": url_for("experimenter.job", public_id=job)}), 202
