"""Bringing in a study of another tool: send its files, see what is carried over, take it."""

from __future__ import annotations

import secrets
from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.datastructures import MultiDict

from jndlab.errors import RequestInvalid
from jndlab.importing.imported import FORMATS
from jndlab.studies.drafts import current_draft
from jndlab.studies.uploads import upload_state
from jndlab.study.draft import slug_of
from jndlab.study.trials import TASKS
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.new_study import begin_study
from jndlab.web.jobs.queue import newest_job, start_job

LOOK, TAKE = "import-look", "import-take"
MAX_TEXT = 200
MAX_LEVELS = 100


class _New(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: str = Field(max_length=MAX_TEXT)


@blueprint.get("/import")
@needs("signed-in")
def import_foreign() -> ResponseReturnValue:
    """Where the archive of a study of another tool is chosen."""
    return render_template("experimenter/import.html", formats=FORMATS)


@blueprint.post("/import")
@needs("signed-in")
def begin_import() -> ResponseReturnValue:
    """Make an empty study for what comes; where its archive is sent to, and looked into."""
    title = " ".join(read_body(_New).title.split()) or "Imported study"
    slug = f"{slug_of(title)[:54]}-{secrets.token_hex(3)}"
    begin_study(title, slug)
    return jsonify(
        {
            "slug": slug,
            "uploads": url_for("experimenter.begin", slug=slug),
            "look": url_for("experimenter.look_into_import", slug=slug),
            "page": url_for("experimenter.import_preview", slug=slug),
        }
    )


@blueprint.get("/studies/<slug>/import")
@needs("edit")
def import_preview(slug: str) -> ResponseReturnValue:
    """What would be carried over and what not, and what the files do not say."""
    study_id = the_study().study_id
    with store().read() as db:
        look = newest_job(db, study_id, LOOK)
        take = newest_job(db, study_id, TAKE)
        has_draft = current_draft(db, study_id) is not None
    if take is not None and look is not None and take.created_at < look.created_at:
        take = None
    return render_template(
        "experimenter/import_preview.html",
        look=look,
        take=take,
        has_draft=has_draft,
        formats=FORMATS,
        paradigms=tuple(TASKS),
        told=_told_of(request.args),
        name=request.args.get("name", ""),
    )


@blueprint.post("/studies/<slug>/import/look")
@needs("edit")
def look_into_import(slug: str) -> ResponseReturnValue:
    """Look into the archive, with what is known besides."""
    return _start(LOOK, slug)


@blueprint.post("/studies/<slug>/import/take")
@needs("edit")
def take_import(slug: str) -> ResponseReturnValue:
    """Make the study of what was found."""
    return _start(TAKE, slug)


def _start(kind: str, slug: str) -> ResponseReturnValue:
    study_id = the_study().study_id
    name = request.form.get("name", "")
    if not upload_state(store(), settings(), study_id, name).is_complete:
        raise RequestInvalid("The archive is not here as a whole.", "Go on sending it.")
    told = _told_of(request.form)
    options = {"name": name, "told": {**told, "levels": _levels_of(told["levels"])}}
    start_job(store(), settings(), kind, study_id=study_id, by=the_user().id, options=options)
    kept = {key: value for key, value in told.items() if value}
    return redirect(url_for("experimenter.import_preview", slug=slug, name=name, **kept))


def _told_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form says, each value as text; words that cannot be are left out."""
    told: dict[str, Any] = {
        key: form.get(key, "").strip()[:MAX_TEXT] for key in ("baseline", "unit")
    }
    told["levels"] = form.get("levels", "").strip()[: MAX_TEXT * MAX_LEVELS]
    told["take_ratings"] = "yes" if form.get("take_ratings") else ""
    for key, words in (
        ("paradigm", tuple(TASKS)),
        ("compression", ("rises", "falls")),
    ):
        told[key] = form.get(key, "") if form.get(key) in words else ""
    return told


def _levels_of(text: str) -> list[tuple[str, tuple[str, float]]]:
    """Lines such as C1=opus:24. Raises RequestInvalid for another one."""
    found = []
    for line in text.splitlines()[:MAX_LEVELS]:
        if not line.strip():
            continue
        version, _, place = line.rpartition("=")
        condition, _, number = place.rpartition(":")
        try:
            level = float(number)
        except ValueError:
            level = float("nan")
        if not version.strip() or level != level or abs(level) == float("inf"):
            raise RequestInvalid(
                f"{line.strip()[:80]!r} is not like C1=opus:24.",
                "Write a line for each version: its name, what it is a grade of, and the level.",
            )
        found.append((version.strip(), (condition.strip(), level)))
    return found
