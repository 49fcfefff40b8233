"""Turning one's second factor on and off."""

from __future__ import annotations

import segno
from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup

from jndlab.errors import RequestInvalid, SignInError
from jndlab.store.models import UserRow
from jndlab.store.second_factor import app_address, new_secret
from jndlab.store.users import (
    require_own_password,
    turn_off_second_factor,
    turn_on_second_factor,
)
from jndlab.web.access import needs, the_user
from jndlab.web.context import store
from jndlab.web.errors import STATUS
from jndlab.web.experimenter.account import account_page
from jndlab.web.experimenter.blueprint import blueprint

OFFER_LASTS_S = 1800


@blueprint.get("/account/second-factor")
@needs("signed-in")
def second_factor() -> ResponseReturnValue:
    """A new secret to share with an app."""
    return _offer_page(new_secret())


@blueprint.post("/account/second-factor")
@needs("signed-in")
def turn_on() -> ResponseReturnValue:
    """Ask for codes from now on, if the app shows the right one."""
    secret = _offered()
    try:
        require_own_password(store(), the_user().id, request.form.get("password", ""))
        turn_on_second_factor(store(), the_user().id, secret, request.form.get("code", ""))
    except SignInError as error:
        return _offer_page(secret, error)
    flash("The second factor is on: a code is asked for at each sign-in.")
    return redirect(url_for("experimenter.account"))


@blueprint.post("/account/second-factor/off")
@needs("signed-in")
def turn_off() -> ResponseReturnValue:
    """Ask for the password only."""
    try:
        require_own_password(store(), the_user().id, request.form.get("password", ""))
    except SignInError as error:
        return account_page(error)
    turn_off_second_factor(store(), the_user().id)
    flash("The second factor is off.")
    return redirect(url_for("experimenter.account"))


def qr_code(text: str) -> Markup:
    """A QR code as SVG, to stand in a page: dark on whatever is behind it."""
    svg: str = segno.make(text, error="m").svg_inline(border=4, omitsize=True, svgclass="qr")
    return Markup(svg)


def _offer_page(secret: str, error: SignInError | None = None) -> ResponseReturnValue:
    with store().read() as db:
        has_password = db.get_one(UserRow, the_user().id).password_hash is not None
    address = app_address(secret, name=the_user().name, issuer=f"jndlab ({request.host})")
    page = render_template(
        "experimenter/second_factor.html",
        error=error,
        offer=_signer().dumps([the_user().id, secret]),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=qr_code(address),
        has_password=has_password,
    )
    return page, 200 if error is None else STATUS[type(error)]


def _offered() -> str:
    """The secret of the page that was sent off: ours, for this user, not from yesterday."""
    try:
        user_id, secret = _signer().loads(request.form.get("offer", ""), max_age=OFFER_LASTS_S)
    except BadData:
        user_id, secret = None, ""
    if user_id != the_user().id:
        raise RequestInvalid("This page is too old.", "Begin anew on the page of your account.")
    return str(secret)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="jndlab.second-factor")
