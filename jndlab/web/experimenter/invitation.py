"""The page that an invitation's link opens."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import AccountError, JndlabError, SignInError
from jndlab.store.invitations import Invitation, open_invitation
from jndlab.store.joining import join_as, join_with_password, join_with_subject
from jndlab.store.models import StudyRow
from jndlab.web.access import needs, the_user
from jndlab.web.context import settings, store
from jndlab.web.errors import STATUS
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.letting_in import come_back_to_invitation, let_in
from jndlab.web.experimenter.sign_in_elsewhere import (
    forget_identity,
    identity_for,
    want_to_take_up,
)
from jndlab.web.oidc import provider_name


@blueprint.get("/invitations/<token>")
@needs("nobody")
def invitation(token: str) -> ResponseReturnValue:
    """Choose a name and a password; or join with the account that one has."""
    page = _page(token)
    if g.user is None:
        come_back_to_invitation(token)
    return page


@blueprint.post("/invitations/<token>")
@needs("nobody")
def accept(token: str) -> ResponseReturnValue:
    """Make the account and sign in."""
    form, identity = request.form, identity_for(token)
    name = form.get("name", "").strip()
    try:
        if identity is not None:
            user_id = join_with_subject(store(), token, name=name, subject=identity[0])
        else:
            if form.get("password") != form.get("again"):
                raise SignInError("The two passwords differ.", "Type the same one twice.")
            password = form.get("password", "")
            user_id = join_with_password(store(), token, name=name, password=password)
    except (AccountError, SignInError) as error:
        return _page(token, error, name=name)
    forget_identity()
    come_back_to_invitation(None)
    return let_in(user_id)


@blueprint.post("/invitations/<token>/join")
@needs("signed-in")
def join(token: str) -> ResponseReturnValue:
    """Take it up with the account that is signed in."""
    try:
        taken_up = join_as(store(), token, the_user().id)
    except AccountError as error:
        return _page(token, error)
    if taken_up.study_id is None:
        flash("You are an administrator now.")
        return redirect(url_for("experimenter.account"))
    with store().read() as db:
        slug = db.get_one(StudyRow, taken_up.study_id).slug
    return redirect(url_for("experimenter.study", slug=slug))


@blueprint.get("/invitations/<token>/elsewhere")
@needs("nobody")
def accept_elsewhere(token: str) -> ResponseReturnValue:
    """Show who one is at the provider first."""
    with store().read() as db:
        open_invitation(db, token)
    want_to_take_up(token)
    return redirect(url_for("experimenter.elsewhere"))


def _page(token: str, error: JndlabError | None = None, *, name: str = "") -> ResponseReturnValue:
    with store().read() as db:
        found: Invitation = open_invitation(db, token)
    identity = identity_for(token)
    page = render_template(
        "experimenter/invitation.html",
        error=error,
        invitation=found,
        token=token,
        name=name or (identity[1] if identity else ""),
        is_known_elsewhere=identity is not None,
        provider=provider_name(settings()),
    )
    return page, 200 if error is None else STATUS[type(error)]
