"""Copies of a study: a duplicate to change, an archive to keep, and an archive taken back in."""

from __future__ import annotations

import secrets

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from jndlab.errors import RequestInvalid, StudyConflict
from jndlab.store.studies import study_by_slug
from jndlab.studies.copying import copy_study
from jndlab.studies.deleting import delete_study
from jndlab.studies.drafts import current_draft
from jndlab.studies.uploads import upload_state
from jndlab.study.draft import slug_of
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.new_study import begin_study, require_title
from jndlab.web.jobs.queue import newest_job, start_job

WRITE, READ = "study-archive", "read-study-archive"


class _Archive(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: str = Field(max_length=300)


class _Take(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(max_length=100)


@blueprint.get("/studies/<slug>/copies")
@needs("edit")
def copies(slug: str) -> ResponseReturnValue:
    """Where a study is duplicated or put into an archive."""
    return _page()


@blueprint.post("/studies/<slug>/copies")
@needs("edit")
def duplicate(slug: str) -> ResponseReturnValue:
    """Make a copy that belongs to whoever asks."""
    title = " ".join(request.form.get("title", "").split())
    wanted = request.form.get("slug", "").strip().lower() or slug_of(title)
    try:
        require_title(title, wanted)
        copy_study(
            store(), settings(), the_study().study_id, slug=wanted, title=title, by=the_user().id
        )
    except StudyConflict as error:
        return _page(error=error, title=title, wanted=wanted), 409
    return redirect(url_for("experimenter.design", slug=wanted))


@blueprint.post("/studies/<slug>/archive")
@needs("edit")
def make_archive(slug: str) -> ResponseReturnValue:
    """Ask for the archive of a study."""
    start_job(
        store(),
        settings(),
        WRITE,
        study_id=the_study().study_id,
        by=the_user().id,
        options={"ask": secrets.token_hex(4)},  # each time anew: the sounds may have changed
    )
    return redirect(url_for("experimenter.copies", slug=slug))


@blueprint.get("/studies/import")
@needs("signed-in")
def import_study() -> ResponseReturnValue:
    """Where the archive of a study is chosen."""
    return render_template("experimenter/import_study.html")


@blueprint.post("/studies/import")
@needs("signed-in")
def begin_study_import() -> Response:
    """An empty study for what comes; where its archive is sent to."""
    title = " ".join(read_body(_Archive).title.split())[:200] or "Imported study"
    slug = f"{slug_of(title)[:54].strip('-')}-{secrets.token_hex(4)}"
    begin_study(title if title.isprintable() else "Imported study", slug)
    return jsonify(
        {
            "uploads": url_for("experimenter.begin", slug=slug),
            "take": url_for("experimenter.take_study_import", slug=slug),
            "discard": url_for("experimenter.discard_study_import", slug=slug),
        }
    )


@blueprint.post("/studies/<slug>/take")
@needs("own")
def take_study_import(slug: str) -> ResponseReturnValue:
    """Ask for a study to be filled from its uploaded archive."""
    name = read_body(_Take).name
    if not upload_state(store(), settings(), the_study().study_id, name).is_complete:
        raise RequestInvalid("The archive is not here as a whole.", "Go on sending it.")
    job = start_job(
        store(),
        settings(),
        READ,
        study_id=the_study().study_id,
        by=the_user().id,
        options={"name": name},
    )
    return jsonify({"job": url_for("experimenter.job", public_id=job)}), 202


@blueprint.post("/studies/<slug>/discard")
@needs("own")
def discard_study_import(slug: str) -> Response:
    """Take away the empty study of an import that came to nothing."""
    with store().read() as db:
        if current_draft(db, the_study().study_id) is not None:
            raise StudyConflict("This study is not empty.", "Delete it on its page “Overview”.")
    delete_study(store(), settings(), the_study().study_id, by=the_user().id, confirmed=slug)
    return jsonify({})


def _page(error: StudyConflict | None = None, title: str = "", wanted: str = "") -> str:
    study_id = the_study().study_id
    with store().read() as db:
        job = newest_job(db, study_id, WRITE)
        has_draft = current_draft(db, study_id) is not None
        free = next(
            name
            for number in range(2, 10_000)
            if study_by_slug(db, name := f"{the_study().slug[:57]}-{number}") is None
        )
    return render_template(
        "experimenter/copies.html",
        error=error,
        title=title or f"{the_study().title} (copy)",
        wanted=wanted or free,
        job=job,
        has_draft=has_draft,
    )
