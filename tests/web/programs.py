"""A program that uses the experimenter's API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jndlab.store.engine import Store
from jndlab.store.models import MemberRow, UserRow
from jndlab.store.studies import require_study
from jndlab.store.tokens import create_token

API = "/api/v1"


@dataclass
class Program:
    """A client with an API token; keeps every answer it has got."""

    client: FlaskClient
    token: str
    received: list[TestResponse] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send a request; a body that is no JSON goes as ``data``."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        response = self.client.open(API + path, method=method, headers=headers, **more)
        self.received.append(response)
        return response

    def json(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send a request that has to succeed; its content."""
        response = self.send(method, path, body, **more)
        assert response.status_code in (200, 201, 202), (path, response.status, response.text)
        return response.json


def program_of(
    app: Flask, store: Store, *, role: str, scope: str = "own", slug: str = "heron"
) -> Program:
    """A program of somebody new with that role (or ``admin``, ``outsider``) and scope."""
    now = datetime.now(UTC)
    with store.write() as db:
        user = UserRow(name=f"program of {role}, {scope}", is_admin=role == "admin", created_at=now)
        db.add(user)
        db.flush()
        if role not in ("outsider", "admin"):
            study = require_study(db, slug)
            db.add(MemberRow(study_id=study.id, user_id=user.id, role=role, added_at=now))
        token = create_token(db, user.id, name="test", scope=scope, lasts=None, now=now)
    return Program(app.test_client(), token)
