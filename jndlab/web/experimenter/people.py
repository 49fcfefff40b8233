"""The page of a study's people: members, roles, invitations."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import AccountError, JndlabError, RequestInvalid
from jndlab.store import members
from jndlab.store.invitations import invite, open_invitations, withdraw_invitation
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import store
from jndlab.web.errors import STATUS
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.users import invitation_link


@blueprint.get("/studies/<slug>/people")
@needs("view")
def people(slug: str) -> ResponseReturnValue:
    """The members of a study; its owners see who is invited, too."""
    return _page()


@blueprint.post("/studies/<slug>/people")
@needs("own")
def add_person(slug: str) -> ResponseReturnValue:
    """Make a user of this server a member."""
    name = request.form.get("name", "").strip()
    try:
        role = members.require_role(request.form.get("role"))
        with store().write() as db:
            members.add_member(db, the_study().study_id, name, role, by=the_user())
    except (AccountError, RequestInvalid) as error:
        return _page(error, name=name)
    flash(f"{name} is a member now.")
    return redirect(url_for("experimenter.people", slug=slug))


@blueprint.post("/studies/<slug>/people/<int(max=2147483647):user_id>")
@needs("own")
def change_person(slug: str, user_id: int) -> ResponseReturnValue:
    """Change a member's role, remove them, or hand the study over; the form's ``deed`` says."""
    study_id, by, deed = the_study().study_id, the_user(), request.form.get("deed")
    try:
        with store().write() as db:
            if deed == "remove":
                members.remove_member(db, study_id, user_id, by=by)
            elif deed == "hand-over":
                members.hand_over(db, study_id, user_id, by=by)
            else:
                role = members.require_role(request.form.get("role"))
                members.change_role(db, study_id, user_id, role, by=by)
    except (AccountError, RequestInvalid) as error:
        return _page(error)
    if deed == "remove" and user_id == by.id and not by.is_admin:
        return redirect(url_for("experimenter.studies"))
    flash("The members are changed.")
    return redirect(url_for("experimenter.people", slug=slug))


@blueprint.post("/studies/<slug>/people/invite")
@needs("own")
def invite_person(slug: str) -> ResponseReturnValue:
    """Make a link with which somebody makes an account and joins; it is shown once."""
    try:
        role = members.require_role(request.form.get("role"))
        with store().write() as db:
            token = invite(
                db,
                by=the_user().id,
                label=request.form.get("label", ""),
                study_id=the_study().study_id,
                role=role,
            )
    except RequestInvalid as error:
        return _page(error)
    return _page(new_link=invitation_link(token))


@blueprint.post("/studies/<slug>/people/invitations/<int(max=2147483647):invitation_id>/withdraw")
@needs("own")
def withdraw_invitation_to_study(slug: str, invitation_id: int) -> ResponseReturnValue:
    """End an invitation to this study."""
    with store().write() as db:
        withdraw_invitation(db, invitation_id, by=the_user().id, study_id=the_study().study_id)
    flash("The invitation is withdrawn: its link works no more.")
    return redirect(url_for("experimenter.people", slug=slug))


def _page(error: JndlabError | None = None, **more: Any) -> ResponseReturnValue:
    study = the_study()
    with store().read() as db:
        page = render_template(
            "experimenter/people.html",
            error=error,
            members=members.members_of(db, study.study_id),
            invitations=open_invitations(db, study_id=study.study_id),
            roles=members.ROLES,
            **more,
        )
    return page, 200 if error is None else STATUS[type(error)]
