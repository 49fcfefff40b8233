"""Addresses of every route, and people of every role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from jndlab.store.engine import Store
from jndlab.store.models import MemberRow, UserRow
from jndlab.store.sign_ins import begin_sign_in
from jndlab.store.studies import require_study
from jndlab.web.experimenter.blueprint import COOKIE

ARGUMENTS = {"slug": "heron", "link": "x", "filename": "css/base.css"}


def address_of(rule: Rule) -> str:
    """An address of the route; what a part stands for is of no account, but for the study."""

    def fill(part: re.Match[str]) -> str:
        converter, _, name = part[1].rpartition(":")
        number = "1.0" if "float" in converter else "1"
        return number if converter.startswith(("int", "id", "float")) else ARGUMENTS.get(name, "x")

    return re.sub(r"<([^>]+)>", fill, rule.rule)


def routes(app: Flask, *, guarded: bool = False) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and address of every route but those of the participants' API."""
    for rule in app.url_map.iter_rules():
        known = rule.endpoint.startswith(("experimenter.", "manage."))
        if rule.endpoint.startswith("api.") or (guarded and not known):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address_of(rule)


def client_of(app: Flask, store: Store, role: str, *, slug: str = "heron") -> FlaskClient:
    """A signed-in browser of somebody new with that role in the study.

    ``stranger`` is not signed in, ``outsider`` has no part in the study, ``admin`` none either.
    """
    client = app.test_client()
    if role == "stranger":
        return client
    with store.write() as db:
        user = UserRow(name=f"somebody: {role}", is_admin=role == "admin", created_at=_now())
        db.add(user)
        db.flush()
        if role not in ("outsider", "admin"):
            study = require_study(db, slug)
            db.add(MemberRow(study_id=study.id, user_id=user.id, role=role, added_at=_now()))
    client.set_cookie(COOKIE, begin_sign_in(store, user.id))
    return client


def _now() -> datetime:
    return datetime.now(UTC)
