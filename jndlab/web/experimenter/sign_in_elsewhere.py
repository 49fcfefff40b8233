"""Signing in with an OpenID Connect provider, and what somebody who comes back from it wanted."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import AccountError, JndlabError, SignInError
from jndlab.store.administration import set_subject
from jndlab.store.joining import join_as
from jndlab.store.models import UserRow
from jndlab.store.sign_ins import recognise
from jndlab.store.users import require_own_password, user_of_subject
from jndlab.web import oidc
from jndlab.web.access import needs, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.account import account_page
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.letting_in import come_back_to_invitation, welcome
from jndlab.web.experimenter.overview import base_url
from jndlab.web.experimenter.sign_in import sign_in_page

_WANTED, _IDENTITY = "wanted_elsewhere", "identity"


@blueprint.get("/sign-in/elsewhere")
@needs("nobody")
def elsewhere() -> ResponseReturnValue:
    """Send the browser to the provider."""
    purpose: dict[str, Any] = session.pop(_WANTED, {"for": "sign-in"})
    address = base_url() + url_for("experimenter.back_from_elsewhere")
    try:
        return redirect(oidc.begin(settings(), redirect_uri=address, purpose=purpose))
    except SignInError as error:
        return sign_in_page(error)


@blueprint.get("/sign-in/elsewhere/back")
@needs("nobody")
def back_from_elsewhere() -> ResponseReturnValue:
    """Take what the provider says, and do what the browser was sent there for."""
    try:
        identity = oidc.finish(settings())
        if identity.purpose["for"] == "link":
            return _link(identity)
        if identity.purpose["for"] == "invitation":
            return _take_up(identity)
        return _sign_in(identity)
    except JndlabError as error:
        return sign_in_page(error)


@blueprint.post("/account/elsewhere")
@needs("signed-in")
def link_elsewhere() -> ResponseReturnValue:
    """Ask somebody who is signed in to show who they are at the provider.

    A page with a link, because a form may lead to no other server, and because another page
    must not be able to begin this. The password first: whoever finds an open browser must not be
    able to make a way in that outlasts it.
    """
    try:
        require_own_password(store(), the_user().id, request.form.get("password", ""))
    except SignInError as error:
        return account_page(error)
    session[_WANTED] = {"for": "link", "user": the_user().id}
    return render_template("experimenter/elsewhere.html", provider=oidc.provider_name(settings()))


@blueprint.post("/account/elsewhere/remove")
@needs("signed-in")
def unlink_elsewhere() -> ResponseReturnValue:
    """Sign in with the password only. Refused to who has none."""
    with store().write() as db:
        if db.get_one(UserRow, the_user().id).password_hash is None:
            raise AccountError(
                "Without it you could not sign in any more.", "Set a password first."
            )
        set_subject(db, the_user().id, "", by=the_user().id)
    return redirect(url_for("experimenter.account"))


def want_to_take_up(token: str) -> None:
    """The next visit to the provider is for this invitation."""
    session[_WANTED] = {"for": "invitation", "token": token}


def identity_for(token: str) -> tuple[str, str] | None:
    """Subject and suggested name of who came back for this invitation; None if nobody did."""
    known = session.get(_IDENTITY)
    if not known or known["token"] != token:
        return None
    return known["subject"], known["name"]


def forget_identity() -> None:
    """After an account was made with it."""
    session.pop(_IDENTITY, None)


def _sign_in(identity: oidc.Identity) -> ResponseReturnValue:
    with store().read() as db:
        user = user_of_subject(db, identity.subject)
    if user is None:
        raise SignInError(
            f"{oidc.provider_name(settings())} knows you, but no account here belongs to you yet.",
            "Open an invitation first, or give an administrator this subject to enter: "
            f"{identity.subject}",
        )
    return welcome(recognise(user))


def _link(identity: oidc.Identity) -> ResponseReturnValue:
    if g.user is None or g.user.id != identity.purpose["user"]:
        raise SignInError("You have signed out meanwhile.", "Sign in, then try again.")
    with store().write() as db:
        set_subject(db, g.user.id, identity.subject, by=g.user.id)
    return redirect(url_for("experimenter.account"))


def _take_up(identity: oidc.Identity) -> ResponseReturnValue:
    token: str = identity.purpose["token"]
    with store().read() as db:
        user = user_of_subject(db, identity.subject)
    if user is not None:
        known = recognise(user)
        join_as(store(), token, user.id)
        come_back_to_invitation(None)
        return welcome(known)
    session[_IDENTITY] = {
        "token": token,
        "subject": identity.subject,
        "name": identity.suggested_name,
    }
    return redirect(url_for("experimenter.invitation", token=token))
