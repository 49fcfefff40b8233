"""Beginning a study in the browser."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import StudyConflict
from jndlab.studies.drafts import create_study
from jndlab.study.draft import slug_of
from jndlab.web.access import needs, the_user
from jndlab.web.context import store
from jndlab.web.experimenter.blueprint import blueprint

MAX_TITLE = 200
RESERVED = {"new", "import"}
"""Addresses of pages, which no study can have."""


@blueprint.get("/studies/new")
@needs("signed-in")
def new_study() -> ResponseReturnValue:
    """Title and short name of a new study."""
    return render_template("experimenter/new_study.html", title="", slug="", error=None)


@blueprint.post("/studies/new")
@needs("signed-in")
def make_study() -> ResponseReturnValue:
    """Make an empty study that belongs to whoever asks; its sounds come next."""
    title = " ".join(request.form.get("title", "").split())
    slug = request.form.get("slug", "").strip().lower() or slug_of(title)
    try:
        begin_study(title, slug)
    except StudyConflict as error:
        page = render_template("experimenter/new_study.html", title=title, slug=slug, error=error)
        return page, 409
    return redirect(url_for("experimenter.sounds", slug=slug))


def begin_study(title: str, slug: str) -> int:
    """The row id of a new study of the signed-in user. Raises StudyConflict."""
    require_title(title, slug)
    return create_study(store(), slug=slug, title=title, by=the_user().id)


def require_title(title: str, slug: str) -> None:
    """Raise StudyConflict for a title or a short name that no study can have."""
    if not title or len(title) > MAX_TITLE or not title.isprintable():
        raise StudyConflict(
            "A study needs a title.", f"Write one line of up to {MAX_TITLE} characters."
        )
    if slug in RESERVED:
        raise StudyConflict(f"The short name {slug!r} is in use.", "Choose another one.")
