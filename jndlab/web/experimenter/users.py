"""The pages of administrators: who has an account, and who is invited."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import AccountError, JndlabError, RequestInvalid
from jndlab.store import administration
from jndlab.store.invitations import invite, open_invitations, withdraw_invitation
from jndlab.store.members import studies_of
from jndlab.web.access import needs, the_user
from jndlab.web.context import settings, store
from jndlab.web.errors import STATUS
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.overview import base_url
from jndlab.web.oidc import provider_name


@blueprint.get("/users")
@needs("admin")
def users() -> ResponseReturnValue:
    """Every account, and the invitations that nobody has taken up yet."""
    return _users_page()


@blueprint.post("/users/invite")
@needs("admin")
def invite_user() -> ResponseReturnValue:
    """Make a link with which somebody makes an account; it is shown once."""
    try:
        with store().write() as db:
            token = invite(
                db,
                by=the_user().id,
                label=request.form.get("label", ""),
                is_admin=request.form.get("admin") == "yes",
            )
    except RequestInvalid as error:
        return _users_page(error)
    return _users_page(new_link=invitation_link(token))


@blueprint.post("/users/invitations/<int(max=2147483647):invitation_id>/withdraw")
@needs("admin")
def withdraw_invitation_to_server(invitation_id: int) -> ResponseReturnValue:
    """End an invitation, to whatever it is."""
    with store().write() as db:
        withdraw_invitation(db, invitation_id, by=the_user().id)
    flash("The invitation is withdrawn: its link works no more.")
    return redirect(url_for("experimenter.users"))


@blueprint.get("/users/<int(max=2147483647):user_id>")
@needs("admin")
def user(user_id: int) -> ResponseReturnValue:
    """One account."""
    return _user_page(user_id)


@blueprint.post("/users/<int(max=2147483647):user_id>")
@needs("admin")
def change_user(user_id: int) -> ResponseReturnValue:
    """Do one thing with an account; the form's ``deed`` says which."""
    by, deed = the_user().id, request.form.get("deed", "")
    if deed not in _DONE:
        raise RequestInvalid("This cannot be done with an account.", "Load the page anew.")
    try:
        with store().write() as db:
            if deed == "disable":
                administration.disable(db, user_id, by=by)
            elif deed == "enable":
                administration.enable(db, user_id, by=by)
            elif deed in ("make-admin", "unmake-admin"):
                administration.set_admin(db, user_id, deed == "make-admin", by=by)
            elif deed == "reset-second-factor":
                administration.reset_second_factor(db, user_id, by=by)
            else:
                administration.set_subject(db, user_id, request.form.get("subject", ""), by=by)
    except AccountError as error:
        return _user_page(user_id, error)
    flash(_DONE[deed])
    if deed == "unmake-admin" and user_id == by:
        return redirect(url_for("experimenter.studies"))
    return redirect(url_for("experimenter.user", user_id=user_id))


_DONE = {
    "disable": "The account is disabled: signed out everywhere, and no token works.",
    "enable": "The account can be used again.",
    "make-admin": "This user is an administrator now.",
    "unmake-admin": "This user is no administrator any more.",
    "reset-second-factor": "The second factor is off. A new one can be set up after signing in.",
    "set-subject": "The subject is saved.",
}


def invitation_link(token: str) -> str:
    """What to send to somebody who is invited."""
    return base_url() + url_for("experimenter.invitation", token=token)


def _users_page(error: JndlabError | None = None, **more: Any) -> ResponseReturnValue:
    with store().read() as db:
        page = render_template(
            "experimenter/users.html",
            error=error,
            accounts=administration.accounts(db),
            invitations=open_invitations(db),
            provider=provider_name(settings()),
            **more,
        )
    return page, 200 if error is None else STATUS[type(error)]


def _user_page(user_id: int, error: JndlabError | None = None) -> ResponseReturnValue:
    with store().read() as db:
        administration.require_account(db, user_id)
        [account] = [known for known in administration.accounts(db) if known.id == user_id]
        page = render_template(
            "experimenter/user.html",
            error=error,
            account=account,
            studies=studies_of(db, user_id),
            provider=provider_name(settings()),
        )
    return page, 200 if error is None else STATUS[type(error)]
