"""Signing in and out: the password, the code of the second factor."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import JndlabError, SignInError
from jndlab.store import sign_ins
from jndlab.store.users import has_users
from jndlab.web.access import needs
from jndlab.web.addresses import client_address
from jndlab.web.context import settings, store
from jndlab.web.errors import STATUS
from jndlab.web.experimenter.blueprint import COOKIE, blueprint, sign_in_token
from jndlab.web.experimenter.letting_in import awaited_user, let_in, welcome
from jndlab.web.oidc import provider_name
from jndlab.web.security_log import note


@blueprint.get("/sign-in")
@needs("nobody")
def sign_in_form() -> ResponseReturnValue:
    """The sign-in page."""
    return sign_in_page()


@blueprint.post("/sign-in")
@needs("nobody")
def sign_in() -> ResponseReturnValue:
    """Check name and password."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        known = sign_ins.check_password(store(), name, password, address=client_address())
        return welcome(known)
    except SignInError as error:
        return sign_in_page(error, name=name)


@blueprint.get("/sign-in/code")
@needs("nobody")
def code_form() -> ResponseReturnValue:
    """The page that asks for a code of the second factor."""
    try:
        awaited_user()
    except SignInError:
        return redirect(url_for("experimenter.sign_in_form"))
    return render_template("experimenter/sign_in_code.html", error=None)


@blueprint.post("/sign-in/code")
@needs("nobody")
def code() -> ResponseReturnValue:
    """Check a code; a right one signs in."""
    try:
        user_id = awaited_user()
    except SignInError as error:
        return sign_in_page(error)
    try:
        sign_ins.check_code(store(), user_id, request.form.get("code", ""))
    except SignInError as error:
        note("code-refused", user=user_id, code=error.code)
        page = render_template("experimenter/sign_in_code.html", error=error)
        return page, STATUS[type(error)]
    return let_in(user_id)


@blueprint.post("/sign-out")
@needs("signed-in")
def sign_out() -> ResponseReturnValue:
    """Forget this browser."""
    sign_ins.sign_out(store(), sign_in_token())
    note("signed-out")
    response = redirect(url_for("experimenter.sign_in_form"))
    response.delete_cookie(f"{settings().cookie_prefix}{COOKIE}", secure=settings().secure_cookies)
    return response


def sign_in_page(error: JndlabError | None = None, *, name: str = "") -> ResponseReturnValue:
    """The sign-in page, with why a sign-in was refused."""
    if error is not None:
        note("sign-in-refused", code=error.code)
    page = render_template(
        "experimenter/sign_in.html",
        error=error,
        name=name,
        has_users=has_users(store()),
        provider=provider_name(settings()),
    )
    return page, 200 if error is None else STATUS[type(error)]
