"""Preregistration of a study: what can be registered, the document, and how to publish it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from jndlab.errors import RequestInvalid, StudyConflict
from jndlab.store.models import VersionRow
from jndlab.store.studies import (
    definition_of,
    live_version,
    newest_version,
    require_version,
    versions_of,
)
from jndlab.studies.registration import (
    Registration,
    register_version,
    registration_of,
    why_not_registrable,
)
from jndlab.study.analysis_plan import Analysis
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.registration_files import registration_file
from jndlab.web.report_form import OptionField, option_fields

OVER = ("closed", "archived")
"""Seed and salt can be told when no session needs the secret any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """A version as the page shows it."""

    number: int
    frozen_at: datetime
    is_live: bool
    plan: Analysis | None
    fields: list[OptionField]
    registration: Registration | None
    problem: StudyConflict | None
    """Why it cannot be registered; None if it can, or is."""


@blueprint.get("/studies/<slug>/registration")
@needs("own")
def registration(slug: str) -> ResponseReturnValue:
    """The registration of the version that participants take, and of every other one."""
    access = the_study()
    with store().read() as db:
        current = live_version(db, access.study_id) or newest_version(db, access.study_id)
        newest = newest_version(db, access.study_id)
        wanted = [row for row in (newest, current) if row is not None]
        wanted = wanted[:1] if newest is current else wanted
        views = [_view(db, row, current) for row in wanted]
        others = [
            _view(db, row, current)
            for row in reversed(versions_of(db, access.study_id))
            if row not in wanted and row.registered_at is not None
        ]
        return render_template(
            "experimenter/registration.html",
            versions=views,
            others=others,
            is_over=access.state in OVER,
        )


@blueprint.post("/studies/<slug>/registration")
@needs("own")
def register(slug: str) -> ResponseReturnValue:
    """Register a version. It cannot be undone."""
    number = _number(request.form.get("version", ""))
    register_version(store(), the_study().study_id, number, by=the_user().id)
    return redirect(url_for("experimenter.registration", slug=slug))


@blueprint.get("/studies/<slug>/registration/<int:number>/<what>")
@needs("own")
def registration_download(slug: str, number: int, what: str) -> ResponseReturnValue:
    """The registered document, to publish: ``md`` to read, ``json`` for machines."""
    return registered_document(the_study().study_id, number, what)


def registered_document(study_id: int, number: int, what: str) -> Response:
    """A registered document as a file. Raises RequestInvalid."""
    with store().read() as db:
        version = require_version(db, study_id, number)
        found = registration_of(db, version)
        definition = definition_of(version)
    if found is None or what not in ("md", "json"):
        raise RequestInvalid("There is no such document.", "Register the version first.")
    name, content = registration_file(definition, found, what)
    headers = Headers({"Content-Disposition": f'attachment; filename="{name}"'})
    mimetype = "text/markdown" if what == "md" else "application/json"
    return Response(content, content_type=f"{mimetype}; charset=utf-8", headers=headers)


def _view(db: Session, row: VersionRow, current: VersionRow | None) -> VersionView:
    definition = definition_of(row)
    found = registration_of(db, row)
    return VersionView(
        number=row.number,
        frozen_at=row.frozen_at,
        is_live=row.live_since is not None and row is current,
        plan=definition.analysis,
        fields=option_fields(definition.analysis, {}),
        registration=found,
        problem=None if found else why_not_registrable(db, row),
    )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise RequestInvalid("There is no such version.", "Load the page again.")
    return int(text)
