"""What is stored of people: how long it is kept, and what one of them may ask for."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from jndlab.sessions.withdrawal import delete_person
from jndlab.store.models import StudyRow
from jndlab.store.people import find_sessions
from jndlab.store.retention import retention_of
from jndlab.studies.retention import set_retention
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import store
from jndlab.web.experimenter.privacy import person_response
from jndlab.web.manage import messages as m
from jndlab.web.manage import messages_privacy as mp
from jndlab.web.manage.blueprint import answer, blueprint


@blueprint.get("/studies/<slug>/retention")
@needs("view")
def retention(slug: str) -> Response:
    """How long what is personal is kept."""
    return answer(_retention())


@blueprint.put("/studies/<slug>/retention")
@needs("own")
def change_retention(slug: str) -> Response:
    """Set it."""
    body = read_body(mp.SetRetention)
    set_retention(store(), the_study().study_id, body.until, body.then, by=the_user().id)
    return answer(_retention())


@blueprint.post("/studies/<slug>/person")
@needs("own")
def find_person(slug: str) -> Response:
    """Find the sessions of one person."""
    who = read_body(mp.FindPerson).who
    with store().read() as db:
        found = find_sessions(db, the_study().study_id, who)
    sessions = [
        mp.FoundPerson.model_validate(
            {
                "session": one.public_id,
                "session_kind": one.kind,
                "participant": one.participant,
                "state": one.state,
                "opened_at": one.opened_at,
                "found_by": one.by,
            }
        )
        for one in found
    ]
    return answer(mp.FoundPeople(sessions=sessions))


@blueprint.post("/studies/<slug>/sessions/<session>/data")
@needs("own")
def everything_of(slug: str, session: str) -> ResponseReturnValue:
    """Everything that is stored of one person."""
    return person_response(slug, session)


@blueprint.delete("/studies/<slug>/sessions/<session>")
@needs("own")
def delete_everything_of(slug: str, session: str) -> Response:
    """Delete everything of one person."""
    delete_person(store(), the_study().study_id, session, by=the_user().id)
    return answer(m.Done())


def _retention() -> mp.RetentionView:
    with store().read() as db:
        now = retention_of(db.get_one(StudyRow, the_study().study_id))
    return mp.RetentionView(until=now.until, then=now.then, done_at=now.done_at)
