"""Who has which role in a study."""

from __future__ import annotations

from flask import Response

from jndlab.store.members import add_member, change_role, members_of, remove_member
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import store
from jndlab.web.manage import messages_people as mp
from jndlab.web.manage.blueprint import answer, blueprint


@blueprint.get("/studies/<slug>/members")
@needs("view")
def members(slug: str) -> Response:
    """Who has which role."""
    return answer(_members())


@blueprint.post("/studies/<slug>/members")
@needs("own")
def add(slug: str) -> Response:
    """Give a user a role."""
    body = read_body(mp.AddMember)
    with store().write() as db:
        add_member(db, the_study().study_id, body.name, body.role, by=the_user())
    return answer(_members(), 201)


@blueprint.put("/studies/<slug>/members/<id:user_id>")
@needs("own")
def set_role(slug: str, user_id: int) -> Response:
    """Give a member another role."""
    role = read_body(mp.SetRole).role
    with store().write() as db:
        change_role(db, the_study().study_id, user_id, role, by=the_user())
    return answer(_members())


@blueprint.delete("/studies/<slug>/members/<id:user_id>")
@needs("own")
def remove(slug: str, user_id: int) -> Response:
    """Take a member out."""
    with store().write() as db:
        remove_member(db, the_study().study_id, user_id, by=the_user())
    return answer(_members())


def _members() -> mp.MemberList:
    with store().read() as db:
        return mp.MemberList(
            members=[
                mp.MemberView(user_id=one.user_id, name=one.name, role=one.role)
                for one in members_of(db, the_study().study_id)
            ]
        )
