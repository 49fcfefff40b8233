"""Preregistration of a version, and the document to publish."""

from __future__ import annotations

from flask import Response

from jndlab.studies.registration import register_version
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import store
from jndlab.web.experimenter.registration import registered_document
from jndlab.web.manage import messages_making as mm
from jndlab.web.manage.blueprint import answer, blueprint


@blueprint.post("/studies/<slug>/registration")
@needs("own")
def register(slug: str) -> Response:
    """Register a version; one that is registered stays as it is."""
    number = read_body(mm.RegisterVersion).version
    made = register_version(store(), the_study().study_id, number, by=the_user().id)
    view = mm.RegistrationView(
        version=made.version, registered_at=made.registered_at, digest=made.digest
    )
    return answer(view)


@blueprint.get("/studies/<slug>/registration/<int(max=999999999):number>/<what>")
@needs("own")
def document(slug: str, number: int, what: str) -> Response:
    """The registered document: ``md`` to read, ``json`` for machines."""
    return registered_document(the_study().study_id, number, what)
